"""The kinds of file that are read, and by what: each format is a module with `extract(path, data) -> Extracted`.

A text file is its own text. Any other is converted: its text is a pure function of its bytes and of the reader, which is
named with the versions of all libraries that have a say, so that whoever reads the file again can tell a changed file from
a changed reader. Libraries are imported when a file needs them; they come with `sanad[readers]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from pathlib import PurePosixPath
from typing import Protocol, cast

from index.errors import UnreadableArticle
from index.formats.extracted import Extracted

TEXT_SUFFIXES = (".md", ".txt")
RECORD_SUFFIXES = (".atom", ".csv", ".jsonl", ".rss")  # one file of many articles
_MEGABYTE = 1_000_000


class _Module(Protocol):
    def extract(self, path: str, data: bytes) -> Extracted: ...


@dataclass(frozen=True, slots=True)
class Format:
    """How files of one kind are converted."""

    name: str
    revision: int  # raised whenever the same bytes come to give another text
    libraries: tuple[str, ...]  # distributions that the text depends on
    max_bytes: int

    @property
    def reader(self) -> str:
        """Such as "pdf/1 pdfminer.six 20260107". Raises PackageNotFoundError when a library is not installed."""
        return f"{self.name}/{self.revision} {_versions(self.libraries)}".rstrip()

    def extract(self, path: str, data: bytes) -> Extracted:
        """The text of a file. Raises UnreadableArticle, naming the file and what to do."""
        if len(data) > self.max_bytes:
            raise UnreadableArticle(
                f"{path}: {len(data) // _MEGABYTE:,} MB, a {self.name} file of at most {self.max_bytes // _MEGABYTE} MB "
                "is read; split it"
            )
        try:
            module = cast(_Module, import_module(f"index.formats.{self.name}_reader"))
            return module.extract(path, data)
        except ImportError as error:
            raise UnreadableArticle(_missing(path)) from error


FORMATS = {
    ".docx": Format("docx", 1, ("lxml", "python-docx"), 50 * _MEGABYTE),
    ".epub": Format("epub", 1, ("defusedxml", "lxml"), 50 * _MEGABYTE),
    ".htm": (
        _html := Format("html", 1, ("charset-normalizer", "htmldate", "jusText", "lxml", "trafilatura"), 10 * _MEGABYTE)
    ),
    ".html": _html,
    ".pdf": Format("pdf", 1, ("pdfminer.six",), 100 * _MEGABYTE),
}
SUFFIXES = tuple(sorted((*TEXT_SUFFIXES, *RECORD_SUFFIXES, *FORMATS)))


def format_of(path: str) -> Format | None:
    """The format that a file of this name is converted from, None for text and for files of records."""
    return FORMATS.get(PurePosixPath(path).suffix.lower())


def check_installed(path: str) -> None:
    """Raises UnreadableArticle with what to install when a library is missing that files of this name need."""
    try:
        if found := format_of(path):
            _ = found.reader
    except metadata.PackageNotFoundError as error:
        raise UnreadableArticle(_missing(path)) from error


@cache
def _versions(libraries: tuple[str, ...]) -> str:
    return ", ".join(f"{library} {metadata.version(library)}" for library in libraries)


def _missing(path: str) -> str:
    return f"{path}: files of this kind need more libraries; run: pip install 'sanad[readers]'"
