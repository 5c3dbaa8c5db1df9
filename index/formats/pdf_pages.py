"""The printed lines of a PDF, as they are seen: run as a process of its own, with limits, by `index.formats.pdf_reader`.

    python -P pdf_pages.py < FILE.pdf > LINES.json

The order in which a PDF draws its letters says nothing; where they stand does. So lines are made of places: letters of one
baseline from left to right, cut where a column ends. What right-to-left text means is left to the caller.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import bidirectional, category

MAX_PAGES = 2_000
MAX_SECONDS = 30  # of processor time, for one page
MAX_SECONDS_ALL = 1_800
MAX_MEMORY = 2_000_000_000  # bytes
_SAME_LINE = 0.5  # of the letter size: baselines that are nearer belong together (superscripts, vowel signs)
_SPACE = 0.2  # of the letter size: a wider gap is a space
_COLUMN = 1.0  # of the letter size: a wider gap may lie between columns
_COLUMN_LINES = 3  # a column has at least so many lines
_COLUMN_CHARACTERS = 18  # and so many characters in a line; shorter ones are cells of a table


@dataclass(frozen=True, slots=True)
class Glyph:
    text: str
    x0: float
    x1: float
    baseline: float
    size: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Letters of one line without a wide gap, left to right."""

    text: str
    x0: float
    x1: float
    baseline: float
    size: float


Row = tuple[Segment, ...]  # one line of the page, left to right


def main() -> None:
    _limit()
    try:
        result: dict[str, Any] = _read(sys.stdin.buffer)
    except MemoryError:
        result = {"problem": f"needs more than {MAX_MEMORY // 1_000_000_000} GB of memory to read"}
    json.dump(result, sys.stdout)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows; the caller's clock still runs
        return
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS_ALL))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def _allow_a_page() -> None:
    try:
        import resource
    except ImportError:
        return
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (min(int(used) + MAX_SECONDS, MAX_SECONDS_ALL), MAX_SECONDS_ALL))


def _read(file: Any) -> dict[str, Any]:
    import io
    import logging

    from pdfminer.converter import PDFPageAggregator
    from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    logging.disable()
    try:
        document = PDFDocument(PDFParser(io.BytesIO(file.read())))
        manager = PDFResourceManager(caching=True)
        device = _with_actual_text(PDFPageAggregator)(manager, laparams=None)
        interpreter = PDFPageInterpreter(manager, device)
        pages = []
        for number, page in enumerate(PDFPage.create_pages(document), 1):
            if number > MAX_PAGES:
                return {"problem": f"more than {MAX_PAGES:,} pages"}
            _allow_a_page()
            interpreter.process_page(page)
            pages.append(page_lines(list(_with_marks(list(_glyphs(device.get_result()))))))
    except PDFPasswordIncorrect:
        return {"problem": "protected by a password"}
    except MemoryError:
        raise
    except Exception as error:  # whatever a broken file makes of the parser: it is the file that is reported
        return {"problem": f"damaged, or no PDF ({type(error).__name__}: {error})"}
    information = document.info[0] if document.info else {}
    return {"pages": pages, "title": _string(information.get("Title"))}


def _with_actual_text(aggregator: Any) -> Any:
    """The device, but glyphs for which the file states their text (ISO 32000, 14.9.4) have it: fonts draw one letter as
    several shapes, or several as one, and then the shapes alone say little."""

    class Device(aggregator):  # type: ignore[misc]
        def begin_tag(self, tag: Any, props: Any = None) -> None:
            stated = props.get("ActualText") if isinstance(props, dict) else None
            self._open = [*getattr(self, "_open", []), (_string(stated), len(self.cur_item))]

        def end_tag(self) -> None:
            if getattr(self, "_open", []):
                *self._open, (text, start) = self._open
                if text:
                    _restate(self.cur_item._objs[start:], text)

    return Device


