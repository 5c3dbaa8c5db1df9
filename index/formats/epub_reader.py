"""Electronic books (EPUB 2 and 3): the documents of the spine in reading order."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from index.dates import find_dates
from index.errors import UnreadableArticle
from index.formats.encoding import decode
from index.formats.extracted import Block, Extracted, joined, one_line
from index.formats.markup import numbered, paragraphs
from index.formats.packed import open_packed, read_member, read_xml

_CONTAINER = "META-INF/container.xml"
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HTML_TYPES = ("application/xhtml+xml", "text/html")


def extract(path: str, data: bytes) -> Extracted:
    """Raises UnreadableArticle when the book is damaged, protected or empty."""
    from index.formats import FORMATS

    with open_packed(path, data) as packed:
        package, folder = _package(path, packed)
        blocks = [
            block
            for number, name in enumerate(_spine(package, folder), 1)
            for block in _chapter(path, number, read_member(path, packed, name))
        ]
    if not blocks:
        raise UnreadableArticle(f"{path}: no text in it; add text to it or remove it")
    text, places = joined(blocks)
    dates = find_dates(_said(package, "date")[:10])
    return Extracted(
        text=text,
        reader=FORMATS[".epub"].reader,
        title=_said(package, "title"),
        date=dates[0] if dates else None,
        places=places,
    )


def _package(path: str, packed: ZipFile) -> tuple[Any, str]:
    """The package document and the folder that its paths start from."""
    container = read_xml(path, read_member(path, packed, _CONTAINER))
    named = container.find(".//{*}rootfile")
    name = named.get("full-path", "") if named is not None else ""
    if not name:
        raise UnreadableArticle(f"{path}: names no package document; save the book again")
    return read_xml(path, read_member(path, packed, name)), posixpath.dirname(name)


def _spine(package: Any, folder: str) -> Iterator[str]:
    """Names of the text documents in reading order."""
    items = {item.get("id"): item for item in package.findall(".//{*}manifest/{*}item")}
    for reference in package.findall(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is not None and item.get("media-type") in _HTML_TYPES:
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))


def _chapter(path: str, number: int, data: bytes) -> Iterator[Block]:
    from lxml import html
    from lxml.etree import ParserError

    text = _XML_DECLARATION.sub("", decode(f"{path}, chapter {number}", data).text)
    try:
        tree = html.document_fromstring(text)
    except ParserError:  # an empty document
        return
    yield from numbered(paragraphs(tree), f"chapter {number}, ")


def _said(package: Any, name: str) -> str:
    """What the package says of the book under a Dublin Core name, "" for nothing."""
    element = package.find(f".//{{http://purl.org/dc/elements/1.1/}}{name}")
    return one_line(element.text or "") if element is not None else ""
