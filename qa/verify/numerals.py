"""Reads the numbers of a text: digits and words of English and Arabic, scaled ("3.5 million"), put together ("مليونا و200 ألف",
"six and a half", "half a million") or indefinite ("hundreds of thousands", "آلاف").

A text is a list of folded tokens (`index.analyse.fold`): digits, signs of percent, and words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.verify.units import unit_of


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number of which the tokens [begin, end) are made. `required` is False where they say too many other things to be
    insisted on ("one", "second"); `some` is True of a number of that size ("thousands")."""

    value: float
    begin: int
    end: int
    required: bool = True
    some: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """What is read so far: up to which token, and by what the number was last multiplied (1 where by nothing)."""

    value: float
    end: int
    required: bool
    scale: float = 1.0


# English. "one", "a" and "second" say too many other things to be insisted on.
_UNITS_EN = dict(zip("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
                     "seventeen eighteen nineteen".split(), range(20), strict=True))  # fmt: skip
_TENS_EN = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
ORDINALS_EN = dict(zip("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
                       "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
                       range(1, 21), strict=True))  # fmt: skip
ORDINALS_EN |= {word[:-1] + "ieth": value for word, value in _TENS_EN.items()}
_SCALES_EN = {"dozen": 12, "hundred": 1e2, "hundreds": 1e2, "thousand": 1e3, "thousands": 1e3, "million": 1e6, "millions": 1e6,
              "billion": 1e9, "billions": 1e9, "bn": 1e9, "tn": 1e12, "trillion": 1e12, "trillions": 1e12}  # fmt: skip
_SOME_EN = {"tens": 1e1, "dozens": 1e1, "scores": 1e1, "hundreds": 1e2, "thousands": 1e3, "millions": 1e6, "billions": 1e9,
            "trillions": 1e12}  # fmt: skip
_ONLY_OF = frozenset({"tens", "scores"})  # "scores of people", and no Gleason scores
_PARTS_EN = {("half", "a"): 0.5, ("half",): 0.5, ("a", "quarter", "of", "a"): 0.25, ("quarter", "of", "a"): 0.25}

