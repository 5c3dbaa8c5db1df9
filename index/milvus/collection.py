"""A collection on a Milvus server, as a search looks passages up.

The server names the passages whose vectors and words are near; what they are worth is computed here from what it holds of
them, so that it does not depend on how the server approximates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.article import Passage
from index.candidates import Candidates, RowNumbers, Words
from index.encoders import Vectors
from index.errors import IndexUnusable
from index.filters import Filter
from index.language import UNKNOWN, shares_language
from index.manifest import Manifest
from index.milvus import catalogue, terms
from index.milvus.catalogue import Catalogue, Numbered
from index.milvus.passages import ORDINAL_BITS, Passages, allowing, folded_heading, read_passage
from index.milvus.server import Row, Server
from index.neutral import LanguageMeans
from index.place import Collection

_FIELDS = ("id", "article", "language", "kind", "passage", "names", "words", "vector")
_ORDINALS = (1 << ORDINAL_BITS) - 1
_TRIES = 5  # openings while the index is refreshed


def open_collection(at: Collection) -> MilvusStore:
    """Raises IndexUnusable when there is no index, SanadError when no server answers."""
    server = Server(at)
    for _ in range(_TRIES):
        now = catalogue.read(server, at)
        means = catalogue.read_means(server, at, str(now.generation))
        articles = [one for one in catalogue.read_articles(server, at, now.next_number) if one.stands(now.generation)]
        if means is not None and sum(one.entry.passages for one in articles) == now.passages:
            terms.prepare(server, at)
            return MilvusStore(server, at, now, sorted(articles, key=lambda one: one.entry.path), means)
    raise IndexUnusable(f"the index at {at} is not whole; run: sanad index CORPUS --index {at}")


def state(at: Collection) -> str:
    """Another one after every refresh. Raises as `open_collection` does."""
    return catalogue.read(Server(at), at).state


def manifest(at: Collection) -> Manifest | None:
    """What the index says of itself now, None while there is none. Raises as `open_collection` does."""
    return _manifest(at, state(at)) if at.name in Server(at).names() else None


@lru_cache(maxsize=4)
def _manifest(at: Collection, _: str) -> Manifest:
    return open_collection(at).manifest


class MilvusStore:
    """The passages of one generation."""

    def __init__(
        self,
        server: Server,
        at: Collection,
        now: Catalogue,
        articles: Sequence[Numbered],
        means: LanguageMeans,
    ) -> None:
        self.means = means
        self.passages = Passages(server, now, articles)
        self.manifest = Manifest(
            encoder=now.encoder,
            dimension=now.dimension,
            corpus=now.corpus,
            languages=tuple(sorted(now.languages)),
            articles=tuple(one.entry for one in articles),
            dense="as the Milvus server finds them, compared exactly",
            data=now.state,
        )
        self.server, self.at, self.now = server, at, now
        self.articles = articles
        self.position = {one.number: position for position, one in enumerate(articles)}
        self.rarity = terms.Rarity(server, at, now)
        self._by_path = {one.entry.path: one for one in articles}

    @property
    def name(self) -> str:
        return str(self.at)

    @property
    def corpus(self) -> Path:
        return Path(self.now.corpus)

    @property
    def mend(self) -> str:
        return f"run: sanad index {self.now.corpus} --index {self.at}"

    def article(self, path: str) -> Sequence[Passage]:
        return self.passages.of(self._by_path[path]) if path in self._by_path else ()

    def lookup(self, words: Words, k: int, only: Filter | None) -> _Lookup:
        return _Lookup(self, words, k, only)


@dataclass(frozen=True, slots=True)
class _Found:
    """A row as it came, and what is computed of it."""

    row: Row
    vector: Vectors
    lexical: float
    across: float
    language: int
    shares: bool

    @property
    def kind(self) -> int:
        return int(self.row["kind"])


class _Lookup:
    def __init__(self, store: MilvusStore, words: Words, k: int, only: Filter | None) -> None:
        self._store, self._words, self._k, self._only = store, words, k, only
        known = store.manifest.languages
        self._filter = allowing(only, store.articles, known, store.now)
        self._languages = {language: number for number, language in enumerate(known)}
        self._weights = store.rarity.of_words(words)
        self._names = store.rarity.of_names(words)
        self._translations = store.rarity.of_translations(words)
        self._found: dict[int, _Found] = {}
        matching = [row for row in self._matches() if self._found[row].lexical > 0]
        matching.sort(key=lambda row: (-self._found[row].lexical, row))
        self._lexical_rank = {row: rank for rank, row in enumerate(matching, 1)}
        self.best_lexical = max((self._found[row].lexical for row in matching), default=0.0)

    def near(self, query: Vectors) -> Candidates:
        nearest = self._nearest(query)
        cosine = {row: float(np.einsum("i,i->", self._found[row].vector, query)) for row in nearest}
        nearest.sort(key=lambda row: (-cosine[row], row))
        ranks = {row: rank for rank, row in enumerate(nearest, 1)}
        return self._candidates({*nearest, *self._lexical_rank}, query, ranks)

    def near_also(self, found: Candidates, query: Vectors, towards: Vectors) -> Candidates:
        ranks = dict(zip(found.rows.tolist(), found.dense_ranks.tolist(), strict=True))
        return self._candidates({*ranks, *self._nearest(towards)}, query, ranks)

    def vectors(self, rows: RowNumbers) -> Vectors:
        return np.stack([self._found[row].vector for row in rows.tolist()])

    def passages(self, rows: RowNumbers) -> list[Passage]:
        return [read_passage(self._found[row].row) for row in rows.tolist()]

    def _candidates(self, rows: set[int], query: Vectors, dense_ranks: dict[int, int]) -> Candidates:
        ordered = sorted(rows)
        found = [self._found[row] for row in ordered]
        vectors = np.stack([one.vector for one in found]) if found else np.zeros((0, len(query)), dtype=np.float32)
        return Candidates(
            rows=np.asarray(ordered, dtype=np.int64),
            cosine=np.einsum("ij,j->i", vectors, query),
            lexical=np.asarray([one.lexical for one in found], dtype=np.float32),
            across=np.asarray([one.across for one in found], dtype=np.float32),
            shares=np.asarray([one.shares for one in found], dtype=bool),
            kinds=np.asarray([one.kind for one in found], dtype=np.uint8),
            languages=np.asarray([one.language for one in found], dtype=np.uint8),
            dense_ranks=np.asarray([dense_ranks.get(row, 0) for row in ordered], dtype=np.int64),
            lexical_ranks=np.asarray([self._lexical_rank.get(row, 0) for row in ordered], dtype=np.int64),
        )

    def _matches(self) -> list[int]:
        """Rows in the question's language that share most with its words."""
        weights = {term: weight for term, weight in self._weights.items() if weight > 0}
        language = self._words.language
        if not weights or (language != UNKNOWN and language not in self._languages):
            return []
        only = self._filter if language == UNKNOWN else f'{self._filter} and language == "{language}"'
        return self._take(self._store.server.search(self._store.now.data, "words", weights, self._k, only, _FIELDS))

    def _nearest(self, query: Vectors) -> list[int]:
        return self._take(
            self._store.server.search(self._store.now.data, "vector", query, self._k, self._filter, _FIELDS)
        )

    def _take(self, rows: Sequence[Row]) -> list[int]:
        """The rows by the order of their passages' ids. What no longer stands in this generation is not there."""
        taken = []
        for row in rows:
            position = self._store.position.get(row["article"])
            if position is None:
                continue
            at = position << ORDINAL_BITS | (row["id"] & _ORDINALS)
            if at not in self._found:
                if self._only and self._only.heading and not self._stands_under(row):
                    continue
                self._found[at] = self._looked_at(row)
            taken.append(at)
        return taken

    def _stands_under(self, row: Row) -> bool:
        assert self._only is not None
        return folded_heading(self._only.heading) in folded_heading(read_passage(row).heading)

    def _looked_at(self, row: Row) -> _Found:
        language = row["language"]
        shares = shares_language(self._words.language, language)
        held = row["words"]
        return _Found(
            row=row,
            vector=np.asarray(row["vector"], dtype=np.float32),
            lexical=sum(weight * held.get(term, 0.0) for term, weight in self._weights.items()) if shares else 0.0,
            across=terms.names_in(self._names[language], row["names"]) + terms.any_in(self._translations, held),
            language=self._languages[language],
            shares=shares,
        )
