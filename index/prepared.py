"""One article made ready for an index: a pure function of its source, so that any process on any machine can do it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from index.analyse import terms
from index.article import Passage
from index.context import section_starts, views
from index.errors import UnreadableArticle
from index.formats.extracted import text_sha256
from index.manifest import ArticleEntry
from index.names import name_terms
from index.reader import Source, read_article
from index.segment import segment
from index.table import KEYS, KINDS
from index.vectors import text_key


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An article that is as it was when the index was made."""

    entry: ArticleEntry
    first: int  # row in that index


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article that was read now, and of each of its passages what an index holds."""

    entry: ArticleEntry
    notes: tuple[str, ...]  # what a user should know of how it was read
    lines: tuple[bytes, ...]  # JSON
    languages: tuple[str, ...]
    kinds: NDArray[np.uint8]
    opens: NDArray[np.bool_]
    keys: NDArray[np.void]  # of KEYS
    terms: tuple[list[str], ...]
    names: tuple[list[str], ...]


Found = Source | Unchanged | UnreadableArticle
Outcome = Prepared | Unchanged | UnreadableArticle


def outcome(found: Found) -> Outcome:
    """What becomes of an article; the reason where it cannot be read."""
    if not isinstance(found, Source):
        return found
    try:
        return prepare(found)
    except UnreadableArticle as error:
        return error


def prepare(source: Source) -> Prepared:
    """Read, cut and analyse one article. Raises UnreadableArticle."""
    article = read_article(source)
    passages = segment(article)
    entry = ArticleEntry(
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
    texts = [views(passage) for passage in passages]
    keys = [(text_key(alone), text_key(in_context)) for alone, in_context in texts]
    return Prepared(
        entry=entry,
        notes=(*detected, *article.notes),
        lines=tuple((json.dumps(asdict(passage), ensure_ascii=False) + "\n").encode() for passage in passages),
        languages=tuple(passage.language for passage in passages),
        kinds=np.asarray([KINDS.index(passage.kind) for passage in passages], dtype=np.uint8),
        opens=np.asarray(section_starts(passages), dtype=bool),
        keys=np.asarray(keys, dtype=KEYS),
        terms=tuple(_lexical_terms(passage) for passage in passages),
        names=tuple(name_terms(in_context) for _, in_context in texts),
    )


def _lexical_terms(passage: Passage) -> list[str]:
    """A post is also found by who posted it; a heading would repeat itself in every line below it and is left out."""
    who = terms(passage.heading, passage.language) if passage.kind == "post" else []
    return terms(passage.text, passage.language) + who
