"""BM25 as rank-bm25 computes it, frozen once into a sparse term-by-passage matrix so that a query is a few additions.

Okapi BM25 (Robertson and Zaragoza 2009) with rank-bm25's parameters and its floor for negative inverse document
frequencies. A question's score equals `BM25Okapi.get_scores` up to float32 rounding. How often a term stands in a passage
is kept beside its weight, so that an index that grows is weighed anew without reading its passages again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.blocks import Array
from index.errors import IndexUnusable

_K1, _B, _EPSILON = 1.5, 0.75, 0.25  # rank-bm25's
POSTING = np.dtype([("row", "<i4"), ("weight", "<f4"), ("count", "<u4")])
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Terms:
    """Terms in alphabetical order, joined to one UTF-8 text that is searched without being taken apart."""

    text: bytes | memoryview
    bounds: NDArray[np.int64]  # (terms + 1,) bytes

    @classmethod
    def of(cls, terms: Sequence[bytes]) -> Terms:
        bounds = np.zeros(len(terms) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, terms), dtype=np.int64, count=len(terms)), out=bounds[1:])
        return cls(b"".join(terms), bounds)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, number: int) -> bytes:
        return bytes(self.text[self.bounds[number] : self.bounds[number + 1]])

    def find(self, term: str) -> int | None:
        """The number of a term."""
        wanted = term.encode()  # bytes of UTF-8 sort as their code points do
        at = bisect_left(range(len(self)), wanted, key=self.__getitem__)
        return at if at < len(self) and self[at] == wanted else None

    def listed(self) -> list[bytes]:
        text = bytes(self.text)
        return [text[start:end] for start, end in pairwise(self.bounds.tolist())]


@dataclass(frozen=True)
class LexicalIndex:
    """A sparse matrix by term: `postings[offsets[t]:offsets[t+1]]` are the passages that hold term t, in row order."""

    terms: Terms
    offsets: NDArray[np.int64]  # (terms + 1,)
    postings: Array  # (postings,) of POSTING
    size: int  # passages

    @property
    def agrees(self) -> bool:
        """Whether the parts fit together, as far as that can be told without reading the postings of a large index."""
        return len(self.offsets) == len(self.terms) + 1 and int(self.offsets[-1]) == len(self.postings)

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """(passages,) what the question scores in every passage; a term it repeats counts as often as it is repeated."""
        scores = np.zeros(self.size, dtype=np.float32)
        for found in self._found(terms):
            scores[found["row"]] += found["weight"]
        return scores

    def scores_of(self, terms: Sequence[str], rows: Rows) -> NDArray[np.float32]:
        """(len(rows),) the same for a few passages only."""
        scores = np.zeros(len(rows), dtype=np.float32)
        for found in self._found(terms):
            at, holds = _places(found, rows)
            scores += np.where(holds, found["weight"][at], 0)
        return scores

    def any_of(self, groups: Iterable[Sequence[str]], size: int, rows: Rows) -> NDArray[np.float32]:
        """(len(rows),) what it weighs that passages hold any term of a group, over the groups: `rarity` among `size` passages,
        counting a passage once for each term of the group that it holds, and no more than all."""
        scores = np.zeros(len(rows), dtype=np.float32)
        for group in groups:
            held, holding = np.zeros(len(rows), dtype=bool), 0
            for found in self._found(group):
                held |= _places(found, rows)[1]
                holding += len(found)
            scores[held] += any_rarity(size, holding)
        return scores

    def _found(self, terms: Sequence[str]) -> Iterable[NDArray[np.void]]:
        for term in terms:
            if (t := self.terms.find(term)) is not None:
                found = self.postings[self.offsets[t] : self.offsets[t + 1]]
                if len(found) and not 0 <= found["row"].min() <= found["row"].max() < self.size:
                    raise IndexUnusable(
                        "the index names passages it has not; run: sanad index CORPUS --index with its folder"
                    )
                yield found


class Tally:
    """How often each term stands in each passage, counted as the passages come by."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._columns, self._rows, self._counts = array("i"), array("i"), array("I")

    def add(self, row: int, terms: Iterable[str]) -> None:
        for term, count in Counter(terms).items():
            self._columns.append(self._numbers.setdefault(term, len(self._numbers)))
            self._rows.append(row)
            self._counts.append(count)

    def frequencies(self, before: LexicalIndex | None = None, moved: Rows | None = None) -> Frequencies:
        """What was counted, together with an earlier index whose row r is now row `moved[r]`, or gone where that is -1."""
        names = [name.encode() for name in self._numbers]
        columns = [np.frombuffer(self._columns, dtype=np.int32).astype(np.int64)]
        rows = [np.frombuffer(self._rows, dtype=np.int32).astype(np.int64)]
        counts = [np.frombuffer(self._counts, dtype=np.uint32)]
        if before is not None and moved is not None and len(before.terms):
            postings = before.postings[:]
            now = moved[postings["row"]]
            names += before.terms.listed()
            earlier = len(self._numbers) + np.repeat(np.arange(len(before.terms)), np.diff(before.offsets))
            columns.append(earlier[now >= 0])
            rows.append(now[now >= 0])
            counts.append(postings["count"][now >= 0])
        return _sorted(names, np.concatenate(columns), np.concatenate(rows), np.concatenate(counts))


