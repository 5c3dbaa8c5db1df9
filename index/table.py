"""The passages of an index as columns: a search reads the few passages it returns, and no more."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args, overload

import numpy as np
from numpy.typing import NDArray

from index.article import Kind, Passage
from index.blocks import Array, Mapped
from index.errors import IndexUnusable
from index.vectors import KEY

KINDS: tuple[Kind, ...] = get_args(Kind)
KEYS = np.dtype([("alone", KEY), ("in_context", KEY)])  # of the two texts that are encoded for a passage


@dataclass(frozen=True)
class Table:
    """Row by row what is known of the passages, in the order of their ids."""

    lines: Mapped | bytes  # passages.jsonl: one JSON object a passage
    bounds: Array  # (n + 1,) int64, bytes into `lines`
    languages: NDArray[np.uint8]  # number in the manifest's `languages`
    kinds: NDArray[np.uint8]  # number in KINDS
    opens: NDArray[np.bool_]  # the passage is the first of a section: prose and bullets under one heading
    keys: Array  # (n,) of KEYS

    def __len__(self) -> int:
        return len(self.languages)

    @property
    def passages(self) -> Sequence[Passage]:
        return _Passages(self)

    def json_lines(self, start: int, end: int) -> bytes:
        """The lines of `passages.jsonl` that hold the rows from `start` to `end`."""
        bounds = self.bounds[start : end + 1]
        return self.lines[int(bounds[0]) : int(bounds[-1])]


class PassageRows(Sequence[Passage]):
    """Passages by number, each made by `row` when it is looked at."""

    @abstractmethod
    def row(self, number: int) -> Passage: ...

    @overload
    def __getitem__(self, at: int) -> Passage: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Passage]: ...
    def __getitem__(self, at: int | slice) -> Passage | Sequence[Passage]:
        if isinstance(at, slice):
            return [self.row(number) for number in range(*at.indices(len(self)))]
        return self.row(range(len(self))[at])  # counts from the end and raises as a tuple does

    def __iter__(self) -> Iterator[Passage]:
        return map(self.row, range(len(self)))


def passage_of(line: str | bytes, number: object, mend: str) -> Passage:
    """The passage that a line of JSON holds. Raises IndexUnusable for one that sanad did not write, whole though it may be."""
    try:
        return Passage(**json.loads(line))
    except (ValueError, TypeError, RecursionError) as error:
        raise IndexUnusable(f"the index holds no passage {number}; {mend}") from error


class _Passages(PassageRows):
    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def row(self, number: int) -> Passage:
        line = self._table.json_lines(number, number + 1)
        return passage_of(line, number, "run: sanad index CORPUS --index with its folder")
