"""Files of many articles: JSON Lines, CSV and feeds, one record an article. A record is cited as `FILE#ID`.

The names of the fields are conventional ones, or those that `fields.toml` beside the file says:

    text = ["lead", "body"]     # joined in this order
    title = "headline"
    date = "published_at"
    url = "link"
    id = "nid"
    html = true                 # the text is HTML
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from index.dates import find_dates
from index.errors import UnreadableArticle
from index.formats import feed
from index.formats.encoding import decode
from index.formats.extracted import Extracted, joined, one_line

FIELDS_FILE = "fields.toml"
MAX_BYTES = 500_000_000
_MAX_CELL = 50_000_000  # characters
_TEXT = ("text", "body", "content", "article", "article_text")
_TITLE = ("title", "headline", "heading")
_DATE = ("date", "published", "published_at", "publication_date", "datePublished", "pubDate", "time")
_URL = ("url", "link", "source_url")
_ID = ("id", "guid", "uid")
_QUESTION = "question"  # what a file of questions has in place of a text
_CITABLE = re.compile(r"[^\s#](?:[^\n\r\t]{0,198}[^\s])?")
_RECORD_PATH = re.compile(r"(.+?\.(?:atom|csv|jsonl|rss))#(.+)", re.IGNORECASE | re.DOTALL)
_REVISION = 1


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of a record's fields; an empty one stands for the conventional names."""

    text: tuple[str, ...] = ()
    title: str = ""
    date: str = ""
    url: str = ""
    id: str = ""
    html: bool = False

    @property
    def reader(self) -> str:
        """Names this reading of a record: with other fields the same record has another text."""
        said = {"text": "+".join(self.text), "title": self.title, "date": self.date, "url": self.url, "id": self.id}
        named = "".join(f" {name}={value}" for name, value in said.items() if value)
        return f"records/{_REVISION}{named}{' html' if self.html else ''}"


@dataclass(frozen=True, slots=True)
class Record:
    path: str  # FILE#ID
    data: (
        bytes  # JSON, UTF-8: of JSON Lines the line as it stands, of CSV the row with its headings, of a feed its entry
    )


def split_path(path: str) -> tuple[str, str] | None:
    """File and id of a record's path, None for the path of a file."""
    match = _RECORD_PATH.fullmatch(path)
    return (match[1], match[2]) if match else None


def read_fields(path: str, data: bytes) -> Fields:
    """What a `fields.toml` says. Raises UnreadableArticle naming what is wrong with it."""
    try:
        stated = tomllib.loads(data.decode("utf-8"))
        text = stated.pop("text", [])
        fields = Fields(text=tuple([text] if isinstance(text, str) else text), **stated)
    except (ValueError, TypeError) as error:
        raise UnreadableArticle(f"{path}: {error}; see docs/formats.md for what it may say") from error
    names = (*fields.text, fields.title, fields.date, fields.url, fields.id)
    if not all(isinstance(name, str) for name in names) or not isinstance(fields.html, bool):
        raise UnreadableArticle(f"{path}: names of fields must be texts; see docs/formats.md for what it may say")
    return fields


