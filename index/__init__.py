"""Articles to passages to an index that finds the line that answers, in whatever language it is written."""

from index.article import Article, Line, Passage
from index.build import Refresh, refresh_index
from index.errors import IndexUnusable, ModelUnavailable, SanadError, UnreadableArticle, UsageError
from index.filters import Filter
from index.hit import Hit
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
