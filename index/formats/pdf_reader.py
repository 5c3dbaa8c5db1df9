"""PDF: printed lines in reading order, joined into paragraphs that remember page and line of each part.

The file is parsed in a process of its own, so that one that was made to exhaust memory or time ends that process alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from index.errors import UnreadableArticle
from index.formats.direction import is_right_to_left, letters_of_forms, read_seen
from index.formats.extracted import Block, Extracted, joined, one_line

_MAX_SECONDS = 3_600  # by the clock; the process counts its own time, page by page
_MAX_UNKNOWN = 0.02  # share of letters that the fonts do not name
_MAX_LEFT_OUT = 0.1  # share of lines that may be left out because their direction is not sure
_RUNNING = 3  # pages from which on a line repeated at the top or foot of most is no text
_LOOSE = 1.35  # times the usual distance of lines: a wider one parts paragraphs
_OTHER_SIZE = 0.08  # relative difference of letter sizes that parts a heading from its text
_INDENT = 0.8  # of the letter size
_BULLET = re.compile(r"[-*•‣▪◦●·–—]\s+(?=\S)")
_FILE_NAME = re.compile(r"\.\w{2,5}$|^(?:untitled|Microsoft Word)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?؟۔…:]['\"”’»)\]]*$")
_UNKNOWN = re.compile("[\N{REPLACEMENT CHARACTER}\u066e\u066f\u06a1]")  # without a name, or letters without their dots


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line as it is printed; places in points from the page's lower left corner."""

    page: int
    number: int  # on its page, in reading order, from 1
    text: str
    x0: float
    x1: float
    baseline: float
    size: float
    left: float  # edges of its column
    right: float

    @property
    def place(self) -> str:
        return f"page {self.page}, line {self.number}"


def extract(path: str, data: bytes) -> Extracted:
    """Raises UnreadableArticle when the file is damaged, protected, a scan, too large, or its text's order is not sure."""
    from index.formats import FORMATS

    found = _pages(path, data)
    lines = [
        PrintedLine(page, number, **line)
        for page, lines in enumerate(found["pages"], 1)
        for number, line in enumerate(lines, 1)
    ]
    _check_letters(path, lines)
    lines, notes = _logical(path, _without_running(lines, len(found["pages"])))
    blocks = list(_paragraphs(lines))
    if not blocks:
        raise UnreadableArticle(f"{path}: no text in it; run text recognition (OCR) over it if it is a scan")
    text, places = joined(blocks)
    return Extracted(
        text=text,
        reader=FORMATS[".pdf"].reader,
        title=_title(found["title"]),
        places=places,
        notes=notes,
    )


