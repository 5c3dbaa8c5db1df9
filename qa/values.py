"""The short answer: where a question asks for a count, a share or a time, and a line of another language gives just one.

Nothing is translated: digits, months and weekdays say the same in every language. Whatever stands beside the value and would
change it ("less than", "the end of", the other end of a range) makes it no short answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from babel.numbers import format_compact_decimal, format_decimal

from index.analyse import LETTERS, fold
from index.asked import wanted_value
from qa.spellings import date_name
from qa.verify.numbers import ROUGHLY, Quantity, is_ordinal, quantities, values_of
from qa.verify.units import unit_of
from qa.when import ANY_DAY, find_when, without_dates

_YEAR = range(1000, 2101)
_DAY = range(1, 32)
_ROUND = (1e2, 1e3, 1e6, 1e9, 1e12)
_ORDER = ("weekday", "day", "month", "year")
# All in folded spelling. Of other numbers ("how long", "how much") the unit is half the answer.
_COUNTS = re.compile(r"\bhow (?:many|old)\b|\bwhat (?:number|age)\b|(?<!\w)[بو]?(?:كم عدد|ما عدد|كم \w+[اه](?!\w))")
# What a question about a time asks for; "when" asks for any of them.
_ASKED = {
    "day": re.compile(r"\b(?:day|date)\b|(?<!\w)(?:يوم|تاريخ)(?!\w)"),
    "month": re.compile(r"\bmonth\b|(?<!\w)شهر(?!\w)"),
    "year": re.compile(r"\byear\b|(?<!\w)(?:عام|سنه)(?!\w)"),
    "decade": re.compile(r"\b(?:decade|century)\b|(?<!\w)(?:عقد|قرن)(?!\w)"),
}
# Words of a date that change nothing in it, and words before one that do.
_BESIDE = frozenset(
    "اليوم يوم عام العام سنه شهر الجاري الحالي في من today day year month this current of the on in".split()
)
_AROUND = frozenset(
    "قبل قبيل بعد بعيد حتي منذ عشيه غداه عقب بدءا ابتداء اعتبارا بحلول منتصف اواسط اواخر اخر اوايل مطلع نهايه بدايه الربع النصف "
    "نصف فصل ربيع صيف خريف شتاء نحو حوالي قرابه before after until till since by from eve circa mid early late end beginning "
    "middle quarter half spring summer autumn fall winter about around".split()
)
_BEHIND_DATE = re.compile(
    r"^\W*(?:(?:bce?|b\.c)\b|at the (?:earliest|latest)|(?:قبل الميلاد|ق\.م|علي (?:اقرب|ابعد) تقدير)(?!\w))"
)
_DENIES = re.compile(r"\b(?:not|never|no)\b|n't\b|(?<!\w)[وف]?(?:لن|لم|لا|ليس|ليست|ما لم)(?!\w)")
_AND = r"(?:الي|حتي|و|او|to|and|or|until|[-–—−/:])"
_JOINED = re.compile(
    rf"\d\s*{_AND}\s*\d+(?:[.,]\d+)?\s*(?:%|٪|per ?cent|بالم|في الم)|\d\s*[-–—−/:]\s*\d|(?<!\w)[-–−]\s?\d"
)
_NUMBERED = re.compile(
    r"(?:\b(?:no|nos|number|resolution|article|channel|route|gate|flight|boeing|airbus|minute)\.?"
    r"|(?<!\w)(?:ال)?(?:رقم|قرار|ماده|بند|قناه|مجموعه|طراز|لواء|فرقه|شارع|دقيقه|طابق|بوينغ|ايرباص|شاهد|اف|اس))\s*$"
)
_BEHIND_NUMBER = re.compile(
    r"^\s*(?:\w+\s+){0,2}(?:ونصف|and a half|½|علي الاقل|علي الاكثر|تقريبا|او اكثر|او اقل|فاكثر"
    r"|or (?:more|less|so|fewer)|at (?:least|most))|^\+"
)
_EXCEEDS = re.compile(r"\b(?:exceed|top|near|estimat|surpass)\w*|(?<!\w)(?:ت|ي)?(?:تجاوز|تخط|فاق|يفوق|تفوق|قدر)\w*")
_SOME = re.compile(r"\b(?:dozens|scores|hundreds|thousands|millions)\b|(?<!\w)(?:ال)?(?:عشرات|ميات|الاف|ملايين)(?!\w)")
_PROCLITICS = "(?:[وفبلك]{1,2}ـ?)?"


def the_value(question: str, line: str, language: str) -> str:
    """The only value of the line that the question may ask for and does not give itself, as `language` (ISO 639-1) writes it;
    "" where there is none, or a choice."""
    wanted = wanted_value(question)
    if wanted == "time":
        return _date(question, line, language)
    if wanted == "percent" or (wanted == "number" and _COUNTS.search(fold(question))):
        return _number(question, line, wanted, language)
    return ""


def _number(question: str, line: str, wanted: str, language: str) -> str:
    line = without_dates(line)
    given = values_of(question)
    rivals = ("percent",) if wanted == "percent" else ("number", "percent")
    found = {
        (value.kind, value.value): value
        for value in quantities(line)
        if (value.required or value.value > 2) and value.kind in rivals and (value.kind, value.value) not in given
    }
    folded = fold(line)
    # "The 7 October attack" names what happened, and is not cut out as a date.
    event = any(value.kind == "month" for value in quantities(line))
    if len(found) != 1 or event or _JOINED.search(folded) or _SOME.search(folded):
        return ""
    (value,) = found.values()
    if value.kind != wanted or not _stands_free(value, folded, fold(question)):
        return ""
    if wanted == "percent":
        return format_decimal(value.value, locale=language) + "%"
    return _written(value.value, language) if _is_count(value) else ""


def _is_count(value: Quantity) -> bool:
    """No year, no ordinal, no fraction ("12.500" may be one), and no round word ("hundreds"), which may be meant roughly."""
    is_word = not any(map(str.isdecimal, value.text))
    whole = value.value == int(value.value) and not value.text.startswith("0")
    return whole and not (_is_year(value) or is_ordinal(value) or (is_word and value.value in _ROUND))


def _stands_free(value: Quantity, folded: str, question: str) -> bool:
    """Whether it is no part of a name ("F-35"), numbers nothing, nothing beside it makes it more or less, and it counts what the
    question asks for."""
    first, last = value.text.split()[0], value.text.split()[-1]
    match = re.search(rf"(?<![\w.,/-]){_PROCLITICS}{re.escape(first)}(?![\w/-])", folded)
    if match is None:
        return False
    before, after = folded[: match.start()], folded[folded.find(last, match.start()) + len(last) :]
    changed = (ROUGHLY, _NUMBERED, _EXCEEDS, _DENIES)
    if any(pattern.search(before) for pattern in changed) or _BEHIND_NUMBER.search(after):
        return False
    asked = _units(question) | ({"year"} if "how old" in question else set())
    counted = _units(" ".join(LETTERS.findall(after)[:1]))
    return value.kind == "percent" or counted == asked or (not counted and not asked)


def _units(folded: str) -> set[str]:
    """What a number may count that a question must name as well: "505 days" are no hostages."""
    return {unit_of(word) for word in re.findall(r"[^\W\d_]+", folded)} - {""}


def _written(value: float, language: str) -> str:
    """In digits; from a million on as news write it ("3.2 billion"), where that says the same."""
    short = format_compact_decimal(value, format_type="long", locale=language, fraction_digits=3)
    same = value >= _ROUND[2] and [value] == [one.value for one in quantities(short)]
    return short if same else format_decimal(value, locale=language)


def _date(question: str, line: str, language: str) -> str:
    found = find_when(line, ANY_DAY)
    if len(found) != 1:
        return ""
    span = found[0].span
    parts, more = _parts(span.text)
    known = parts.items() <= _parts(question)[0].items()
    if known or not _BESIDE.issuperset(LETTERS.findall(more)) or not _is_asked_for(parts, question):
        return ""
    if _JOINED.search(fold(span.text)) or _changes(fold(line[: span.start]), fold(line[span.end :])):
        return ""
    told = {part: int(parts[part]) for part in _ORDER if part in parts}
    return " ".join(
        date_name(part, value, language) if part in ("weekday", "month") else str(value) for part, value in told.items()
    )


def _changes(before: str, after: str) -> bool:
    """Whether what stands around a date may say something else than that day, or another date."""
    others = (*quantities(before), *quantities(after))
    other = any(value.kind in ("month", "weekday", "decade") or _is_year(value) for value in others)
    joined = re.search(rf"\d\s*{_AND}\s*$", before) or re.search(rf"^\s*{_AND}\s*\d", after)
    around = _AROUND.intersection(LETTERS.findall(before)[-4:])
    return bool(other or joined or around or _DENIES.search(before) or _BEHIND_DATE.search(after))


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


def _is_asked_for(parts: Collection[str], question: str) -> bool:
    folded = fold(question)
    asked = [part for part, pattern in _ASKED.items() if pattern.search(folded)]
    if "day" in asked:
        return "weekday" in parts or {"day", "month"} <= set(parts)
    return set(asked) <= set(parts) <= set(_ORDER)
