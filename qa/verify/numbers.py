"""Numbers, percentages, decades, months and weekdays of a text, as values that compare across digit systems and languages.

"٢٪" and "2 percent", "13" and "ثلاثة عشر", "October" and "تشرين الأول" and "أكتوبر" come out equal. English and Arabic
words are read; digits are read in every language. Month and weekday names are those of Unicode CLDR (through Babel).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from babel import Locale

from index.analyse import fold

Kind = Literal["number", "percent", "decade", "month", "weekday"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One value of a text. `required` is False where the wording is too ambiguous to insist on ("one", "second")."""

    kind: Kind
    value: float
    text: str
    required: bool = True


_FRACTIONS = str.maketrans({"½": ".5", "¼": ".25", "¾": ".75"})
# "15 point 1" in words; and "3ر13", as Arabic news agencies type 13.3: its parts stand from right to left.
_POINT_IN_WORDS = re.compile(r"(?<!\d)(\d+) فاصل[ةه]? (\d+)")
_POINT_AS_LETTER = re.compile(r"(?<![\d.,])(\d+)ر(\d+)(?!\d)")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[%٪]|[^\W\d_]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DOTTED_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")  # of one dot alone nobody knows
_LIST_MARKER = re.compile(r"^\s*[(\[]?\d{1,2}[.)\]]\s+")
_DECADE = re.compile(r"(?<![\w.,])((?:\d\d)?\d0)['’]?s\b", re.I)
_ROMAN = re.compile(r"(?<![\w.])[IVXL]{2,7}(?!\w)")  # "Louis XIV", "Super Bowl 50" written L is left alone
_ISO_DATE = re.compile(r"\b\d{4}-(0[1-9]|1[0-2])-\d\d\b")

# English. "one", "a" and "second" say too many other things to be insisted on.
_UNITS_EN = dict(zip("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
                     "seventeen eighteen nineteen".split(), range(20), strict=True))  # fmt: skip
_TENS_EN = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_ORDINALS_EN = dict(zip("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
                        "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
                        range(1, 21), strict=True))  # fmt: skip
_ORDINALS_EN |= {word[:-1] + "ieth": value for word, value in _TENS_EN.items()}
_DECADES_EN = dict(zip("twenties thirties forties fifties sixties seventies eighties nineties".split(),
                       range(20, 100, 10), strict=True))  # fmt: skip
_SCALES_EN = {"hundred": 1e2, "hundreds": 1e2, "thousand": 1e3, "thousands": 1e3, "million": 1e6, "millions": 1e6,
              "billion": 1e9, "billions": 1e9, "bn": 1e9, "trillion": 1e12, "trillions": 1e12}  # fmt: skip

