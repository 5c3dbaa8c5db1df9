"""Whose words a question asks for, and whether the lines near it may report any.

What others say about somebody is near "what did he say about …?" and answers it wrongly. Only a name is looked for, and only where
every line that mentions it, and what follows it, leaves no doubt: an office ("the minister said"), a pronoun or a company may
stand for the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from index.analyse import LETTERS
from index.article import Passage
from index.names import TELLING, best_name_match, skeleton
from qa.answer import Speaker
from qa.demands import SAME_NAME
from qa.reports import STATEMENT, quotations
from qa.reports.arabic import bare_verb
from qa.reports.tokens import Token, tokens_of, word_list
from qa.verify.align import OFFICES
from qa.verify.places import places

_LONGEST = 5  # words of a name
_BESIDE = 6  # words from a verb of saying in which its subject may stand
_AFTER = 3  # lines behind a name in which a pronoun may stand for it
_SAYING = r"(?:say|said|tell|told|(?:state|announce|declare)d?|(?:comment|answer|remark)(?:ed)?|repl(?:y|ied))"
_ENGLISH = (
    rf"\b(?:what|how)(?: else| exactly)? (?:did|does|has|had|would) (.{{2,60}}?) (?:(?:also|already|\w+ly) )?{_SAYING}\b",
    r"\bwhat (?:was|were|is|are) (.{2,60}?)['’]s? (?:reply|answer|comments?|remarks?|words)\b",
)
_PARTICLES = frozenset("al bin ibn el de da van von der den la le".split())
_PLURAL = re.compile(r".{3,}(?:ون|ين|ات)$|(?:ها|هم)$")  # or "their …": common nouns
_COLON = re.compile(r"([^:]{2,60}):(?!//)")


def whose_words(question: str) -> str:
    """The name of whom the question asks what they said, "" for any other one and where it may be no person: a place stands for its
    government, an abbreviation is translated."""
    name = _in_english(question) or _in_arabic(question)
    seats = word_list("en_seats") | word_list("ar_seats")
    is_place = any(place.start == 0 and place.end == len(name) for place in places(name))
    seat = "-".join(token.text for token in tokens_of(name)) in seats
    return name if _telling(name) and not (seat or is_place) else ""


def unheard(
    question: str,
    near: Sequence[Passage],
    article: Callable[[str], Sequence[Passage]],
    speaker: Callable[[Passage], Speaker | None],
) -> str:
    """The name of whom the question asks the words of, when passages near it mention that person and nothing in them may be their
    words; else "". A name that none mentions may be spelled otherwise there. `article` gives an article's passages in order."""
    name = whose_words(question)
    mentioning = [passage for passage in near if name and _mentions(passage, name)]
    heard = any(_may_say(name, passage, article(passage.path), speaker) for passage in mentioning)
    return "" if heard else name if mentioning else ""


def _may_say(
    name: str, passage: Passage, article: Sequence[Passage], speaker: Callable[[Passage], Speaker | None]
) -> bool:
    """Whether a passage that mentions the name, or one of the next under its heading, may report that person's words."""
    following = [other for other in article if other.start > passage.start and other.heading == passage.heading]
    return any(_may_be_said_by(name, each, speaker) for each in (passage, *following[:_AFTER]))


def _may_be_said_by(name: str, passage: Passage, speaker: Callable[[Passage], Speaker | None]) -> bool:
    """Whether the passage reports words, unless it names another as their speaker and has the name beside no verb of saying."""
    tokens = tokens_of(passage.text)
    verbs = [at for at, token in enumerate(tokens) if _says(token.text)]
    beside = [word.text for at in verbs for word in tokens[max(0, at - _BESIDE) : at + 1 + _BESIDE]]
    before_colon = _COLON.match(passage.text)
    if any(_spells(word, f"{' '.join(beside)} {before_colon[1] if before_colon else ''}") for word in _telling(name)):
        return True
    quoted = any(len(passage.text[start:end].split()) >= STATEMENT for start, end in quotations(passage.text))
    told = speaker(passage)
    return bool(verbs or quoted) and not (told and _is_named(told.name.text))


def _says(word: str) -> bool:
    return word in _verbs() or bare_verb(word) in _verbs()


@cache
def _verbs() -> frozenset[str]:
    """More than report a sentence: whatever may stand beside who speaks."""
    return frozenset().union(*map(word_list, ("en_past", "en_saying", "ar_verbs", "ar_saying")))


def _is_named(speaker: str) -> bool:
    """Whether a speaker is told by a name and not by an office or common nouns alone, which may stand for anybody's."""
    words = [token.text for token in tokens_of(speaker)]
    if any(word.isascii() for word in words):
        return words[0] not in ("the", "a", "an") and any(
            word[0].isupper() and word.lower() not in OFFICES for word in LETTERS.findall(speaker)
        )
    return any(not word.startswith("ال") and word not in word_list("ar_titles") for word in words)


def _mentions(passage: Passage, name: str) -> bool:
    return all(_spells(word, passage.text) for word in _telling(name))


def _spells(word: str, text: str) -> bool:
    return best_name_match(word, tuple(LETTERS.findall(text))) >= SAME_NAME


def _telling(name: str) -> list[str]:
    """The words of a name, without offices, whose sounds are enough to know it by: "Jong", not "Kim"; all where none are."""
    words = [word for word in LETTERS.findall(name) if word.lower() not in OFFICES]
    return [word for word in words if len(skeleton(word)) >= TELLING] or words


def _in_english(question: str) -> str:
    for pattern in _ENGLISH:
        if (found := re.search(pattern, question, re.IGNORECASE)) and _is_english_name(found[1]):
            return found[1]
    return ""


def _is_english_name(text: str) -> bool:
    words = re.split(r"[\s-]+", text)
    named = all(word[:1].isupper() or word in _PARTICLES for word in words) and words[-1][:1].isupper()
    abbreviated = any(word.isupper() and word.isalpha() and len(word) > 1 for word in words)
    return named and not abbreviated and len(words) <= _LONGEST and words[0].lower() != "the"


def _in_arabic(question: str) -> str:
    tokens = tokens_of(question)
    for at, token in enumerate(tokens):
        before = [word.text for word in tokens[max(0, at - 2) : at]]
        what = before[-1].removeprefix("و").removeprefix("ف") if before else ""
        asks = token.text in word_list("ar_asked_saying") and (what in word_list("ar_what") or before == ["ما", "الذي"])
        his_words = token.text in word_list("ar_his_words") and what in ("ما", "هو", "هي")
        if (asks or his_words) and (name := _name_behind(question, tokens, at + 1)):
            return name
    return ""


def _name_behind(question: str, tokens: Sequence[Token], first: int) -> str:
    """The words up to what ends a name; none when they begin with the article or are an office or common nouns."""
    last = first
    while last < len(tokens) and last - first < _LONGEST and not _ends_name(tokens[last], last > first):
        last += 1
    words = tokens[first:last]
    raw = question[words[0].start : words[-1].end] if words else ""
    common = word_list("ar_titles") | word_list("ar_no_source") | word_list("ar_no_speaker") | word_list("ar_nouns")
    if not words or raw.startswith("ال") or words[0].text in common or _PLURAL.search(words[0].text):
        return ""
    return raw


def _ends_name(token: Token, behind: bool) -> bool:
    stops = word_list("ar_stops") | word_list("ar_that") | word_list("ar_name_ends")
    to_whom = behind and len(token.text) > 3 and token.text.startswith("ل")
    return token.is_mark or token.text in stops or token.text[0].isdigit() or to_whom
