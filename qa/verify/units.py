"""What a number counts: units of length, weight, time and money in English and Arabic, by the words for them."""

from __future__ import annotations

import re
from functools import cache

# Of one kind: a number of one of them is no number of another.
KINDS = {
    "length": ("kilometre", "metre", "mile"),
    "weight": ("tonne", "kilogram"),
    "time": ("year", "month", "week", "day", "hour", "minute"),
    "money": tuple("dollar euro pound yen yuan rouble riyal dinar dirham lira rupee shekel".split()),
}
# Folded (`index.analyse.fold`).
_WORDS = {
    "year": "year years سنه سنوات سنين عام عاما اعوام", "month": "month months شهر شهرا اشهر شهور",
    "week": "week weeks اسبوع اسبوعا اسابيع", "day": "day days يوم يوما ايام", "hour": "hour hours ساعه ساعات",
    "minute": "minute minutes دقيقه دقايق",
    "kilometre": "km kilometer kilometers kilometre kilometres كيلومتر كيلومترا كيلومترات",
    "metre": "meter meters metre metres متر مترا امتار",
    "mile": "mile miles ميل ميلا اميال", "tonne": "ton tons tonne tonnes طن طنا اطنان",
    "kilogram": "kg kilogram kilograms kilo kilos كيلوغرام كيلوغراما كيلوجرام كيلوغرامات",
    "dollar": "dollar dollars دولار دولارا دولارات", "euro": "euro euros يورو", "pound": "pound pounds جنيه جنيها جنيهات",
    "yen": "yen ين", "yuan": "yuan renminbi يوان", "rouble": "rouble roubles ruble rubles روبل روبلا",
    "riyal": "riyal riyals rial rials ريال ريالا ريالات",
    "dinar": "dinar dinars دينار دينارا دنانير",
    "dirham": "dirham dirhams درهم درهما دراهم",
    "lira": "lira liras ليره ليرات", "rupee": "rupee rupees روبيه روبيات", "shekel": "shekel shekels شيكل شيقل",
}  # fmt: skip
SIGNS = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
_SIGNED = re.compile(
    r"(?:us|a|c)?([$€£¥])\s?(\d[\d.,]*\d|\d)(?:\s?[-–]\s?[$€£¥]?(\d[\d.,]*\d|\d))?"
    r"(?:\s?(k|m|mn|bn|tn)\b|(\s(?:thousand|million|billion|trillion))\b)?",
    re.IGNORECASE,
)
_SHORT = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "tn": "trillion"}


@cache
def _unit_of_words() -> dict[str, str]:
    return {word: unit for unit, words in _WORDS.items() for word in words.split()}


def unit_of(word: str) -> str:
    """The unit that a folded word names, "" where it names none."""
    return _unit_of_words().get(word, "")


def are_rivals(one: str, other: str) -> bool:
    """Whether two units, either of which may be "", measure the same thing and differ."""
    return one != other and any(one in units and other in units for units in KINDS.values())


def spelled_out(text: str) -> str:
    """Amounts of money with the sign before them as words say them: "$2.5m" as "2.5 million dollars"; of a range both ends."""

    def amount(match: re.Match[str]) -> str:
        sign, digits, last, short, scale = match.groups()
        scale = f" {_SHORT[short.lower()]}" if short else scale or ""
        return "".join(f" {number}{scale} {SIGNS[sign]} " for number in (digits, last) if number)

    return _SIGNED.sub(amount, text)
