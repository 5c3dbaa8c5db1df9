"""What a reader makes of a file: its text, and for a converted one where each part of it stands in the original."""

from __future__ import annotations

import datetime
import hashlib
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

BlockKind = Literal["prose", "heading", "bullet"]
Part = Literal["page", "line", "chapter", "paragraph"]  # of an original
Places = tuple[tuple[int, str], ...]  # ascending: from this code point on, this place of the original
_MARKERS: dict[BlockKind, str] = {
    "prose": "",
    "heading": "# ",
    "bullet": "- ",
}  # as `index.layout` reads them in Markdown


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or list item of an original: one line of the extracted text."""

    text: str
    places: Places  # in code points of `text`; the first at 0
    kind: BlockKind = "prose"


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file and what the file says of itself."""

    text: str
    reader: str = ""  # "": the text is the file's own, decoded as UTF-8
    encoding: str = "utf-8"  # by its IANA name; of a converted file, of the original
    title: str = ""
    date: datetime.date | None = None
    url: str = ""  # canonical
    places: Places = ()  # () for a text file, which is its own original
    notes: tuple[str, ...] = ()  # what was left out

    @property
    def sha256(self) -> str:
        """Of the text in UTF-8."""
        return text_sha256(self.text)


def text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def joined(blocks: Iterable[Block]) -> tuple[str, Places]:
    """The blocks as text, one line each with the marker of its kind, and the places of that text."""
    lines: list[str] = []
    places: list[tuple[int, str]] = []
    offset = 0
    for block in blocks:
        marker = _MARKERS[block.kind]
        places.extend((offset + len(marker) * (at > 0) + at, place) for at, place in block.places)
        lines.append(f"{marker}{block.text}\n")
        offset += len(lines[-1])
    return "".join(lines), tuple(places)


def place_at(places: Places, offset: int) -> str:
    """Where a code point of the extracted text stands in the original, "" where that is not known."""
    found = bisect_right(places, offset, key=lambda place: place[0])
    return places[found - 1][1] if found else ""


def described(place: str) -> dict[Part, int]:
    """A place by its parts: {"page": 3, "line": 12} for "page 3, line 12"."""
    parts = (part.rsplit(" ", 1) for part in place.split(", ") if part)
    return {cast(Part, name): int(number) for name, number in parts}


def one_line(text: str) -> str:
    """White space as single spaces and no control characters, as a paragraph of an original is read."""
    spaced = " ".join(text.split())
    return "".join(character for character in spaced if unicodedata.category(character) not in ("Cc", "Cs"))
