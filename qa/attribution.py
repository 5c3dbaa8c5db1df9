"""Citations told who says what their lines say, and when."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from index import Index
from index.article import Passage
from qa.answer import Citation, Claim, Speaker
from qa.speaker import speaker_of
from qa.when import find_when

_AROUND = 8  # passages either way among which a pronoun's speaker and a post's author are looked for


class Attribution:
    """Looks up speakers and dates for the passages of one index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        dates = {entry.path: entry.date for entry in index.manifest.articles}
        self._dates = {path: datetime.date.fromisoformat(date) if date else None for path, date in dates.items()}

    def claim(self, claim: Claim) -> Claim:
        return replace(claim, citations=tuple(self._attributed(citation) for citation in claim.citations))

    def cite(self, passage: Passage) -> Citation:
        """The passage as a citation with its speaker and dates."""
        return self._attributed(Citation.of(passage))

    def speaker(self, passage: Passage) -> Speaker | None:
        """Who says what the passage says."""
        passages, row = self._place(Citation.of(passage))
        return speaker_of(passage, _around(passages, row))

    def heading(self, citation: Citation) -> str:
        """The heading that a cited line stands under."""
        passages, row = self._place(citation)
        return passages[row].heading

    def _attributed(self, citation: Citation) -> Citation:
        passages, row = self._place(citation)
        dates = find_when(citation.quote, self._dates[citation.path], citation.start)
        return replace(citation, speaker=speaker_of(passages[row], _around(passages, row)), dates=dates)

    def _place(self, citation: Citation) -> tuple[Sequence[Passage], int]:
        """The passages of the cited article, and which of them is cited."""
        passages = self._index.article(citation.path)
        return passages, bisect_left(passages, citation.start, key=lambda passage: passage.start)


def _around(passages: Sequence[Passage], row: int) -> Sequence[Passage]:
    return passages[max(0, row - _AROUND) : row + _AROUND]