# Arabic, in folded spelling: ta marbuta is ه, every hamza seat its bare letter.
_UNITS_AR = {
    "صفر": 0, "واحد": 1, "واحده": 1, "احد": 1, "احدي": 1, "اثنان": 2, "اثنين": 2, "اثنتان": 2, "اثنتين": 2, "اثنا": 2, "اثني": 2,
    "اثنتا": 2, "اثنتي": 2, "ثلاث": 3, "ثلاثه": 3, "اربع": 4, "اربعه": 4, "خمس": 5, "خمسه": 5, "ست": 6, "سته": 6, "سبع": 7,
    "سبعه": 7, "ثمان": 8, "ثماني": 8, "ثمانيه": 8, "تسع": 9, "تسعه": 9, "عشر": 10, "عشره": 10,
}  # fmt: skip
ORDINALS_AR = {
    "اول": 1, "اولي": 1, "حادي": 1, "حاديه": 1, "ثاني": 2, "ثانيه": 2, "ثالث": 3, "ثالثه": 3, "رابع": 4, "رابعه": 4, "خامس": 5,
    "خامسه": 5, "سادس": 6, "سادسه": 6, "سابع": 7, "سابعه": 7, "ثامن": 8, "ثامنه": 8, "تاسع": 9, "تاسعه": 9, "عاشر": 10,
    "عاشره": 10,
}  # fmt: skip
TEN_STEMS_AR = {"عشر": 20, "ثلاث": 30, "اربع": 40, "خمس": 50, "ست": 60, "سبع": 70, "ثمان": 80, "تسع": 90}
_TENS_AR = {stem + ending: value for stem, value in TEN_STEMS_AR.items() for ending in ("ون", "ين")}
_SCALES_AR = {
    "ميه": 1e2, "مايه": 1e2, "ميتان": 2e2, "ميتين": 2e2, "مايتان": 2e2, "مايتين": 2e2, "ميتا": 2e2, "ميتي": 2e2, "مايتا": 2e2,
    "مايتي": 2e2, "ميات": 1e2, "الف": 1e3, "الاف": 1e3, "الفا": 1e3, "الفان": 2e3, "الفين": 2e3, "الفي": 2e3, "مليون": 1e6,
    "ملايين": 1e6, "مليونا": 1e6, "مليونان": 2e6, "مليوني": 2e6, "مليونين": 2e6, "مليار": 1e9, "مليارات": 1e9, "مليارا": 1e9,
    "مليارين": 2e9, "ملياري": 2e9, "بليون": 1e9, "تريليون": 1e12, "تريليونات": 1e12, "تريليونا": 1e12, "ترليون": 1e12,
}  # fmt: skip
_HUNDREDS_AR = {
    unit + hundred: value * 100.0
    for unit, value in [("ثلاث", 3), ("اربع", 4), ("خمس", 5), ("ست", 6), ("سبع", 7), ("ثمان", 8), ("ثماني", 8), ("تسع", 9)]
    for hundred in ("ميه", "مايه")
}  # fmt: skip
_SOME_AR = {"عشرات": 1e1, "ميات": 1e2, "الاف": 1e3, "ملايين": 1e6, "مليارات": 1e9, "تريليونات": 1e12}
_PARTS_AR = {"نصف": 0.5, "ربع": 0.25}
# "Two thousand of", where no number stands before them.
_TWO_OF_AR = frozenset({"الفا", "مليونا", "مليارا", "تريليونا"})
_LOOKALIKES_AR = frozenset({"لست", "الست", "فست", "لاحد", "باحد", "فالاول"})  # "I am not", "to someone" …
# What follows a number, too, and is not what is counted.
_BEHIND_NO_CONSTRUCT = frozenset(
    "في من علي الي عن مع او بين قبل بعد خلال منذ حتي بحسب حسب وفق تقريبا هذا هذه امس اليوم سنويا شهريا يوميا فقط ان".split()
)
PERCENT_WORDS = frozenset({"%", "٪", "percent", "pct", "بالميه", "بالمايه"})
_THOUSANDS = re.compile(r"\d{1,3}(?:[,،]\d{3})+(?:\.\d+)?")
_DOTTED_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")  # of one dot alone nobody knows
_YEAR = re.compile(r"1\d{3}|20\d\d")


def numerals(tokens: Sequence[str]) -> list[Numeral]:
    """The numbers of the tokens, from left to right."""
    found: list[Numeral] = []
    at = 0
    while at < len(tokens):
        numeral = _some(tokens, at) or _numeral(tokens, at)
        if numeral:
            found.append(numeral)
        at = numeral.end if numeral else at + 1
    return found


def bare(token: str, table: Mapping[str, float]) -> str:
    """An Arabic token without و/ف, ب/ل/ك and ال, as soon as the table knows what is left."""
    if token.isascii() or token in _LOOKALIKES_AR:
        return token
    for prefix in ("", "و", "ف", "ب", "ل", "ال", "وال", "بال", "لل", "وب", "ول", "فال"):
        if token.startswith(prefix) and token[len(prefix) :] in table:
            return token[len(prefix) :]
    return token


def _some(tokens: Sequence[str], at: int) -> Numeral | None:
    """ "hundreds", "tens of thousands", "مئات الآلاف": as many as the words say one after the other."""
    size, end = 1.0, at
    while end < len(tokens):
        more = _SOME_EN.get(tokens[end]) or _SOME_AR.get(bare(tokens[end], _SOME_AR))
        if not more or (tokens[end] in _ONLY_OF and tokens[end + 1 : end + 2] != ["of"]):
            break
        size, end = size * more, end + 1
        if tokens[end : end + 1] == ["of"] and tokens[end + 1 : end + 2] and tokens[end + 1] in _SOME_EN:
            end += 1
    return Numeral(size, at, end, some=True) if end > at else None


