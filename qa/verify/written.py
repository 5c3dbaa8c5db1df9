"""What is asked, beyond agreement with the source, of a sentence that a language model wrote in another language.

Such a sentence is made of the source's words and the question's, so that words alone do not tell a right one from one in which
they are put together wrongly. What a model makes up is found where it adds something: a word of its own, a spelling of its
own, one of several values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.analyse import LETTERS, fold, stem
from qa.verify.align import Alignment, Word, content, gloss_words
from qa.verify.letters import missing_letters
from qa.verify.numbers import quantities

# Score across languages from which a sentence that passes all this is supported: less than is asked of one of which only the score
# is known, with about the same precision (benchmarks/fit_verifier.py prints both).
WRITTEN_THRESHOLD = 0.7
_OWN_WORD = 0.7  # match from which a word is the source's own (docs/answers.md)
# What is counted, up to the verb or what narrows it ("in Gaza"); and what an answer may count by another word ("13 Palestinians").
_HOW_MANY = re.compile(
    r"\bhow many ((?:(?!(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|may|must|should|of|in|at|from|on|by|for|to"
    r"|with|who|that|held|more|worldwide)\b)[^\W\d_]+[ -]?){1,4})",
    re.IGNORECASE,
)
_COUNTED_OTHERWISE = frozenset(
    "people persons men women children times percent dollars euros pounds dinars yen tons tonnes kilometres kilometers metres "
    "meters miles years months weeks days hours minutes".split()
)
_BESIDE_WHAT_THEY_COUNT = ("number", "some", "fraction")
_YEAR = re.compile(r"1\d\d\d|20\d\d|[١][٠-٩]{3}|٢٠[٠-٩]{2}")


def own_spellings(claim: str, source: str, given: str) -> Iterator[str]:
    """Names that the model spelled by itself, as what is wrong with them; `given` is what it was told beside the source (the
    question, spellings of names)."""
    glosses = (gloss for word in content(source) for gloss in gloss_words(word.text))
    spelled = _stems([*LETTERS.findall(f"{given} {source}"), *glosses])
    for word in content(claim):
        if word.is_spelled and _stem(word) not in spelled:
            yield f"nobody but the model spells {word.text}"


def doubts(claim: str, source: str, given: str, alignment: Alignment) -> Iterator[str]:
    """Why nobody can vouch for a claim though nothing in it disagrees with the source."""
    told = _stems(LETTERS.findall(given))
    for word, strength in zip(alignment.words, alignment.strength, strict=True):
        particle = len(word.text) < 3  # the "al" of a name
        if not (word.vouched or word.is_spelled or particle or strength >= _OWN_WORD or _stem(word) in told):
            yield f"word '{word.text}' is neither the question's nor surely the source's"
    for letter in missing_letters(claim, source):
        yield f"the source may spell another letter than {letter}"
    counted = _counted(given)
    if counted and _counts(counted).isdisjoint(_counts(LETTERS.findall(claim))):
        yield f"it does not say how many {' '.join(counted)}"
    yield from _choices(claim, source)


def _counted(question: str) -> list[str]:
    """The words for what a question counts, "motorcycles" of "how many stolen motorcycles were …"; none of another question, nor
    of one that an answer may count by another word."""
    asked = _HOW_MANY.search(question)
    words = LETTERS.findall(asked[1].lower()) if asked else []
    nouns = [word for word in words if not word.endswith(("ed", "en"))]  # not "stolen"
    return [] if _COUNTED_OTHERWISE.intersection(words) else nouns or words


def _counts(words: list[str]) -> set[str]:
    """Stems, of either spelling of English."""
    return {word.replace("z", "s") for word in _stems(words)}


def _choices(claim: str, source: str) -> Iterator[str]:
    """Of several years the claim says one: it may be the wrong one, and no rule here can tell."""
    mine, theirs = (_values(text) for text in (claim, source))
    for kind, values in mine.items():
        if values & theirs.get(kind, set()) and theirs[kind] - values:
            yield f"the source holds another {kind}, too"


def _values(text: str) -> dict[str, set[float]]:
    """The dates and percentages of a text by kind. Other numbers stand beside what they count and are seldom confused."""
    found: dict[str, set[float]] = {}
    for quantity in quantities(text):
        kind = "year" if _YEAR.fullmatch(quantity.text) else quantity.kind
        if kind not in _BESIDE_WHAT_THEY_COUNT:
            found.setdefault(kind, set()).add(quantity.value)
    return found


def _stem(word: Word) -> str:
    return stem(fold(word.text), "en")


def _stems(words: list[str]) -> set[str]:
    return {stem(fold(word), "en") for word in words}
