"""Word documents (Office Open XML): paragraphs, headings, lists and table rows in the order of the document."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from index.errors import UnreadableArticle
from index.formats.extracted import BlockKind, Extracted, joined, one_line
from index.formats.markup import CELL_BORDER, numbered
from index.formats.packed import open_packed

_HEADINGS = ("heading", "title", "subtitle")  # how Word's built-in styles begin, in whatever language they are shown
_BREAKS = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-"}


def extract(path: str, data: bytes) -> Extracted:
    """Raises UnreadableArticle when the document is damaged, protected or empty. Deleted and moved-away text of tracked
    changes is not read; headers, footers, notes and comments are not part of the body and are not read either."""
    from docx import Document
    from docx.opc.exceptions import OpcError

    from index.formats import FORMATS

    open_packed(path, data).close()
    try:
        document = Document(io.BytesIO(data))
        found = list(_paragraphs(document))
        title = one_line(document.core_properties.title or "")
    except (OpcError, KeyError, ValueError, SyntaxError) as error:  # lxml's XMLSyntaxError is a SyntaxError
        raise UnreadableArticle(f"{path}: damaged, or no Word document ({error}); save it again as .docx") from error
    if not found:
        raise UnreadableArticle(f"{path}: no text in it; add text to it or remove it")
    text, places = joined(numbered(iter(found)))
    return Extracted(text, FORMATS[".docx"].reader, title=title, places=places)


def _paragraphs(document: Any) -> Iterator[tuple[str, BlockKind]]:
    from docx.oxml.ns import qn

    names = {style.style_id: (style.name or "").lower() for style in document.styles}
    for element in document.element.body.iter(qn("w:p"), qn("w:tr")):
        if element.tag == qn("w:tr"):
            cells = (one_line(_text(cell)) for cell in element.iterchildren(qn("w:tc")))
            text = CELL_BORDER.join(filter(None, cells))
        elif any(True for _ in element.iterancestors(qn("w:tr"), qn("w:p"), _FALLBACK)):
            continue  # read with the row or paragraph it stands in, or a second copy for older programs
        else:
            text = one_line(_text(element))
        if text:
            yield text, _kind(element, names) if element.tag == qn("w:p") else "prose"


_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def _text(element: Any) -> str:
    from docx.oxml.ns import qn

    pieces: list[str] = []
    for part in element.iter():
        if any(True for _ in part.iterancestors(qn("w:moveFrom"), _FALLBACK)):
            continue
        if part.tag == qn("w:t"):
            pieces.append(part.text or "")
        elif part.tag == qn("w:p"):
            pieces.append(" ")
        else:
            pieces.extend(text for name, text in _BREAKS.items() if part.tag == qn(f"w:{name}"))
    return "".join(pieces)


def _kind(paragraph: Any, names: dict[str, str]) -> BlockKind:
    from docx.oxml.ns import qn

    style = names.get(paragraph.style or "", "")
    if style.startswith(_HEADINGS):
        return "heading"
    return "bullet" if style.startswith("list") or paragraph.find(f".//{qn('w:numPr')}") is not None else "prose"
