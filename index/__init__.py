"""Articles to passages to an index that finds the line that answers, in whatever language it is written."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from index.article import Article, Line, Passage
from index.errors import IndexUnusable, ModelUnavailable, SanadError, UnreadableArticle, UsageError
from index.hit import Hit

if TYPE_CHECKING:
    from index.build import Refresh, refresh_index
    from index.filters import Filter
    from index.search import Index

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
_ELSEWHERE = {
    "Filter": "index.filters",
    "Index": "index.search",
    "Refresh": "index.build",
    "refresh_index": "index.build",
}


def __getattr__(name: str) -> Any:
    """What works on arrays is imported when it is first asked for: NumPy takes longer than all the rest."""
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE[name]), name)
