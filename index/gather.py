"""The columns of a new index, gathered article by article: an unchanged one's rows are copied, not made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index import store
from index.blocks import Mapped
from index.encoders import Encoder
from index.errors import IndexUnusable, UnreadableArticle
from index.lexical import LexicalIndex, Tally
from index.manifest import ArticleEntry, Manifest
from index.prepared import Found, Prepared, Unchanged
from index.reader import Source, find_sources, is_current
from index.table import Table
from index.workers import Workers


@dataclass(frozen=True)
class Before:
    """An index as it was; None where there was none, or none of use."""

    manifest: Manifest
    contents: store.Contents

    @classmethod
    def of(cls, folder: Path, encoder: Encoder) -> Before | None:
        try:
            before = cls(*store.load(folder))
        except IndexUnusable:
            return None
        return before if before.manifest.encoder == encoder.name else None


class Gathered:
    """What was gathered so far; whole once `lines` was gone through."""

    def __init__(self, before: Before | None, workers: Workers) -> None:
        self._before = before
        self._workers = workers
        self._known: dict[str, Unchanged] = {}  # path -> the article, if it still is as it was
        first = 0
        for entry in before.manifest.articles if before else ():
            self._known[entry.path] = Unchanged(entry, first)
            first += entry.passages
        self._moved = np.full(first, -1, dtype=np.int64)  # old row -> new row
        self._columns: dict[str, list[Any]] = {name: [] for name in ("lengths", "languages", "kinds", "opens", "keys")}
        self._codes: dict[str, int] = {}  # language -> number
        old = before.manifest.languages if before else ()
        self._code_now = np.asarray([self._code(language) for language in old], dtype=np.uint8)  # by old number
        self._terms, self._names = Tally(), Tally()
        self._rows = 0
        self.entries: list[ArticleEntry] = []
        self.skipped: list[str] = []  # one line per file or record that could not be read
        self.notes: list[
            str
        ] = []  # one line per file that was read now and needs a word: its encoding, what was left out

    def lines(self, corpus: Path) -> Iterator[bytes]:
        """Go through the articles; gives the passages of each as JSON lines."""
        for outcome in self._workers.prepare(map(self._found, find_sources(corpus))):
            if isinstance(outcome, UnreadableArticle):
                self.skipped.append(str(outcome))
                continue
            lines = self._copied(outcome) if isinstance(outcome, Unchanged) else self._made(outcome)
            self.entries.append(outcome.entry)
            self._rows += outcome.entry.passages
            yield lines

    def table(self, lines: Mapped) -> tuple[Table, tuple[str, ...]]:
        """The columns beside the lines that were written, and the languages they number."""
        joined = {name: np.concatenate(parts) for name, parts in self._columns.items()}
        bounds = np.concatenate([[0], np.cumsum(joined.pop("lengths"))])
        used = {*np.unique(joined["languages"]).tolist()}
        languages = tuple(sorted(language for language, code in self._codes.items() if code in used))
        number = {language: number for number, language in enumerate(languages)}
        sorted_code = np.asarray([number.get(language, 0) for language in self._codes], dtype=np.uint8)
        joined["languages"] = sorted_code[joined["languages"]]
        return Table(lines, bounds, **joined), languages

    def lexical(self) -> LexicalIndex:
        before = self._before.contents.lexical if self._before else None
        return self._terms.frequencies(before, self._moved).bm25(self._rows)

    def names(self, table: Table) -> LexicalIndex:
        before = self._before.contents.names if self._before else None
        return self._names.frequencies(before, self._moved).by_rarity(table.languages)

    def _found(self, source: Source | UnreadableArticle) -> Found:
        """The source, or that nothing of it has changed."""
        if isinstance(source, UnreadableArticle):
            return source
        known = self._known.get(source.path)
        try:
            if known and known.entry.sha256 == source.sha256 and is_current(source, known.entry.reader):
                return known
        except UnreadableArticle as error:
            return error
        return source

    def _copied(self, article: Unchanged) -> bytes:
        assert self._before is not None
        table, passages = self._before.contents.table, article.entry.passages
        rows = slice(article.first, article.first + passages)
        self._moved[rows] = np.arange(self._rows, self._rows + passages)
        self._add(
            np.diff(table.bounds[rows.start : rows.stop + 1]),
            self._code_now[table.languages[rows]],
            table.kinds[rows],
            table.opens[rows],
            table.keys[rows],
        )
        return table.json_lines(rows.start, rows.stop)

    def _made(self, article: Prepared) -> bytes:
        self.notes.extend(article.notes)
        for row, (terms, names) in enumerate(zip(article.terms, article.names, strict=True), self._rows):
            self._terms.add(row, terms)
            self._names.add(row, names)
        self._add(
            np.asarray([len(line) for line in article.lines], dtype=np.int64),
            np.asarray([self._code(language) for language in article.languages], dtype=np.uint8),
            article.kinds,
            article.opens,
            article.keys,
        )
        return b"".join(article.lines)

    def _add(self, *columns: Any) -> None:
        for parts, column in zip(self._columns.values(), columns, strict=True):
            parts.append(column)

    def _code(self, language: str) -> int:
        return self._codes.setdefault(language, len(self._codes))
