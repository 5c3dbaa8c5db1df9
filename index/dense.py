"""Nearest passages by inner product of unit vectors: the one file that knows FAISS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoders import Vectors

_FLAT = b"IxFI"  # how FAISS begins an exact index of inner products


class DenseIndex:
    """Exact search over passage vectors, in row order."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> DenseIndex:
        """Index (n, d) float32 unit rows."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Raises ValueError for another kind of index: FAISS is not to interpret bytes for more than a flat one needs."""
        data = np.fromfile(path, dtype=np.uint8)
        if data[:4].tobytes() != _FLAT:
            raise ValueError("not a flat index")
        return cls(faiss.deserialize_index(data))

    def to_bytes(self) -> bytes:
        """What `load` reads from a file."""
        return bytes(faiss.serialize_index(self._index))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(self, query: Vectors, k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Rows of the k nearest of the allowed passages to one (d,) query, nearest first."""
        chosen = None
        if allowed is not None:
            chosen = faiss.SearchParameters()
            chosen.sel = faiss.IDSelectorBatch(np.flatnonzero(allowed))
        _, rows = self._index.search(query[None, :], min(k, len(self)), params=chosen)
        return np.asarray(rows[0][rows[0] >= 0], dtype=np.int64)

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """(len(rows), d) unit vectors of the named passages."""
        return np.asarray(self._index.reconstruct_batch(rows), dtype=np.float32)

    def similarities(self, query: Vectors, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(len(rows),) cosine of one (d,) query with the named passages."""
        return np.asarray(self.vectors(rows) @ query, dtype=np.float32)
