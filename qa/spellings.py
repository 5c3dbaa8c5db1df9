"""How the names of a line are spelled in another script: from the collection itself, from the question, and from CLDR.

A small language model that reads تاكايتشي has to guess; told "تاكايتشي = Takaichi" it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from babel import Locale, UnknownLocaleError

from index.analyse import LETTERS, fold
from index.article import Passage
from index.language import script_of
from index.names import name_similarity, skeleton
from qa.demands import names
from qa.verify.numbers import quantities
from qa.verify.places import places

_SAME_NAME = 0.9
_MIN_CONSONANTS = 3  # with fewer, names and ordinary words cannot be told apart across scripts


def known_names(passages: Iterable[Passage]) -> tuple[str, ...]:
    """The proper names that a collection spells in Latin script, sorted."""
    found = {name for passage in passages if passage.language != "ar" for name in names(passage.text)}
    return tuple(sorted({name.title() if name.isupper() else name for name in found}))


def spellings(text: str, language: str, latin_names: Sequence[str]) -> dict[str, str]:
    """Each name of a text that is written in another script, with its spelling in the given language; months and weekdays, too."""
    found = {place.text: name for place in places(text) if (name := _place_name(min(place.codes), language))}
    found |= _dates(text, language)
    candidates = [name for name in latin_names if len(skeleton(name)) >= _MIN_CONSONANTS]
    for word in dict.fromkeys(LETTERS.findall(text)):
        if word in found or script_of(word[0]) == "LATIN":
            continue
        similarity, name = max(((name_similarity(name, word), name) for name in candidates), default=(0.0, ""))
        if similarity >= _SAME_NAME:
            found[word] = name
    return found


def _dates(text: str, language: str) -> dict[str, str]:
    """Months and weekdays as they stand in a text, with their names in the given language: "الاثنين" is Monday and not "the two",
    "تشرين الثاني" November and not the second of something."""
    found: dict[str, str] = {}
    words = LETTERS.findall(text)
    for quantity in quantities(text):
        name = _date_name(quantity.kind, int(quantity.value), language)
        parts = fold(quantity.text).split()[-1 if quantity.kind == "weekday" else 0 :]  # "يوم الاثنين"
        for at in range(len(words) - len(parts) + 1 if name else 0):
            written = words[at : at + len(parts)]
            if [fold(word) for word in written] == parts and written != [name]:
                found[" ".join(written)] = name
    return found


@cache
def _date_name(kind: str, value: int, language: str) -> str:
    """Of a month, counted from 1, or a weekday, from Monday, 0; "" of any other kind of quantity and in an unknown language."""
    try:
        locale = Locale.parse(language)
    except UnknownLocaleError:
        return ""
    names = {"month": locale.months, "weekday": locale.days}.get(kind)
    return str(names["format"]["wide"][value]) if names else ""


@cache
def _place_name(code: str, language: str) -> str:
    try:
        return str(Locale.parse(language).territories.get(code, ""))
    except UnknownLocaleError:
        return ""
