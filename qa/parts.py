"""Questions of several parts ("how many …, and when …?") and the parts that the cited lines leave open.

Only what can be told for certain is called missing: a date, a place or a number that no cited line holds, a second number
where the lines hold one. Whether a line says why, or who, is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from index.analyse import fold, terms
from index.language import detect_language
from qa.answer import Citation
from qa.conflict import locatives, without_dates
from qa.demands import holds_value, names
from qa.verify.numbers import quantities
from qa.verify.places import places

Kind = Literal["date", "place", "number", "other"]

_LEADS_EN = r"(?:by|in|at|on|to|from|with|for|since|until)\s+"
_ASKS_EN = r"(?:how\s+(?:many|much|long|old|far)|how|when|where|who|whom|whose|which|what|why)\b"
# "Hamas, which controls Gaza": behind a comma alone only what is shaped as a question asks.
_AUXILIARY = r"(?:did|do|does|is|are|was|were|will|has|have|had|can|could|should|would)"
_NOT_RELATIVE = (
    r"(?:(?<=how many)|(?<=how much)|(?=\s*(?:[,;?]|$|and\b))"
    rf"|(?<!who)(?<!whom)(?<!whose)(?<!which)(?=\s+{_AUXILIARY}\b))"
)
_LEADS_AR = r"(?:[بل]|(?:في|من|إلى|الى|على|عن|منذ|حتى)\s+)"
_ASKS_AR = r"(?:كم|متى|أين|اين|ماذا|لماذا|كيف|أي|أية|هل|من\s+(?:هو|هي|هم|الذي|التي)|ما(?!\w))"
_BETWEEN = re.compile(
    rf"(?<!\s)(?:\s*+[,;،؛])?\s++and\s++(?=(?:{_LEADS_EN})?{_ASKS_EN})|(?<!\s)\s*+[,;،؛]\s*+(?=(?:{_LEADS_EN})?{_ASKS_EN}{_NOT_RELATIVE})"
    rf"|(?<!\s)(?:\s*+[,;،؛])?\s++و(?={_LEADS_AR}?{_ASKS_AR}(?!\w))",
    re.IGNORECASE,
)
_ASK = re.compile(
    rf"^(?:and\s+)?(?:{_LEADS_EN})?(?:(?:which|what)\s+\w+|how\s+(?:many|much)\s+\w+|{_ASKS_EN})|^{_LEADS_AR}?(?:أي[ةه]?\s+\w+|{_ASKS_AR})",
    re.IGNORECASE,
)
# What may answer "how many" without being a number.
_UNCOUNTED = re.compile(
    r"\b(?:a|an|one|another|no|none|nobody|few|several|many|most|all|both|half|couple|dozens?|hundreds|thousands|millions|billions)\b"
    r"|(?<!\w)(?:\w{3,}(?:ان|ين|تا)|عشرات|مئات|الاف|ملايين|عده|بضعه|بضع|نصف|جميع|كل)(?!\w)"
)
_WHERE_AR = re.compile(r"(?<!\w)[وف]?(?:في|علي|قرب|داخل|الي|من|عند|شرق|غرب|شمال|جنوب|وسط)\s+\w|(?<!\w)[وف]?ب\w{3,}")
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("date", re.compile(
        r"\bwhen\b|\b(?:which|what) (?:day|date|year|month)\b"
        r"|(?<!\w)متي(?!\w)|(?<!\w)[بل]?اي (?:يوم|تاريخ|عام|سنه|شهر)(?!\w)"
    )),
    ("place", re.compile(
        r"\bwhere\b|\b(?:which|what) (?:city|town|place|country)\b"
        r"|(?<!\w)اين(?!\w)|(?<!\w)[بل]?اي (?:مدينه|مكان|بلد|دوله)(?!\w)"
    )),
    ("number", re.compile(r"\bhow (?:many|much)\b|(?<!\w)[بل]?كم(?!\w)")),
)  # fmt: skip


def parts(question: str) -> list[str]:
    """The coordinated parts of a question that each ask something; the whole question when there is one."""
    body = question.strip().rstrip("?؟ ")
    found = [part.strip() for part in _BETWEEN.split(body) if part and part.strip()]
    asking = [part for part in found if _ASK.search(part)]
    return asking if len(asking) > 1 else [body]


def missing_parts(question: str, cited: Sequence[Citation]) -> tuple[str, ...]:
    """The parts that no cited line can answer, in the question's words; nothing when there is one part, or none is met."""
    asked = parts(question)
    if len(asked) < 2 or not cited:
        return ()
    if any(citation.language not in ("ar", "en") for citation in cited):
        return ()  # what such a line holds cannot be told
    numbers = {number for citation in cited for number in _numbers(citation)}
    uncounted = any(_UNCOUNTED.search(fold(without_dates(citation))) for citation in cited)
    open_parts: list[str] = []
    number_parts = 0
    for part in asked:
        kind = _kind(part)
        number_parts += kind == "number"
        met = {
            "date": any(citation.dates or holds_value(citation.quote, "time") for citation in cited),
            "place": any(_may_say_where(citation) for citation in cited),
            "number": uncounted or len(numbers) >= number_parts,
            "other": not _unheard_of(part, cited),
        }[kind]
        if not met:
            open_parts.append(_readable(part, asked))
    return tuple(open_parts) if len(open_parts) < len(asked) else ()


def _numbers(citation: Citation) -> set[str]:
    """The numbers of a line that are no part of a date, in digits or words."""
    found = quantities(without_dates(citation))
    return {f"{one.value} {one.kind}" for one in found if one.kind in ("number", "some", "percent", "fraction")}


def _may_say_where(citation: Citation) -> bool:
    """Whether a line has a place, or words that may be one: any name in English, any phrase with "in" in Arabic."""
    quote = without_dates(citation)
    if locatives(citation.quote, citation.language) or places(quote):
        return True
    return bool(_WHERE_AR.search(fold(quote)) if citation.language == "ar" else names(quote))


def _kind(part: str) -> Kind:
    folded = fold(part)
    return next((kind for kind, pattern in _KINDS if pattern.search(folded)), "other")


def _unheard_of(part: str, cited: Sequence[Citation]) -> bool:
    """Whether a part in the language of every cited line shares none of its several words with any of them."""
    language = detect_language(part)
    ask = _ASK.search(part)
    wanted = set(terms(part[ask.end() :] if ask else part, language))
    held = {term for citation in cited for term in terms(citation.quote, citation.language)}
    return len(wanted) > 2 and all(citation.language == language for citation in cited) and not wanted & held


def _readable(part: str, asked: Sequence[str]) -> str:
    """A bare "when" with what it asks about, taken from the part that has the words ("When and where did they meet?")."""
    if _kind(part) == "number" or terms(part[ask.end() :] if (ask := _ASK.search(part)) else part):
        return part
    whole = next(
        (other for other in reversed(asked) if (found := _ASK.search(other)) and terms(other[found.end() :])), ""
    )
    found = _ASK.search(whole)
    return f"{part} {whole[found.end() :].strip()}" if found else part
