"""The values everything else is made of: articles, their lines and their passages.

Offsets are code points of the article's decoded text and lines are physical lines (split at "\\n", counted from 1), so
that `article.text[passage.start:passage.end] == passage.text` for every passage, always.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

Kind = Literal["prose", "bullet", "heading", "post", "furniture"]


def is_inside(path: str) -> bool:
    """Whether a path that is relative to a folder stays in it, links aside."""
    return not path.startswith("/") and ".." not in path.split("/")


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line that holds text: where its content stands (markers and outer white space left out) and what it is."""

    number: int
    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval and citation: one sentence (or bullet, heading, post) of one line of one article."""

    path: str  # relative to the corpus root, with forward slashes
    line: int  # 1-based physical line
    start: int  # code points into the article's decoded text
    end: int
    text: str
    language: str  # ISO 639-1
    kind: Kind
    heading: (
        str  # the heading it stands under, "" above the first one; for a post who posted it, for that line the post
    )
    place: str = ""  # in the original of a converted file: "page 3, line 12"

    @property
    def id(self) -> tuple[str, int]:
        """Orders passages the same way everywhere: by path, then by place."""
        return self.path, self.start


@dataclass(frozen=True, slots=True)
class Article:
    """One source document as it was read."""

    path: str
    text: (
        str  # of a text file decoded, otherwise untouched: a byte order mark, CR and invisible controls are still in it
    )
    sha256: str  # of the file's bytes
    title: str
    date: datetime.date | None
    lines: tuple[Line, ...]  # blank lines are not listed
    reader: str = ""  # what made the text of the bytes, with versions; "": they are its UTF-8
    encoding: str = "utf-8"  # of the original
    url: str = ""  # canonical, where the original states it
    places: tuple[tuple[int, str], ...] = ()  # ascending: from this code point on, this place of the original
    notes: tuple[str, ...] = ()  # what of the original was left out
