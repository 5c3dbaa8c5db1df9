"""Who did what to whom: names and places that stand in the other order than in the source.

Arabic puts the verb first and English the subject, but both name the subject before the object, so names that a
faithful sentence takes over keep their order far more often than not. An inversion is no proof of an error, only a reason
not to vouch for the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.analyse import LETTERS, fold
from index.names import name_similarity
from qa.verify.align import OFFICES
from qa.verify.numbers import quantities
from qa.verify.places import places

_SPELLED = 0.75
_JOINS = re.compile(r"[,،&]|\band\b|(?<!\w)و", re.IGNORECASE)
_ONE_LIST = re.compile(r"(?:(?!\band\b|&).)*(?:\band\b|&)(?:(?!\band\b|&).)*", re.IGNORECASE | re.DOTALL)
_MATCHED = re.compile(r"\brespectively\b|علي (?:ال)?(?:توالي|ترتيب)")
Span = tuple[int, int]


def inverted_names(claim: str, source: str, names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first two neighbouring mentions of the claim that the source has only in the other order, or None.

    Mentions are the given names (found by spelling) and the places (found by code). Those of a list have no order.
    """
    found: list[
        tuple[int, str, list[Span]]
    ] = []  # where it stands in the claim, its words, where they stand in the source
    source_words = list(LETTERS.finditer(source))
    for name in names:
        at = claim.find(name)
        spots = [match.span() for match in source_words if name_similarity(name, match.group(0)) >= _SPELLED]
        if at >= 0 and spots:
            found.append((at, name, spots))
    source_places = places(source)
    for place in places(claim):
        spots = [(other.start, other.end) for other in source_places if other.codes & place.codes]
        if spots:
            found.append((place.start, place.text, spots))
    found.sort()
    mine = [(at, at + len(text)) for at, text, _ in found]
    theirs = [spot for *_, spots in found for spot in spots]
    for (at, one, here), (then, other, there) in pairwise(found):
        one_name = then - at - len(one) <= 1  # "Eastern Europe": its words may well change places
        (begin, _), (end, _) = max(there), min(here)
        if one != other and not one_name and begin < end:
            listed = _listed(claim, at, then, mine) and _listed(source, begin, end, theirs)
            if not (listed and _has_one_list(claim, source)):
                return one, other
    return None


def _has_one_list(claim: str, source: str) -> bool:
    """Whether the names of a list are matched to nothing one by one: "Gold and silver went to …", "5 and 7 goals"."""
    matched = _MATCHED.search(fold(f"{claim} {source}"))
    return bool(_ONE_LIST.fullmatch(claim)) and not matched and len(quantities(claim)) < 2


def _listed(text: str, begin: int, end: int, mentions: Sequence[Span]) -> bool:
    """Whether from one mention to another there is nothing but mentions and what joins them: "Egypt, Qatar and Jordan"."""
    words = (match for match in LETTERS.finditer(text, begin, end) if not _joins(match[0]))
    return bool(_JOINS.search(text, begin, end + 1)) and all(
        any(start <= match.start() < stop for start, stop in mentions) for match in words
    )


def _joins(word: str) -> bool:
    """Whether a word between names adds nothing to them: "and", "the", an office."""
    return bool(_JOINS.fullmatch(word)) or word.lower() in OFFICES or word.lower() == "the"
