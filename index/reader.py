"""Files to articles: UTF-8 text and Markdown, decoded without changing a character."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from index.article import Article, Line
from index.dates import find_dates
from index.errors import UnreadableArticle, UsageError
from index.layout import read_lines

SUFFIXES = (".md", ".txt")
_DATELINE_LINES = 3  # a dateline stands at the top: these many lines are looked at
_FIELD = re.compile(r"(title|date)\s*:\s*[\"']?(.+?)[\"']?$", re.IGNORECASE)


def find_articles(corpus: Path) -> list[str]:
    """Paths, relative to the corpus, of every readable kind of file below it, sorted; hidden files and links out are not followed.

    Raises UsageError when the corpus is not a folder, UnreadableArticle when a folder in it cannot be listed.
    """
    if not corpus.is_dir():
        raise UsageError(f"{corpus} is not a folder; name the folder that holds the articles: sanad index FOLDER")
    return sorted(_files(corpus))


def read_bytes(corpus: Path, path: str) -> bytes:
    """The file as it is. Raises UnreadableArticle when the system refuses, or when the name cannot be cited in a line."""
    if not path.isprintable() and any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in path):
        raise UnreadableArticle(f"{path!a}: control or undecodable characters in the file name; rename it")
    try:
        return (corpus / path).read_bytes()
    except OSError as error:
        raise UnreadableArticle(f"{path}: {error.strerror}; make it readable and run sanad index again") from error


def parse_article(path: str, data: bytes) -> Article:
    """Make an article of a file's bytes. Raises UnreadableArticle, naming file and offset, when they are not UTF-8 text."""
    text = decode(path, data)
    lines = read_lines(text, markdown=path.lower().endswith(".md"))
    if not lines:
        raise UnreadableArticle(f"{path}: empty, nothing to cite; add text to it or remove it")
    fields = dict(_front_matter(text, lines)) if path.lower().endswith(".md") else {}
    return Article(
        path=path,
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
        title=fields.get("title") or _title(path, text, lines),
        date=_date(path, text, lines, fields.get("date", "")),
        lines=lines,
    )


def _files(corpus: Path) -> Iterator[str]:
    root = corpus.resolve()
    for folder, names, files in os.walk(corpus, onerror=_cannot_list):
        names[:] = sorted(name for name in names if not name.startswith("."))
        inside = Path(folder).relative_to(corpus).as_posix()
        for name in files:
            if (
                name.lower().endswith(SUFFIXES)
                and not name.startswith(".")
                and _lies_inside(os.path.join(folder, name), root)
            ):
                yield name if inside == "." else f"{inside}/{name}"


def _cannot_list(error: OSError) -> None:
    raise UnreadableArticle(f"{error.filename} cannot be listed ({error.strerror}); make it readable or move it away")


def _lies_inside(path: str, root: Path) -> bool:
    try:
        return os.path.isfile(path) and (not os.path.islink(path) or Path(path).resolve().is_relative_to(root))
    except (OSError, RuntimeError):  # a link that leads to itself
        return False


def decode(path: str, data: bytes) -> str:
    """The text of a file, character for character. Raises UnreadableArticle, naming file and offset, when it is not UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableArticle(f"{path}: UTF-16 from offset 0; save it as UTF-8 and run sanad index again")
    if (nul := data.find(b"\0")) >= 0:
        raise UnreadableArticle(
            f"{path}: binary data at offset {nul}; only UTF-8 text can be indexed, move it out of the corpus"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        raise UnreadableArticle(
            f"{path}: not UTF-8 (byte 0x{byte:02x} at offset {error.start}); save it as UTF-8 and run sanad index again"
        ) from error


def _front_matter(text: str, lines: tuple[Line, ...]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.kind != "furniture":
            return
        if match := _FIELD.match(text[line.start : line.end]):
            yield match[1].lower(), match[2]


def _title(path: str, text: str, lines: tuple[Line, ...]) -> str:
    """The heading the article opens with, else the file's name."""
    first = next((line for line in lines if line.kind != "furniture"), None)
    return text[first.start : first.end] if first and first.kind == "heading" else Path(path).stem


def _date(path: str, text: str, lines: tuple[Line, ...], field: str) -> datetime.date | None:
    """The article's own date: its front matter, its dateline, its file name, else its newest embedded post."""
    top = "\n".join(text[line.start : line.end] for line in lines[:_DATELINE_LINES] if line.kind == "heading")
    for place in (field, top, Path(path).stem):
        if dates := find_dates(place):
            return dates[0]
    posts = [text[line.start : line.end] for line in lines if line.kind == "post"]
    return max((date for post in posts for date in find_dates(post)), default=None)
