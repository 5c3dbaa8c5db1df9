"""HTML for the page and for exports. Every text that a template fills in passes through here and is text, never markup."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import bidirectional

from babel import Locale, localedata
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"
_OVERRIDES = {"\u202d": "⟦LRO⟧", "\u202e": "⟦RLO⟧"}  # would show letters in another order than they are read in
_STRONG = frozenset({"L", "R", "AL"})  # classes of the letters by which a browser finds a direction (UAX 9)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ufffe\uffff]")


def render(template: str, **values: Any) -> str:
    """The template of that name (in ui/templates) filled in."""
    return _environment().get_template(f"{template}.html").render(**values).strip()


def visible(text: str) -> str:
    """The text with the characters shown that would hide or reorder others: control characters and bidi overrides.

    Marks that belong to right-to-left writing (U+200E, U+200F, joiners, isolates) are left to do their work: each line of
    a page is a paragraph of its own, out of which they do not reach.
    """
    return _CONTROL.sub(_shown, text)


def direction(text: str, language: str) -> str:
    """The `dir` of a text: by its letters, and where it has none ("13") as its language is written."""
    if localedata.exists(language) and not any(bidirectional(character) in _STRONG for character in text):
        return str(Locale.parse(language).text_direction)
    return "auto"


def literal(text: str) -> str:
    """Text that Markdown shows as it is: file names and messages are nobody's markup."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", visible(text))  # ASCII punctuation: what Markdown lets be escaped


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\r":
        return ""  # the end of a line that was written on another system
    if character in _OVERRIDES:
        return _OVERRIDES[character]
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "\N{SYMBOL FOR DELETE}"


def _filled(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_filled,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["direction"] = direction
    return environment
