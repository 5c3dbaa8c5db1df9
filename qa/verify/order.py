"""Who did what to whom: names and places that stand in the other order than in the source.

Arabic puts the verb first and English the subject, but both name the subject before the object, so names that a
faithful sentence takes over keep their order far more often than not. An inversion is no proof of an error, only a reason
not to vouch for the sentence.
"""

from __future__ import annotations

from itertools import pairwise

from index.analyse import LETTERS
from index.names import name_similarity
from qa.verify.places import places

_SPELLED = 0.75


def inverted_names(claim: str, source: str, names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first two neighbouring mentions of the claim that the source has only in the other order, or None.

    Mentions are the given names (found by spelling) and the places (found by code).
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
    for (at, one, here), (then, other, there) in pairwise(found):
        one_name = then - at - len(one) <= 1  # "Eastern Europe": its words may well change places
        if one != other and not one_name and set(here) != set(there) and min(here) > max(there):
            return one, other
    return None
