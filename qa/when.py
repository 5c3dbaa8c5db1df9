"""Dates as news words them ("اليوم الثلاثاء", "next month", "by the end of 2026"), as days of the calendar.

Weeks run from Monday (ISO 8601). A weekday without more is the last one that has passed, or the next one after a word
that looks ahead; a month without a year is the nearest one. What stays vague ("in the coming weeks") is not resolved.
"""

from __future__ import annotations

import calendar
import datetime
import json
import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from index.analyse import fold
from qa.aligned import Aligned
from qa.answer import Span, When

_DATA = Path(__file__).parent / "data" / "when.json"
_ARABIC_LOCALES = ("ar", "ar_EG", "ar_LB", "ar_IQ", "ar_MA", "ar_DZ", "ar_TN", "ar_MR", "ar_SA")
_NEAREST_MONTHS = 6  # a month without a year lies at most this far from the article
_REPORTED = re.compile(
    r"\b(?:said|says|told|announced|reported|confirmed|added)\b|(?<!\w)و?(?:قال|قالت|اعلن|اعلنت|ذكر|ذكرت)(?!\w)"
)
ANY_DAY = datetime.date(2000, 1, 1)  # for whom only the words of dates matter, whatever days they mean
Days = tuple[datetime.date, datetime.date]


def find_when(text: str, written: datetime.date | None, offset: int = 0) -> tuple[When, ...]:
    """The dates of a text in order; spans are shifted by `offset`. Without the article's date only full ones resolve."""
    aligned = Aligned.of(text)
    found: list[tuple[int, int, Days]] = []
    taken: list[tuple[int, int]] = []
    for pattern, resolve in _rules():
        for match in pattern.finditer(aligned.folded):
            start = match.end("lead") if "lead" in pattern.groupindex else match.start()
            if any(first < match.end() and start < last for first, last in taken):
                continue
            try:
                days = resolve(_Reading(match, aligned, written))
            except (ValueError, OverflowError):  # "31 February", a year beyond the calendar
                taken.append((start, match.end()))
                continue
            if days:
                taken.append((start, match.end()))
                found.append((start, match.end(), days))
    return tuple(_when(aligned, start, end, days, offset) for start, end, days in sorted(found))


@lru_cache(
    maxsize=256
)  # of one question the same lines are asked several times, and their dates take a millisecond to find
def without_dates(text: str) -> str:
    """The text with a comma for each of its dates."""
    for when in reversed(find_when(text, ANY_DAY)):
        text = f"{text[: when.span.start]} , {text[when.span.end :]}"
    return text


def _when(aligned: Aligned, start: int, end: int, days: Days, offset: int) -> When:
    while aligned.folded[start].isspace():
        start += 1
    first, last = aligned.raw_span(start, end)
    return When(Span(offset + first, offset + last, aligned.raw[first:last]), *days)


class _Reading:
    """One match with what a rule may ask about it."""

    def __init__(self, match: re.Match[str], aligned: Aligned, written: datetime.date | None) -> None:
        self.written = written
        self.before = aligned.folded[: match.end("lead") if "lead" in match.re.groupindex else match.start()]
        self.after = aligned.folded[match.end() :]
        self._match = match
        self._aligned = aligned

    def __getitem__(self, group: str) -> str:
        """What a group matched, "" for a group that did not take part or is not in this rule."""
        return (self._match.groupdict().get(group) or "").strip()

    def value(self, table: str, group: str) -> Any:
        return _table(table)[" ".join(self[group].split())]

    def number(self, group: str) -> int:
        return int(self[group]) if self[group].isdecimal() else int(self.value("numbers", group))

    def capitalised(self, group: str) -> bool:
        """English writes months and weekdays with a capital; Arabic has none."""
        letter = self._aligned.raw[self._aligned.origin[self._match.start(group)]]
        return letter.isupper() or not letter.isascii()

    def is_title(self, group: str) -> bool:
        """An English word in capitals inside a sentence, as in "USA Today"."""
        letter = self._aligned.raw[self._aligned.origin[self._match.start(group)]]
        opens = not self.before.strip(" \"'“‘(") or self.before.rstrip(" \"'“‘(")[-1:] in ".!?:;—"
        return letter.isascii() and letter.isupper() and not opens

    def looks_ahead(self) -> bool:
        """Whether a word before the match speaks of the future, with no report in between."""
        ahead = [match.end() for match in _ahead().finditer(self.before)]
        return bool(ahead) and not _REPORTED.search(self.before, ahead[-1])

    def is_part_of_a_name(self) -> bool:
        """ "ثورة 25 يناير", "the September 11 attacks": known by a day whose year nobody writes."""
        before, after = self.before.split(), self.after.split()
        named = bool(before) and {before[-1], before[-1][1:]} & set(_table("names_before"))
        return bool(named) or (bool(after) and after[0].strip(".,;:!?") in _table("names_after"))


