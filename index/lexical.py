"""BM25 as rank-bm25 computes it, frozen once into a sparse term-by-passage matrix so that a query is a few additions.

Okapi BM25 (Robertson and Zaragoza 2009) with rank-bm25's parameters and its floor for negative inverse document
frequencies. A question's score equals `BM25Okapi.get_scores` up to float32 rounding.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LexicalIndex:
    """A compressed sparse matrix by term: passages `rows[offsets[t]:offsets[t+1]]` have `weights[...]` for term t."""

    vocabulary: Mapping[str, int]
    offsets: NDArray[np.int64]  # (terms + 1,)
    rows: NDArray[np.int32]  # (postings,)
    weights: NDArray[np.float32]  # (postings,)
    size: int  # passages

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """(passages,) BM25 of every passage; a term the question repeats counts as often as it is repeated."""
        scores = np.zeros(self.size, dtype=np.float32)
        for term in terms:
            if (t := self.vocabulary.get(term)) is not None:
                postings = slice(self.offsets[t], self.offsets[t + 1])
                scores[self.rows[postings]] += self.weights[postings]
        return scores


def build_lexical(passage_terms: Sequence[Sequence[str]]) -> LexicalIndex:
    """Score every term of every passage with rank-bm25 and keep the result. Takes the terms of each passage in row order."""
    vocabulary = _vocabulary(passage_terms)
    if not vocabulary:
        empty = np.zeros(0, dtype=np.int32)
        return LexicalIndex({}, np.zeros(1, dtype=np.int64), empty, empty.astype(np.float32), len(passage_terms))
    from rank_bm25 import BM25Okapi

    bm25 = BM25Okapi([list(terms) for terms in passage_terms])
    counts = np.asarray([len(frequencies) for frequencies in bm25.doc_freqs])
    rows = np.repeat(np.arange(len(passage_terms)), counts)
    columns = np.asarray([vocabulary[term] for frequencies in bm25.doc_freqs for term in frequencies])
    frequency = np.asarray(
        [count for frequencies in bm25.doc_freqs for count in frequencies.values()], dtype=np.float64
    )
    idf = np.asarray([bm25.idf[term] for term in vocabulary])
    length = np.asarray(bm25.doc_len)[rows]
    saturation = frequency + bm25.k1 * (1 - bm25.b + bm25.b * length / bm25.avgdl)
    weights = idf[columns] * frequency * (bm25.k1 + 1) / saturation
    return _by_term(vocabulary, rows, columns, weights, len(passage_terms))


def build_names(passage_names: Sequence[Sequence[str]], languages: Sequence[str]) -> LexicalIndex:
    """Names and numbers (index.names) of each passage in row order, each weighing its inverse document frequency among the
    passages of the same language: ln(1 + N / (n + 0.5)), so a rare name counts and a common one hardly does."""
    vocabulary = _vocabulary(passage_names)
    sizes = Counter(languages)
    holding = Counter(
        (language, term) for language, terms in zip(languages, passage_names, strict=True) for term in terms
    )
    postings = [
        (row, vocabulary[term], math.log(1 + sizes[language] / (holding[language, term] + 0.5)))
        for row, (language, terms) in enumerate(zip(languages, passage_names, strict=True))
        for term in terms
    ]
    rows, columns, weights = np.asarray(postings, dtype=np.float64).reshape(-1, 3).T
    return _by_term(vocabulary, rows.astype(np.int64), columns.astype(np.int64), weights, len(passage_names))


def _vocabulary(passage_terms: Sequence[Sequence[str]]) -> dict[str, int]:
    """Every term once, numbered in alphabetical order."""
    return {term: t for t, term in enumerate(sorted({term for terms in passage_terms for term in terms}))}


def _by_term(
    vocabulary: Mapping[str, int],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    weights: NDArray[np.float64],
    size: int,
) -> LexicalIndex:
    """Postings sorted by term, then by passage."""
    order = np.lexsort((rows, columns))
    offsets = np.zeros(len(vocabulary) + 1, dtype=np.int64)
    np.cumsum(np.bincount(columns, minlength=len(vocabulary)), out=offsets[1:])
    return LexicalIndex(vocabulary, offsets, rows[order].astype(np.int32), weights[order].astype(np.float32), size)