@dataclass(frozen=True)
class Frequencies:
    """Term `vocabulary[columns[i]]` stands `counts[i]` times in passage `rows[i]`; sorted by column, then by row."""

    vocabulary: Sequence[bytes]  # UTF-8, in alphabetical order
    columns: Rows
    rows: Rows
    counts: NDArray[np.uint32]

    def bm25(self, size: int) -> LexicalIndex:
        """Every posting weighs what rank-bm25 gives it in a collection of so many passages."""
        lengths = np.bincount(self.rows, self.counts, minlength=size)
        holding = np.bincount(self.columns, minlength=len(self.vocabulary))
        idf = inverse_frequency(size, holding)
        idf[idf < 0] = idf_floor(idf)
        relative = lengths[self.rows] / (lengths.mean() if len(self.rows) else 1.0)
        return self._index(idf[self.columns] * saturated(self.counts, relative), size)

    def by_rarity(self, languages: NDArray[np.uint8]) -> LexicalIndex:
        """Every posting weighs ln(1 + N / (n + 0.5)) among the N passages of its language, n of which hold its term, so a
        rare name counts and a common one hardly does. `languages` has a code for each passage."""
        sizes = np.bincount(languages, minlength=1)
        pairs = self.columns * len(sizes) + languages[self.rows]
        holding = np.bincount(pairs, minlength=1)
        return self._index(rarity(sizes[languages[self.rows]], holding[pairs]), len(languages))

    def _index(self, weights: NDArray[np.float64], size: int) -> LexicalIndex:
        postings = np.empty(len(self.rows), dtype=POSTING)
        postings["row"], postings["weight"], postings["count"] = self.rows, weights, self.counts
        offsets = np.zeros(len(self.vocabulary) + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.columns, minlength=len(self.vocabulary)), out=offsets[1:])
        return LexicalIndex(Terms.of(self.vocabulary), offsets, postings, size)


def inverse_frequency(size: int, holding: NDArray[Any]) -> NDArray[np.float64]:
    """What terms weigh that so many of `size` passages hold; below 0 from half of them on: see `idf_floor`."""
    return np.asarray(np.log(size - holding + 0.5) - np.log(holding + 0.5))


def idf_floor(idf: NDArray[np.float64]) -> float:
    """What a term weighs instead of less than nothing, by the weights of all terms of the collection."""
    return _EPSILON * float(idf.mean()) if len(idf) else 0.0


def saturated(counts: NDArray[Any], relative: NDArray[Any]) -> NDArray[np.float64]:
    """How much it says that a term stands so often in a passage of this length, in average lengths."""
    frequency = counts.astype(np.float64)
    return np.asarray(frequency * (_K1 + 1) / (frequency + _K1 * (1 - _B + _B * relative)))


def rarity(sizes: NDArray[Any], holding: NDArray[Any]) -> NDArray[np.float64]:
    """What a shared name weighs that so many of the passages of its language hold."""
    return np.asarray(np.log(1 + sizes / (holding + 0.5)))


def _places(found: NDArray[np.void], rows: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """Where each row is among a term's postings, or would be near, and whether it is."""
    at = np.minimum(np.searchsorted(found["row"], rows), len(found) - 1)
    return at, found["row"][at] == rows


def any_rarity(size: int, holding: int) -> float:
    """What it weighs that a passage holds one of several terms, which so many of `size` passages hold, each counted by itself."""
    return float(rarity(np.asarray(size), np.asarray(min(holding, size))))


def build_lexical(passage_terms: Sequence[Sequence[str]]) -> LexicalIndex:
    """BM25 over the terms of each passage, in row order."""
    return _counted(passage_terms).bm25(len(passage_terms))


def build_names(passage_names: Sequence[Sequence[str]], languages: Sequence[str]) -> LexicalIndex:
    """Names and numbers (index.names) of each passage in row order, weighed by rarity among those of its language."""
    _, codes = np.unique(np.asarray(languages, dtype=str), return_inverse=True)
    return _counted(passage_names).by_rarity(codes.astype(np.uint8))


def _counted(passage_terms: Sequence[Sequence[str]]) -> Frequencies:
    tally = Tally()
    for row, terms in enumerate(passage_terms):
        tally.add(row, terms)
    return tally.frequencies()


def _sorted(names: Sequence[bytes], columns: Rows, rows: Rows, counts: NDArray[np.uint32]) -> Frequencies:
    """The postings in order; a name may be given twice and is one term, a name without postings is none."""
    used = np.flatnonzero(np.bincount(columns, minlength=len(names))).tolist()
    vocabulary = sorted(dict.fromkeys(names[column] for column in used))
    numbers = {name: number for number, name in enumerate(vocabulary)}
    columns = np.fromiter((numbers.get(name, 0) for name in names), dtype=np.int64, count=len(names))[columns]
    order = np.argsort(columns << 32 | rows, kind="stable")
    return Frequencies(vocabulary, columns[order], rows[order], counts[order])