def _iso(found: _Reading) -> Days | None:
    day = datetime.date(int(found["year"]), int(found["month"]), int(found["day"]))
    return day, day


def _date(found: _Reading) -> Days | None:
    """A day of a named month, with or without its year."""
    if not found.capitalised("month"):
        return None
    if not (found["year"] or found["way"] or found["yearway"]) and found.is_part_of_a_name():
        raise ValueError("a name")
    day = found.number("day") if found["day"] else int(found.value("ordinals", "ordinal"))
    first = found.number("from") if found["from"] else day
    year = _year_of(found, found.value("months", "month"), day)
    if year is None:
        return None
    month = found.value("months", "month")
    return datetime.date(year, month, first), datetime.date(year, month, day)


def _month(found: _Reading) -> Days | None:
    if not found.capitalised("month"):
        return None
    month = int(found.value("months", "month"))
    year = _year_of(found, month, 15)
    return _at_edge(found, _whole_month(year, month)) if year else None


def _year_of(found: _Reading, month: int, day: int) -> int | None:
    """The year a month without one means: told by "last", "of next year" …, else the nearest, else unknown."""
    written = found.written
    if found["year"]:
        return int(found["year"])
    if written is None:
        return None
    if found["yearway"]:
        return written.year + int(found.value("ways", "yearway"))
    before = (month, day) <= (written.month, written.day)
    before_month = month < written.month
    if found["way"]:
        way = int(found.value("ways", "way"))
        if way == 0:
            return written.year
        return written.year + (way + 1 - (month >= written.month) if way < 0 else int(month <= written.month))
    if found.looks_ahead():
        return written.year + int(before_month)
    distance = month - written.month
    if distance > _NEAREST_MONTHS or (distance == _NEAREST_MONTHS and not before):
        return written.year - 1
    return written.year + int(distance < -_NEAREST_MONTHS)


def _day_of_month(found: _Reading) -> Days | None:
    """ "9 من الشهر الجاري" """
    if found.written is None:
        return None
    way = int(found.value("ways", "way")) if found["way"] else 0
    month = _shift(found.written.replace(day=1), "month", way)
    day = month.replace(day=found.number("day"))
    return day, day


def _decade(found: _Reading) -> Days | None:
    tens = int(found.value("decades", "decade"))
    return datetime.date(1900 + tens, 1, 1), datetime.date(1909 + tens, 12, 31)


def _decade_in_digits(found: _Reading) -> Days | None:
    first = int(found["century"] + found["tens"] + "0")
    return datetime.date(first, 1, 1), datetime.date(first + 9, 12, 31)


def _relative_day(found: _Reading) -> Days | None:
    if found.written is None:
        return None
    words_before, words_after = found.before.split(), found.after.split()
    if found.is_title("day"):
        return None
    if found["weekday"] and found.value("weekdays", "weekday") != _day_named(found).weekday():
        return None
    if found["day"] == fold("اليوم") and (
        (words_before and words_before[-1] in _table("no_today_before"))
        or (words_after and words_after[0].strip(".,،") in _table("no_today_after"))
    ):
        return None
    return _day_named(found), _day_named(found)


def _day_named(found: _Reading) -> datetime.date:
    assert found.written
    return found.written + datetime.timedelta(days=int(found.value("days", "day")))


