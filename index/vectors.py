"""The vectors of texts as the encoder made them, kept on disk by a hash of the text, so that none is encoded twice.

One file per encoder that grows at its end, record by record: hash, vector, CRC-32 of both. A run that was killed leaves
what it had encoded; a record that was half written, or was damaged since, counts as never encoded.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoders import Vectors

KEY = np.dtype("S16")
Keys = NDArray[np.bytes_]  # (n,) of KEY
Numbers = NDArray[np.int64]
_COPIED = 4096  # records at once
_WORTH_REWRITING = 2  # times as many records as are used


def text_key(text: str) -> bytes:
    """What a text is kept by: BLAKE2b of its UTF-8, 16 bytes."""
    return hashlib.blake2b(text.encode(), digest_size=KEY.itemsize).digest()


class VectorCache:
    """The records of one encoder in an index folder. One process at a time writes them: the holder of the folder's lock."""

    def __init__(self, folder: Path, encoder: str, dimension: int) -> None:
        self.dimension = dimension
        self._path = folder / f"encoded-{hashlib.sha256(encoder.encode()).hexdigest()[:16]}.bin"
        self._record = np.dtype([("key", KEY), ("vector", "<f4", (dimension,)), ("sum", "<u4")])
        self._read()

    def find(self, keys: Keys) -> Numbers:
        """(len(keys),) the number of each key's record, -1 where there is none."""
        if not len(self._keys):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, self._numbers[at], -1)

    def take(self, numbers: Numbers) -> Vectors:
        """(len(numbers), d) float32, raw."""
        return np.asarray(self._records["vector"][numbers], dtype=np.float32)

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Write records to the end of the file; `find` knows them after `refresh`."""
        records = np.zeros(len(keys), dtype=self._record)
        records["key"], records["vector"] = keys, vectors
        records["sum"] = [zlib.crc32(record.tobytes()[:-4]) for record in records]
        with self._path.open("ab") as file:
            file.truncate(file.tell() - file.tell() % self._record.itemsize)
            file.write(records.tobytes())
            file.flush()
            os.fsync(file.fileno())

    def refresh(self) -> None:
        """Look at the file anew."""
        self._read()

    def keep(self, numbers: Numbers) -> None:
        """Rewrite the file without the other records when most are no longer used; delete the files of other encoders."""
        for other in self._path.parent.glob("encoded-*.bin"):
            if other != self._path:
                other.unlink()
        used = np.unique(numbers)
        if len(self._records) <= _WORTH_REWRITING * len(used):
            return
        beside = self._path.with_suffix(".new")
        with beside.open("wb") as file:
            for start in range(0, len(used), _COPIED):
                file.write(self._records[used[start : start + _COPIED]].tobytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)

    def _read(self) -> None:
        width = self._record.itemsize
        count = self._path.stat().st_size // width if self._path.exists() else 0
        self._records: NDArray[np.void] = (
            np.memmap(self._path, self._record, "r", shape=(count,)) if count else np.zeros(0, self._record)
        )
        raw = memoryview(self._records.view(np.uint8)) if count else memoryview(b"")  # type: ignore[arg-type]
        sums = self._records["sum"].tolist()
        sound = [zlib.crc32(raw[width * at : width * (at + 1) - 4]) == sums[at] for at in range(count)]
        numbers = np.flatnonzero(sound)
        keys = np.array(self._records["key"][numbers])
        order = np.argsort(keys, kind="stable")
        self._keys: Keys = keys[order]
        self._numbers: Numbers = numbers[order]
