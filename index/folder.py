"""The passages of an index folder, as a search looks them up. Rows are numbers of passages in the order of their ids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import store
from index.article import Passage
from index.candidates import Candidates, RowNumbers, Words
from index.dense import Neighbours
from index.encoders import Vectors
from index.filters import Filter
from index.manifest import Manifest, corpus_folder, mending_command
from index.neutral import LanguageMeans


class Folder:
    """An index folder. What is opened stays as it was; a refreshed folder is opened again."""

    def __init__(self, folder: Path) -> None:
        """Raises IndexUnusable when the folder holds no index or a damaged one."""
        self._folder = folder
        self.manifest, self.contents = store.load(folder)
        ends = np.cumsum([0, *(entry.passages for entry in self.manifest.articles)]).tolist()
        spans = zip(self.manifest.articles, ends, ends[1:], strict=False)
        self._rows = {entry.path: slice(*span) for entry, *span in spans}

    @property
    def name(self) -> str:
        return str(self._folder.resolve())

    @property
    def corpus(self) -> Path:
        return corpus_folder(self._folder, self.manifest)

    @property
    def mend(self) -> str:
        return mending_command(self._folder, self.manifest)

    @property
    def means(self) -> LanguageMeans:
        return self.contents.means

    @property
    def passages(self) -> Sequence[Passage]:
        return self.contents.table.passages

    def article(self, path: str) -> Sequence[Passage]:
        return self.contents.table.passages[self._rows.get(path, slice(0))]

    def lookup(self, words: Words, k: int, only: Filter | None) -> _Lookup:
        return _Lookup(self.contents, self.manifest, words, k, only)


class _Lookup:
    def __init__(self, contents: store.Contents, manifest: Manifest, words: Words, k: int, only: Filter | None) -> None:
        self._contents = contents
        self._known = manifest.languages
        self._words = words
        self._k = k
        self._allowed = only.mask(contents.table, manifest) if only else None
        self._lexical = contents.lexical.scores(words.terms)
        self._matching, self.best_lexical = self._matches()

    def near(self, query: Vectors) -> Candidates:
        found = self._contents.dense.search(query, self._k, self._allowed, beside=self._matching)
        return self._candidates(found)

    def near_also(self, found: Candidates, query: Vectors, towards: Vectors) -> Candidates:
        dense = self._contents.dense
        more = dense.search(towards, self._k, self._allowed).rows
        return self._candidates(dense.with_rows(Neighbours(found.rows, found.cosine, found.dense_ranks), query, more))

    def vectors(self, rows: RowNumbers) -> Vectors:
        return self._contents.dense.vectors(rows)

    def passages(self, rows: RowNumbers) -> list[Passage]:
        return [self._contents.table.passages[row] for row in rows.tolist()]

    def _candidates(self, near: Neighbours) -> Candidates:
        table, rows = self._contents.table, near.rows
        languages = table.languages[rows]
        shares = self._words.share(languages, self._known)
        lexical_ranks = np.zeros(len(rows), dtype=np.int64)
        lexical_ranks[np.searchsorted(rows, self._matching)] = np.arange(1, len(self._matching) + 1)
        return Candidates(
            rows=rows,
            cosine=near.cosine,
            lexical=np.where(shares, self._lexical[rows], 0).astype(np.float32),
            across=self._contents.names.scores_of(self._words.names, rows) + self._translated(rows),
            shares=shares,
            kinds=table.kinds[rows],
            languages=languages,
            dense_ranks=near.ranks,
            lexical_ranks=lexical_ranks,
        )

    def _translated(self, rows: RowNumbers) -> NDArray[np.float32]:
        weights = np.zeros(len(rows), dtype=np.float32)
        for language, groups in self._words.translations.items():
            if language in self._known:
                size = np.count_nonzero(self._contents.table.languages == self._known.index(language))
                weights += self._contents.lexical.any_of(groups, int(size), rows)
        return weights

    def _matches(self) -> tuple[RowNumbers, float]:
        """Rows of the k best lexical matches in the question's language, best first, ties by row; and the best score."""
        rows = np.flatnonzero(self._lexical > 0)
        rows = rows[self._words.share(self._contents.table.languages[rows], self._known)]
        if self._allowed is not None:
            rows = rows[self._allowed[rows]]
        scores: NDArray[np.float32] = self._lexical[rows]
        if len(rows) > self._k:
            threshold = np.partition(scores, len(rows) - self._k)[len(rows) - self._k]
            rows, scores = rows[scores >= threshold], scores[scores >= threshold]
        return rows[np.argsort(-scores, kind="stable")][: self._k], float(scores.max(initial=0.0))
