"""What the reader narrowed the sources down to, as a filter of the index."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from glob import escape

from index.filters import Filter
from index.manifest import ArticleEntry


@dataclass(frozen=True, slots=True)
class Choices:
    """What a collection offers to choose from."""

    sources: tuple[str, ...]
    languages: tuple[str, ...]
    first: datetime.date | None  # of the dated articles
    last: datetime.date | None

    @classmethod
    def of(cls, entries: Sequence[ArticleEntry]) -> Choices:
        days = sorted(datetime.date.fromisoformat(entry.date) for entry in entries if entry.date)
        return cls(
            sources=tuple(entry.path for entry in entries),
            languages=tuple(sorted({language for entry in entries for language in entry.languages})),
            first=days[0] if days else None,
            last=days[-1] if days else None,
        )


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What was chosen; an empty field chooses all."""

    sources: tuple[str, ...] = ()  # article paths
    since: datetime.date | None = None
    until: datetime.date | None = None
    languages: tuple[str, ...] = ()

    def filter(self, entries: Sequence[ArticleEntry]) -> Filter | None:
        """The filter of the index, None when nothing is narrowed; sources that have left the collection say nothing."""
        known = {entry.path for entry in entries}
        sources = tuple(escape(path) for path in self.sources if path in known)  # a name is no pattern
        if not (sources or self.since or self.until or self.languages):
            return None
        return Filter(sources, self.since, self.until, self.languages)

    def articles(self, entries: Sequence[ArticleEntry]) -> int:
        """How many articles are left to search."""
        return sum(self._leaves(entry) for entry in entries)

    def _leaves(self, entry: ArticleEntry) -> bool:
        day = datetime.date.fromisoformat(entry.date) if entry.date else None
        in_range = not (self.since or self.until) or (
            day is not None and (self.since is None or self.since <= day) and (self.until is None or day <= self.until)
        )
        in_language = not self.languages or not set(self.languages).isdisjoint(entry.languages)
        return (not self.sources or entry.path in self.sources) and in_range and in_language
