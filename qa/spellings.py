"""How the names of a line are spelled in another script: from the collection itself, from the question, and from CLDR.

A small language model that reads تاكايتشي has to guess; told "تاكايتشي = Takaichi" it does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from babel import Locale, UnknownLocaleError

from index.analyse import LETTERS, fold
from index.article import Passage
from index.language import script_of
from index.names import name_similarity, skeleton, vowels_agree
from qa.demands import names
from qa.glosses import meanings_of
from qa.verify.numbers import quantities
from qa.verify.places import places

_NAME_ALONE = {"month": slice(None), "weekday": slice(-1, None)}  # of "يوم الاثنين" the last word
_SAME_NAME = 0.9
_SAME_WORD = (
    0.8  # agreement from which a word that also means something may be a name: "سعيد" is Saied, "قرب" (near) no Karibu
)
_MIN_CONSONANTS = 3  # with fewer, names and ordinary words cannot be told apart across scripts


def known_names(passages: Iterable[Passage]) -> tuple[str, ...]:
    """The proper names that a collection spells in Latin script, sorted."""
    found = {name for passage in passages if passage.language != "ar" for name in names(passage.text)}
    return tuple(sorted({name.title() if name.isupper() else name for name in found}))


def spellings(text: str, language: str, latin_names: Sequence[str]) -> dict[str, str]:
    """Each country and each month or weekday of a text, as it stands there, with its name in the given language; and each word of
    another script that spells one of `latin_names`, with that; one that the dictionary has only where the vowels agree, too."""
    found = {place.text: name for place in places(text) if (name := _place_name(min(place.codes), language))}
    candidates = [name for name in latin_names if len(skeleton(name)) >= _MIN_CONSONANTS]
    for word in dict.fromkeys(LETTERS.findall(text)):
        if word in found or script_of(word[0]) == "LATIN":
            continue
        similarity, name = max(((name_similarity(name, word), name) for name in candidates), default=(0.0, ""))
        if similarity >= _SAME_NAME and (_is_unknown(word) or vowels_agree(name, word) >= _SAME_WORD):
            found[word] = name
    return _dates(text, language) | found


def _is_unknown(word: str) -> bool:
    """Whether the dictionary does not have an Arabic word, so that it is likelier a name; without it every word is."""
    return not meanings_of(word)


def _dates(text: str, language: str) -> dict[str, str]:
    """Months and weekdays as they stand in a text, with their names in the given language: "الاثنين" is Monday and not "the two",
    "تشرين الثاني" November and not the second of something. None that says something else elsewhere in the text, as "أب" (father)
    beside "12 آب" does."""
    said = Counter(
        (quantity.kind, int(quantity.value), tuple(fold(quantity.text).split()[_NAME_ALONE[quantity.kind]]))
        for quantity in quantities(text)
        if quantity.kind in _NAME_ALONE and (quantity.required or quantity.kind == "weekday")
    )
    words = LETTERS.findall(text) if said else []
    folded = tuple(fold(word) for word in words)
    found: dict[str, str] = {}
    for (kind, value, parts), times in said.items():
        name = date_name(kind, value, language)
        stands = [at for at in range(len(words)) if folded[at : at + len(parts)] == parts]
        if name and len(stands) == times:
            found |= {" ".join(words[at : at + len(parts)]): name for at in stands}
    return {written: name for written, name in found.items() if written != name}


@cache
def date_name(kind: str, value: int, language: str) -> str:
    """Of a month, counted from 1, or a weekday, from Monday, 0; "" where there is none and in an unknown language."""
    locale = _locale(language)
    names = {"month": locale.months, "weekday": locale.days}[kind] if locale else {"format": {"wide": {}}}
    return str(names["format"]["wide"].get(value, ""))


@cache
def _place_name(code: str, language: str) -> str:
    locale = _locale(language)
    return str(locale.territories.get(code, "")) if locale else ""


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):  # "", "zh-Hant"
        return None
