"""The short answer: where a question asks for a number, a share or a time, and a line of another language gives just one.

Nothing is translated: digits, months and weekdays say the same in every language.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Sequence

from babel import Locale
from babel.numbers import format_decimal

from index.analyse import LETTERS, fold
from index.asked import Wanted, wanted_value
from qa.verify.numbers import Quantity, is_ordinal, quantities
from qa.when import find_when

_ANY_DAY = datetime.date(2000, 1, 1)  # of dates only the words are used, whatever days they mean
_YEAR = range(1000, 2101)
_DAY = range(1, 32)
_ROUND = (1e2, 1e3, 1e6, 1e9, 1e12)
_ORDER = ("weekday", "day", "month", "year")
# What a question about a time asks for, in folded spelling; "when" asks for any of them.
_ASKED = {
    "day": re.compile(r"\b(?:day|date)\b|(?<!\w)(?:يوم|تاريخ)(?!\w)"),
    "month": re.compile(r"\bmonth\b|(?<!\w)شهر(?!\w)"),
    "year": re.compile(r"\byear\b|(?<!\w)(?:عام|سنه)(?!\w)"),
    "decade": re.compile(r"\b(?:decade|century)\b|(?<!\w)(?:عقد|قرن)(?!\w)"),
}
# Words of a date that change nothing in it, folded; "the end of" would.
_BESIDE = frozenset(
    "اليوم يوم عام العام سنه شهر الجاري الحالي في من ال today day date year month this current of the on in".split()
)


def the_value(question: str, line: str, language: str) -> str:
    """The only value of the line that the question may ask for and does not give itself, as `language` (ISO 639-1) writes it;
    "" where there is none, or a choice."""
    wanted = wanted_value(question)
    dates = [when.span.text for when in find_when(line, _ANY_DAY)]
    if wanted == "time":
        return _date(question, line, dates, language)
    given = {(value.kind, value.value) for value in quantities(question)}
    dated = {value.value for date in dates for value in quantities(date)}
    found = {
        value.value
        for value in quantities(line)
        if value.kind == wanted and value.required and (value.kind, value.value) not in given
        if wanted == "percent" or (_is_count(value) and value.value not in dated)
    }
    return _number(found.pop(), wanted, language) if len(found) == 1 else ""


def _number(value: float, wanted: Wanted, language: str) -> str:
    return format_decimal(value, locale=language) + ("%" if wanted == "percent" else "")


def _date(question: str, line: str, dates: Sequence[str], language: str) -> str:
    parts, more = _parts(dates[0]) if len(dates) == 1 else ({}, "")
    other_years = {value.value for value in quantities(line) if _is_year(value)} - {parts.get("year")}
    known = parts.items() <= _parts(question)[0].items()
    if known or other_years or not _BESIDE.issuperset(LETTERS.findall(more)) or not _is_asked_for(parts, question):
        return ""
    names = Locale.parse(language)
    written = {
        "weekday": lambda value: names.days["format"]["wide"][value],
        "month": lambda value: names.months["format"]["wide"][value],
    }
    return " ".join(written.get(part, str)(int(parts[part])) for part in _ORDER if part in parts)


def _parts(text: str) -> tuple[dict[str, float], str]:
    """What the dates of a text are made of, the first of each, and, folded, what else it says ("the end of")."""
    more, parts = fold(text), dict[str, float]()
    for value in quantities(text):
        part = _part_of(value)
        if part and parts.setdefault(part, value.value) == value.value:
            more = more.replace(fold(value.text), " ")
    return parts, more


def _part_of(value: Quantity) -> str:
    if value.kind != "number":
        return value.kind
    if _is_year(value):
        return "year"
    return "day" if value.text.isdecimal() and int(value.value) in _DAY else ""


def _is_year(value: Quantity) -> bool:
    return value.kind == "number" and len(value.text) == 4 and value.text.isdecimal() and int(value.value) in _YEAR


def _is_count(value: Quantity) -> bool:
    """No year, no ordinal, and no round word ("hundreds"), which may be meant roughly."""
    is_word = not any(map(str.isdecimal, value.text))
    return not (_is_year(value) or is_ordinal(value) or (is_word and value.value in _ROUND))


def _is_asked_for(parts: Collection[str], question: str) -> bool:
    folded = fold(question)
    asked = [part for part, pattern in _ASKED.items() if pattern.search(folded)]
    if "day" in asked:
        return "weekday" in parts or {"day", "month"} <= set(parts)
    return set(asked) <= set(parts) <= set(_ORDER)