# Arabic, in folded spelling (index.analyse.fold): ta marbuta is ه, every hamza seat its bare letter.
_UNITS_AR = {
    "صفر": 0, "واحد": 1, "واحده": 1, "احد": 1, "احدي": 1, "اثنان": 2, "اثنين": 2, "اثنتان": 2, "اثنتين": 2, "اثنا": 2, "اثني": 2,
    "اثنتا": 2, "اثنتي": 2, "ثلاث": 3, "ثلاثه": 3, "اربع": 4, "اربعه": 4, "خمس": 5, "خمسه": 5, "ست": 6, "سته": 6, "سبع": 7,
    "سبعه": 7, "ثمان": 8, "ثماني": 8, "ثمانيه": 8, "تسع": 9, "تسعه": 9, "عشر": 10, "عشره": 10,
}  # fmt: skip
_ORDINALS_AR = {
    "اول": 1, "اولي": 1, "حادي": 1, "حاديه": 1, "ثاني": 2, "ثانيه": 2, "ثالث": 3, "ثالثه": 3, "رابع": 4, "رابعه": 4, "خامس": 5,
    "خامسه": 5, "سادس": 6, "سادسه": 6, "سابع": 7, "سابعه": 7, "ثامن": 8, "ثامنه": 8, "تاسع": 9, "تاسعه": 9, "عاشر": 10,
    "عاشره": 10,
}  # fmt: skip
_TEN_STEMS_AR = {"عشر": 20, "ثلاث": 30, "اربع": 40, "خمس": 50, "ست": 60, "سبع": 70, "ثمان": 80, "تسع": 90}
_TENS_AR = {stem + ending: value for stem, value in _TEN_STEMS_AR.items() for ending in ("ون", "ين")}
_DECADES_AR = {
    stem + ending: value for stem, value in _TEN_STEMS_AR.items() for ending in ("ينيات", "ينات", "ينيه", "ينييات")
}
_SCALES_AR = {
    "ميه": 1e2, "مايه": 1e2, "ميتان": 2e2, "ميتين": 2e2, "مايتان": 2e2, "مايتين": 2e2, "ميات": 1e2, "الف": 1e3, "الاف": 1e3,
    "الفا": 1e3, "الفان": 2e3, "الفين": 2e3, "مليون": 1e6, "ملايين": 1e6, "مليونا": 1e6, "مليونان": 2e6, "مليوني": 2e6,
    "مليونين": 2e6, "مليار": 1e9, "مليارات": 1e9, "مليارا": 1e9, "مليارين": 2e9, "ملياري": 2e9, "بليون": 1e9, "تريليون": 1e12,
    "تريليونات": 1e12, "تريليونا": 1e12, "ترليون": 1e12,
}  # fmt: skip
_HUNDREDS_AR = {
    unit + hundred: value * 100.0
    for unit, value in [("ثلاث", 3), ("اربع", 4), ("خمس", 5), ("ست", 6), ("سبع", 7), ("ثمان", 8), ("ثماني", 8), ("تسع", 9)]
    for hundred in ("ميه", "مايه")
}  # fmt: skip
_LOOKALIKES_AR = frozenset({"لست", "الست", "فست", "لاحد", "باحد", "فالاول"})  # "I am not", "to someone" …
_PERCENT_WORDS = frozenset({"%", "٪", "percent", "pct", "بالميه", "بالمايه"})
_ENGLISH_ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th", "s"})
# What stands before a number that is meant as more, less or about as much.
ROUGHLY = re.compile(
    r"(?:\b(?:about|around|almost|nearly|roughly|some|over|under|than|least|most|to|approximately)|[<>~≈]"
    r"|(?<!\w)(?:نحو|حوالي|زهاء|قرابه|اكثر\s+من|اقل\s+من|يقارب|تقارب|يناهز|يقرب\s+من|يصل\s+الي|يقل\s+عن|دون|علي\s+الاقل|تجاوز|يتجاوز"
    r"|(?:يزيد|تزيد|زاد|يربو)\s+(?:علي|عن)))\s*$"
)
_PLAIN_VALUE = re.compile(r"[\w\s.,%٪]+")
_BETWEEN = 2  # words within a date: "25 من شباط عام 2010"
_HALF = re.compile(r"\bhalf\b|(?<!\w)و?(?:ال)?نصف(?!\w)|\.5")
_DUAL_AR = re.compile(r"\w{2,}(?:ان|ين|تا|ا|ي|يه)$")  # "عامين", "خطأين", and the construct "لاعبا", "لاعبي"


