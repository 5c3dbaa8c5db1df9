"""Citations told who says what their lines say, and when."""

from __future__ import annotations

import datetime
from dataclasses import replace

from index import Index
from index.article import Passage
from qa.answer import Citation, Claim
from qa.speaker import speaker_of
from qa.when import find_when

_AROUND = 8  # passages either way among which a pronoun's speaker and a post's author are looked for


class Attribution:
    """Looks up speakers and dates for the passages of one index."""

    def __init__(self, index: Index) -> None:
        self._passages = index.passages
        self._rows = {passage.id: row for row, passage in enumerate(index.passages)}
        dates = {entry.path: entry.date for entry in index.manifest.articles}
        self._dates = {path: datetime.date.fromisoformat(date) if date else None for path, date in dates.items()}

    def claim(self, claim: Claim) -> Claim:
        return replace(claim, citations=tuple(self._attributed(citation) for citation in claim.citations))

    def cite(self, passage: Passage) -> Citation:
        """The passage as a citation with its speaker and dates."""
        return self._attributed(Citation.of(passage))

    def _attributed(self, citation: Citation) -> Citation:
        row = self._rows[citation.path, citation.start]
        around = self._passages[max(0, row - _AROUND) : row + _AROUND]
        dates = find_when(citation.quote, self._dates[citation.path], citation.start)
        return replace(citation, speaker=speaker_of(self._passages[row], around), dates=dates)
