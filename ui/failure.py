"""What went wrong, told in the page's language, with the message that says what to do as it is."""

from __future__ import annotations

from index.errors import IndexUnusable, ModelUnavailable, SanadError, UnreadableArticle, UsageError
from ui.markup import render
from ui.texts import Texts

_HEADINGS: tuple[tuple[type[SanadError], str], ...] = (
    (IndexUnusable, "error_index"),
    (UsageError, "error_usage"),
    (ModelUnavailable, "error_model"),
    (UnreadableArticle, "error_article"),
    (SanadError, "error_work"),
)


def failure(t: Texts, error: SanadError, heading: str = "") -> str:
    """As an element of the page, under the text of `heading`, else under that of the kind of error."""
    heading = heading or next(key for kind, key in _HEADINGS if isinstance(error, kind))
    return render("error", t=t, heading=t(heading), detail=str(error))