def _numeral(tokens: Sequence[str], at: int) -> Numeral | None:
    read = (
        _part_of_a_scale(tokens, at)
        or _digits(tokens, at)
        or _article(tokens, at)
        or _english(tokens, at)
        or _arabic(tokens, at)
    )
    if read is None:
        return None
    while (more := _added(tokens, read)) is not None:
        read = more
    read = _and_a_half(tokens, read)
    return Numeral(read.value, at, read.end, read.required)


def _part_of_a_scale(tokens: Sequence[str], at: int) -> _Read | None:
    """ "half a million", "نصف مليون"."""
    for words, part in _PARTS_EN.items():
        end = at + len(words)
        if tuple(tokens[at:end]) == words and tokens[end : end + 1] and tokens[end] in _SCALES_EN:
            return _Read(part * _SCALES_EN[tokens[end]], end + 1, True, _SCALES_EN[tokens[end]])
    part_ar = _PARTS_AR.get(bare(tokens[at], _PARTS_AR))
    scale_ar = _SCALES_AR.get(bare(tokens[at + 1], _SCALES_AR)) if part_ar and at + 1 < len(tokens) else None
    if part_ar and scale_ar:
        return _Read(part_ar * scale_ar, at + 2, True, scale_ar)
    return None


def _digits(tokens: Sequence[str], at: int) -> _Read | None:
    token = tokens[at]
    if not token[0].isdigit():
        return None
    value, end, last = _digits_value(token), at + 1, 1.0
    year = _YEAR.fullmatch(token)  # "in 2023 millions fled"
    while not year and end < len(tokens) and tokens[end] not in PERCENT_WORDS and (scale := _scale(tokens[end])):
        value, end, last = value * scale, end + 1, scale
    return _Read(value, end, True, last)


def _digits_value(token: str) -> float:
    """Of digits with the separators of thousands and of decimals."""
    if _THOUSANDS.fullmatch(token):
        return float(re.sub("[,،]", "", token))
    if _DOTTED_THOUSANDS.fullmatch(token):
        return float(token.replace(".", ""))
    parts = re.split(r"[.,،]", token)
    return float(parts[0]) if len(parts) > 2 else float(".".join(parts))


def _scale(token: str) -> float | None:
    """What a word after a number multiplies it by; "ومئتان" after one is added to it instead."""
    return None if token.startswith("و") else _SCALES_EN.get(token) or _SCALES_AR.get(bare(token, _SCALES_AR))


def _article(tokens: Sequence[str], at: int) -> _Read | None:
    """ "a hundred and twenty", "a million"; "a dozen" is meant roughly."""
    if tokens[at] not in ("a", "an") or not tokens[at + 1 : at + 2] or tokens[at + 1] not in _SCALES_EN:
        return None
    read = _english(["one", *tokens[at + 1 :]], 0)
    return None if read is None else _Read(read.value, at + read.end, tokens[at + 1] != "dozen", read.scale)


def _english(tokens: Sequence[str], at: int) -> _Read | None:
    total, group, end, last, scale = 0.0, 0.0, at, "", 1.0
    while end < len(tokens):
        token = tokens[end]
        if token in _TENS_EN and last in ("", "scale"):
            group, last = group + _TENS_EN[token], "tens"
        elif token in _UNITS_EN and (last in ("", "scale") or (last == "tens" and _UNITS_EN[token] < 10)):
            group, last = group + _UNITS_EN[token], "unit"
        elif token in ORDINALS_EN and (last in ("", "scale") or (last == "tens" and ORDINALS_EN[token] < 10)):
            value = group + ORDINALS_EN[token]
            return _Read(total + value, end + 1, total + value > 2)
        elif token in _SCALES_EN and last:
            group = group * _SCALES_EN[token]
            if _SCALES_EN[token] > 100:
                total, group = total + group, 0.0
            last, scale = "scale", _SCALES_EN[token]
        elif not (token == "and" and last == "scale" and _is_english_unit(tokens[end + 1 : end + 2])):
            break
        end += 1
    return _Read(total + group, end, total + group != 1, scale if last == "scale" else 1.0) if last else None


