"""The columns of a new index, gathered article by article: an unchanged one's rows are copied, not made anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index import store
from index.analyse import terms
from index.article import Passage
from index.blocks import Mapped
from index.context import contextual_text, section_starts
from index.encoders import Encoder
from index.errors import IndexUnusable, UnreadableArticle
from index.formats.extracted import text_sha256
from index.lexical import LexicalIndex, Tally
from index.names import name_terms
from index.reader import Source, find_sources, is_current, read_article
from index.segment import segment
from index.table import KEYS, KINDS, Table
from index.vectors import text_key


@dataclass(frozen=True)
class Before:
    """An index as it was; None where there was none, or none of use."""

    manifest: store.Manifest
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

    def __init__(self, before: Before | None) -> None:
        self._before = before
        self._known: dict[str, tuple[store.ArticleEntry, int]] = {}  # path -> entry and first row
        first = 0
        for entry in before.manifest.articles if before else ():
            self._known[entry.path] = entry, first
            first += entry.passages
        self._moved = np.full(first, -1, dtype=np.int64)  # old row -> new row
        self._columns: dict[str, list[Any]] = {name: [] for name in ("lengths", "languages", "kinds", "opens", "keys")}
        self._codes: dict[str, int] = {}  # language -> number
        old = before.manifest.languages if before else ()
        self._code_now = np.asarray([self._code(language) for language in old], dtype=np.uint8)  # by old number
        self._terms, self._names = Tally(), Tally()
        self._rows = 0
        self.entries: list[store.ArticleEntry] = []
        self.skipped: list[str] = []  # one line per file or record that could not be read
        self.notes: list[
            str
        ] = []  # one line per file that was read now and needs a word: its encoding, what was left out

    def lines(self, corpus: Path) -> Iterator[bytes]:
        """Go through the articles; gives the passages of each as JSON lines."""
        for source in find_sources(corpus):
            try:
                if isinstance(source, UnreadableArticle):
                    raise source
                entry, first = self._known.get(source.path, (None, 0))
                if entry is not None and entry.sha256 == source.sha256 and is_current(source, entry.reader):
                    lines = self._copied(entry, first)
                else:
                    entry, passages, notes = _read(source)
                    self.notes.extend(notes)
                    lines = self._made(passages)
            except UnreadableArticle as error:
                self.skipped.append(str(error))
                continue
            self.entries.append(entry)
            self._rows += entry.passages
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

    def _copied(self, entry: store.ArticleEntry, first: int) -> bytes:
        assert self._before is not None
        table = self._before.contents.table
        rows = slice(first, first + entry.passages)
        self._moved[rows] = np.arange(self._rows, self._rows + entry.passages)
        self._add(
            np.diff(table.bounds[first : rows.stop + 1]),
            self._code_now[table.languages[rows]],
            table.kinds[rows],
            table.opens[rows],
            table.keys[rows],
        )
        return table.json_lines(rows.start, rows.stop)

    def _made(self, passages: Sequence[Passage]) -> bytes:
        lines = [(json.dumps(asdict(passage), ensure_ascii=False) + "\n").encode() for passage in passages]
        for row, passage in enumerate(passages, self._rows):
            self._terms.add(row, _lexical_terms(passage))
            self._names.add(row, name_terms(contextual_text(passage)))
        keys = [(text_key(passage.text), text_key(contextual_text(passage))) for passage in passages]
        self._add(
            np.asarray([len(line) for line in lines], dtype=np.int64),
            np.asarray([self._code(passage.language) for passage in passages], dtype=np.uint8),
            np.asarray([KINDS.index(passage.kind) for passage in passages], dtype=np.uint8),
            np.asarray(section_starts(passages), dtype=bool),
            np.asarray(keys, dtype=KEYS),
        )
        return b"".join(lines)

    def _add(self, *columns: Any) -> None:
        for parts, column in zip(self._columns.values(), columns, strict=True):
            parts.append(column)

    def _code(self, language: str) -> int:
        return self._codes.setdefault(language, len(self._codes))


def _read(source: Source) -> tuple[store.ArticleEntry, tuple[Passage, ...], tuple[str, ...]]:
    """The article of a source with its passages, and what a user should know of how it was read. Raises UnreadableArticle."""
    article = read_article(source)
    passages = segment(article)
    entry = store.ArticleEntry(
        path=source.path,
        sha256=article.sha256,
        title=article.title,
        date=article.date.isoformat() if article.date else None,
        languages=tuple(sorted({passage.language for passage in passages})),
        lines=article.text.count("\n") + (not article.text.endswith("\n")),
        passages=len(passages),
        reader=article.reader,
        encoding=article.encoding,
        text_sha256=text_sha256(article.text) if article.reader else "",
        url=article.url,
    )
    detected = (f"{source.path}: read as {article.encoding}",) if article.encoding != "utf-8" else ()
    return entry, passages, (*detected, *article.notes)


def _lexical_terms(passage: Passage) -> list[str]:
    """A post is also found by who posted it; a heading would repeat itself in every line below it and is left out."""
    who = terms(passage.heading, passage.language) if passage.kind == "post" else []
    return terms(passage.text, passage.language) + who
