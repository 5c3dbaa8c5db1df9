"""Files whose bytes are checked before they are used, without reading a large file whole.

A file is divided into blocks, each with a CRC-32 (as in zlib). A small file is checked when it is opened, a large one
block by block when it is first looked at. A flipped bit is noticed before it can change an answer, and what is never looked
at costs nothing.
"""

from __future__ import annotations

import io
import mmap
import os
import weakref
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnusable

BLOCK = 4096  # bytes: a page
CHECKED_WHOLE = 16 * 2**20  # bytes up to which a file is checked when it is opened: about 10 ms
MAPPED_UP_TO = 2**30  # bytes of rows; mapped ones are found a fifth sooner
Sums = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Written:
    """What a file was when it was written: its size in bytes and its checksums. `mend` makes the index anew."""

    path: Path
    size: int
    sums: Sums
    mend: str

    def damaged(self) -> IndexUnusable:
        return IndexUnusable(f"{self.path} is damaged; {self.mend}")


def block_sums(path: Path, block: int = BLOCK) -> Sums:
    """The CRC-32 of every block of a file, the last of which may be shorter."""
    with path.open("rb") as file:
        return np.asarray([zlib.crc32(data) for data in iter(lambda: file.read(block), b"")], dtype=np.uint32)


class Mapped:
    """A file that is in memory as far as it was looked at. A slice of it is checked bytes."""

    def __init__(self, written: Written) -> None:
        """Raises FileNotFoundError, or IndexUnusable for a file of another size or a small one that is damaged."""
        self._written = written
        with written.path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != written.size or len(written.sums) != -(-size // BLOCK):
                raise written.damaged()
            self._view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")
        self._unchecked = np.ones(len(written.sums), dtype=bool)
        self._all_checked = False
        if size <= CHECKED_WHOLE:
            self.whole()

    def __len__(self) -> int:
        return len(self._view)

    def __getitem__(self, part: slice) -> bytes:
        start, end, _ = part.indices(len(self._view))
        self._check(start, end)
        return bytes(self._view[start:end])

    def whole(self) -> memoryview:
        """All of it, checked. Raises IndexUnusable, as every reading does."""
        self._check(0, len(self._view))
        self._all_checked = True
        return self._view

    def array(self) -> MappedArray:
        """What a one-dimensional .npy file holds."""
        head = io.BytesIO(self[0:BLOCK])
        try:
            np.lib.format.read_magic(head)
            (length,), _, dtype = np.lib.format.read_array_header_1_0(head)
            values = np.frombuffer(self._view, dtype, length, head.tell())
        except ValueError as error:
            raise self._written.damaged() from error
        return MappedArray(self, values, head.tell())

    def _check(self, start: int, end: int) -> None:
        if self._all_checked:
            return
        first, last = start // BLOCK, -(-end // BLOCK)
        for at in (np.flatnonzero(self._unchecked[first:last]) + first).tolist():
            if zlib.crc32(self._view[at * BLOCK : (at + 1) * BLOCK]) != self._written.sums[at]:
                raise self._written.damaged()
            self._unchecked[at] = False


class MappedArray:
    """A mapped .npy file of one dimension. A slice of it is a checked array."""

    def __init__(self, file: Mapped, values: NDArray[Any], offset: int) -> None:
        self._file = file
        self._values = values
        self._offset = offset

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, part: slice) -> NDArray[Any]:
        start, end, _ = part.indices(len(self._values))
        width = self._values.itemsize
        self._file._check(self._offset + width * start, self._offset + width * end)
        return self._values[start:end]


Array = NDArray[Any] | MappedArray  # a slice of either is an array


class Rows:
    """A file of float32 rows with a checksum each, checked when it is first read. A large one is read and not mapped: around each
    row the system maps far more than the row, until most of the file is in memory."""

    def __init__(self, written: Written, dimension: int) -> None:
        """Raises FileNotFoundError, or IndexUnusable for a file of another size."""
        self._written = written
        self._dimension = dimension
        self._file = os.open(written.path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        size = os.fstat(self._file).st_size
        if size == 0 or size != written.size or size != 4 * dimension * len(written.sums):
            raise written.damaged()
        self._mapped: NDArray[np.float32] | None = None
        if size <= MAPPED_UP_TO:
            mapped = mmap.mmap(self._file, 0, access=mmap.ACCESS_READ)
            self._mapped = np.frombuffer(mapped, dtype="<f4").reshape(-1, dimension)
        self._unchecked = np.ones(len(written.sums), dtype=bool)

    def __len__(self) -> int:
        return len(self._unchecked)

    def take(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(len(rows), dimension) the rows named. Raises IndexUnusable."""
        found = self._read(rows) if self._mapped is None else self._mapped[rows]
        for at in np.flatnonzero(self._unchecked[rows]).tolist():
            if zlib.crc32(found[at].data) != self._written.sums[rows[at]]:
                raise self._written.damaged()
        self._unchecked[rows] = False
        return found

    def whole(self) -> NDArray[np.float32]:
        """(n, dimension) every row."""
        return self.take(np.arange(len(self)))

    def _read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        found = np.empty((len(rows), self._dimension), dtype="<f4")
        breaks = (np.flatnonzero(np.diff(rows) != 1) + 1).tolist()
        for start, end in pairwise([0, *breaks, len(rows)]):  # rows that follow one another are read at once
            part = found[start:end]
            if part.size and self._read_into(part, int(rows[start])) != part.nbytes:
                raise self._written.damaged()
        return found

    def _read_into(self, part: NDArray[np.float32], row: int) -> int:
        try:
            return os.preadv(self._file, [part.data], 4 * self._dimension * row)
        except OSError as error:
            raise IndexUnusable(
                f"{self._written.path} cannot be read ({error.strerror or error}); {self._written.mend}"
            ) from error
