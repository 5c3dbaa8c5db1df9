"""A passage as a search found it."""

from __future__ import annotations

from dataclasses import dataclass

from index.article import Passage


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its evidence. Ranks count from 1 within their list; None where the list does not hold the passage."""

    passage: Passage
    score: float  # fused, the reranker's evidence and `index.arrange`; hits are ordered by it, ties by passage id
    fused: float  # cosine, and what words and names say
    cosine: float  # of the language-neutral vectors
    lexical: float  # BM25; 0 when no word is shared or the languages differ
    lexical_rank: int | None
    dense_rank: int | None
    log_odds: float | None = None  # that the passage answers the question, by a cross-encoder; None where none looked


def best_first(hit: Hit) -> tuple[float, tuple[str, int]]:
    """What hits are sorted by: score, ties by passage id."""
    return -hit.score, hit.passage.id
