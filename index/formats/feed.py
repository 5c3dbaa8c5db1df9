"""RSS 2.0 and Atom (RFC 4287): each entry of a feed is a record, with the fields that records have by convention."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from index.errors import UnreadableArticle
from index.formats.packed import read_xml

SUFFIXES = (".atom", ".rss")
_FIELDS = {  # by local name, the better one first where an entry has several
    "text": ("encoded", "content", "description", "summary"),
    "title": ("title",),
    "date": ("pubDate", "published", "date", "updated"),
    "id": ("guid", "id"),
}


def rows(path: str, data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each entry in order, and it as JSON. Raises UnreadableArticle for what is no feed."""
    try:
        root = read_xml(path, data)
    except ImportError as error:
        raise UnreadableArticle(
            f"{path}: files of this kind need more libraries; run: pip install 'sanad[readers]'"
        ) from error
    if _name(root) not in ("rss", "RDF", "feed"):
        raise UnreadableArticle(f"{path}: neither RSS nor Atom; give it the name of what it is")
    for element in root.iter():
        if _name(element) in ("item", "entry"):
            try:
                record = _record(element)
            except RecursionError as error:
                raise UnreadableArticle(f"{path}: elements nested too deeply; save it again") from error
            yield record, json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _record(entry: Any) -> dict[str, str]:
    children: dict[str, Any] = {}
    for child in entry:
        children.setdefault(_name(child), child)
    found = {
        field: next((text for name in names if name in children and (text := _text(children[name]))), "")
        for field, names in _FIELDS.items()
    }
    return found | {"date": _iso(found["date"]), "url": _link(entry)}


def _text(element: Any) -> str:
    """Its text; where Atom holds a tree in place of text (type="xhtml"), the tree written out."""
    if not len(element):
        return (element.text or "").strip()
    from xml.etree.ElementTree import tostring

    for one in element.iter():
        one.tag = _name(one)  # a prefix would hide from HTML what it is
    return "".join(tostring(child, encoding="unicode") for child in element)


def _link(entry: Any) -> str:
    links = [child for child in entry if _name(child) == "link"]
    own = (child.get("href") or child.text or "" for child in links if child.get("rel", "alternate") == "alternate")
    return next((address.strip() for address in own if address.strip()), "")


def _iso(date: str) -> str:
    """The day of a date as RSS writes it ("Tue, 28 Oct 2025 09:30:00 GMT"); any other as it stands."""
    try:
        return parsedate_to_datetime(date).date().isoformat()
    except ValueError:
        return date


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
