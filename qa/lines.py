"""Passages as the lines that a language model is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from index.article import Passage

_MOST_SHOWN = 10_000  # characters at once, some 4,000 tokens of Arabic
_SPACES = re.compile(r"\s+")


def as_line(passage: Passage) -> str:
    """After what it stands under, which tells who "he" is, what a list is of and who posted a post."""
    return _SPACES.sub(" ", f"({passage.heading}) {passage.text}" if passage.heading else passage.text)


def that_fit(passages: Sequence[Passage]) -> list[Passage]:
    """The first passages, as many as a model with a short memory can be shown at once, and at least one."""
    lengths = accumulate(len(as_line(passage)) for passage in passages)
    fitting = [passage for passage, so_far in zip(passages, lengths, strict=True) if so_far <= _MOST_SHOWN]
    return fitting or list(passages[:1])


def in_units(passages: Sequence[Passage]) -> list[list[Passage]]:
    """The passages in order, those together that say little without each other: items of one list, a post and who posted it."""
    units: list[list[Passage]] = []
    for passage in passages:
        if units and _belong_together(units[-1][-1], passage):
            units[-1].append(passage)
        else:
            units.append([passage])
    return units


def _belong_together(one: Passage, other: Passage) -> bool:
    if one.path != other.path or one.kind != other.kind:
        return False
    if one.kind == "bullet":
        return one.heading == other.heading and other.line == one.line + 1
    return one.kind == "post" and (one.heading == other.text or other.heading == one.text)
