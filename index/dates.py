"""Calendar dates as news writes them, in Arabic and English.

Month names come from CLDR (through Babel), which knows both Arabic traditions (أكتوبر and تشرين الأول) and the Maghreb's.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from functools import cache

from index.analyse import fold

_ARABIC_LOCALES = ("ar", "ar_EG", "ar_LB", "ar_IQ", "ar_MA", "ar_DZ", "ar_TN", "ar_MR", "ar_SA")
_PLACE_MAX_WORDS = 4  # "واشنطن العاصمة (رويترز)", "Salt Lake City, Utah"
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


def find_dates(text: str) -> list[datetime.date]:
    """The dates a text names with their year, in order of appearance."""
    return [date for _, date in sorted(_candidates(fold(text)))]


def is_dateline(line: str) -> bool:
    """Whether a line says no more than where and when, as in "Cairo – Tuesday, 4 March 2025", in any order of the two.

    Something must stand between place and date: "The talks of 4 March 2025" is a headline.
    """
    folded = fold(line)
    if not find_dates(line):
        return False
    for pattern in (_ISO, *_patterns()):
        folded = pattern.sub("\0", folded)
    before, _, after = _weekdays().sub(" ", folded).partition("\0")
    place = f"{before} {after}".replace("\0", " ")
    words = re.findall(r"\w+", place)
    parted = not re.search(r"\w\s*$", before) and not re.match(r"\s*\w", after)
    return len(words) <= _PLACE_MAX_WORDS and not any(map(str.isdecimal, words)) and parted


def _candidates(folded: str) -> Iterator[tuple[int, datetime.date]]:
    for match in _ISO.finditer(folded):
        yield from _valid(match.start(), *match.groups())
    day_first, month_first = _patterns()
    for pattern in (day_first, month_first):
        for match in pattern.finditer(folded):
            if match["year"]:
                yield from _valid(match.start(), match["year"], _months()[match["month"]], match["day"])


def _valid(position: int, year: str | int, month: str | int, day: str | int) -> Iterator[tuple[int, datetime.date]]:
    try:
        yield position, datetime.date(int(year), int(month), int(day))
    except ValueError:  # "31 February" is a number beside a month name, not a date
        return


@cache
def _months() -> dict[str, int]:
    """Folded month name to month number, wide and abbreviated."""
    from babel import Locale

    names = {"sept": 9}  # as the Associated Press writes it; CLDR has "Sep"
    for identifier in ("en", *_ARABIC_LOCALES):
        months = Locale.parse(identifier).months
        for context, width in (("format", "wide"), ("format", "abbreviated"), ("stand-alone", "wide")):
            for number, name in months[context][width].items():
                names.setdefault(fold(name).rstrip("."), number)
    return names


@cache
def _weekdays() -> re.Pattern[str]:
    """Folded names of the days of the week, with the Arabic word for "day" before them."""
    from babel import Locale

    names = {
        fold(name)
        for identifier in ("en", "ar")
        for width in ("wide", "abbreviated")
        for name in Locale.parse(identifier).days["format"][width].values()
    }
    days = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(rf"\b(?:يوم\s+)?(?:{days})\b")


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    month = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    # Possessive: white space that could be split between two parts would be tried in every way.
    year = r"(?:\s*+(?:[,،]\s*+)?(?P<year>(?:1[5-9]|20|21)\d\d)(?!\d))?"
    both_traditions = rf"(?P<month>{month})(?:\s*/\s*(?:{month}))?"  # "تشرين الأول/أكتوبر"
    day_first = rf"(?<![\d.,])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{both_traditions}\b\.?{year}"
    month_first = rf"\b(?P<month>{month})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d){year}"
    return re.compile(day_first), re.compile(month_first)
