"""How the names of a line are spelled in another script: from the collection itself, from the question, and from CLDR.

A small language model that reads تاكايتشي has to guess; told "تاكايتشي = Takaichi" it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from babel import Locale, UnknownLocaleError

from index.analyse import LETTERS
from index.article import Passage
from index.language import script_of
from index.names import name_similarity, skeleton
from qa.demands import names
from qa.verify.places import places

_SAME_NAME = 0.9
_MIN_CONSONANTS = 3  # with fewer, names and ordinary words cannot be told apart across scripts


def known_names(passages: Iterable[Passage]) -> tuple[str, ...]:
    """The proper names that a collection spells in Latin script, sorted."""
    found = {name for passage in passages if passage.language != "ar" for name in names(passage.text)}
    return tuple(sorted({name.title() if name.isupper() else name for name in found}))


def spellings(text: str, language: str, latin_names: Sequence[str]) -> dict[str, str]:
    """Each name of a text that is written in another script, with its spelling in the given language."""
    found = {place.text: name for place in places(text) if (name := _place_name(min(place.codes), language))}
    candidates = [name for name in latin_names if len(skeleton(name)) >= _MIN_CONSONANTS]
    for word in dict.fromkeys(LETTERS.findall(text)):
        if word in found or script_of(word[0]) == "LATIN":
            continue
        similarity, name = max(((name_similarity(name, word), name) for name in candidates), default=(0.0, ""))
        if similarity >= _SAME_NAME:
            found[word] = name
    return found


@cache
def _place_name(code: str, language: str) -> str:
    try:
        return str(Locale.parse(language).territories.get(code, ""))
    except UnknownLocaleError:
        return ""
