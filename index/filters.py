"""Which passages a search may return, decided before anything is ranked."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from index.analyse import fold
from index.article import Kind, Passage
from index.store import ArticleEntry

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a passage must meet; an empty field lets every passage through. An article without a date is in no range."""

    sources: tuple[str, ...] = ()  # article paths, with * and ? as in a shell
    since: datetime.date | None = None
    until: datetime.date | None = None  # inclusive
    languages: tuple[str, ...] = ()  # ISO 639-1
    kinds: tuple[Kind, ...] = ()
    heading: str = ""  # a part of the heading, however its letters are spelled

    def mask(self, passages: Sequence[Passage], articles: Sequence[ArticleEntry]) -> NDArray[np.bool_]:
        """(passages,) whether each may be returned."""
        paths = {entry.path for entry in articles if self._allows_article(entry)}
        heading = fold(self.heading)
        allowed = (p.path in paths and self._allows(p, heading) for p in passages)
        return np.fromiter(allowed, dtype=bool, count=len(passages))

    def _allows_article(self, entry: ArticleEntry) -> bool:
        if self.sources and not any(fnmatchcase(entry.path, pattern) for pattern in self.sources):
            return False
        if not (self.since or self.until):
            return True
        if entry.date is None:
            return False
        day = datetime.date.fromisoformat(entry.date)
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def _allows(self, passage: Passage, heading: str) -> bool:
        return (
            (not self.languages or passage.language in self.languages)
            and (not self.kinds or passage.kind in self.kinds)
            and (not heading or heading in fold(passage.heading))
        )
