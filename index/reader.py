"""Files to articles: text as it is, everything else converted by its format, each record of a file of records on its own."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from threading import Lock

from index.article import Article, Line, is_inside
from index.dates import find_dates, is_dateline
from index.errors import UnreadableArticle, UsageError
from index.formats import RECORD_SUFFIXES, SUFFIXES, check_installed, format_of
from index.formats.encoding import decode, detector
from index.formats.extracted import Extracted
from index.formats.feed import SUFFIXES as FEED_SUFFIXES
from index.formats.records import FIELDS_FILE, Fields, Record, extract_record, read_fields, records, split_path
from index.layout import read_lines

_DATELINE_LINES = 3  # a dateline stands at the top: these many lines are looked at
_FIELD = re.compile(r"(title|date)\s*:\s*[\"']?(.+?)[\"']?$", re.IGNORECASE)
_MAX_TEXT = 100_000_000  # bytes of a text file
_KEPT_FILES = 2  # of records, each as large as its file
_KEPT_TEXTS = 16  # of converted files


@dataclass(frozen=True, slots=True)
class Source:
    """One article as it lies on disk, not yet read."""

    path: str  # as it is cited: relative to the corpus, FILE#ID for a record
    data: bytes  # of the file, of a record its own
    fields: Fields | None = None  # of a record

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def find_articles(corpus: Path) -> list[str]:
    """Paths, relative to the corpus, of every readable kind of file below it, sorted; hidden files and links out are not followed.

    Raises UsageError when the corpus is not a folder, UnreadableArticle when a folder in it cannot be listed.
    """
    if not corpus.is_dir():
        raise UsageError(f"{corpus} is not a folder; name the folder that holds the articles: sanad index FOLDER")
    return sorted(_files(corpus))


def find_sources(corpus: Path) -> Iterator[Source | UnreadableArticle]:
    """Every article below the corpus, ordered by path, and in place of what cannot be had the reason. Raises as `find_articles`."""
    for path in find_articles(corpus):
        try:
            fields = fields_of(corpus, path) if path.lower().endswith(RECORD_SUFFIXES) else None
            yield from sources_of(path, read_bytes(corpus, path), fields)
        except UnreadableArticle as error:
            yield error


def sources_of(path: str, data: bytes, fields: Fields | None = None) -> Iterator[Source | UnreadableArticle]:
    """The articles of one file. Raises UnreadableArticle when it is the file that cannot be read."""
    if not path.lower().endswith(RECORD_SUFFIXES):
        yield Source(path, data)
        return
    fields = fields or Fields()
    found = list(records(path, data, fields))
    yield from (one for one in found if isinstance(one, UnreadableArticle))
    for record in sorted((one for one in found if isinstance(one, Record)), key=lambda record: record.path):
        yield Source(record.path, record.data, fields)


def open_source(corpus: Path, path: str) -> Source:
    """The article that is cited by this path, as it is now. Raises UnreadableArticle when there is none or it lies outside."""
    _refuse_uncitable(path)
    record = None if (corpus / path).is_file() else split_path(path)
    file = record[0] if record else path
    if not Path(os.path.realpath(corpus / file)).is_relative_to(os.path.realpath(corpus)):
        raise _outside(path)  # whoever wrote the path: no link of the corpus leads out of it
    if not record:
        return Source(path, read_bytes(corpus, path))
    try:
        state = (corpus / file).stat()
    except OSError as error:
        raise UnreadableArticle(f"{path}: {error.strerror}; make it readable and run sanad index again") from error
    fields = fields_of(corpus, file)
    data = _records(corpus.resolve(), file, fields, state.st_mtime_ns, state.st_size).get(path)
    if data is None:
        raise UnreadableArticle(f"{path}: {file} has no such record; run sanad index again")
    return Source(path, data, fields)


def fields_of(corpus: Path, path: str) -> Fields:
    """The fields that the records of a file have. Raises UnreadableArticle for a `fields.toml` that says what it may not."""
    if path.lower().endswith(FEED_SUFFIXES):
        return Fields(html=True)
    stated = PurePosixPath(path).with_name(FIELDS_FILE).as_posix()
    return read_fields(stated, read_bytes(corpus, stated)) if (corpus / stated).is_file() else Fields()


def read_bytes(corpus: Path, path: str) -> bytes:
    """The file as it is. Raises UnreadableArticle when the system refuses, or when the name cannot be cited in a line."""
    _refuse_uncitable(path)
    try:
        return (corpus / path).read_bytes()
    except OSError as error:
        raise UnreadableArticle(f"{path}: {error.strerror}; make it readable and run sanad index again") from error


def extract(source: Source) -> Extracted:
    """The text that the citations of a source point into: the one way from bytes to text. Raises UnreadableArticle."""
    if source.fields:
        return extract_record(source.path, source.data, source.fields)
    if found := format_of(source.path):
        check_installed(source.path)
        key = source.path, source.sha256, found.reader
        return _kept_texts.get(key, lambda: found.extract(source.path, source.data))
    if len(source.data) > _MAX_TEXT:
        raise UnreadableArticle(f"{source.path}: more than {_MAX_TEXT // 1_000_000} MB of text; split it")
    decoded = decode(source.path, source.data)
    return Extracted(decoded.text, detector() if decoded.detected else "", decoded.encoding)


def is_current(source: Source, reader: str) -> bool:
    """True when `reader` is how such a source is read here: the same bytes then have the same text. Raises UnreadableArticle
    when it cannot be read here."""
    if source.fields:
        return source.fields.reader == reader
    if found := format_of(source.path):
        check_installed(source.path)
        return found.reader == reader
    return reader in ("", detector())


def _refuse_uncitable(path: str) -> None:
    if not path.isprintable() and any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in path):
        raise UnreadableArticle(f"{path!a}: control or undecodable characters in the file name; rename it")
    if not is_inside(path):
        raise _outside(path)


def _outside(path: str) -> UnreadableArticle:
    return UnreadableArticle(f"{path!r} lies outside the corpus; move it there and run sanad index again")


def parse_article(path: str, data: bytes) -> Article:
    """Make an article of a file's bytes. Raises UnreadableArticle, naming file and offset, when they cannot be read."""
    return read_article(Source(path, data))


