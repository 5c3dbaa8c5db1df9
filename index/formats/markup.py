"""Paragraphs of an HTML tree, or of the tree that trafilatura makes of a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.formats.extracted import Block, BlockKind, one_line

_KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(("head", "h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("item", "li", "dt"), "bullet"),
}
_BLOCKS = frozenset(
    "address article aside blockquote body br caption dd div dl figcaption figure footer header hr lb list main nav ol p "
    "pre quote row section table tbody tfoot thead tr ul".split()
) | frozenset(_KINDS)
_CELLS = frozenset({"cell", "td", "th"})
_UNSEEN = frozenset({"math", "noscript", "script", "style", "svg", "template", "title"})
CELL_BORDER = " | "


def paragraphs(tree: Any) -> Iterator[tuple[str, BlockKind]]:
    """The text of each block of a tree in document order, with what it is; walked without recursion, however deep it goes."""
    from lxml import etree

    kinds: list[BlockKind] = ["prose"]
    pieces: list[str] = []
    unseen = 0
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            if not unseen:
                pieces.append(element.tail or "")
            continue
        name = etree.QName(element).localname.lower()
        starting = event == "start"
        if name in _UNSEEN:
            unseen += 1 if starting else -1
        if name in _BLOCKS:
            yield from _flushed(pieces, kinds[-1])
        if name in _KINDS:
            if starting:
                kinds.append(_KINDS[name])
            else:
                kinds.pop()
        if name in _CELLS and starting and "".join(pieces).strip():
            pieces.append(CELL_BORDER)
        if not unseen:
            pieces.append((element.text if starting else element.tail if element is not tree else "") or "")
    yield from _flushed(pieces, "prose")


def _flushed(pieces: list[str], kind: BlockKind) -> Iterator[tuple[str, BlockKind]]:
    text = one_line("".join(pieces))
    pieces.clear()
    if text:
        yield text, kind


def numbered(found: Iterator[tuple[str, BlockKind]], within: str = "") -> Iterator[Block]:
    """Blocks whose place is their number, counted from 1, within a part of the original."""
    for number, (text, kind) in enumerate(found, 1):
        yield Block(text, ((0, f"{within}paragraph {number}"),), kind)
