"""What each physical line of an article is: prose, a bullet, a heading, an embedded post, or page furniture.

The rules look at shape only (length, final punctuation, place, attribution lines), so they hold for any article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.analyse import fold, words
from index.article import Kind, Line
from index.language import detect_language

_INVISIBLE = "\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2069"  # byte order mark, zero-width and bidi controls
_INVISIBLE_CHARACTER = re.compile(f"[{_INVISIBLE}]")
_BULLET = re.compile(rf"[{_INVISIBLE}]*(?:[-*•‣▪◦●·–—]|\d{{1,3}}[.)\-]|[٠-٩]{{1,3}}[.)\-])[\s{_INVISIBLE}]+(?=\S)")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(?=\S)")
_MARKDOWN_QUOTE = re.compile(r"(?:>\s?)+(?=\S)")
_RULE = re.compile(r"[\W_]+")
_ATTRIBUTION = re.compile(r"[—–\-]{1,3}\s*\S.*\(@\w{1,30}\)")  # "— The White House (@WhiteHouse) October 28, 2025"
_POST_LINK = re.compile(r"pic\.twitter\.com/\w+|https?://t\.co/\w+")
_SENTENCE_END = re.compile(r"[.!?؟۔…:؛;,،。！？][\"'”’»)\]]*$")
_HEADING_MAX_WORDS = 14  # a headline's length; longer lines are sentences whose full stop was forgotten
_HEADING_RUN = 3  # this many heading-like lines in a row are a list or verse, not headings
_FURNITURE_MAX_WORDS = 3
_QUESTION = re.compile(r"[^.!?؟\"“”«»]{8,200}[?؟]")
_QUESTION_MARK = re.compile(r"(?:Q|س|سؤال)\s*[:.\-–—]")
_QUESTIONS = 2  # from so many on they are no rhetorical one

_FURNITURE = frozenset(
    map(
        fold,
        (
            "advertisement", "also read", "follow us", "read also", "read more", "related", "related articles", "share",
            "share this", "share this article", "sign up", "subscribe", "إعلان", "اقرأ أيضا", "اقرأ المزيد", "المزيد",
            "تابعنا", "شارك", "شارك المقال", "مقالات ذات صلة", "مواضيع ذات صلة", "اشترك",
        ),
    )
)  # fmt: skip


def read_lines(text: str, *, markdown: bool = False) -> tuple[Line, ...]:
    """The lines of a decoded text that are not blank, each with its kind and the span of its content."""
    spans = list(_content_spans(text))
    front = _front_matter_length(text, spans) if markdown else 0
    lines: list[Line] = []
    for number, start, end in spans[front:]:
        marker_end, kind = _marker(text, start, end, markdown)
        lines.append(Line(number, marker_end, end, kind))
    _mark_posts(text, lines)
    _mark_headings(text, lines)
    _mark_questions(text, lines)
    furniture = [Line(number, start, end, "furniture") for number, start, end in spans[:front]]
    return (*furniture, *lines)


def is_attribution(content: str) -> bool:
    """True for the line below an embedded post that says who posted it."""
    return bool(_ATTRIBUTION.match(content))


def _content_spans(text: str) -> Iterator[tuple[int, int, int]]:
    offset = 0
    for number, raw in enumerate(text.split("\n"), 1):
        start, end = 0, len(raw)
        while start < end and _is_blank(raw[start]):
            start += 1
        while end > start and _is_blank(raw[end - 1]):
            end -= 1
        if start < end:
            yield number, offset + start, offset + end
        offset += len(raw) + 1


def _is_blank(character: str) -> bool:
    return character.isspace() or bool(_INVISIBLE_CHARACTER.match(character))


def _front_matter_length(text: str, spans: list[tuple[int, int, int]]) -> int:
    """How many leading lines a YAML front matter block takes, its two fences included."""
    contents = [text[start:end] for _, start, end in spans]
    if contents[:1] != ["---"] or "---" not in contents[1:]:
        return 0
    return contents.index("---", 1) + 1


def _marker(text: str, start: int, end: int, markdown: bool) -> tuple[int, Kind]:
    """Where a line's own words begin, after a heading, quote or list marker, and the kind its shape gives it."""
    content = text[start:end]
    if markdown and (match := _MARKDOWN_HEADING.match(content)):
        return start + match.end(), "heading"
    if markdown and (match := _MARKDOWN_QUOTE.match(content)):
        start += match.end()
        content = text[start:end]
    if is_attribution(content):
        return start, "post"
    if match := _BULLET.match(content):
        return start + match.end(), "bullet"
    if _RULE.fullmatch(content) or fold(content).strip(" :.…") in _FURNITURE:
        return start, "furniture"
    return start, "prose"


def _mark_posts(text: str, lines: list[Line]) -> None:
    """A post is its attribution line, the line above it, and further lines above written in another language than the article."""
    article_language = detect_language(text)
    for i, line in enumerate(lines):
        content = text[line.start : line.end]
        if line.kind == "post":
            for above in range(i - 1, -1, -1):
                first = above == i - 1
                foreign = detect_language(text[lines[above].start : lines[above].end]) != article_language
                if not _may_join_post(lines, above) or not (first or foreign):
                    break
                lines[above] = _as(lines[above], "post")
        elif line.kind == "prose" and _POST_LINK.search(content):
            lines[i] = _as(line, "post")


def _may_join_post(lines: list[Line], above: int) -> bool:
    return lines[above].kind == "prose" and lines[above + 1].number - lines[above].number == 1


def _mark_headings(text: str, lines: list[Line]) -> None:
    likely = [line.kind == "prose" and _looks_like_heading(text[line.start : line.end]) for line in lines]
    body = any(line.kind in ("prose", "bullet") and not heading for line, heading in zip(lines, likely, strict=True))
    i = 0
    while i < len(lines):
        run = 0
        while i + run < len(lines) and likely[i + run]:
            run += 1
        if 0 < run < _HEADING_RUN and body:
            last = i + run == len(lines)
            for j in range(i, i + run):
                if not last:
                    lines[j] = _as(lines[j], "heading")
                elif len(words(text[lines[j].start : lines[j].end])) <= _FURNITURE_MAX_WORDS:
                    lines[j] = _as(lines[j], "furniture")  # a heading with nothing under it: an agency's name, a button
        i += max(run, 1)


def _mark_questions(text: str, lines: list[Line]) -> None:
    """The questions of an interview or a list of them are what their answers stand under: lines that only ask, two of them or more,
    or with a mark ("Q:", "س:"), and behind each one that does not."""
    asks = [line.kind == "prose" and bool(_QUESTION.fullmatch(text[line.start : line.end])) for line in lines]
    answered = [at for at in range(len(lines) - 1) if asks[at] and not asks[at + 1] and lines[at + 1].kind == "prose"]
    marked = [at for at in answered if _QUESTION_MARK.match(text[lines[at].start : lines[at].end])]
    for at in answered if len(answered) >= _QUESTIONS else marked:
        lines[at] = _as(lines[at], "heading")


def _looks_like_heading(content: str) -> bool:
    count = len(words(content))
    if content.count("|") > 1:  # a row of a table
        return False
    return 0 < count <= _HEADING_MAX_WORDS and not _SENTENCE_END.search(content)


def _as(line: Line, kind: Kind) -> Line:
    return Line(line.number, line.start, line.end, kind)