def read_article(source: Source) -> Article:
    """Make an article of a source. Raises UnreadableArticle, naming it and what to do."""
    extracted = extract(source)
    text, path = extracted.text, source.path
    is_markdown = path.lower().endswith(".md") and not source.fields
    is_marked_up = is_markdown or bool(source.fields) or bool(format_of(path))  # headings and items of an original
    lines = read_lines(text, markdown=is_marked_up)
    if not lines:
        raise UnreadableArticle(f"{path}: empty, nothing to cite; add text to it or remove it")
    fields = dict(_front_matter(text, lines)) if is_markdown else {}
    return Article(
        path=path,
        text=text,
        sha256=source.sha256,
        title=extracted.title or fields.get("title") or _title(path, text, lines),
        date=extracted.date or _date(path, text, lines, fields.get("date", "")),
        lines=lines,
        reader=extracted.reader,
        encoding=extracted.encoding,
        url=extracted.url,
        places=extracted.places,
        notes=extracted.notes,
    )


class _Kept:
    """The newest converted texts, for a page that draws the same one again and again."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str, str], Extracted] = {}
        self._lock = Lock()

    def get(self, key: tuple[str, str, str], make: Callable[[], Extracted]) -> Extracted:
        found = self._texts.get(key) or make()
        with self._lock:
            self._texts.pop(key, None)
            self._texts[key] = found
            if len(self._texts) > _KEPT_TEXTS:
                del self._texts[next(iter(self._texts))]
        return found


_kept_texts = _Kept()


@lru_cache(maxsize=_KEPT_FILES)
def _records(corpus: Path, path: str, fields: Fields, _changed: int, _size: int) -> dict[str, bytes]:
    """Each record of a file by its path, kept while the file stays as it is: an answer cites many records of one file."""
    found = sources_of(path, read_bytes(corpus, path), fields)
    return {source.path: source.data for source in found if isinstance(source, Source)}


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


def _front_matter(text: str, lines: tuple[Line, ...]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.kind != "furniture":
            return
        if match := _FIELD.match(text[line.start : line.end]):
            yield match[1].lower(), match[2]


def _title(path: str, text: str, lines: tuple[Line, ...]) -> str:
    """The heading the article opens with, the first one below its dateline when it opens with that; else the file's name."""
    shown = [line for line in lines if line.kind != "furniture"]
    contents = [text[line.start : line.end] for line in shown]
    if contents and not is_dateline(contents[0]):
        return contents[0] if shown[0].kind == "heading" else Path(path).stem
    headings = (content for line, content in zip(shown, contents, strict=True) if line.kind == "heading")
    return next((heading for heading in headings if not is_dateline(heading)), Path(path).stem)


def _date(path: str, text: str, lines: tuple[Line, ...], field: str) -> datetime.date | None:
    """The article's own date: its front matter, its dateline, its file name, else its newest embedded post."""
    top = "\n".join(text[line.start : line.end] for line in lines[:_DATELINE_LINES] if line.kind == "heading")
    for place in (field, top, Path(path).stem):
        if dates := find_dates(place):
            return dates[0]
    posts = [text[line.start : line.end] for line in lines if line.kind == "post"]
    return max((date for post in posts for date in find_dates(post)), default=None)
