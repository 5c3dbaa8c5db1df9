"""The web page. Streamlit is imported below this package only."""

LANGUAGES = ("en", "ar")  # of the interface