def _restate(items: Sequence[Any], text: str) -> None:
    """Give the text to the widest glyph, which is drawn on the baseline, and none to the others."""
    from pdfminer.layout import LTChar

    glyphs = [item for item in items if isinstance(item, LTChar)]
    if not glyphs:
        return
    widest = max(glyphs, key=lambda glyph: glyph.adv)
    left, right = min(glyph.x0 for glyph in glyphs), max(glyph.x1 for glyph in glyphs)
    for glyph in glyphs:
        glyph._text = ""
    widest._text = text
    widest.set_bbox((left, widest.y0, right, widest.y1))


def _string(value: Any) -> str:
    from pdfminer.pdftypes import resolve1
    from pdfminer.utils import decode_text

    value = resolve1(value)
    return decode_text(value) if isinstance(value, bytes) else ""


def _glyphs(container: Any) -> Iterator[Glyph]:
    from pdfminer.layout import LTChar, LTContainer

    waiting = list(container)[::-1]
    while waiting:
        item = waiting.pop()
        if isinstance(item, LTChar):
            if (
                item.upright and item.size > 0 and item.get_text()
            ):  # text that runs up or down the margin is no line of the page
                unknown = item.get_text().startswith("(cid:")
                text = "\N{REPLACEMENT CHARACTER}" if unknown else item.get_text()
                yield Glyph(text, item.x0, item.x1, item.matrix[5], item.size)
        elif isinstance(item, LTContainer):
            waiting.extend(list(item)[::-1])


def page_lines(glyphs: Sequence[Glyph]) -> list[dict[str, Any]]:
    """The lines of a page in reading order, each with its place and the edges of its column, in points."""
    rows = [tuple(_segments(line)) for line in _same_lines(glyphs)]
    rows = [row for row in rows if row]
    letters = [bidirectional(character) for row in rows for segment in row for character in segment.text]
    right_to_left = sum(kind in ("R", "AL") for kind in letters) > sum(kind == "L" for kind in letters)
    return [line for column in _columns(rows, right_to_left) for line in _described(column)]