@lru_cache(maxsize=1024)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Every number, percentage, decade, month and weekday of the text, in no particular order."""
    text = _LIST_MARKER.sub("", text).translate(_FRACTIONS)
    text = _POINT_AS_LETTER.sub(r"\2.\1", _POINT_IN_WORDS.sub(r"\1.\2", text))
    decades = [Quantity("decade", float(m.group(1)), m.group(0)) for m in _DECADE.finditer(fold(text))]
    romans = [Quantity("number", float(_roman(m.group(0))), m.group(0), False) for m in _ROMAN.finditer(text)]
    months = [Quantity("month", float(m.group(1)), m.group(0), False) for m in _ISO_DATE.finditer(fold(text))]
    without_decades = _DECADE.sub(" ", fold(text))
    return (*_numbers(_TOKEN.findall(without_decades)), *decades, *months, *romans, *_calendar_names(text))


def missing_quantities(claim: str, source: str, context: str = "") -> tuple[Quantity, ...]:
    """The quantities the claim insists on that neither the source nor its context holds."""
    wanted = [quantity for quantity in quantities(claim) if quantity.required]
    if not wanted:
        return ()
    there = (*quantities(source), *quantities(context))
    half = bool(_HALF.search(fold(source)) or _HALF.search(fold(claim)))
    has_dual = any(_DUAL_AR.match(word) for word in _TOKEN.findall(fold(source)) if "\u0600" <= word[0] <= "\u06ff")
    return tuple(q for q in wanted if not (_holds(there, q) or (has_dual and q.kind == "number" and q.value == 2)
                                         or (half and _holds_beside_half(there, q))))  # fmt: skip


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
        word in {"st", "nd", "rd", "th"} or word in _ORDINALS_EN or _bare(word, _ORDINALS_AR) in _ORDINALS_AR
        for word in value.text.split()
    )


def missing_numerals(claim: str, source: str, context: str = "") -> tuple[str, ...]:
    """Roman numerals of three letters or more that the claim has and neither the source nor its context, as a number in any
    form. Within a language: in another one "LIV" may be a name that is spelled."""
    there = {quantity.value for quantity in (*quantities(source), *quantities(context))}
    return tuple(m.group(0) for m in _ROMAN.finditer(claim) if len(m.group(0)) > 2 and _roman(m.group(0)) not in there)


def _holds_beside_half(there: Iterable[Quantity], wanted: Quantity) -> bool:
    """ "6½" against "6 … ونصف"."""
    return wanted.kind == "number" and any(
        other.kind == "number" and other.value in (wanted.value - 0.5, wanted.value + 0.5) for other in there
    )


def _holds(there: Iterable[Quantity], wanted: Quantity) -> bool:
    for other in there:
        close = abs(other.value - wanted.value) <= 1e-6 * max(1.0, abs(wanted.value))
        if close and other.kind == wanted.kind:
            return True
        kinds = {other.kind, wanted.kind}
        if close and kinds == {"number", "decade"} and wanted.value >= 100:  # "the 1620s", "العقد 1620"
            return True
        if kinds == {"decade"} and min(other.value, wanted.value) < 100 and other.value % 100 == wanted.value % 100:
            return True
    return False


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[letter] for letter in numeral]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _numbers(tokens: list[str]) -> list[Quantity]:
    found: list[Quantity] = []
    at = 0
    while at < len(tokens):
        read = _read_digits(tokens, at) or _read_english(tokens, at) or _read_arabic(tokens, at)
        if read is None:
            at += 1
            continue
        value, end, required = read
        kind: Kind = "number"
        if end < len(tokens) and tokens[end] in _ENGLISH_ORDINAL_ENDINGS:
            end += 1
        if tokens[end : end + 1] and tokens[end] in _PERCENT_WORDS:
            kind, end = "percent", end + 1
        elif tokens[end : end + 2] in (["per", "cent"], ["في", "الميه"], ["في", "المايه"]):
            kind, end = "percent", end + 2
        found.append(Quantity(kind, value, " ".join(tokens[at:end]), required or kind == "percent"))
        at = end
    decades = [(token, _DECADES_EN.get(token) or _DECADES_AR.get(_bare(token, _DECADES_AR))) for token in tokens]
    found.extend(Quantity("decade", float(value), token) for token, value in decades if value)
    return found


def _read_digits(tokens: list[str], at: int) -> tuple[float, int, bool] | None:
    token = tokens[at]
    if not token[0].isdigit():
        return None
    value, end = _digits_value(token), at + 1
    while end < len(tokens) and tokens[end] not in _PERCENT_WORDS and (scale := _scale(tokens[end])):
        value, end = value * scale, end + 1
    return value, end, True


def _digits_value(token: str) -> float:
    if _THOUSANDS.fullmatch(token):
        return float(token.replace(",", ""))
    if _DOTTED_THOUSANDS.fullmatch(token):
        return float(token.replace(".", ""))
    parts = re.split(r"[.,]", token)
    return float(parts[0]) if len(parts) > 2 else float(".".join(parts))


def _scale(token: str) -> float | None:
    return _SCALES_EN.get(token) or _SCALES_AR.get(_bare(token, _SCALES_AR))


def _read_english(tokens: list[str], at: int) -> tuple[float, int, bool] | None:
    total, group, end, last = 0.0, 0.0, at, ""
    while end < len(tokens):
        token = tokens[end]
        if token in _TENS_EN and last in ("", "scale"):
            group, last = group + _TENS_EN[token], "tens"
        elif token in _UNITS_EN and (last in ("", "scale") or (last == "tens" and _UNITS_EN[token] < 10)):
            group, last = group + _UNITS_EN[token], "unit"
        elif token in _ORDINALS_EN and (last in ("", "scale") or (last == "tens" and _ORDINALS_EN[token] < 10)):
            value = group + _ORDINALS_EN[token]
            return total + value, end + 1, total + value > 2
        elif token in _SCALES_EN and last:
            group = group * _SCALES_EN[token]
            if _SCALES_EN[token] > 100:
                total, group = total + group, 0.0
            last = "scale"
        elif not (
            token == "and" and last == "scale" and tokens[end + 1 : end + 2] and _is_english_unit(tokens[end + 1])
        ):
            break
        end += 1
    return (total + group, end, total + group != 1) if last else None


def _is_english_unit(token: str) -> bool:
    return token in _UNITS_EN or token in _TENS_EN


def _read_arabic(tokens: list[str], at: int) -> tuple[float, int, bool] | None:
    """Units, teens, tens and hundreds joined by و, scaled by thousands and millions: "خمسة وعشرون مليونا"."""
    total, group, end, insist = 0.0, 0.0, at, False
    while end < len(tokens):
        token = tokens[end]
        value = _arabic_value(token) if token not in _PERCENT_WORDS else None
        if value is None or (end > at and not _continues(token, value, group)):
            break
        if _bare(token, _SCALES_AR) in _SCALES_AR and value >= 1000:
            total, group = total + max(group, 1.0) * value, 0.0
            insist = insist or end > at
        elif value == 100 and 2 < group < 10:
            group *= 100
        else:
            group += value
            insist = insist or value > 2
        end += 1
    if end == at:
        return None
    return total + group, end, insist and total + group > 2


def _continues(token: str, value: float, group: float) -> bool:
    """Whether a number word goes on the number before it (خمسة وعشرون) or begins the next one (التاسع والعاشر)."""
    if value == 10 and not token.startswith("و"):
        return 0 < group < 10  # the teens
    if value >= 100 and not token.startswith("و"):
        return True
    if not token.startswith("و"):
        return False
    return (group < 10 and 20 <= value < 100) or group == 0 or (group >= 100 and value < 100)


@lru_cache(maxsize=16384)
def _arabic_value(token: str) -> float | None:
    if token.isascii():
        return None
    for table in (_UNITS_AR, _TENS_AR, _ORDINALS_AR, _HUNDREDS_AR, _SCALES_AR):
        bare = _bare(token, table)
        if bare in table:
            return float(table[bare])
    return None


def _bare(token: str, table: dict[str, float] | dict[str, int]) -> str:
    """The token without و/ف, ب/ل/ك and ال, as soon as the table knows what is left."""
    if token.isascii() or token in _LOOKALIKES_AR:
        return token
    for prefix in ("", "و", "ف", "ب", "ل", "ال", "وال", "بال", "لل", "وب", "ول", "فال"):
        if token.startswith(prefix) and token[len(prefix) :] in table:
            return token[len(prefix) :]
    return token


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
        if name not in _AMBIGUOUS_ENGLISH or _dated(text, match.start(), match.end()):
            found.append(Quantity(kind, float(value), match.group(0)))
    days = _arabic_weekdays()
    for match in _alternatives(tuple(days)).finditer(folded):
        found.append(Quantity("weekday", float(days[match.group("name")]), match.group(0), bool(match.group("day"))))
    return found


_AMBIGUOUS_MONTHS_AR = frozenset({"مارس", "اب", "ماي", "اوت"})  # also: practised, father, …
_AMBIGUOUS_ENGLISH = frozenset({"may", "march", "mar", "dec", "jan", "sun", "sat", "august"})
_DATE_PREPOSITION = re.compile(r"(?:\b(?:in|of|by|since|until|till|from|during|late|early|mid|last|next|this|on)|(?<!\w)"
                               r"(?:في|شهر|خلال|بحلول"
                               r"|منذ|حتي|اوايل|اواخر|منتصف|مطلع|نهايه|بدايه)|/)[\s-]*$", re.I)  # fmt: skip


def _dated(text: str, start: int, end: int) -> bool:
    near = text[max(0, start - 4) : start] + " " + text[end : end + 6]
    return bool(re.search(r"\d", near)) or bool(_DATE_PREPOSITION.search(text[:start]))


@cache
def _arabic_months() -> dict[str, int]:
    """Folded name to month in every Arabic tradition of CLDR: يناير, كانون الثاني, جانفي, غشت …"""
    return {
        fold(name): month
        for code in ("ar", "ar_SY", "ar_DZ", "ar_MA")
        for month, name in Locale.parse(code).months["format"]["wide"].items()
    }


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
