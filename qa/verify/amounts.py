"""How much of it, and how surely: quantifiers ("all", "most", "بعض") and hedges ("may", "accused of", "قد") that the claim has
otherwise than its source says of the same word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from index.analyse import STOPWORDS, fold

_SHARES = {
    "all": "all every each entire whole جميع كل كافه كامل",
    "most": "most majority معظم اغلب غالبيه اغلبيه",
    "some": "some several بعض عده بضعه",
    "none": "none no",
}
_SHARE_OF = {word: share for share, words in _SHARES.items() for word in words.split()}
_WITHIN = 2  # words behind a quantifier among which is what it is of: "most of the council's members"
# Of the raw text: "May" is a month, too; "قد" before the past means nothing of the kind.
_HEDGED = re.compile(
    r"\b(?:may|might|perhaps|possibly|allegedly|suspected (?:of|to)|accused of)\b"
    r"|(?<!\w)(?<!كان )(?<!كانت )[وف]?(?:قد(?= [يت](?!م |وف|عرض|مكن|حدث|سبب|راجع|جاوز|خلي|ولي))|ربما|يحتمل|يشتبه|متهم\w*)(?!\w)"
)
# What says in any words that something is not sure, or not yet.
_SOFTENS = re.compile(
    r"\b(?:may|might|could|perhaps|possibl\w+|alleg\w+|consider\w*|suspect\w*|accus\w+|charg\w+|plan\w*|likely|probabl\w+|if|would"
    r"|expect\w*|seek\w*|want\w*)\b|(?<!\w)[وف]?(?:قد|ربما|محتمل\w*|يحتمل|يشتبه|مشتبه\w*|[يتا]?تهم\w*|متهم\w*|اتهام\w*|يعتزم|تعتزم|مرجح|يتوقع|متوقع|اذا)(?!\w)"
)
_LIGHT = STOPWORDS | {"also", "still", "even", "well", "soon"}
_DENIED = (["not"], ["ليس"], ["ليست"])  # "not all"
_CLAUSE_END = re.compile(r"[.,;:!?،؛؟…()]")
_NEAR = 100  # characters
_MOST = 50  # quantifiers or hedges of a text: more are no sentence
_BEHIND = 4  # words behind a hedge that it may hedge


def other_share(claim: str, source: str, same: Callable[[str, str], bool]) -> str:
    """The quantifier of the claim that the source has otherwise of the same words, "" where it has not."""
    theirs = list(_shares(source))
    for said, share, nouns in _shares(claim):
        of_same = {other for _, other, of in theirs if nouns and all(any(same(a, b) for b in of) for a in nouns)}
        if of_same and share not in of_same and not (share == "some" and of_same & {"all", "most"}):
            return said
    return ""


def unhedged(claim: str, source: str, same: Callable[[str, str], bool]) -> str:
    """What the source only says may be, and the claim says is; "" where there is nothing of the kind."""
    said = _words(claim)
    if _SOFTENS.search(fold(claim)):
        return ""
    told = _words(source)
    for match in islice(_HEDGED.finditer(source), _MOST):
        clause = _CLAUSE_END.split(source[match.end() : match.end() + _NEAR])[0]
        behind = [word for word in _words(clause)[:_BEHIND] if word not in _LIGHT and len(word) > 2][:2]
        # What is said again without the hedge is sure.
        only_here = bool(behind) and sum(same(other, behind[0]) for other in told) == 1
        if only_here and all(any(same(word, other) for word in said) for other in behind):
            return behind[0]
    return ""


def _shares(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each quantifier, the share that it says, and the words of which one is what it is of."""
    found = _words(text)
    places = (at for at, word in enumerate(found) if word in _SHARE_OF and found[at - 1 : at] not in _DENIED)
    for at in islice(places, _MOST):
        near = found[at + 1 : at + 1 + 2 * _BEHIND]
        nouns = [other for other in near if other not in STOPWORDS and len(other) > 2][:_WITHIN]
        yield found[at], _SHARE_OF[found[at]], nouns


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", fold(text))
