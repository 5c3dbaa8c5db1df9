"""Numbers, percentages, fractions, decades, months and weekdays of a text, as values that compare across digit systems and
languages.

"٢٪" and "2 percent", "13" and "ثلاثة عشر", "October" and "تشرين الأول" and "أكتوبر" come out equal. English and Arabic
words are read (`qa.verify.numerals`); digits are read in every language. Month and weekday names are those of Unicode CLDR
(through Babel).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from babel import Locale

from index.analyse import fold
from qa.glosses import glossary
from qa.verify.numerals import ORDINALS_AR, ORDINALS_EN, PERCENT_WORDS, TEN_STEMS_AR, Numeral, bare, numerals
from qa.verify.units import are_rivals, spelled_out, unit_of

Kind = Literal["number", "some", "percent", "fraction", "decade", "month", "weekday"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One value of a text; `some` is as many as "hundreds" are. `required` is False where the wording is too ambiguous to insist on
    ("one", "second"). `unit` is what the word behind a number says that it counts, "" for most things; `bound` tells that it may be
    more ("at least") or less ("fewer than")."""

    kind: Kind
    value: float
    text: str
    required: bool = True
    unit: str = ""
    bound: Literal["", "more", "less"] = ""


_FRACTIONS = str.maketrans({"½": ".5", "¼": ".25", "¾": ".75"} | dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉"))  # "m²" has no 2
_FRACTION_ALONE = re.compile(r"(?<!\d)(?=[½¼¾])")
# "15 point 1" in words; and "3ر13", as Arabic news agencies type 13.3: its parts stand from right to left.
_POINT_IN_WORDS = re.compile(r"(?<!\d)(\d+) فاصل[ةه]? (\d+)")
_POINT_AS_LETTER = re.compile(r"(?<![\d.,])(\d+)ر(\d+)(?!\d)")
_TOKEN = re.compile(r"\d{1,3}(?:،\d{3})+(?!\d)|\d+(?:[.,]\d+)*|[%٪]|[^\W\d_]+")
_LIST_MARKER = re.compile(r"^\s*[(\[]?\d{1,2}[.)\]]\s+")
_DECADE = re.compile(r"(?<![\w.,])((?:\d\d)?\d0)['’]?s\b", re.I)
_ROMAN = re.compile(r"(?<![\w.])[IVXL]{2,7}(?!\w)")  # "Louis XIV", "Super Bowl 50" written L is left alone
_ISO_DATE = re.compile(r"\b\d{4}-(0[1-9]|1[0-2])-\d\d\b")

_DECADES_EN = dict(zip("twenties thirties forties fifties sixties seventies eighties nineties".split(),
                       range(20, 100, 10), strict=True))  # fmt: skip
_DECADES_AR = {
    stem + ending: value for stem, value in TEN_STEMS_AR.items() for ending in ("ينيات", "ينات", "ينيه", "ينييات")
}
_ENGLISH_ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th", "s"})
# What stands before a number that is meant as more, less or about as much.
ROUGHLY = re.compile(
    r"(?:\b(?:about|around|almost|nearly|roughly|some|over|under|than|least|most|to|approximately)|[<>~≈]"
    r"|(?<!\w)(?:نحو|حوالي|زهاء|قرابه|اكثر\s+من|اقل\s+من|يقارب|تقارب|يناهز|يقرب\s+من|يصل\s+الي|يقل\s+عن|دون|علي\s+الاقل|تجاوز|يتجاوز"
    r"|(?:يزيد|تزيد|زاد|يربو)\s+(?:علي|عن)))\s*$"
)
# Of these the longer ones first: "no more than" is less, "no fewer than" more.
_LESS = re.compile(
    r"(?:\b(?:(?:no|not) more than|(?<!no )(?<!not )(?:fewer|less) than|at most|under|below|not exceed\w*)"
    r"|(?<!\w)(?:لا|لم|لن) [يت](?:زيد|تجاوز|تعدي?) ?(?:عن|علي)?|(?<!لا )(?<!لم )(?<!لن )(?<!\w)[يت]قل عن|(?<!\w)(?:اقل من|دون))$"
)
_MORE = re.compile(
    r"(?:\b(?:(?<!no )(?<!not )more than|no (?:fewer|less) than|not less than|at least|over|above|(?<!not )exceed\w*)"
    r"|(?<!\w)(?:لا|لم|لن) [يت]قل عن|(?<!\w)(?:اكثر من|فوق)"
    r"|(?<!لا )(?<!لم )(?<!لن )(?<!\w)[يت]?(?:زيد|زاد|تجاوز|تعدي)(?:ت)? ?(?:عن|علي)?)$"
)
_MORE_BEHIND = re.compile(r"^(?:\S+ )?(?:or more|at least|علي الاقل|او اكثر)(?! \d)(?!\w)")
_LESS_BEHIND = re.compile(r"^(?:\S+ )?(?:or (?:less|fewer)|at most|علي الاكثر|او اقل)(?! \d)(?!\w)")
_DASH = re.compile(r"(?<=\d)\s?[-–—]\s?(?=\d)")  # "3-4%"
_PLAIN_VALUE = re.compile(r"[\w\s.,%٪]+")
_BETWEEN = 2  # words within a date: "25 من شباط عام 2010"
_ARABIC_WORD = re.compile("[\u0621-\u0652\u0670]+")  # with its marks: the dictionary knows it as it is written
_DUAL_AR = re.compile(r"\w{3,}(?:ان|ين)$")  # "عامين", where no dictionary tells
# "hundreds" are held by 350, not by 3,500; "tens of thousands" by 20,000.
_NEXT_SIZE = {1e1: 1e2, 1e2: 1e3, 1e3: 1e6, 1e4: 1e5, 1e5: 1e6, 1e6: 1e9, 1e9: 1e12}
_SAME_SHARE = 0.02  # "a third" and 33%
_PARTS_EN = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_PARTS_AR = {"نصف": 1 / 2, "ثلث": 1 / 3, "ثلثا": 2 / 3, "ثلثي": 2 / 3, "ثلثين": 2 / 3, "ربع": 1 / 4}
_MANY_PARTS = {"two": 2, "three": 3, "four": 4}
_FRACTION = re.compile(
    r"\b(?:(?P<many>two|three|four)[ -](?P<parts>third|quarter|fifth|tenth)s"
    r"|(?:a|one)[ -](?P<part>third|quarter|fifth|tenth)(?= of (?!a )\w)"
    r"|(?<!first )(?<!second )(?P<half>half)(?= (?:of|the|its|their|his|her)\b))"
    r"|(?<!\w)[وبل]?(?:(?P<quarters>ثلاثه ارباع\w*)|ال(?P<two>ثلثين)"
    r"|(?P<ar>(?<!و)نصف|ثلثا|ثلثي|ثلث|ربع)(?= (?!(?:ال)?(?:اول|ثاني|ثالث|رابع|نهاي\w*|مليون|مليار|الف)(?!\w))[^\W\d]))(?!\w)"
)


@lru_cache(maxsize=1024)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Every number, percentage, decade, month and weekday of the text, in no particular order."""
    text = spelled_out(_FRACTION_ALONE.sub("0", _LIST_MARKER.sub("", text)).translate(_FRACTIONS))
    text = _POINT_AS_LETTER.sub(r"\2.\1", _POINT_IN_WORDS.sub(r"\1.\2", text))
    decades = [Quantity("decade", float(m.group(1)), m.group(0)) for m in _DECADE.finditer(fold(text))]
    romans = [Quantity("number", float(_roman(m.group(0))), m.group(0), False) for m in _ROMAN.finditer(text)]
    months = [Quantity("month", float(m.group(1)), m.group(0), False) for m in _ISO_DATE.finditer(fold(text))]
    folded = _DECADE.sub(" ", fold(text))
    fractions = [Quantity("fraction", _fraction(m), m.group(0), False) for m in _FRACTION.finditer(folded)]
    folded = _names_of_two_words().sub(" / ", _FRACTION.sub(" / ", folded))
    tokens = _TOKEN.findall(_DASH.sub(" to ", folded))
    return (*_numbers(tokens), *fractions, *decades, *months, *romans, *_calendar_names(text))


def missing_quantities(claim: str, source: str, context: str = "") -> tuple[Quantity, ...]:
    """The quantities the claim insists on that neither the source nor its context holds; and those it does not insist on where the
    source holds another of the kind instead ("the first round" of the second)."""
    mine = quantities(claim)
    if not mine:
        return ()
    there = (*quantities(source), *quantities(context))
    missing = tuple(
        wanted for wanted in mine if not _holds(there, wanted) and (wanted.required or _rivals(there, wanted))
    )
    two = [wanted for wanted in missing if (wanted.kind, wanted.value) == ("number", 2)]
    return tuple(wanted for wanted in missing if wanted not in two) if two and _has_dual(source) else missing


def _rivals(there: Iterable[Quantity], wanted: Quantity) -> bool:
    """Whether a value that is not insisted on stands against another one of its kind."""
    if wanted.kind == "number":
        return is_ordinal(wanted) and any(other.kind == "number" and is_ordinal(other) for other in there)
    return any(other.kind == wanted.kind for other in there)


@lru_cache(maxsize=1024)
def _has_dual(text: str) -> bool:
    """Whether some Arabic word of the text may say two of something: none that a number stands before."""
    known, tokens = glossary(), _TOKEN.findall(fold(text))
    counted = {tokens[numeral.end] for numeral in numerals(tokens) if numeral.value > 2 and numeral.end < len(tokens)}
    written = (word for word in _ARABIC_WORD.findall(text) if fold(word) not in counted)
    return any(known.may_be_two(word) if known else _DUAL_AR.match(fold(word)) for word in written)


def is_value(text: str) -> bool:
    """Whether a text is nothing but a number, a percentage or a date in words: the same in every language."""
    tokens = _TOKEN.findall(fold(text))
    valued = {token for value in quantities(text) if value.required for token in _TOKEN.findall(fold(value.text))}
    return bool(tokens) and _PLAIN_VALUE.fullmatch(text) is not None and valued.issuperset(tokens)


def stands_in(text: str, source: str) -> bool:
    """Whether all values of a text stand together in a source, with no more than a word or two between them."""
    wanted, words = values_of(text), source.split()
    width = len(text.split()) + _BETWEEN
    windows = (" ".join(words[at : at + width]) for at in range(max(1, len(words) - width + 1)))
    together = len(wanted) == 1 or any(wanted <= values_of(window) for window in windows)
    return bool(wanted) and wanted <= values_of(source) and together


def values_of(text: str) -> frozenset[tuple[str, float]]:
    """The kind and value of every quantity of a text, by which two texts are compared."""
    return frozenset((quantity.kind, quantity.value) for quantity in quantities(text))


def is_ordinal(value: Quantity) -> bool:
    """Whether it numbers one of several ("third", "3rd") and does not count them."""
    return any(
        word in {"st", "nd", "rd", "th"} or word in ORDINALS_EN or bare(word, ORDINALS_AR) in ORDINALS_AR
        for word in value.text.split()
    )


def missing_numerals(claim: str, source: str, context: str = "") -> tuple[str, ...]:
    """Roman numerals of three letters or more that the claim has and neither the source nor its context, as a number in any
    form. Within a language: in another one "LIV" may be a name that is spelled."""
    there = {quantity.value for quantity in (*quantities(source), *quantities(context))}
    return tuple(m.group(0) for m in _ROMAN.finditer(claim) if len(m.group(0)) > 2 and _roman(m.group(0)) not in there)


def _holds(there: Iterable[Quantity], wanted: Quantity) -> bool:
    return any(_is_held(wanted, other) for other in there)


def _is_held(wanted: Quantity, other: Quantity) -> bool:
    kinds = {other.kind, wanted.kind}
    close = abs(other.value - wanted.value) <= 1e-6 * max(1.0, abs(wanted.value))
    if close and len(kinds) == 1:
        return not are_rivals(wanted.unit, other.unit) and {wanted.bound, other.bound} != {"more", "less"}
    if close and kinds == {"number", "decade"} and wanted.value >= 100:  # "the 1620s", "العقد 1620"
        return True
    if (wanted.kind, other.kind) == ("some", "number"):
        return wanted.value <= other.value < _NEXT_SIZE.get(wanted.value, wanted.value * 1e3)
    if kinds == {"fraction", "percent"}:
        return (
            abs(wanted.value - other.value / 100) < _SAME_SHARE or abs(other.value - wanted.value / 100) < _SAME_SHARE
        )
    return kinds == {"decade"} and min(other.value, wanted.value) < 100 and other.value % 100 == wanted.value % 100


def _fraction(match: re.Match[str]) -> float:
    said = match.groupdict()
    if said["many"]:
        return _MANY_PARTS[said["many"]] * _PARTS_EN[said["parts"]]
    if said["quarters"]:
        return 3 / 4
    return _PARTS_EN.get(said["part"] or said["half"] or "") or _PARTS_AR[said["ar"] or said["two"]]


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[letter] for letter in numeral]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _numbers(tokens: list[str]) -> list[Quantity]:
    found: list[Quantity] = []
    begin = behind = 0  # of the last value
    for numeral in numerals(tokens):
        if numeral.begin < behind:  # the hundred of "في المئة"
            continue
        kind, end = _kind(tokens, numeral)
        between, led = tokens[behind : numeral.begin], tokens[max(0, begin - 1) : begin]
        if found and kind == "percent" and found[-1].kind == "number" and _is_range(led, between):
            found[-1] = replace(found[-1], kind="percent", required=True)
        unit = unit_of(tokens[end]) if kind == "number" and end < len(tokens) else ""
        text = " ".join(tokens[numeral.begin : end])
        bound = _bound(tokens[max(0, numeral.begin - 4) : numeral.begin], tokens[end : end + 4])
        found.append(Quantity(kind, numeral.value, text, numeral.required or kind == "percent", unit, bound))
        begin, behind = numeral.begin, end
    decades = [(token, _DECADES_EN.get(token) or _DECADES_AR.get(bare(token, _DECADES_AR))) for token in tokens]
    found.extend(Quantity("decade", float(value), token) for token, value in decades if value)
    return found


def _bound(before: list[str], after: list[str]) -> Literal["", "more", "less"]:
    led, followed = " ".join(before), " ".join(after)
    if _LESS.search(led) or _MORE.search(led):
        return "less" if _LESS.search(led) else "more"
    return "less" if _LESS_BEHIND.search(followed) else "more" if _MORE_BEHIND.search(followed) else ""


def _kind(tokens: list[str], numeral: Numeral) -> tuple[Kind, int]:
    """What a number is by what stands around it, and where it ends with that: a sign of percent stands before it, too."""
    end = numeral.end
    if end < len(tokens) and tokens[end] in _ENGLISH_ORDINAL_ENDINGS:
        end += 1
    if tokens[end : end + 1] and tokens[end] in PERCENT_WORDS:
        return "percent", end + 1
    if tokens[end : end + 2] in (["per", "cent"], ["في", "الميه"], ["في", "المايه"]):
        return "percent", end + 2
    before = tokens[max(0, numeral.begin - 2) : numeral.begin]
    if before[-1:] in (["%"], ["٪"]) and tokens[numeral.begin][0].isdigit() and not before[0][0].isdigit():
        return "percent", end
    return ("some" if numeral.some else "number"), end


def _is_range(led: list[str], between: list[str]) -> bool:
    """Whether a number and a percentage, with these words before the one and between the two, are the ends of a range: "3 to 4
    percent", "between 3 and 4 percent"."""
    return between in (["to"], ["الي"], ["حتي"]) or (led in (["between"], ["بين"]) and between in (["and"], ["و"]))


def _calendar_names(text: str) -> list[Quantity]:
    folded = fold(text)
    found: list[Quantity] = []
    months = _arabic_months()
    for match in _alternatives(tuple(months)).finditer(folded):
        name = match.group("name")
        if name not in _AMBIGUOUS_MONTHS_AR or _dated(folded, match.start(), match.end()):
            found.append(Quantity("month", float(months[name]), match.group(0).strip()))
    for match in _english_calendar().finditer(text):
        name = match.group(0).casefold()
        kind, value = _english_calendar_values()[name]
        dated = name not in _AMBIGUOUS_ENGLISH or _dated(text, match.start(), match.end())
        before = text[max(0, match.start() - 40) : match.start()]
        if dated or (name in _MONTHS_IN_CAPITALS and not _OPENS.search(before) and not _NAMES.search(before)):
            found.append(Quantity(kind, float(value), match.group(0), dated))
    days = _arabic_weekdays()
    for match in _alternatives(tuple(days)).finditer(folded):
        found.append(Quantity("weekday", float(days[match.group("name")]), match.group(0), bool(match.group("day"))))
    return found


_AMBIGUOUS_MONTHS_AR = frozenset({"مارس", "اب", "ماي", "اوت"})  # also: practised, father, …
_AMBIGUOUS_ENGLISH = frozenset({"may", "march", "mar", "dec", "jan", "sun", "sat", "august"})
_MONTHS_IN_CAPITALS = frozenset({"may", "march", "august"})  # "the March election", and no verb
_NAMES = re.compile(r"\b(?!(?:The|This|That|Last|Next|In|By)\b)[A-Z]\w+\s+$")  # "Theresa May"
_OPENS = re.compile(r"(?:^|[.!?:\n])[\s\"'“”«»()\[\]]*$")
_DATE_PREPOSITION = re.compile(r"(?:\b(?:in|of|by|since|until|till|from|during|late|early|mid|last|next|this|on|between|after"
                               r"|before)|(?<!\w)"
                               r"(?:في|شهر|شهري|خلال|بحلول|بين|من|الي|قبل|بعد"
                               r"|منذ|حتي|اوايل|اواخر|منتصف|مطلع|نهايه|بدايه)|/)[\s-]*$", re.I)  # fmt: skip


def _dated(text: str, start: int, end: int) -> bool:
    near, before = text[max(0, start - 4) : start] + " " + text[end : end + 6], text[max(0, start - 40) : start]
    return any((re.search(r"\d", near), _DATE_PREPOSITION.search(before), _english_month_and().search(before))) or bool(
        text[start] == "و" and _arabic_month_before().search(before)
    )


@cache
def _english_month_and() -> re.Pattern[str]:
    """ "April and", before a word that is then a month, too."""
    return re.compile(rf"\b(?:{'|'.join(Locale('en').months['format']['wide'].values())})\s+(?:and|or|to)\s+$")


@cache
def _arabic_month_before() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)[وبلف]?(?:{'|'.join(_arabic_months())})\s+$")


