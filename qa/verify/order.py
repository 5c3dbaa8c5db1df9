"""Who did what to whom: names and places that stand in the other order than in the source.

Arabic puts the verb first and English the subject, but both name the subject before the object, so names that a
faithful sentence takes over keep their order far more often than not. An inversion is no proof of an error, only a reason
not to vouch for the sentence.
"""

from __future__ import annotations

import re
from itertools import pairwise

from index.analyse import LETTERS
from index.names import name_similarity
from qa.verify.places import places

_SPELLED = 0.75
_JOINS = re.compile(r"[,،&]|\band\b|(?<!\w)و", re.IGNORECASE)


def inverted_names(claim: str, source: str, names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first two neighbouring mentions of the claim that the source has only in the other order, or None.

    Mentions are the given names (found by spelling) and the places (found by code). Those of a list have no order.
    """
    found: list[tuple[int, str, list[int]]] = []
    source_words = list(LETTERS.finditer(source))
    for name in names:
        at = claim.find(name)
        spots = [match.start() for match in source_words if name_similarity(name, match.group(0)) >= _SPELLED]
        if at >= 0 and spots:
            found.append((at, name, spots))
    source_places = places(source)
    for place in places(claim):
        spots = [other.start for other in source_places if other.codes & place.codes]
        if spots:
            found.append((place.start, place.text, spots))
    found.sort()
    mine, theirs = {at for at, *_ in found}, {spot for *_, spots in found for spot in spots}
    for (at, one, here), (then, other, there) in pairwise(found):
        one_name = then - at - len(one) <= 1  # "Eastern Europe": its words may well change places
        inverted = one != other and not one_name and set(here) != set(there) and min(here) > max(there)
        if inverted and not (_listed(claim, at, then, mine) and _listed(source, max(there), min(here), theirs)):
            return one, other
    return None


def _listed(text: str, begin: int, end: int, mentions: set[int]) -> bool:
    """Whether from one mention to another there is nothing but mentions and what joins them: "Egypt, Qatar and Jordan"."""
    between = (match for match in LETTERS.finditer(text, begin, end) if not _JOINS.fullmatch(match[0]))
    return bool(_JOINS.search(text, begin, end + 1)) and all(match.start() in mentions for match in between)
