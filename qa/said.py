"""Whose words a question asks for, and whether the lines near it report any.

What others say about somebody is near "what did he say about …?" and answers it wrongly. Only names are looked at: an office
("the minister") may be told by a name, a place by its government.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from index.analyse import LETTERS
from index.article import Passage
from index.names import best_name_match, skeleton
from qa.answer import Speaker
from qa.reports.arabic import bare_verb
from qa.reports.tokens import Token, tokens_of, word_list
from qa.verify.places import places

_SAME_NAME = 0.75  # as in qa.demands
_TELLING = 3  # consonants
_BEFORE_COLON = re.compile(r"([^:]{2,60}):(?!//)")
_BESIDE = 6  # words from a verb of saying in which its subject may stand
_LONGEST = 4  # words of an Arabic name
_NAME = r"((?:[A-Z][\w'’.-]*\s+(?:(?:al|bin|ibn|el|de|da|van|von)[\s-])?){0,4}[A-Z][\w-]*)"
_SAYING = r"(?:say|said|tell|told|(?:state|announce|declare)d?|(?:comment|answer|remark)(?:ed)?|repl(?:y|ied))"
_ENGLISH = (
    rf"\b(?:[Ww]hat|[Hh]ow)(?: else| exactly)? (?:d(?:id|oes)|ha[sd]|would) {_NAME} (?:(?:also|already|\w+ly) )?{_SAYING}\b",
    rf"\b[Ww]hat (?:was|were|is|are) {_NAME}['’]s? (?:\w+ )?(?:reply|answer|comments?|remarks?|statements?|words)\b",
    rf"\b[Aa]ccording to {_NAME}(?=\s*(?:[,?؟]|$|(?:what|who|whom|why|how|when|where|which)\b))",
)
_ASKING = frozenset("ماذا وماذا بماذا بم كيف وكيف".split())
_SAID = frozenset("قال قالت قاله قالته صرح صرحت اعلن اعلنت علق علقت اجاب اجابت يقول تقول".split())
_HIS_WORDS = frozenset("تعليق تصريح تصريحات جواب".split())
_AS_SAID_BY = frozenset("بحسب حسب وفق".split())


def whose_words(question: str) -> str:
    """The name of whom the question says "what did he say", "what was his comment", "according to him"; "" for any other one."""
    name = _in_english(question) or _in_arabic(question)
    words = tokens_of(name)
    seats = word_list("en_seats") | word_list("ar_seats")  # a capital stands for its government
    abbreviated = any(word.isupper() and len(word) > 1 for word in name.split())  # is translated (UN)
    return "" if abbreviated or places(name) or any(word.text in seats for word in words) else name


def unheard(question: str, near: Sequence[Passage], speaker: Callable[[Passage], Speaker | None]) -> str:
    """The name of whom the question asks the words of, when the passages near it mention that person and none reports their words;
    else "". A name that none mentions may be spelled otherwise there."""
    name = whose_words(question)
    if not name or not any(_mentions(passage, name) for passage in near):
        return ""
    said_by = (text for passage in near for text in _may_speak(passage, speaker))
    return "" if any(_spells(word, text) for text in said_by for word in _telling(name)) else name


def _may_speak(passage: Passage, speaker: Callable[[Passage], Speaker | None]) -> Iterator[str]:
    """Everybody whose words a passage may report: its speaker, who stands beside any verb of saying, also of a clause of its own,
    and before a colon ("Macron: we will not")."""
    if told := speaker(passage):
        yield told.name.text
    yield from (found[1] for text in (passage.text, passage.heading) if (found := _BEFORE_COLON.match(text)))
    tokens = tokens_of(passage.text)
    for at, token in enumerate(tokens):
        if token.text in word_list("en_past"):
            yield " ".join(word.text for word in (*_up_to_mark(tokens[:at][::-1]), *_up_to_mark(tokens[at + 1 :])))
        elif bare_verb(token.text) in word_list("ar_verbs"):
            yield " ".join(word.text for word in _up_to_mark(tokens[at + 1 :]))


def _up_to_mark(tokens: Sequence[Token]) -> Iterator[Token]:
    """The words up to a mark or "that", a few at most."""
    return takewhile(
        lambda word: not word.is_mark and word.text not in word_list("ar_that") | {"that"}, tokens[:_BESIDE]
    )


def _mentions(passage: Passage, name: str) -> bool:
    return all(_spells(word, f"{passage.heading} {passage.text}") for word in _telling(name))


def _spells(word: str, text: str) -> bool:
    return best_name_match(word, tuple(LETTERS.findall(text))) >= _SAME_NAME


def _telling(name: str) -> list[str]:
    """The words of a name whose sounds are enough to know it by: "Jong", not "Kim"; all where none are."""
    words = LETTERS.findall(name)
    return [word for word in words if len(skeleton(word)) >= _TELLING] or words


def _in_english(question: str) -> str:
    return next((found[1] for pattern in _ENGLISH if (found := re.search(pattern, question))), "")


def _in_arabic(question: str) -> str:
    tokens = tokens_of(question)
    for at, token in enumerate(tokens):
        before = tokens[at - 1].text if at else ""
        asks = token.text in _SAID and (
            before in _ASKING or [word.text for word in tokens[at - 2 : at]] == ["ما", "الذي"]
        )
        asks = asks or (token.text in _HIS_WORDS and before in ("ما", "هو", "هي")) or token.text in _AS_SAID_BY
        if asks and (name := _name_behind(tokens, at + 1)):
            return question[name[0].start : name[-1].end]
    return ""


def _name_behind(tokens: Sequence[Token], first: int) -> Sequence[Token]:
    """The words up to the preposition or mark that ends a name; none when they are an office or common nouns."""
    last = first
    while last < len(tokens) and not (
        tokens[last].is_mark or tokens[last].text in word_list("ar_stops") | word_list("ar_that")
    ):
        last += 1
    words = tokens[first:last]
    offices = word_list("ar_titles")
    is_name = 0 < len(words) <= _LONGEST and not any(
        word.text.startswith("ال") or word.text in offices for word in words[:2]
    )
    return words if is_name else ()