def records(path: str, data: bytes, fields: Fields) -> Iterator[Record | UnreadableArticle]:
    """The records of a file in order, and in place of one that cannot be read the reason. A file of questions has none.

    Raises UnreadableArticle when it is the file that cannot be read.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableArticle(f"{path}: more than {MAX_BYTES // 1_000_000} MB; split it")
    rows = _rows(path, data)
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        if isinstance(row, UnreadableArticle):
            yield row
            continue
        record, raw = row
        if number == 1 and not _text_names(record, fields):
            if _QUESTION in record:
                return
            raise UnreadableArticle(
                f"{path}: no field for the text in its first record; name it in {FIELDS_FILE} beside it"
            )
        id_ = _id(record, fields) or str(number)
        if id_ in seen:
            yield UnreadableArticle(f"{path}#{id_}: record {number} has the id of an earlier one; give it its own")
            continue
        seen.add(id_)
        yield Record(f"{path}#{id_}", raw)


def extract_record(path: str, data: bytes, fields: Fields) -> Extracted:
    """The text of one record: its title as a heading, then its text line by line. Raises UnreadableArticle for an empty one."""
    record: dict[str, Any] = json.loads(data)
    title = one_line(_field(record, fields.title, _TITLE))
    body = _from_html(_texts(record, fields)) if fields.html else "\n".join(_texts(record, fields))
    body = body.replace("\r\n", "\n").replace("\r", "\n")
    if not body.strip():
        raise UnreadableArticle(f"{path}: no text in it; add text to it or remove it")
    dates = find_dates(_field(record, fields.date, _DATE))
    return Extracted(
        text=f"# {title}\n{body}" if title else body,
        reader=fields.reader,
        title=title,
        date=dates[0] if dates else None,
        url=one_line(_field(record, fields.url, _URL)),
    )


def _from_html(texts: Iterable[str]) -> str:
    from lxml import html
    from lxml.etree import ParserError

    from index.formats.markup import numbered, paragraphs

    lines: list[str] = []
    for text in texts:
        try:
            lines.append(joined(numbered(paragraphs(html.document_fromstring(text))))[0])
        except (ParserError, ValueError):  # nothing in it, or an encoding declared within text
            continue
    return "".join(lines)


def _rows(path: str, data: bytes) -> Iterator[tuple[dict[str, Any], bytes] | UnreadableArticle]:
    if path.lower().endswith(feed.SUFFIXES):
        return feed.rows(path, data)
    return _csv_rows(path, data) if path.lower().endswith(".csv") else _json_rows(path, data)


def _json_rows(path: str, data: bytes) -> Iterator[tuple[dict[str, Any], bytes] | UnreadableArticle]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    number = 0
    for line in io.BytesIO(data):
        number += 1
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            yield UnreadableArticle(f"{path}, line {number}: not JSON in UTF-8 ({error}); mend the line")
            continue
        if isinstance(row, dict):
            yield row, line.strip()
        else:
            yield UnreadableArticle(f"{path}, line {number}: not an object; write one article a line")


def _csv_rows(path: str, data: bytes) -> Iterator[tuple[dict[str, Any], bytes] | UnreadableArticle]:
    text = decode(path, data).text.removeprefix("\ufeff")
    csv.field_size_limit(_MAX_CELL)  # an article is longer than the module expects of a cell
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=lambda mark: (heading.count(mark), mark == ","))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = next(rows, [])
        for row in rows:
            if not row:
                continue
            if len(row) != len(names):
                yield UnreadableArticle(
                    f"{path}, line {rows.line_num}: {len(row)} cells under {len(names)} headings; mend the line"
                )
                continue
            record = dict(zip(names, row, strict=True))
            yield record, json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except csv.Error as error:
        yield UnreadableArticle(f"{path}, line {rows.line_num}: not CSV from here on ({error}); mend the line")


def _text_names(record: Mapping[str, Any], fields: Fields) -> list[str]:
    """The fields of a record that hold its text."""
    return [name for name in fields.text or _TEXT if name in record][: None if fields.text else 1]


def _texts(record: Mapping[str, Any], fields: Fields) -> list[str]:
    values = [record[name] for name in _text_names(record, fields)]
    found = [piece for value in values for piece in (value if isinstance(value, list) else [value])]
    return [piece for piece in found if isinstance(piece, str) and piece.strip()]


def _field(record: Mapping[str, Any], name: str, conventional: Iterable[str]) -> str:
    """The text of the first of these fields that says something."""
    for one in [name] if name else conventional:
        value = record.get(one)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return ""


def _id(record: Mapping[str, Any], fields: Fields) -> str:
    id_ = _field(record, fields.id, _ID).strip()
    return id_ if _CITABLE.fullmatch(id_) and id_.isprintable() else ""
