"""Folded text that still knows where each of its characters stands in the raw text."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from index.analyse import fold


@dataclass(frozen=True, slots=True)
class Aligned:
    """`folded` is for matching; `raw_span` leads a match back to the raw text."""

    raw: str
    folded: str
    origin: tuple[int, ...]  # for each folded character, the raw character it came from

    @classmethod
    def of(cls, raw: str) -> Aligned:
        pieces = [(at, character) for at, letter in enumerate(raw) for character in fold(letter)]
        return cls(raw, "".join(character for _, character in pieces), tuple(at for at, _ in pieces))

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Raw offsets of a folded, non-empty span; vowel signs on its last letter belong to it."""
        first, last = self.origin[start], self.origin[end - 1] + 1
        while last < len(self.raw) and unicodedata.category(self.raw[last]) == "Mn":
            last += 1
        return first, last
