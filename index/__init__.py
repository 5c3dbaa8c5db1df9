"""Articles to passages to an index that finds the line that answers, in whatever language it is written."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from index.article import Article, Line, Passage
from index.errors import IndexUnusable, ModelUnavailable, SanadError, UnreadableArticle, UsageError
from index.filters import Filter
from index.hit import Hit
from index.search import Index

if TYPE_CHECKING:
    from index.build import Refresh, refresh_index

__all__ = [
    "Article",
    "Filter",
    "Hit",
    "Index",
    "IndexUnusable",
    "Line",
    "ModelUnavailable",
    "Passage",
    "Refresh",
    "SanadError",
    "UnreadableArticle",
    "UsageError",
    "refresh_index",
]


def __getattr__(name: str) -> Any:
    """What makes an index is imported when it is first asked for: a search does not need it."""
    if name not in ("Refresh", "refresh_index"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("index.build"), name)
