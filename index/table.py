"""The passages of an index as columns: a search reads the few passages it returns, and no more."""

from __future__ import annotations

import json
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


class _Passages(Sequence[Passage]):
    """The passages in row order, each made when it is looked at."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, at: int) -> Passage: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Passage]: ...
    def __getitem__(self, at: int | slice) -> Passage | Sequence[Passage]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        row = range(len(self))[at]  # counts from the end and raises as a tuple does
        try:
            return Passage(**json.loads(self._table.json_lines(row, row + 1)))
        except (ValueError, TypeError, RecursionError) as error:  # whole by its checksum, but not written by sanad
            raise IndexUnusable(
                f"the index holds no passage {row}; run: sanad index CORPUS --index with its folder"
            ) from error

    def __iter__(self) -> Iterator[Passage]:
        return (self[row] for row in range(len(self)))