def _is_english_unit(token: Sequence[str]) -> bool:
    return bool(token) and (token[0] in _UNITS_EN or token[0] in _TENS_EN)


def _arabic(tokens: Sequence[str], at: int) -> _Read | None:
    """Units, teens, tens and hundreds joined by و, scaled by thousands and millions: "خمسة وعشرون مليونا"."""
    total, group, end, insist, scale = 0.0, 0.0, at, False, 1.0
    while end < len(tokens):
        token = tokens[end]
        value = _arabic_value(token) if token not in PERCENT_WORDS else None
        if value is None or (end > at and not _continues(token, value, group)):
            break
        scale = 1.0
        if bare(token, _SCALES_AR) in _SCALES_AR and value >= 1000:
            two = end == at and bare(token, _SCALES_AR) in _TWO_OF_AR and _is_counted(tokens[end + 1 : end + 2])
            total, group, scale = total + max(group, 2.0 if two else 1.0) * value, 0.0, value
            insist = insist or end > at or value >= 1e6
        elif value == 100 and 2 < group < 10:
            group *= 100
        else:
            group += value
            insist = insist or value > 2
        end += 1
    if end == at:
        return None
    return _Read(total + group, end, insist and total + group > 2, scale)


def _is_counted(token: Sequence[str]) -> bool:
    """Whether a token can be what the two thousand before it are two thousand of."""
    return (
        bool(token) and not token[0].isascii() and not token[0].startswith("و") and token[0] not in _BEHIND_NO_CONSTRUCT
    )


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
    tables: tuple[Mapping[str, float], ...] = (_UNITS_AR, _TENS_AR, ORDINALS_AR, _HUNDREDS_AR, _SCALES_AR)
    for table in tables:
        if (known := bare(token, table)) in table:
            return float(table[known])
    return None


def _added(tokens: Sequence[str], read: _Read) -> _Read | None:
    """What follows a scaled number with و and is less than its scale belongs to it: "مليونا و200 ألف", "3 آلاف و500"."""
    if read.scale < 1000 or read.end >= len(tokens):
        return None
    if tokens[read.end] == "و":
        more = _digits(tokens, read.end + 1) if read.end + 1 < len(tokens) else None
    else:
        more = _arabic(tokens, read.end) if tokens[read.end].startswith("و") else None
    if more is None or not 0 < more.value < read.scale:
        return None
    return _Read(read.value + more.value, more.end, True, more.scale)


def _and_a_half(tokens: Sequence[str], read: _Read) -> _Read:
    """ "six and a half", "ثلاثة ملايين ونصف المليون"; and "ست سنوات ونصف", but not "ثلاثة لاعبين ونصف الفريق"."""
    if list(tokens[read.end : read.end + 3]) == ["and", "a", "half"]:
        half = read.value + 0.5 * read.scale
        scale = _scale(tokens[read.end + 3]) if read.end + 3 < len(tokens) else None  # "one and a half million"
        return _Read(half * (scale or 1.0), read.end + 3 + bool(scale), True, scale or read.scale)
    behind = (
        read.end + 1 if tokens[read.end : read.end + 1] and _is_counted(tokens[read.end : read.end + 1]) else read.end
    )
    for at in dict.fromkeys((read.end, behind)):
        if tokens[at : at + 1] == ["ونصف"]:
            behind_it = tokens[at + 1] if at + 1 < len(tokens) else ""
            of_scale = bool(behind_it) and bare(behind_it, _SCALES_AR) in _SCALES_AR
            of_unit = bool(unit_of(behind_it.removeprefix("ال"))) or behind_it == "في"  # "ونصف الساعة", "ونصف في المئة"
            if of_scale or of_unit or not behind_it.startswith("ال"):
                end = at + 1 + of_scale if at == read.end else read.end
                return _Read(read.value + 0.5 * read.scale, end, True, read.scale)
    return read
