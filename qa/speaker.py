"""Who says what a line says: reporting verbs and attribution phrases of Arabic and English news, never a guess.

The name is a span of the source. "He added" takes the last speaker named above it under the same heading; where no rule
finds anybody, the article speaks for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.article import Passage
from index.layout import is_attribution
from qa.answer import Span, Speaker
from qa.reports import STATEMENT, Form, Reading, quotations, read_report

_BACK = 3  # lines above in which "he added" may find its speaker
_HANDLE = re.compile(r"\(@\w{1,30}\)")


def speaker_of(passage: Passage, before: Sequence[Passage] = ()) -> Speaker | None:
    """The speaker of a passage; `before` are the passages above it, nearest last. None: the article itself."""
    if passage.kind == "post":
        return _author(passage, before)
    reading = read_report(passage.text, passage.language)
    if reading is None:
        return None
    name = _span(passage, reading.name) if reading.name else _carried(passage, reading, before)
    if name is None:
        return None
    quoted = tuple(_span(passage, place) for place in quotations(passage.text))
    said = any(len(span.text.split()) >= STATEMENT for span in quoted)
    return Speaker(name, "direct" if said else "reported", quoted)


def _author(passage: Passage, around: Sequence[Passage]) -> Speaker | None:
    """Who posted an embedded post: the name before the handle in the attribution line it stands over."""
    if is_attribution(passage.text):
        return None
    for line in around:
        if line.path == passage.path and line.text == passage.heading and is_attribution(line.text):
            handle = _HANDLE.search(line.text)
            if handle:
                start = re.match(r"[\s—–\-]*", line.text).end()  # type: ignore[union-attr]  # matches everything
                end = len(line.text[: handle.start()].rstrip())
                return Speaker(_span(line, (start, end)), "post")
    return None


def _carried(passage: Passage, reading: Reading, before: Sequence[Passage]) -> Span | None:
    """The speaker of the nearest report above, in the same section and of the same gender; in English, where "he" may be
    anybody, with nothing but reports in between."""
    above = [p for p in before if p.path == passage.path and p.heading == passage.heading and p.start < passage.start]
    for line in reversed(above[-_BACK:]):
        earlier = read_report(line.text, line.language)
        if earlier and earlier.name:
            agrees = _may_be(reading.form, earlier.form) if passage.language == "en" else reading.form == earlier.form
            return _span(line, earlier.name) if agrees else None
        if earlier is None and passage.language == "en":
            return None
    return None


def _may_be(pronoun: Form, name: Form) -> bool:
    if pronoun == "several":
        return name in ("", "thing")
    return name == "thing" if pronoun == "thing" else name in ("", pronoun)


def _span(passage: Passage, place: tuple[int, int]) -> Span:
    start, end = place
    return Span(passage.start + start, passage.start + end, passage.text[start:end])
