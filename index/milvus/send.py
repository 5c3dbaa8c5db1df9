"""Bring a collection on a Milvus server up to date with an index folder: only what changed is sent.

The folder is where the index is made: its texts are read, cut, encoded and counted there, and it stays on that machine. What
is sent is seen by no reader until the catalogue names its generation. A run that was killed leaves rows that no generation
names; the next one deletes them first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnusable, SanadError
from index.folder import Folder
from index.lexical import LexicalIndex, idf_floor, inverse_frequency, saturated
from index.manifest import ArticleEntry
from index.milvus import catalogue, passages, terms
from index.milvus.catalogue import ALWAYS, Catalogue, Numbered
from index.milvus.passages import ORDINAL_BITS, folded_heading, passage_id
from index.milvus.server import Row, Server, one_of
from index.neutral import LanguageMeans
from index.place import Collection
from index.vectors import Numbers

MOVED_MEAN = 0.02  # length of the way a language's mean may go before every vector is sent anew (docs/stores.md)
MOVED_AVERAGE = 0.05  # share by which the average length of passages may change before every passage is sent anew
_CHANGED = 0.5  # share of the passages from which all are sent anew, to a collection of their own
_BLOCK = 1000  # passages whose rows are made at once
_ARTICLES = 500  # deleted by one call


def send(folder: Folder, corpus: str, at: Collection) -> tuple[ArticleEntry, ...]:
    """Make the collection what the folder is. Gives the articles that it had before.

    Raises SanadError when the server fails or another run sends at the same time; what was there before is then still
    what readers find.
    """
    server = Server(at)
    catalogue.prepare(server, at)
    terms.prepare(server, at)
    try:
        before: Catalogue | None = catalogue.read(server, at)
    except IndexUnusable:
        before = None  # a first run, one that was killed, or another format: everything is sent
    articles = _swept(server, at, before)
    sending = _Sending(folder, before, articles, _base(server, at, before))
    after = replace(sending.catalogue(at), corpus=corpus)
    if before is not None and not sending.needed and after == replace(before, generation=after.generation):
        return sending.entries_before
    if sending.anew:
        if after.data in server.names():
            server.drop(after.data)
        server.create(after.data, passages.schema(after.dimension))
    server.upsert(after.data, sending.rows(), 5 * after.dimension + 4000)
    server.flush(after.data)
    catalogue.write_articles(server, at, sending.articles())
    terms.send(server, at, sending.counts, after.buckets)
    catalogue.write_means(server, at, str(after.generation), folder.means)
    catalogue.write_means(server, at, f"base-{after.data}", sending.base)
    server.flush(catalogue.articles_of(at))
    if _generation(server, at) != (before.generation if before else None):
        raise SanadError(f"another run of sanad index sends to {at}; wait for it to end and run it again")
    catalogue.publish(server, at, after)
    _swept(server, at, after)
    terms.drop_others(server, at, after.buckets)
    catalogue.drop_means(server, at, (str(after.generation), f"base-{after.data}"))
    return sending.entries_before


class _Sending:
    """What a collection lacks of a folder."""

    def __init__(
        self, folder: Folder, before: Catalogue | None, articles: Sequence[Numbered], base: LanguageMeans | None
    ) -> None:
        self._folder, self._before = folder, before
        self._contents, self._manifest = folder.contents, folder.manifest
        self.generation = before.generation + 1 if before else 1
        lexical, table = self._contents.lexical, self._contents.table
        self._lengths = np.bincount(lexical.postings[:]["row"], lexical.postings[:]["count"], minlength=len(table))
        self.counts = terms.counts_of(lexical, self._contents.names, table.languages, self._manifest.languages)
        standing = [one for one in articles if before and one.stands(before.generation)]
        self.entries_before = tuple(one.entry for one in standing)
        kept = {one.entry.path: one for one in standing}
        self.anew = base is None or self._moved(base) or self._mostly_changed(kept)
        self.base = folder.means if self.anew or base is None else _with_new(base, folder.means)
        if self.anew:
            kept = {}
        self._kept = [kept[entry.path] for entry in self._manifest.articles if self._is_kept(kept, entry)]
        keeping = {one.number for one in self._kept}
        self._ended = [one for one in standing if one.number not in keeping]
        self._first = before.next_number if before else 0
        added = [entry for entry in self._manifest.articles if not self._is_kept(kept, entry)]
        self._added = [
            Numbered(number, self.generation, ALWAYS, entry) for number, entry in enumerate(added, self._first)
        ]

    @property
    def needed(self) -> bool:
        return bool(self.anew or self._added or self._ended or any(one.until != ALWAYS for one in self._kept))

    def catalogue(self, at: Collection) -> Catalogue:
        manifest, table = self._manifest, self._contents.table
        holding = np.diff(self._contents.lexical.offsets)
        average = float(self._lengths.mean())
        spoken = np.bincount(table.languages, minlength=len(manifest.languages)).tolist()
        reuse = None if self.anew else self._before
        return Catalogue(
            generation=self.generation,
            data=reuse.data if reuse else f"{at.name}_passages_{self.generation}",
            next_number=self._first + len(self._added),
            encoder=manifest.encoder,
            dimension=manifest.dimension,
            corpus=manifest.corpus,
            languages=dict(zip(manifest.languages, spoken, strict=True)),
            average_terms=average,
            idf_floor=idf_floor(inverse_frequency(len(table), holding)),
            loaded_average=reuse.loaded_average if reuse else average,
            buckets=terms.buckets_for(self.counts),
        )

    def articles(self) -> Iterator[Numbered]:
        """Every article whose row changes."""
        yield from self._added
        for one in self._ended:
            yield replace(one, until=self.generation)
        for one in self._kept:  # that a killed run had ended
            if one.until != ALWAYS:
                yield replace(one, until=ALWAYS)

    def rows(self) -> Iterator[Row]:
        """The passages of the added articles."""
        spans = _spans(self._manifest.articles)
        numbers = [one.number for one in self._added for _ in range(one.entry.passages)]
        ordinals = [ordinal for one in self._added for ordinal in range(one.entry.passages)]
        rows = np.concatenate(
            [np.zeros(0, dtype=np.int64), *(np.arange(*spans[one.entry.path]) for one in self._added)]
        )
        held = _Held.of(self._contents.lexical, rows, terms.dimension)
        named = _Held.of(self._contents.names, rows, terms.name_number)
        average = float(self._lengths.mean()) or 1.0
        table = self._contents.table
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            vectors = self._contents.dense.vectors(block)
            for at, (row, vector) in enumerate(zip(block.tolist(), vectors, strict=True), start):
                passage = table.passages[row]
                found, counts = held.at(at)
                weights = saturated(counts, np.full(len(counts), self._lengths[row] / average))
                yield {
                    "id": passage_id(numbers[at], ordinals[at]),
                    "article": numbers[at],
                    "language": passage.language,
                    "kind": int(table.kinds[row]),
                    "heading": folded_heading(passage.heading),
                    "passage": table.json_lines(row, row + 1).decode(),
                    "names": sorted(named.at(at)[0].tolist())[:4096],
                    "words": _sparse(found, weights),
                    "vector": vector,
                }

    def _is_kept(self, kept: dict[str, Numbered], entry: ArticleEntry) -> bool:
        return entry.path in kept and kept[entry.path].entry == entry

    def _moved(self, base: LanguageMeans) -> bool:
        """Whether what every passage was weighed with is no longer what it was."""
        before, means = self._before, self._folder.means
        if before is None or (before.encoder, before.dimension) != (self._manifest.encoder, self._manifest.dimension):
            return True
        ways = [np.linalg.norm(means.passage[one] - mean) for one, mean in base.passage.items() if one in means.passage]
        stretched = abs(float(self._lengths.mean()) / before.loaded_average - 1) if before.loaded_average else 1.0
        return bool(max(ways, default=0.0) > MOVED_MEAN or stretched > MOVED_AVERAGE)

    def _mostly_changed(self, kept: dict[str, Numbered]) -> bool:
        staying = sum(entry.passages for entry in self._manifest.articles if self._is_kept(kept, entry))
        return staying < _CHANGED * sum(one.entry.passages for one in kept.values())


class _Held:
    """The terms of some rows, row by row."""

    def __init__(self, ends: Numbers, numbers: NDArray[np.int64], counts: NDArray[np.uint32]) -> None:
        self._ends, self._numbers, self._counts = ends, numbers, counts

    @classmethod
    def of(cls, lexical: LexicalIndex, rows: Numbers, numbered: terms.Numbering) -> _Held:
        postings = lexical.postings[:]
        place = np.full(lexical.size, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        numbers = np.asarray([numbered(term) for term in lexical.terms.listed()], dtype=np.int64)
        column = np.repeat(np.arange(len(lexical.terms)), np.diff(lexical.offsets))
        at = place[postings["row"]]
        chosen = np.flatnonzero(at >= 0)
        order = chosen[np.argsort(at[chosen], kind="stable")]
        ends = np.searchsorted(at[order], np.arange(len(rows) + 1))
        return cls(ends, numbers[column[order]], postings["count"][order])

    def at(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        span = slice(int(self._ends[number]), int(self._ends[number + 1]))
        return self._numbers[span], self._counts[span]


def _sparse(numbers: NDArray[np.int64], weights: NDArray[np.float64]) -> dict[int, float]:
    """Two terms that share a number are added. A passage without words holds a number that no question asks for."""
    sparse: dict[int, float] = {}
    for number, weight in zip(numbers.tolist(), weights.tolist(), strict=True):
        sparse[number] = sparse.get(number, 0.0) + weight
    return sparse or {terms.dimension(""): 1.0}


def _with_new(base: LanguageMeans, means: LanguageMeans) -> LanguageMeans:
    """With the languages that came since."""
    return LanguageMeans({**means.passage, **base.passage}, {**means.query, **base.query})


def _spans(entries: Sequence[ArticleEntry]) -> dict[str, tuple[int, int]]:
    """path -> first row and the row after the last."""
    ends = np.cumsum([0, *(entry.passages for entry in entries)]).tolist()
    return {entry.path: (start, end) for entry, start, end in zip(entries, ends, ends[1:], strict=False)}


def _base(server: Server, at: Collection, before: Catalogue | None) -> LanguageMeans | None:
    return catalogue.read_means(server, at, f"base-{before.data}") if before else None


def _generation(server: Server, at: Collection) -> int | None:
    try:
        return catalogue.read(server, at).generation
    except IndexUnusable:
        return None


def _swept(server: Server, at: Collection, now: Catalogue | None) -> list[Numbered]:
    """Delete what no generation from the current one on names; gives the articles that are left."""
    generation, end = (now.generation, now.next_number) if now else (0, 0)
    for name in sorted(server.names()):
        if passages.PASSAGES_OF.fullmatch(name.removeprefix(at.name)) and (now is None or name != now.data):
            server.drop(name)
    articles = catalogue.read_articles(server, at, end)
    server.delete(catalogue.articles_of(at), f"number >= {end}")
    gone = [one.number for one in articles if one.until <= generation]
    if now:
        server.delete(now.data, f"id >= {end << ORDINAL_BITS}")
        for start in range(0, len(gone), _ARTICLES):
            server.delete(now.data, one_of("article", gone[start : start + _ARTICLES]))
    for start in range(0, len(gone), _ARTICLES):
        server.delete(catalogue.articles_of(at), one_of("number", gone[start : start + _ARTICLES]))
    return [one for one in articles if one.until > generation]
