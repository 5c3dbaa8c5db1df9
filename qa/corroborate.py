"""Claims that say the same from several articles become one claim with several citations.

A false merge hides a difference, so everything has to agree: the words and their order, who says it, numbers, dates, countries,
denial, and then the verifier, which must find each claim supported by the other's line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from index.analyse import content_words, fold, terms, words
from qa.answer import Claim, quoted
from qa.conflict import without_dates
from qa.verify.directions import opposites
from qa.verify.negation import negation_mismatch
from qa.verify.numbers import is_value, values_of
from qa.verify.places import missing_places

if TYPE_CHECKING:
    from qa.verify import Verifier

# Stopwords that change what is stated: whether it is sure, and of whom.
_SHADES = frozenset(
    map(
        fold,
        "will would may might can could should must he she it they we his her their our سوف قد هو هي هم هما".split(),
    )
)


def with_claim(
    claims: tuple[Claim, ...], claim: Claim, verifier: Callable[[], Verifier] | None = None
) -> tuple[Claim, ...]:
    """The claims with one more, or with one of them citing more when it says the same."""
    for at, earlier in enumerate(claims):
        if says_the_same(earlier, claim, verifier or _verifier):
            merged = replace(earlier, citations=(*earlier.citations, *claim.citations))
            return (*claims[:at], merged, *claims[at + 1 :])
    return (*claims, claim)


def says_the_same(one: Claim, other: Claim, verifier: Callable[[], Verifier]) -> bool:
    """Whether two claims of different articles state the same; of a mere value its line tells."""
    one, other = (quoted(claim.citations[0]) if is_value(claim.text) else claim for claim in (one, other))
    cited = {citation.path for citation in one.citations} & {citation.path for citation in other.citations}
    if cited or one.origin != other.origin or one.language != other.language:
        return False
    if not (_words_agree(one, other) and _speakers_agree(one, other) and _values_agree(one, other)):
        return False
    return _supported(one, other, verifier()) and _supported(other, one, verifier())


def _supported(claim: Claim, by: Claim, verifier: Verifier) -> bool:
    line = by.citations[0]
    languages = {"claim_language": claim.language, "source_language": line.language}
    return verifier.check(claim.text, line.quote, **languages).supported


def _words_agree(one: Claim, other: Claim) -> bool:
    """The same content words in the same order, dates aside: who did it to whom, and whether it is only planned, is nowhere
    else to be seen."""
    return _statement(one) == _statement(other) and _shades(one) == _shades(other)


def _statement(claim: Claim) -> list[str]:
    text = without_dates(claim.citations[0]) if claim.origin == "quote" else claim.text
    return terms(text, claim.language)


def _shades(claim: Claim) -> frozenset[str]:
    return frozenset(words(claim.text)) & _SHADES


def _speakers_agree(one: Claim, other: Claim) -> bool:
    """Nobody but the articles, or names with a word in common."""
    if one.speaker is None or other.speaker is None:
        return one.speaker is other.speaker
    return bool(set(content_words(one.speaker.name.text)) & set(content_words(other.speaker.name.text)))


def _values_agree(one: Claim, other: Claim) -> bool:
    if values_of(one.text) != values_of(other.text):
        return False
    if _days(one) != _days(other):
        return False
    if missing_places(one.text, other.text) or missing_places(other.text, one.text):
        return False
    pairs: Sequence[tuple[str, str]] = ((one.text, other.text), (other.text, one.text))
    return not any(negation_mismatch(*pair) or opposites(*pair) for pair in pairs)


def _days(claim: Claim) -> set[tuple[object, object]]:
    return {(when.first, when.last) for when in claim.dates}


@cache
def _verifier() -> Verifier:
    from qa.verify import Verifier

    return Verifier()
