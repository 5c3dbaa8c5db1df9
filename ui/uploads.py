"""Files that a reader adds to the collection or takes out of it. Nothing is overwritten and nothing is deleted."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.errors import UnreadableArticle
from index.formats import RECORD_SUFFIXES, SUFFIXES
from index.reader import fields_of, read_article, sources_of

MAX_BYTES = 25_000_000  # a long book with pictures is one; as `maxUploadSize` in ui/.streamlit/config.toml
MAX_FILES = 20  # at a time
REMOVED = ".removed"  # folder in the corpus; the indexer passes hidden folders over
_MAX_NAME = 200  # bytes: file systems take 255
Problem = Literal["kind", "size", "empty", "name", "taken", "same", "text", "write", "many", "move"]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file; a problem is the reason why it was not added, and `problem_…` its text."""

    name: str
    problem: Problem | None = None
    detail: str = ""  # the reader's own message


def add(corpus: Path, files: Iterable[tuple[str, bytes]]) -> list[Added]:
    """Write files (name, bytes) that can be read into the corpus; one result each, in order."""
    return [_add(corpus, name, data) if n < MAX_FILES else Added(name, "many") for n, (name, data) in enumerate(files)]


def remove(corpus: Path, path: str) -> Path:
    """Move an article out of the collection, into a folder from which it can be put back; returns where it is now.

    Raises OSError when it cannot be moved, ValueError for a path that leads out of the corpus.
    """
    source = corpus / path
    if not source.resolve().is_relative_to(corpus.resolve()):
        raise ValueError(f"{path} lies outside the corpus")
    target = corpus / REMOVED / path
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = target
    for copy in range(2, 1000):
        if not kept.exists():
            break
        kept = target.with_name(f"{target.stem}-{copy}{target.suffix}")
    return source.rename(kept)


def _add(corpus: Path, name: str, data: bytes) -> Added:
    if not _is_name(name):
        return Added(name, "name")
    if not name.lower().endswith(SUFFIXES):
        return Added(name, "kind")
    if len(data) > MAX_BYTES:
        return Added(name, "size")
    if not data.strip():
        return Added(name, "empty")
    try:
        _read_one(corpus, name, data)
    except UnreadableArticle as error:
        return Added(name, "text", str(error))
    return _write(corpus, name, data)


def _read_one(corpus: Path, name: str, data: bytes) -> None:
    """Raises UnreadableArticle when the file has no article that can be read."""
    problem = UnreadableArticle(f"{name}: no article in it; add one or remove it")
    fields = fields_of(corpus, name) if name.lower().endswith(RECORD_SUFFIXES) else None
    for source in sources_of(name, data, fields):
        try:
            if isinstance(source, UnreadableArticle):
                raise source
            read_article(source)
            return
        except UnreadableArticle as error:
            problem = error
    raise problem


def _write(corpus: Path, name: str, data: bytes) -> Added:
    path = corpus / name
    try:
        corpus.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:  # never over another
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return Added(name, "same" if _holds(path, data) else "taken")
    except OSError as error:
        return Added(name, "write", error.strerror or str(error))
    return Added(name)


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def _is_name(name: str) -> bool:
    """One plain file name: no folder, not hidden, nothing invisible that could pass for another name."""
    if not name or name != Path(name).name or "\\" in name or name.startswith(".") or len(name.encode()) > _MAX_NAME:
        return False
    return not any(unicodedata.category(character)[0] in "CZ" and character != " " for character in name)
