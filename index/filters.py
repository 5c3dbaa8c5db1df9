"""Which passages a search may return, decided before anything is ranked."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from index.analyse import fold
from index.article import Kind
from index.manifest import ArticleEntry, Manifest
from index.table import KINDS, Table

__all__ = ["KINDS", "Filter"]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a passage must meet; an empty field lets every passage through. An article without a date is in no range."""

    sources: tuple[str, ...] = ()  # paths of articles, or of files that hold many, with * and ? as in a shell
    since: datetime.date | None = None
    until: datetime.date | None = None  # inclusive
    languages: tuple[str, ...] = ()  # ISO 639-1
    kinds: tuple[Kind, ...] = ()
    heading: str = ""  # a part of the heading, however its letters are spelled

    def mask(self, table: Table, manifest: Manifest) -> NDArray[np.bool_]:
        """(passages,) whether each may be returned."""
        by_article = [self.allows_article(entry) for entry in manifest.articles]
        allowed = np.repeat(np.asarray(by_article, dtype=bool), [entry.passages for entry in manifest.articles])
        if self.languages:
            allowed &= np.isin(
                table.languages, [n for n, one in enumerate(manifest.languages) if one in self.languages]
            )
        if self.kinds:
            allowed &= np.isin(table.kinds, [KINDS.index(kind) for kind in self.kinds])
        if self.heading:
            allowed &= self._under_heading(table, allowed)
        return allowed

    def allows_article(self, entry: ArticleEntry) -> bool:
        """Whether passages of this article may be returned, as far as the article decides it."""
        names = (entry.path, entry.path.partition("#")[0])  # a record, and the file that holds it
        if self.sources and not any(fnmatchcase(name, pattern) for pattern in self.sources for name in names):
            return False
        if not (self.since or self.until):
            return True
        if entry.date is None:
            return False
        day = datetime.date.fromisoformat(entry.date)
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def _under_heading(self, table: Table, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(passages,) whether the section of each stands under the heading; sections without a wanted passage are not read."""
        heading = fold(self.heading)
        starts = np.flatnonzero(table.opens)
        under = np.logical_or.reduceat(wanted, starts) if len(starts) else wanted
        for section in np.flatnonzero(under).tolist():
            under[section] = heading in fold(table.passages[int(starts[section])].heading)
        return np.repeat(under, np.diff(np.append(starts, len(table))))
