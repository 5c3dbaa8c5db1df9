"""Passages as the lines that a language model is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from index.article import Passage

_MOST_SHOWN = 10_000  # characters at once, some 4,000 tokens of Arabic
_SPACES = re.compile(r"\s+")


def as_line(passage: Passage) -> str:
    """After what it stands under, which tells who "he" is, what a list is of and who posted a post."""
    return _SPACES.sub(" ", f"({passage.heading}) {passage.text}" if passage.heading else passage.text)


def as_lines(passages: Sequence[Passage]) -> list[str]:
    """Each as a line; what the items of a list stand under is said of the first one."""
    above = [None, *passages]
    return [
        as_line(replace(passage, heading="") if before and _of_one_list(before, passage) else passage)
        for before, passage in zip(above, passages, strict=False)
    ]


def that_fit(passages: Sequence[Passage]) -> list[Passage]:
    """The first passages, as many as a model with a short memory can be shown at once, and at least one."""
    return list(passages[: how_many_within(_MOST_SHOWN, [len(as_line(passage)) for passage in passages])])


def how_many_within(most: int, lengths: Iterable[int], *, least: int = 1) -> int:
    """How many of the first are no longer than that together, and `least` whatever their length: where to cut a sequence."""
    return max(least, sum(so_far <= most for so_far in accumulate(lengths)))


def in_units(passages: Sequence[Passage]) -> list[list[Passage]]:
    """The passages in order, those together that say little without each other: items of one list, a post and who posted it."""
    units: list[list[Passage]] = []
    for passage in passages:
        if units and _belong_together(units[-1][-1], passage):
            units[-1].append(passage)
        else:
            units.append([passage])
    return units


def _of_one_list(one: Passage, other: Passage) -> bool:
    """Whether one follows on the other as items of a list do."""
    both = one.kind == other.kind == "bullet" and one.path == other.path and one.heading == other.heading
    return both and other.line == one.line + 1


def _belong_together(one: Passage, other: Passage) -> bool:
    if one.kind == other.kind == "post" and one.path == other.path:
        return one.heading == other.text or other.heading == one.text
    return _of_one_list(one, other)
