"""A sentence as the rules of reported speech see it: its words and marks, its quotations, the word lists."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from index.analyse import fold
from qa.aligned import Aligned

STATEMENT = 3  # quoted words from which a quotation is speech and not a name or an ironic word
FAR = 12  # words a speaker's name may take
_DATA = Path(__file__).parents[1] / "data" / "reporting.json"
_QUOTATION = re.compile(
    r'"([^"]+)(?:"|$)|“([^”]+)(?:”|$)|«([^»]+)(?:»|$)|„([^“”]+)(?:[“”]|$)|‹([^›]+)(?:›|$)|「([^」]+)(?:」|$)'
)
_WORD = re.compile(r"[^\W_]+(?:['’.\-–][^\W_]+)*|[^\w\s]")
_MARKS = frozenset('،,:؛;.!?؟…()[]"“”«»„‹›「」—')

Form = Literal["", "masculine", "feminine", "several", "thing"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A report in one sentence: where its speaker is named (None for "he added"), and the form of the Arabic verb, the English
    pronoun or the English name."""

    name: tuple[int, int] | None
    form: Form = ""


def quotations(text: str) -> list[tuple[int, int]]:
    """(start, end) of what stands between quotation marks; one that is not closed runs to the end."""
    return [match.span(match.lastindex) for match in _QUOTATION.finditer(text) if match.lastindex]


@dataclass(frozen=True, slots=True)
class Token:
    text: str  # folded
    start: int  # in the raw text
    end: int

    @property
    def is_mark(self) -> bool:
        return self.text in _MARKS


def tokens_of(text: str) -> list[Token]:
    aligned = Aligned.of(text)
    return [Token(m[0], *aligned.raw_span(m.start(), m.end())) for m in _WORD.finditer(aligned.folded)]


@cache
def word_list(name: str) -> frozenset[str]:
    """A word list of qa/data/reporting.json, folded."""
    return frozenset(fold(word) for word in _words()[name].split())


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return words