def _pages(path: str, data: bytes) -> dict[str, Any]:
    script = Path(__file__).with_name("pdf_pages.py")
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    try:
        run = subprocess.run(
            [sys.executable, "-P", str(script)],
            input=data,
            capture_output=True,
            timeout=_MAX_SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableArticle(f"{path}: not read within {_MAX_SECONDS} seconds; split it") from error
    if run.returncode:
        raise UnreadableArticle(
            f"{path}: its reading needs more time or memory than is allowed; split it or print it anew"
        )
    found: dict[str, Any] = json.loads(run.stdout)
    if problem := found.get("problem"):
        raise UnreadableArticle(f"{path}: {one_line(problem)[:200]}; save it anew, or its text as .txt")
    return found


def _check_letters(path: str, lines: Sequence[PrintedLine]) -> None:
    letters = sum(len(line.text.replace(" ", "")) for line in lines)
    if not letters:
        raise UnreadableArticle(f"{path}: no text in it; run text recognition (OCR) over it if it is a scan")
    unknown = sum(len(_UNKNOWN.findall(line.text)) for line in lines)
    if unknown > _MAX_UNKNOWN * letters:
        raise UnreadableArticle(
            f"{path}: its fonts do not say which letters they show ({unknown:,} of {letters:,}); run text recognition (OCR) over it"
        )


def _without_running(lines: list[PrintedLine], pages: int) -> list[PrintedLine]:
    """The lines without page numbers and what else stands at the top or foot of most pages."""
    if pages < _RUNNING:
        return lines
    outer: dict[tuple[int, int], PrintedLine] = {}
    for line in lines:
        outer.setdefault((line.page, 0), line)
        outer[line.page, 1] = line
    counts = Counter(_without_digits(line.text) for line in {id(line): line for line in outer.values()}.values())
    running = {id(line) for line in outer.values() if counts[_without_digits(line.text)] > pages / 2}
    return [line for line in lines if id(line) not in running]


def _without_digits(text: str) -> str:
    return re.sub(r"[\d\s]+", "", text)


def _logical(path: str, lines: Sequence[PrintedLine]) -> tuple[list[PrintedLine], tuple[str, ...]]:
    """The lines in logical order. Raises UnreadableArticle when most of the text has no sure direction."""
    reading = read_seen([line.text for line in lines])
    if reading.order != "unsure":
        return [replace(line, text=text) for line, text in zip(lines, reading.lines, strict=True)], ()
    sure = [line for line in lines if not is_right_to_left(letters_of_forms(line.text))]
    left_out = len(lines) - len(sure)
    if left_out > _MAX_LEFT_OUT * len(lines):
        raise UnreadableArticle(
            f"{path}: whether its right-to-left text is stored in the order it is read or seen is not sure; save its text as .txt"
        )
    return sure, (f"{path}: {left_out} lines with right-to-left words are left out, their order is not sure",)


def _paragraphs(lines: Sequence[PrintedLine]) -> Iterator[Block]:
    leading = _usual_leading(lines)
    paragraph: list[PrintedLine] = []
    for line in lines:
        if paragraph and _begins(line, paragraph[-1], leading):
            yield from _block(paragraph)
            paragraph = []
        paragraph.append(line)
    yield from _block(paragraph)


def _usual_leading(lines: Sequence[PrintedLine]) -> float:
    """Distance of two lines of a paragraph, in letter sizes."""
    distances = [
        (above.baseline - line.baseline) / line.size for above, line in pairwise(lines) if _in_one_column(above, line)
    ]
    return median(distances) if distances else 1.2


def _in_one_column(above: PrintedLine, line: PrintedLine) -> bool:
    return (above.page, above.left, above.right) == (
        line.page,
        line.left,
        line.right,
    ) and above.baseline > line.baseline


def _begins(line: PrintedLine, above: PrintedLine, leading: float) -> bool:
    """True where a paragraph begins with this line, going by how both are set."""
    if abs(line.size - above.size) > _OTHER_SIZE * above.size or _BULLET.match(line.text):
        return True
    rtl = is_right_to_left(line.text)
    before, indent = (
        (line.right - line.x1, above.right - above.x1) if rtl else (line.x0 - line.left, above.x0 - above.left)
    )
    free = above.x0 - above.left if is_right_to_left(above.text) else above.right - above.x1
    first_word = (line.text.split() or [""])[0]
    width = (line.x1 - line.x0) / max(1, len(line.text)) * (len(first_word) + 1)
    if free > width + 0.5 * line.size:  # the next word would have fitted: the line was ended on purpose
        return True
    if not _in_one_column(above, line):
        if line.page == above.page and line.baseline < above.baseline:  # a title over the columns, a note under them
            return True
        return bool(_SENTENCE_END.search(above.text)) and before > _INDENT * line.size
    if above.baseline - line.baseline > _LOOSE * leading * line.size:
        return True
    return before > _INDENT * line.size and before - indent > _INDENT * line.size


def _block(lines: Iterable[PrintedLine]) -> Iterator[Block]:
    text = ""
    places: list[tuple[int, str]] = []
    for line in lines:
        piece = one_line(line.text)
        if not piece:
            continue
        if re.search(r"[a-z]-$", text) and piece[0].islower():
            text = text[:-1]  # a word divided at the end of the line
        elif text:
            text += " "
        places.append((len(text), line.place))
        text += piece
    if text:
        bullet = _BULLET.match(text)
        cut = bullet.end() if bullet else 0
        moved = tuple((max(0, at - cut), place) for at, place in places)
        yield Block(text[cut:], moved, "bullet" if bullet else "prose")


def _title(stated: str) -> str:
    """The title that the file states, "" for the name of the file it was made from."""
    title = one_line(letters_of_forms(stated))
    return "" if _FILE_NAME.search(title) else title