@cache
def _arabic_months() -> dict[str, int]:
    """Folded name to month in every Arabic tradition of CLDR: يناير, كانون الثاني, جانفي, غشت …"""
    return {
        fold(name): month
        for code in ("ar", "ar_SY", "ar_DZ", "ar_MA")
        for month, name in Locale.parse(code).months["format"]["wide"].items()
    }


@cache
def _names_of_two_words() -> re.Pattern[str]:
    """Months with an ordinal in their name: "كانون الأول" is no first of anything."""
    return re.compile("|".join(re.escape(name) for name in _arabic_months() if " " in name))


@cache
def _arabic_weekdays() -> dict[str, int]:
    return {fold(name): day for day, name in Locale("ar").days["format"]["wide"].items()}


@cache
def _alternatives(names: tuple[str, ...]) -> re.Pattern[str]:
    """One of the folded Arabic names, with what may be glued to it and a word like "day" before it."""
    longest_first = "|".join(sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?P<day>(?:يوم|ليله|صباح|مساء) )?(?:[وبلف]|ال)?(?P<name>{longest_first})(?!\w)")


@cache
def _english_calendar_values() -> dict[str, tuple[Kind, int]]:
    values: dict[str, tuple[Kind, int]] = {"sept": ("month", 9)}
    for width in ("wide", "abbreviated"):
        values.update({name.casefold(): ("month", n) for n, name in Locale("en").months["format"][width].items()})
        values.update({name.casefold(): ("weekday", n) for n, name in Locale("en").days["format"][width].items()})
    return values


@cache
def _english_calendar() -> re.Pattern[str]:
    """English month and weekday names, capitalised as English writes them."""
    names = sorted(_english_calendar_values(), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(name.capitalize() for name in names) + r")(?!\w)")
