"""Web pages: the main text without navigation and advertisements, as trafilatura finds it.

Barbaresi 2021, "Trafilatura: A Web Scraping Library and Command-Line Tool for Text Discovery and Extraction".
"""

from __future__ import annotations

import datetime
import re

from index.errors import UnreadableArticle
from index.formats.encoding import decode
from index.formats.extracted import Block, Extracted, joined, one_line
from index.formats.markup import numbered, paragraphs

_PRESCAN = 1024  # bytes in which a page may name its encoding (HTML Standard, 13.2.3.2)
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_ENCODING = re.compile(r"^\s*<\?xml[^>]*\?>")  # lxml refuses a text that names an encoding
_DATES = {"extensive_search": False, "original_date": True, "max_date": "2100-01-01"}  # stated ones, whatever today is


def extract(path: str, data: bytes) -> Extracted:
    """Raises UnreadableArticle when the page has no main text."""
    from trafilatura import bare_extraction

    from index.formats import FORMATS

    decoded = decode(path, data, _declared(data))
    page = bare_extraction(
        _XML_ENCODING.sub("", decoded.text),
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        date_extraction_params=_DATES,
    )
    if page is None or isinstance(page, dict) or page.body is None:
        raise UnreadableArticle(f"{path}: no main text found in the page; save its text as .txt or .md")
    blocks = list(numbered(paragraphs(page.body)))
    if not blocks:
        raise UnreadableArticle(f"{path}: no main text found in the page; save its text as .txt or .md")
    title = one_line(page.title or "")
    if title and title not in [block.text for block in blocks]:
        blocks.insert(0, Block(title, ((0, ""),), "heading"))
    text, places = joined(blocks)
    return Extracted(
        text=text,
        reader=FORMATS[".html"].reader,
        encoding=decoded.encoding,
        title=title,
        date=datetime.date.fromisoformat(page.date) if page.date else None,
        url=page.url or "",
        places=places,
    )


def _declared(data: bytes) -> str:
    match = _CHARSET.search(data[:_PRESCAN])
    return match[1].decode("ascii").lower() if match else ""
