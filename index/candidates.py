"""What a search asks of the place where the passages lie: a folder (index.folder) or Milvus (index.milvus).

A store names passages that may answer a question and states the evidence for each. What the evidence is worth is decided in
index.search, the same way for every store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.article import Passage
from index.encoders import Vectors
from index.filters import Filter
from index.language import UNKNOWN
from index.lexicon import Translations
from index.manifest import Manifest
from index.neutral import LanguageMeans

RowNumbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Words:
    """What of a question is compared with words."""

    language: str  # ISO 639-1
    terms: Sequence[str]  # index.analyse
    names: Sequence[str]  # index.names
    translations: Translations  # index.lexicon

    def share(self, languages: NDArray[np.uint8], known: Sequence[str]) -> NDArray[np.bool_]:
        """(n,) whether the question's language is a passage's too; a question without letters shares every one.
        `languages` are numbers in `known`."""
        if self.language == UNKNOWN:
            return np.ones(len(languages), dtype=bool)
        return np.asarray(languages == (known.index(self.language) if self.language in known else -1))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages that may answer, in the order of their ids, and the evidence for each: n of everything."""

    rows: RowNumbers  # how their store knows them
    cosine: NDArray[np.float32]  # to the question
    lexical: NDArray[np.float32]  # BM25, 0 where question and passage share no language
    across: NDArray[np.float32]  # nats of the names, numbers and translated words that both hold (index.lexical)
    shares: NDArray[np.bool_]  # the question's language
    kinds: NDArray[np.uint8]  # numbers in KINDS
    languages: NDArray[np.uint8]  # numbers in the manifest's `languages`
    dense_ranks: NDArray[np.int64]  # from 1; 0 for one that is not among the nearest
    lexical_ranks: NDArray[np.int64]  # from 1; 0 for one that is not among the best matches

    def __len__(self) -> int:
        return len(self.rows)


class Lookup(Protocol):
    """The candidates for one question, whose words were looked up."""

    @property
    def best_lexical(self) -> float:
        """The question's best BM25 over all passages of its language that may be found, 0 when none matches."""

    def near(self, query: Vectors) -> Candidates:
        """The passages nearest to the (d,) query, and the best lexical matches."""

    def near_also(self, found: Candidates, query: Vectors, towards: Vectors) -> Candidates:
        """What was found, and the passages nearest to `towards`, each with its cosine to the query."""

    def vectors(self, rows: RowNumbers) -> Vectors:
        """(len(rows), d) unit vectors of candidates."""

    def passages(self, rows: RowNumbers) -> list[Passage]:
        """The candidates themselves."""


class Store(Protocol):
    """The passages of a collection as they were when it was opened."""

    @property
    def name(self) -> str:
        """Where it is, in full."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def means(self) -> LanguageMeans: ...

    @property
    def corpus(self) -> Path:
        """Where the articles were when it was made."""

    @property
    def mend(self) -> str:
        """Makes the index anew: "run: sanad index …"."""

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, by article path, then by place. Each is read when it is looked at."""

    def article(self, path: str) -> Sequence[Passage]:
        """The passages of one article in order, none for a path that is not in the index."""

    def lookup(self, words: Words, k: int, only: Filter | None) -> Lookup:
        """Look for passages that `only` allows, k by their words and k by their vectors."""