def _weekday(found: _Reading) -> Days | None:
    written = found.written
    if written is None or not found.capitalised("weekday"):
        return None
    if (before := found.before.split()) and before[-1] in _table("no_weekday_before"):
        return None
    if (behind := found.after.split()) and behind[0].strip(".,،") in _table("no_weekday_behind"):
        return None
    ago = (written.weekday() - int(found.value("weekdays", "weekday"))) % 7
    way = found["way"] or found["after"]
    step = int(_table("ways")[way]) if way else 0
    if step < 0:
        ago = (ago or 7) - 7 * (step + 1)  # "قبل الماضي" is a week more
    elif step > 0 or found.looks_ahead():
        ago -= 7 if ago or step > 0 else 0
    elif way and ago:  # "this Friday" is still to come
        ago -= 7
    day = written - datetime.timedelta(days=ago)
    return day, day


def _weekday_of_a_week(found: _Reading) -> Days | None:
    """ "Monday last week", "الاثنين من الأسبوع المقبل" """
    if found.written is None or not found.capitalised("weekday"):
        return None
    monday, _ = _whole(_shift(found.written, "week", int(found.value("ways", "way"))), "week")
    day = monday + datetime.timedelta(days=int(found.value("weekdays", "weekday")))
    return day, day


def _stretch(found: _Reading) -> Days | None:
    """So many units up to the article's day, or from it on."""
    if found.written is None:
        return None
    unit = str(found.value("twos", "two") if found["two"] else found.value("units", "unit"))
    count = 2 if found["two"] else found.number("number") if found["number"] else 1
    way = found["way"]
    step = int(_table("stretches")[way] if way in _table("stretches") else _table("ways")[way])
    if not step:
        return None
    other = _shift(found.written, unit, step * count)
    return min(found.written, other), max(found.written, other)


def _ago(found: _Reading) -> Days | None:
    if found.written is None:
        return None
    unit = str(found.value("twos", "two") if found["two"] else found.value("units", "unit"))
    count = 2 if found["two"] else found.number("number") if found["number"] else 1
    return _whole(_shift(found.written, unit, -count), unit)


def _period(found: _Reading) -> Days | None:
    """The day, week, month, year or decade before, around or after the article's."""
    if found.written is None:
        return None
    unit = str(found.value("units", "unit"))
    step = int(found.value("ways", "way")) if found["way"] else 0
    if unit == "day" and step:
        return None  # "the next day" is counted from what the text tells, not from the article
    return _at_edge(found, _whole(_shift(found.written, unit, step), unit))


def _year(found: _Reading) -> Days | None:
    year = int(found["year"])
    return _at_edge(found, (datetime.date(year, 1, 1), datetime.date(year, 12, 31)))


def _at_edge(found: _Reading, days: Days) -> Days:
    edge = found.value("edges", "edge") if found["edge"] else ""
    if edge == "last":
        return days[1], days[1]
    return (days[0], days[0]) if edge == "first" else days