def _same_lines(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    line: list[Glyph] = []
    for glyph in sorted(glyphs, key=lambda glyph: (-glyph.baseline, glyph.x0)):
        if line:
            size = max(glyph.size, line[0].size)
            if line[0].baseline - glyph.baseline > _SAME_LINE * size:
                yield line
                line = []
        line.append(glyph)
    if line:
        yield line


def _segments(line: Sequence[Glyph]) -> Iterator[Segment]:
    """The letters of a line from left to right, cut where a column may end."""
    text, start, end = "", 0.0, 0.0
    spaced = False
    first: Glyph | None = None
    for letter in sorted(line, key=lambda glyph: (glyph.x0, glyph.x1)):
        if letter.text.isspace():
            spaced = True
            continue
        gap = letter.x0 - end
        if first is not None and gap > _COLUMN * letter.size:
            yield Segment(text, start, end, first.baseline, first.size)
            first, text = None, ""
        if first is None:
            first, start, end = letter, letter.x0, letter.x1
        elif spaced or gap > _SPACE * letter.size:
            text += " "
        spaced = False
        text += _as_seen(letter.text)
        end = max(letter.x1, end)
    if first is not None:
        yield Segment(text, start, end, first.baseline, first.size)


def _with_marks(glyphs: Sequence[Glyph]) -> Iterator[Glyph]:
    """The letters, each with the vowel signs on it. A sign is drawn beside its letter in time, not always in place: after it
    where letters are drawn in the order they are read, before it where they are drawn from left to right."""
    waiting: list[Glyph] = []
    base: Glyph | None = None
    for glyph in glyphs:
        if _is_mark(glyph.text):
            waiting.append(glyph)
            continue
        if waiting and _is_drawn_before(base, glyph):
            glyph = replace(glyph, text=glyph.text + "".join(mark.text for mark in reversed(waiting)))
            waiting = []
        if base is not None:
            yield replace(base, text=base.text + "".join(mark.text for mark in waiting))
        waiting = []
        base = glyph
    if base is not None:
        yield replace(base, text=base.text + "".join(mark.text for mark in waiting))


def _is_drawn_before(letter: Glyph | None, following: Glyph) -> bool:
    """True when signs drawn between two letters belong to the second one."""
    if bidirectional(following.text[0]) not in ("R", "AL"):
        return False
    beside = letter is not None and abs(letter.baseline - following.baseline) < _SAME_LINE * following.size
    return letter is None or not beside or letter.x0 < following.x0


def _is_mark(text: str) -> bool:
    return bool(text) and all(category(character) == "Mn" for character in text)


def _as_seen(text: str) -> str:
    """A ligature of right-to-left letters is written in their logical order: turned round it is as the others are seen."""
    if len(text) == 1 or bidirectional(text[0]) not in ("R", "AL"):
        return text
    letters: list[str] = []
    for character in text:
        if letters and category(character) == "Mn":
            letters[-1] += character
        else:
            letters.append(character)
    return "".join(reversed(letters))


def _columns(rows: Sequence[Row], right_to_left: bool) -> Iterator[list[Row]]:
    """Runs of lines in reading order: where two columns stand side by side, one after the other."""
    plain: list[Row] = []
    i = 0
    while i < len(rows):
        end, gutter = _longest_run(rows, i) if _may_begin_columns(rows, i) else (i, 0.0)
        if end == i:
            plain.append(rows[i])
            i += 1
            continue
        if plain:
            yield plain
            plain = []
        left = [tuple(s for s in row if s.x1 <= gutter) for row in rows[i:end]]
        right = [tuple(s for s in row if s.x0 >= gutter) for row in rows[i:end]]
        for side in (right, left) if right_to_left else (left, right):
            yield from _columns([row for row in side if row], right_to_left)
        i = end
    if plain:
        yield plain


def _may_begin_columns(rows: Sequence[Row], i: int) -> bool:
    """True where segments stand side by side, in one line or in two whose baselines differ."""
    row, below = rows[i], rows[i + 1] if i + 1 < len(rows) else rows[i]
    return len(row) > 1 or row[-1].x1 < below[-1].x0 or below[0].x1 < row[0].x0


def _longest_run(rows: Sequence[Row], start: int) -> tuple[int, float]:
    """(end, x) of the most lines from `start` on that a gutter at x parts into two columns; (start, 0) for none."""
    found = start, 0.0
    free: list[tuple[float, float]] = [(float("-inf"), float("inf"))]
    for end in range(start + 1, len(rows) + 1):
        for segment in rows[end - 1]:
            free = [piece for gap in free for piece in _without(gap, segment)]
        gutters = [(a, b) for a, b in free if a > float("-inf") and b < float("inf")]
        if end > start + 1 and not gutters:
            break
        for a, b in sorted(gutters, key=lambda gap: gap[0] - gap[1]):
            if _are_columns(rows[start:end], (a + b) / 2):
                found = end, (a + b) / 2
                break
    return found


def _without(gap: tuple[float, float], segment: Segment) -> list[tuple[float, float]]:
    a, b = gap
    if segment.x1 <= a or segment.x0 >= b:
        return [gap]
    return [(x, y) for x, y in ((a, segment.x0), (segment.x1, b)) if y - x > _COLUMN * segment.size / 2]


def _are_columns(rows: Sequence[Row], gutter: float) -> bool:
    sides = ([s for row in rows for s in row if s.x1 <= gutter], [s for row in rows for s in row if s.x0 >= gutter])
    return all(
        len(side) >= _COLUMN_LINES and sum(len(s.text) for s in side) >= _COLUMN_CHARACTERS * len(side)
        for side in sides
    )


def _described(column: Sequence[Row]) -> Iterator[dict[str, Any]]:
    left = min(segment.x0 for row in column for segment in row)
    right = max(segment.x1 for row in column for segment in row)
    for row in column:
        yield {
            "text": " ".join(segment.text for segment in row),
            "x0": row[0].x0,
            "x1": row[-1].x1,
            "baseline": row[0].baseline,
            "size": max(segment.size for segment in row),
            "left": left,
            "right": right,
        }


if __name__ == "__main__":
    main()
