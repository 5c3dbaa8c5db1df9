"""Nearest passages by inner product of unit vectors: the one file that knows FAISS.

Few passages are compared one by one. Of many, a code of one bit a dimension (RaBitQ: Gao and Long 2024, arXiv:2405.12497)
says which may be near, and those are compared by their exact vectors.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.blocks import Rows
from index.encoders import Vectors

EXACT_UP_TO = 10_000  # passages: until then looking at every vector is as fast as looking at codes (docs/speed.md)
CANDIDATES = 2  # times the passages wanted that are compared exactly, the nearest by their codes
ALLOWED_EXACT = 5_000  # passages that a filter leaves up to which each is compared
_SHARD = 131_072  # passages whose codes are scanned by one thread
_CHUNK = 4096  # rows compared at once where memory counts
RowNumbers = NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """Passages near a query, in row order."""

    rows: RowNumbers
    cosine: NDArray[np.float32]
    ranks: NDArray[np.int64]  # from 1; 0 for a passage that is not among the nearest


class Codes:
    """One bit a dimension of every vector, in row order; in shards that are scanned side by side."""

    def __init__(self, shards: list[Any], dimension: int) -> None:
        self._shards = shards
        self._dimension = dimension

    @classmethod
    def load(cls, shards: Iterable[memoryview], dimension: int) -> Codes:
        """Raises ValueError for what holds another kind of index: FAISS is not to interpret bytes for more than codes need."""
        import faiss

        kind = faiss.serialize_index(_empty(dimension))[:4].tobytes()
        loaded = []
        for shard in shards:
            if bytes(shard[:4]) != kind:
                raise ValueError("not an index of codes")
            loaded.append(faiss.deserialize_index(np.frombuffer(shard, dtype=np.uint8)))
        return cls(loaded, dimension)

    @property
    def size(self) -> int:
        return sum(int(shard.ntotal) for shard in self._shards)

    def add(self, vectors: Vectors) -> None:
        """Append (n, d) rows."""
        while len(vectors):
            if not self._shards or self._shards[-1].ntotal == _SHARD:
                self._shards.append(_empty(self._dimension))
            room = _SHARD - self._shards[-1].ntotal
            self._shards[-1].add(vectors[:room])
            vectors = vectors[room:]

    def shards(self) -> Iterator[memoryview]:
        """What `load` reads."""
        import faiss

        for shard in self._shards:
            data: NDArray[np.uint8] = faiss.serialize_index(shard)
            yield data.data

    def nearest(self, query: Vectors, k: int) -> RowNumbers:
        """About the k nearest rows to a (d,) query, in no order."""

        def search(shard: Any) -> tuple[Vectors, RowNumbers]:
            near, rows = shard.search(query[None, :], min(k, shard.ntotal))
            return near[0], rows[0]

        run = _threads().map if len(self._shards) > 1 else map
        found = list(run(search, self._shards))
        near = np.concatenate([one for one, _ in found])
        rows = np.concatenate([one + _SHARD * number for number, (_, one) in enumerate(found)])
        return rows[np.argpartition(-near, k - 1)[:k]] if len(rows) > k else rows


def _empty(dimension: int) -> Any:
    import faiss

    index = faiss.IndexRaBitQFastScan(dimension, faiss.METRIC_INNER_PRODUCT)
    index.train(np.zeros((1, dimension), dtype=np.float32))  # the centre: language-neutral vectors lie around zero
    return index


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="sanad codes")


class DenseIndex:
    """Search over passage vectors (n, d) float32, unit rows, in row order."""

    def __init__(self, vectors: Rows, codes: Codes | None) -> None:
        self._vectors = vectors
        self._codes = codes
        self._all = None if codes else vectors.whole()

    def __len__(self) -> int:
        return len(self._vectors)

    def search(
        self, query: Vectors, k: int, allowed: NDArray[np.bool_] | None = None, beside: RowNumbers | None = None
    ) -> Neighbours:
        """The k nearest of the allowed passages to one (d,) query, and the passages `beside` them with their cosines."""
        beside = np.zeros(0, dtype=np.int64) if beside is None else beside
        if self._all is not None:
            similar = np.asarray(self._all @ query, dtype=np.float32)
            nearest = _best(similar if allowed is None else np.where(allowed, similar, -np.inf), k)
            rows = np.union1d(nearest, beside)
            return Neighbours(rows, similar[rows], _ranks(nearest, rows))
        looked_at = self._looked_at(query, k, allowed)
        rows = np.union1d(looked_at, beside)
        cosine = self._cosine(query, rows)
        nearest = rows[_best(np.where(np.isin(rows, looked_at, assume_unique=True), cosine, -np.inf), k)]
        kept = np.isin(rows, np.union1d(nearest, beside), assume_unique=True)
        return Neighbours(rows[kept], cosine[kept], _ranks(nearest, rows[kept]))

    def with_rows(self, near: Neighbours, query: Vectors, rows: RowNumbers) -> Neighbours:
        """The neighbours of a (d,) query and these rows beside them."""
        more = np.setdiff1d(rows, near.rows)
        every = np.concatenate([near.rows, more])
        order = np.argsort(every)
        cosine = np.concatenate([near.cosine, self._cosine_of(query, more)])
        ranks = np.concatenate([near.ranks, np.zeros(len(more), dtype=np.int64)])
        return Neighbours(every[order], cosine[order], ranks[order])

    def vectors(self, rows: RowNumbers) -> Vectors:
        """(len(rows), d) unit vectors of the named passages."""
        return self._vectors.take(rows) if self._all is None else self._all[rows]

    @property
    def agrees(self) -> bool:
        """Whether there are as many codes as vectors, or none."""
        return self._codes is None or self._codes.size == len(self)

    def _looked_at(self, query: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> RowNumbers:
        """Allowed rows among which the k nearest are."""
        assert self._codes is not None
        total = len(self) if allowed is None else int(allowed.sum())
        if allowed is not None and total <= ALLOWED_EXACT:
            return np.flatnonzero(allowed)
        wanted = CANDIDATES * k * len(self) // total  # as many as hold enough that are allowed
        found = self._codes.nearest(query, min(wanted, len(self)))
        return found if allowed is None else found[allowed[found]]

    def _cosine_of(self, query: Vectors, rows: RowNumbers) -> NDArray[np.float32]:
        return self._cosine(query, rows) if self._all is None else np.asarray(self._all[rows] @ query, dtype=np.float32)

    def _cosine(self, query: Vectors, rows: RowNumbers) -> NDArray[np.float32]:
        # einsum, not @: BLAS would wake a thread for what takes a tenth of a millisecond, and wait for it on a busy machine
        chunks = (self._vectors.take(rows[at : at + _CHUNK]) for at in range(0, len(rows), _CHUNK))
        parts = [np.einsum("ij,j->i", chunk, query) for chunk in chunks]
        return np.concatenate([np.zeros(0, dtype=np.float32), *parts])


def _best(scores: NDArray[np.float32], k: int) -> RowNumbers:
    """Where the k highest scores are, highest first, ties by place; -inf is none."""
    at = np.flatnonzero(scores > -np.inf)
    if len(at) > k:
        threshold = np.partition(scores[at], len(at) - k)[len(at) - k]
        at = at[scores[at] >= threshold]
    return at[np.argsort(-scores[at], kind="stable")][:k]


def _ranks(nearest: RowNumbers, rows: RowNumbers) -> NDArray[np.int64]:
    """The rank of each of the sorted rows among the nearest, best first; 0 for one that is not among them."""
    ranks = np.zeros(len(rows), dtype=np.int64)
    ranks[np.searchsorted(rows, nearest)] = np.arange(1, len(nearest) + 1)
    return ranks
