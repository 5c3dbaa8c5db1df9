"""Who did what to whom: names and places that stand in the other order than in the source.

Arabic puts the verb first and English the subject, but both name the subject before the object, so names that a
faithful sentence takes over keep their order far more often than not. An inversion is no proof of an error, only a reason
not to vouch for the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.analyse import LETTERS, STOPWORDS, fold, stem
from index.names import name_similarity
from qa.verify.align import OFFICES
from qa.verify.numbers import quantities
from qa.verify.places import is_adjective, places

_SPELLED = 0.75
_JOINS = re.compile(r"[,،&]|\band\b|(?<!\w)و", re.IGNORECASE)
_ONE_LIST = re.compile(r"(?:(?!\band\b|&).)*(?:\band\b|&)(?:(?!\band\b|&).)*", re.IGNORECASE | re.DOTALL)
_LONGER = 1.5  # times as many content words: they may say something else in another order
_PASSIVE = re.compile(r"\b(?:by|be|been|being|is|are|was|were|gets?|got)\b|(?<!\w)(?:من قبل|علي يد|من جانب)(?!\w)")
# What the one does with the other, the other does with the one.
_MUTUAL = re.compile(
    r"\b(?:met|meets?|border\w*|married|marries|talk(?:s|ed)?|spoke|agreed|resembl\w*)\b"
    r"|(?<!\w)(?:التقي|التقت|يلتقي|تلتقي|تزوج|تزوجت|اجتمع|اجتمعت|بحث|بحثت|يشبه|تشبه|تحد|يحد)(?!\w)"
)
_BY = re.compile(r"\b(?:is|are|was|were|be|been|being)\b[^.;]*\bby\b")
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
        # "the Syrian city of Aleppo" is "مدينة حلب السورية": the adjective follows what it tells of
        one_name = one_name or (
            is_adjective(one) and any(0 < start - end <= 1 for _, end in there for start, _ in here)
        )
        (begin, _), (end, _) = max(there), min(here)
        passive = _BY.search(claim, at, then) or _BY.search(source, min(begin, end), max(begin, end))
        if passive:  # "Israel was accused by Hezbollah": who does it may stand in either place
            continue
        if one != other and not one_name and begin < end:
            listed = _listed(claim, at, then, mine) and _listed(source, begin, end, theirs)
            if not (listed and _has_one_list(claim, source)):
                return one, other
    return None


def exchanged_words(claim: str, sentence: str, language: str) -> tuple[str, str] | None:
    """Two content words of the claim that have changed places in a sentence of the same language which has all of them and in the
    same order otherwise: "Paris accused London" of "London accused Paris". None where that may say the same: a list, a passive, a
    meeting; of a far longer sentence only places are told of."""
    said = fold(claim)
    if (
        bool(_PASSIVE.search(said)) != bool(_PASSIVE.search(fold(sentence)))
        or _MATCHED.search(said)
        or _MUTUAL.search(said)
    ):
        return None
    mine, theirs = _terms(claim, language), _terms(sentence, language)
    stems = [term for term, _ in mine]
    kept = [term for term in dict.fromkeys(term for term, _ in theirs) if term in stems]
    if sorted(kept) != sorted(stems):  # not all of them, or one of them twice
        return None
    apart = [at for at, (one, other) in enumerate(zip(stems, kept, strict=True)) if one != other]
    if len(apart) != 2 or stems[apart[0]] != kept[apart[1]]:
        return None
    one, other = (mine[at][1] for at in apart)
    if apart[1] - apart[0] == 1 and not (_is_noun(one[0]) and _is_noun(other[0])):  # "رفعت الحكومة", "الحكومة رفعت"
        return None
    longer = len(theirs) > _LONGER * len(mine) and not (_is_place(one, claim) and _is_place(other, claim))
    return None if longer or _JOINS.search(said, one.end(), other.start() + 1) else (one[0], other[0])


def _is_place(word: re.Match[str], text: str) -> bool:
    return any(place.start <= word.start() < place.end for place in places(text))


def _terms(text: str, language: str) -> list[tuple[str, re.Match[str]]]:
    return [(stem(match[0], language), match) for match in LETTERS.finditer(fold(text)) if match[0] not in STOPWORDS]


def _is_noun(word: str) -> bool:
    """Whether a folded word is an Arabic noun: of English ones that stand side by side one tells of the other."""
    return word.startswith("ال") or (not word.isascii() and bool(places(word)))


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
