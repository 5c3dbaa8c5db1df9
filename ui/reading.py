"""An article as it is read beside an answer: its lines, the cited span among them, the heading above."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from unicodedata import bidirectional

from index.article import Article, Kind
from index.errors import UnreadableArticle
from index.manifest import ArticleEntry
from index.reader import open_source, read_article
from qa.answer import Citation
from qa.check import resolves

MAX_LINES = 400  # of a longer article the lines around the citation are shown
MAX_LINE = 6000  # characters; of a longer line the part around the citation
_ELLIPSIS = "…"
ShownKind = Kind | Literal["blank"]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A physical line: `before + marked + after` is its text (clipped where it is very long)."""

    number: int
    kind: ShownKind
    before: str
    marked: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in the pane. A problem is the key of its text; then no span is marked."""

    path: str
    title: str
    date: str | None
    languages: tuple[str, ...]
    direction: Literal["ltr", "rtl"] = "ltr"  # of most of its letters: the side of the line numbers
    lines: tuple[ShownLine, ...] = ()
    total: int = 0  # physical lines of the file or of the text extracted from it
    heading: str = ""  # the nearest one above the citation
    problem: Literal["", "changed", "gone"] = ""
    url: str = ""  # canonical
    converted: bool = False  # what is shown is text extracted from the file

    @property
    def clipped(self) -> bool:
        return len(self.lines) < self.total


def read(corpus: Path, entry: ArticleEntry, citation: Citation | None = None) -> Reading:
    """The article as the file is now; the citation is marked if it still stands there."""
    converted = bool(entry.reader) and entry.encoding == "utf-8"
    found = Reading(entry.path, entry.title, entry.date, entry.languages, url=entry.url, converted=converted)
    try:
        article = read_article(open_source(corpus, entry.path))
    except UnreadableArticle:
        return replace(found, problem="gone")
    stands = citation is not None and resolves(
        article.text, line=citation.line, start=citation.start, end=citation.end, quote=citation.quote
    )
    marked = (citation.start, citation.end) if citation and stands else (0, 0)
    lines = _lines(article, marked)
    around = citation.line if citation else 1
    first = max(0, min(around - 1 - MAX_LINES // 2, len(lines) - MAX_LINES))
    return replace(
        found,
        lines=tuple(lines[first : first + MAX_LINES]),
        total=len(lines),
        direction=_direction(article.text),
        heading=_heading_above(article, citation.line) if citation and stands else "",
        problem="changed" if citation and not stands else "",
    )


def _direction(text: str) -> Literal["ltr", "rtl"]:
    """Which way most letters run (the strong classes of Unicode's bidirectional algorithm, UAX 9)."""
    classes = Counter(map(bidirectional, text[:MAX_LINE]))
    return "rtl" if classes["R"] + classes["AL"] > classes["L"] else "ltr"


def _lines(article: Article, marked: tuple[int, int]) -> list[ShownLine]:
    kinds = {line.number: line.kind for line in article.lines}
    shown: list[ShownLine] = []
    offset = 0
    for number, raw in enumerate(article.text.split("\n"), 1):
        end = offset + len(raw)
        start, stop = (min(max(place, offset), end) - offset for place in marked)
        before, inside, after = raw[:start], raw[start:stop], raw[stop:]
        if not inside:
            before, after = raw, ""
        kind: ShownKind = kinds.get(number, "blank")
        shown.append(ShownLine(number, kind, *_clipped(before, inside, after)))
        offset = end + 1
    if shown and shown[-1].kind == "blank" and not shown[-1].before:
        shown.pop()  # the line break at the end of a file begins no line
    return shown


def _clipped(before: str, inside: str, after: str) -> tuple[str, str, str]:
    """At most MAX_LINE characters around what is marked, with signs where something was left out."""
    if len(before) + len(inside) + len(after) <= MAX_LINE:
        return before, inside, after
    if not inside:
        return before[:MAX_LINE] + _ELLIPSIS, "", ""
    side = max(0, (MAX_LINE - len(inside)) // 2)
    head = before if len(before) <= side else _ELLIPSIS + before[len(before) - side :]
    tail = after if len(after) <= side else after[:side] + _ELLIPSIS
    return head, inside, tail


def _heading_above(article: Article, line: int) -> str:
    above = [one for one in article.lines if one.kind == "heading" and one.number < line]
    return article.text[above[-1].start : above[-1].end] if above else ""
