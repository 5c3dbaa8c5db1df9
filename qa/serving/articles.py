"""The articles of the collection, and the lines of one as its file is now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from index import Index
from index.errors import SanadError, UnreadableArticle
from index.manifest import ArticleEntry
from index.reader import open_source, read_article

if TYPE_CHECKING:
    from qa.contract import ArticlesJSON, EntryJSON, LineJSON, LinesJSON

MOST = 1_000_000  # characters read at once


class UnknownArticle(SanadError):
    """The collection has no such article or line."""


def entries(index: Index, offset: int, limit: int) -> ArticlesJSON:
    """`limit` articles from the `offset`-th on, by path."""
    all_ = sorted(index.manifest.articles, key=lambda entry: entry.path)
    return {"total": len(all_), "articles": [_entry(one) for one in all_[offset : offset + limit]]}


def article_lines(index: Index, path: str, first: int, last: int, around: int = 0) -> LinesJSON:
    """The physical lines `first` to `last`, counted from 1, of an article of the index, and so many `around` them.

    Raises UnknownArticle for another path or a line that is not there, UnreadableArticle for a file that is gone or that
    leads out of the corpus.
    """
    entry = next((one for one in index.manifest.articles if one.path == path), None)
    if entry is None:
        raise UnknownArticle(f"the collection has no article {path!a:.200}; GET /articles lists what it has")
    article = read_article(open_source(index.corpus, path))
    lines = list(_lines(article.text))
    if first > len(lines):
        raise UnknownArticle(f"{path} has {len(lines)} lines, so there is no line {first}; ask for an earlier one")
    wanted = lines[max(0, first - 1 - around) : last + around]
    if wanted and wanted[-1]["end"] - wanted[0]["start"] > MOST:
        raise UnreadableArticle(f"lines {first} to {last} of {path} hold over {MOST:,} characters; ask for fewer")
    return {
        "article": _entry(entry),
        "as_indexed": article.sha256 == entry.sha256,
        "total": len(lines),
        "lines": wanted,
    }


def _lines(text: str) -> Iterator[LineJSON]:
    start = 0
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        yield {"line": number, "start": start, "end": start + len(line), "text": line}
        start += len(line) + 1


def _entry(entry: ArticleEntry) -> EntryJSON:
    return {
        "path": entry.path,
        "title": entry.title,
        "date": entry.date,
        "languages": list(entry.languages),
        "lines": entry.lines,
        "passages": entry.passages,
        "sha256": entry.sha256,
    }
