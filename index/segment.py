"""Articles to passages: one sentence (or bullet, heading, post) each, with its exact place.

Sentence boundaries come from sentencex (Wikimedia's multilingual segmenter); the few joins below repair what it cuts in
Arabic titles and over-long lines are cut at white space so that one passage stays one claim and fits the encoder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.article import Article, Line, Passage
from index.dates import is_dateline
from index.formats.extracted import place_at
from index.language import UNKNOWN, detect_language
from index.layout import is_attribution

MAX_CHARACTERS = 1200  # about 400 tokens of Arabic: the encoder reads 512
_BLOCK = 20_000  # segmenting cost grows faster than the text: longer lines are handed over in blocks
_TITLE_END = re.compile(
    r"(?:^|[\s(\"«])(?:[^\W\d_]|\d{1,2})\.\s*$"
)  # "د." or "J." or "1." ends a title, not a sentence
_CLAUSE_MARKS = "،؛,;:"
_SPACE = re.compile(r"\s+")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def segment(article: Article) -> tuple[Passage, ...]:
    """The passages of an article in order. For each, `article.text[start:end] == text`."""
    fallback = detect_language(article.text)
    return tuple(_passages(article, fallback))


def _passages(article: Article, fallback: str) -> Iterator[Passage]:
    heading = ""
    post_context = _post_context(article)
    for line in article.lines:
        content = article.text[line.start : line.end]
        # A dateline below a title is no heading of its own.
        if line.kind == "heading" and not (heading and is_dateline(content)):
            heading = content[:MAX_CHARACTERS]  # stands beside every passage below it
        for start, end in _spans(content, line, fallback):
            text = content[start:end]
            language = detect_language(text)
            yield Passage(
                path=article.path,
                line=line.number,
                start=line.start + start,
                end=line.start + end,
                text=text,
                language=fallback if language == UNKNOWN else language,
                kind=line.kind,
                heading="" if line.kind == "heading" else post_context.get(line.number, heading),
                place=place_at(article.places, line.start + start),
            )


def _post_context(article: Article) -> dict[int, str]:
    """For each line of an embedded post, by number: its attribution; for the attribution line itself, the post's first line."""
    context: dict[int, str] = {}
    post: list[Line] = []
    for line in article.lines:
        if line.kind != "post":
            post = []
            continue
        content = article.text[line.start : line.end]
        if is_attribution(content) and post:
            context |= {above.number: content for above in post}
            context[line.number] = article.text[post[0].start : post[0].end]
            post = []
        else:
            post.append(line)
    return context


def _spans(content: str, line: Line, language: str) -> Iterator[tuple[int, int]]:
    if line.kind in ("heading", "furniture", "post") and len(content) <= MAX_CHARACTERS:
        yield 0, len(content)
        return
    for start, end in sentence_spans(content, language):
        yield from _cut_long(content, start, end)


def sentence_spans(text: str, language: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of a line, outer white space left out; every letter and digit lies in exactly one."""
    spans: list[tuple[int, int]] = []
    for block_start, block_end in _blocks(text):
        spans.extend(_sentences(text, block_start, block_end, language))
    return spans


def _sentences(text: str, block_start: int, block_end: int, language: str) -> Iterator[tuple[int, int]]:
    from sentencex import segment as split

    start = position = block_start
    wordless = True
    for piece in split(language, text[block_start:block_end]):
        position += len(piece)
        wordless = wordless and not _LETTER_OR_DIGIT.search(piece)
        joins = wordless or _ends_in_title(text[start:position]) or _opens_no_sentence(text, position, block_end)
        if joins and position < block_end:
            continue
        yield from _strip(text, start, position)
        start = position
        wordless = True
    yield from _strip(text, start, block_end)


def _ends_in_title(sentence: str) -> bool:
    return bool(
        _TITLE_END.search(sentence.rstrip()[-4:])
    )  # its longest, " 12.": a sentence may be joined a thousand times


def _opens_no_sentence(text: str, position: int, end: int) -> bool:
    """True where what follows is only closing punctuation, which belongs to the sentence before."""
    rest = text[position : position + 40].lstrip()
    return bool(rest) and not _LETTER_OR_DIGIT.search(text, position, end)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while len(text) - start > _BLOCK:
        spaces = [match.start() for match in _SPACE.finditer(text, start + _BLOCK // 2, start + _BLOCK)]
        end = spaces[-1] if spaces else start + _BLOCK
        yield start, end
        start = end
    yield start, len(text)


def _cut_long(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence longer than the encoder reads, cut at the last clause mark that fits, else at white space."""
    while end - start > MAX_CHARACTERS:
        window = text[start : start + MAX_CHARACTERS]
        cut = max(window.rfind(mark) for mark in _CLAUSE_MARKS) + 1
        if cut <= MAX_CHARACTERS // 2:
            cut = window.rfind(" ") + 1 or MAX_CHARACTERS
        yield from _strip(text, start, start + cut)
        start += cut
    yield from _strip(text, start, end)


def _strip(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