def _shift(day: datetime.date, unit: str, count: int) -> datetime.date:
    if unit in ("day", "week"):
        return day + datetime.timedelta(days=count * (7 if unit == "week" else 1))
    months = 12 * day.year + day.month - 1 + count * {"month": 1, "year": 12, "decade": 120}[unit]
    year, month = divmod(months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _whole(day: datetime.date, unit: str) -> Days:
    """The calendar's unit that holds the day."""
    if unit == "week":
        monday = day - datetime.timedelta(days=day.weekday())
        return monday, monday + datetime.timedelta(days=6)
    if unit == "month":
        return _whole_month(day.year, day.month)
    if unit == "year":
        return datetime.date(day.year, 1, 1), datetime.date(day.year, 12, 31)
    if unit == "decade":
        first = day.year // 10 * 10
        return datetime.date(first, 1, 1), datetime.date(first + 9, 12, 31)
    return day, day


def _whole_month(year: int, month: int) -> Days:
    return datetime.date(year, month, 1), datetime.date(year, month, calendar.monthrange(year, month)[1])


Rule = tuple[re.Pattern[str], Callable[[_Reading], Days | None]]


@cache
def _rules() -> tuple[Rule, ...]:
    """Longest and surest first: a later rule never takes what an earlier one has."""
    month, weekday, way, edges = (_any(_table(name)) for name in ("months", "weekdays", "ways", "edges"))
    on = rf"(?:(?<!\w)(?:{weekday})(?:\s*+[,،])?\s++(?:الموافق\s++)?)?"  # the weekday of a full date tells no other day
    months = rf"(?P<month>{month})(?:\s*/\s*(?:{month}))?(?!\w)"  # "تشرين الأول/أكتوبر"
    unit = rf"(?P<unit>{_any(_table('units'))})"
    alone = rf"(?!\s+(?:{_any(_table('units'))})(?!\w))"  # "Monday last", and no "Monday last week"
    two = rf"(?P<two>{_any(_table('twos'))})"
    number = rf"(?P<number>\d{{1,3}}|{_any(_table('numbers'))})"
    edge = rf"(?:[وبل]?(?P<edge>{edges})\s+)?"
    counted = rf"\s+(?:{_any(_table('units'))})(?!\w)|(?<=00)\s+[a-z]+s(?!\w)"  # "2000 days", "2000 villages"
    year = rf"(?P<year>(?:1[5-9]|20|21)\d\d)(?![\w%٪]|[.,\-–/]\d|{counted})"
    tail = (
        rf"(?:\.?\s*+(?:[,،]\s*+)?(?:(?:of|عام|من\s+عام|سنه)\s+)?{year}|\s+(?P<way>{way})(?!\w)"
        rf"|\s+(?:of\s+|من\s+(?:ال)?(?:عام|سنه)\s+)(?P<yearway>{way})(?:\s+year)?(?!\w))"
    )
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
    century = r"\s+القرن\s+(?:الماضي|العشرين)"
    in_century = rf"(?:(?=\s+و\w+{century})|{century}|(?!\s+القرن))"  # "سبعينيات وثمانينيات القرن الماضي"
    lead_month, lead_year = (
        rf"(?P<lead>(?<!\w)(?:{_any(_table(name))})\s+)" for name in ("before_months", "before_years")
    )
    patterns: tuple[tuple[str, Callable[[_Reading], Days | None]], ...] = (
        (r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)", _iso),
        (rf"{on}(?<![\d.,])(?:(?P<from>\d{{1,2}})\s*[-–]\s*)?{day}\s+(?:of\s+|من\s+(?:شهر\s+)?)?{months}{tail}?", _date),
        (rf"{on}(?<!\w)(?:ال)?(?P<ordinal>{_any(_table('ordinals'))})\s+من\s+(?:شهر\s+)?{months}{tail}?", _date),
        (rf"{on}(?<!\w){months}\.?\s+(?P<from>\d{{1,2}})\s*[-–]\s*{day}(?![\d:%٪]|\.\d){tail}?", _date),
        (rf"{on}(?<!\w){months}\.?\s+{day}(?![\d:%٪]|\.\d){tail}?", _date),
        (rf"(?<![\d.,]){day}\s+من\s+(?:هذا\s+)?(?:ال)?شهر(?:\s+(?P<way>{way}))?(?!\w)", _day_of_month),
        (rf"(?<!\w){edge}{months}{tail}", _month),
        (rf"(?<!\w){edge}(?P<way>last|next|this)\s+{months}", _month),
        (rf"{lead_month}{edge}{months}(?!\s+quarter)", _month),
        (rf"(?<!\w)(?:[وب]|ال)*(?P<decade>{_any(_table('decades'))})(?!\w){in_century}", _decade),
        (r"(?<![\w.,])(?:the\s+)?(?P<century>1[5-9]|20)(?P<tens>\d)0['’]?s(?!\w)", _decade_in_digits),
        (rf"(?<!\w)[وبل]?(?P<day>{_any(_table('days'))})(?:\s+(?P<weekday>{weekday}))?(?!\w)", _relative_day),
        (rf"(?<!\w)(?P<weekday>{weekday})\s+(?:of\s+)?(?P<way>last|next|this)\s+week(?!\w)", _weekday_of_a_week),
        (rf"(?<!\w)[وبل]?(?P<weekday>{weekday})\s+من\s+الاسبوع\s+(?P<way>{way})(?!\w)", _weekday_of_a_week),
        (rf"(?<!\w)(?:(?P<way>last|next|this)\s+)?[وبل]?(?P<weekday>{weekday})(?:\s+(?P<after>{way}){alone})?(?!\w)", _weekday),
        (rf"(?<!\w)(?:the\s+)?(?P<way>{_any(_table('stretches'))})\s+{number}\s+{unit}(?!\w)", _stretch),
        (r"(?<!\w)the\s+(?P<way>past|coming)\s+(?P<unit>day|week|month|year|decade)(?!\w)", _stretch),
        (rf"(?<!\w)(?:ال)?{unit}\s+(?:ال)?{number}\s+(?:ال)?(?P<way>{way})(?!\w)", _stretch),
        (rf"(?<!\w)(?:ال)?{number}\s+{unit}\s+(?P<way>{way})(?!\w)", _stretch),
        (rf"(?<!\w)(?:ال)?{two}\s+(?P<way>{way})(?!\w)", _stretch),
        (rf"(?<!\w){number}\s+{unit}\s+ago(?!\w)", _ago),
        (rf"(?<!\w)قبل\s+(?:{number}\s+{unit}|{two})(?!\w)(?!\s+من(?!\w))", _ago),
        (rf"(?<!\w)قبل\s+{unit}(?=\s*(?:[.,،؛:!?؟]|$))", _ago),
        (rf"(?<!\w){edge}(?P<way>{way})\s+{unit}(?!\w)(?!\s+of\b)", _period),
        (rf"(?<!\w){edge}(?:[وبل]?ال){unit}\s+(?P<way>{way})(?!\w)", _period),
        (rf"(?<!\w)(?<!مثل\s){edge}(?:هذا|هذه)\s+ال{unit}(?!\w)", _period),
        (rf"(?<!\w)[وبل]?(?P<edge>{edges})\s+(?:عام\s+|سنه\s+)?{year}", _year),
        (rf"{lead_year}{year}", _year),
    )  # fmt: skip
    return tuple((re.compile(pattern), resolve) for pattern, resolve in patterns)


@cache
def _ahead() -> re.Pattern[str]:
    english, arabic = _any(_table("ahead_en")), _any(_table("ahead_ar"))
    not_verbs = "|".join(map(re.escape, _table("no_future_ar")))
    return re.compile(
        rf"\b(?:{english})\b|(?<!\w)[وف]?(?:{arabic})(?!\w)|(?<!\w)علي\s+ان(?!\w)|(?<!\w)[وف]?(?!{not_verbs})س[يتن]\w{{2,}}"
    )


@cache
def _table(name: str) -> dict[str, Any]:
    """A table of qa/data/when.json by folded word, or the calendar's own names from CLDR."""
    if name == "months":
        return {"sept": 9} | {fold(word).rstrip("."): number for word, number in _cldr_months()}
    if name == "weekdays":
        return {fold(word): number for word, number in _cldr_weekdays()}
    words = _words()[name]
    if isinstance(words, str):
        return dict.fromkeys(map(fold, words.split()), True)
    return {fold(word): value for word, value in words.items()}


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return words


def _cldr_months() -> Iterable[tuple[str, int]]:
    from babel import Locale

    for identifier in (*_ARABIC_LOCALES, "en"):
        for width in ("wide", "abbreviated"):
            for number, name in Locale.parse(identifier).months["format"][width].items():
                yield name, number


def _cldr_weekdays() -> Iterable[tuple[str, int]]:
    from babel import Locale

    for identifier in ("ar", "en"):
        for number, name in Locale.parse(identifier).days["format"]["wide"].items():  # "Sun" is a newspaper, too
            yield name, number


def _any(words: Iterable[str]) -> str:
    """One of the words, the longest that fits; white space in them may be any."""
    return "|".join(
        r"\s+".join(map(re.escape, word.split())) for word in sorted(words, key=lambda word: (-len(word), word))
    )
