"""The web page. Streamlit is imported below this package only."""

LANGUAGES = ("en", "ar")  # of the interface


def first_language(*wished: str) -> str:
    """The language of the interface to begin with: the first wish that it has."""
    return next((language for language in wished if language in LANGUAGES), LANGUAGES[0])
