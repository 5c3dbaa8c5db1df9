"""Lines that answer one question with values that cannot both hold: where, when, how many, whether.

Two lines are compared only when both hold what the question names (names, countries and, in its own language, its words) and
share further words. Only values of the same kind and grain conflict: a city with a city, a day with a day. A name that
may lie in the other ("in Japan", "in Tokyo") is no conflict. The rules find few conflicts rather than false ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from index.analyse import LETTERS, content_words, fold, terms
from index.language import detect_language
from index.names import best_name_match
from qa.aligned import Aligned
from qa.answer import Citation, Conflict, Dispute, Side, Span, When
from qa.demands import SAME_NAME, names
from qa.glosses import glossary
from qa.verify.negation import negation_mismatch
from qa.verify.numbers import ROUGHLY, Kind, quantities
from qa.verify.places import missing_places, places

_DATA = Path(__file__).parent / "data" / "places.json"
_ANCHORS = 2  # what a question must name for two lines to be about the same thing
_SHARED = 2  # words that two lines must have in common beside their values
_SAME_STATEMENT = 0.6  # share of the shorter line's words from which one line restates another
_DAY_GRAIN, _MONTH_GRAIN = 1, 31  # days
_CLAUSE_END = re.compile(r"[,،;؛:.!?؟](?!\d)")
_ANOTHER_TIME = re.compile(r"\b(?:again|also|another|second)\b|(?<!\w)(?:مجددا|ثانيه|ايضا|مره\s+اخري)(?!\w)")
_BESIDE_IT = (
    re.compile(  # a question of what came before or after what it names, where the lines tell of the thing itself
        r"\b(?:next|again|later|before|after|then)\b|(?<!\w)(?:قبل|بعد|التالي|التاليه|المقبل|المقبله|لاحقا)(?!\w)"
    )
)
_WHERE = re.compile(r"(?<!\w)[وف]?في (\w+)")
_TIMES = frozenset("اليوم العام الشهر الاسبوع السنه الوقت الساعه الصباح المساء الليل".split())
_ONLY_IF = re.compile(
    r"\b(?:before|after|until|unless|if|without|yet|except)\b|(?<!\w)(?:قبل|بعد|حتي|اذا|لو|دون|الا|ما لم)(?!\w)"
)
_ASKS: tuple[tuple[Dispute, re.Pattern[str]], ...] = (
    ("place", re.compile(
        r"\bwhere\b|\b(?:which|what) (?:city|town|place|country)\b|\b(?:in|at|on)\b.*\bor (?:in|at|on|aboard)\b"
        r"|(?<!\w)[وف]?(?:اين|باي مدينه|اي مدينه|اي مكان)(?!\w)|(?<!\w)(?:في|علي)(?!\w).*(?<!\w)ام (?:في|علي)(?!\w)"
    )),
    ("date", re.compile(
        r"\bwhen\b|\b(?:which|what) (?:day|date|year|month|time)\b"
        r"|(?<!\w)[وف]?متي(?!\w)|(?<!\w)[وفب]?اي (?:يوم|تاريخ|عام|سنه|شهر)(?!\w)|^تاريخ(?!\w)"
    )),
    ("number", re.compile(
        r"\bhow (?:many|much)\b|\bwhat (?:share|number|percentage|rate)\b"
        r"|(?<!\w)[وف]?[بل]?كم(?!\w)|(?<!\w)(?:ما )?(?:عدد|نسبه)(?!\w)"
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line that answers, with all that tells what it is about."""

    citation: Citation
    heading: str

    @property
    def about(self) -> str:
        speaker = self.citation.speaker.name.text if self.citation.speaker else ""
        return f"{self.heading} {speaker} {self.citation.quote}"


def conflicts(question: str, evidence: Sequence[Evidence]) -> tuple[Conflict, ...]:
    """The conflicts among lines that all answer the question, in the order of their lines; each pair is reported once."""
    related = [line for line in evidence if _holds_what_is_named(question, line)]
    found: list[Conflict] = []
    for dispute, pattern in _ASKS:
        if pattern.search(fold(question)) and not _BESIDE_IT.search(fold(question)):
            found += _disputes(dispute, question, related)
    restated = [_denied(one, other) for one, other in combinations(evidence, 2)]
    return (*found, *(conflict for conflict in restated if conflict))


def disagreeing(found: Sequence[Conflict], cited: Sequence[Citation]) -> list[Citation]:
    """The lines that disagree with a cited one and are not cited themselves, once each."""
    told = {(citation.path, citation.start) for citation in cited}
    lines: dict[tuple[str, int], Citation] = {}
    for conflict in found:
        sides = {(side.citation.path, side.citation.start): side.citation for side in conflict.sides}
        lines |= sides if told & sides.keys() else {}
    return [citation for line, citation in lines.items() if line not in told]


def _disputes(dispute: Dispute, question: str, lines: Sequence[Evidence]) -> list[Conflict]:
    """The lines with a value of the kind, each beside the first line that it disagrees with."""
    value_of, disagree = _KINDS[dispute]
    valued = [(line, value) for line in lines if (value := value_of(line.citation, question))]
    valued = [(line, value) for line, value in valued if _is_about(question, line.citation, value)]
    for (one, first), (other, second) in combinations(valued, 2):
        if dispute != "date" and _other_days(one.citation, other.citation):
            continue  # two events, or a count that went on
        if disagree(one.citation, first, other.citation, second) and _share_words(one, first, other, second):
            return [Conflict(dispute, (Side(one.citation, first), Side(other.citation, second)))]
    return []


def _is_about(question: str, citation: Citation, value: Span) -> bool:
    """Whether the value stands in a clause that has something of the question, and speaks of no other time it happened."""
    quote, start = citation.quote, value.start - citation.start
    if _ANOTHER_TIME.search(fold(quote)):
        return False
    if detect_language(question) != citation.language:
        return True
    first = max((match.end() for match in _CLAUSE_END.finditer(quote, 0, start)), default=0)
    ending = _CLAUSE_END.search(quote, start + len(value.text))
    clause = quote[first : ending.start() if ending else len(quote)]
    return bool(set(terms(question, citation.language)) & set(terms(clause, citation.language)))


def _other_days(one: Citation, other: Citation) -> bool:
    days, others = {(when.first, when.last) for when in one.dates}, {(when.first, when.last) for when in other.dates}
    return bool(days and others) and all(last < begin or end < first for first, last in days for begin, end in others)


def _holds_what_is_named(question: str, line: Evidence) -> bool:
    """Whether the line has every name and country of the question, and in its language at least half of its other words."""
    about = line.about
    words = tuple(dict.fromkeys(LETTERS.findall(about)))
    named = names(question)
    countries = places(question)
    if any(best_name_match(name, words) < SAME_NAME for name in named) or missing_places(question, about):
        return False
    anchors = len(named) + len(countries)
    if detect_language(question) == line.citation.language:
        wanted = set(terms(question, line.citation.language))
        held = wanted & set(terms(about, line.citation.language))
        return len(held) >= _ANCHORS and 2 * len(held) >= len(wanted)
    return anchors >= _ANCHORS


def _share_words(one: Evidence, first: Span, other: Evidence, second: Span) -> bool:
    if one.citation.language != other.citation.language:
        return True  # the names of the question are all that can be compared
    words = _words_without(one.citation, first) & _words_without(other.citation, second)
    return len(words) >= _SHARED


def _words_without(citation: Citation, value: Span) -> set[str]:
    return set(terms(citation.quote, citation.language)) - set(terms(value.text, citation.language))


# Where


def _place(citation: Citation, question: str) -> Span | None:
    spans = locatives(citation.quote, citation.language)
    if not spans:
        return None
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if citation.quote[end:next_start].strip():
            break
        end = next_end  # "on the carrier … at the base of …" is one place
    return Span(citation.start + start, citation.start + end, citation.quote[start:end])


def _places_disagree(one: Citation, first: Span, other: Citation, second: Span) -> bool:
    if one.language != other.language:
        match = tuple(LETTERS.findall(second.text))
        return not any(best_name_match(word, match) >= SAME_NAME for word in LETTERS.findall(first.text))
    if _is_in_a_city(first) != _is_in_a_city(second):
        return False  # a palace and a city: one may lie in the other
    countries, others = places(first.text), places(second.text)
    if bool(countries) != bool(others):
        return False  # one may lie in the other
    if countries and frozenset().union(*(p.codes for p in countries)) & frozenset().union(*(p.codes for p in others)):
        return False
    return not set(content_words(first.text)) & set(content_words(second.text))


def _is_in_a_city(place: Span) -> bool:
    """Whether a building is meant, as may stand in any city."""
    return any(word in _list("buildings") for word in LETTERS.findall(fold(place.text)))


def locatives(text: str, language: str) -> list[tuple[int, int]]:
    """(start, end) of each phrase that says where: a preposition with a city or country, or with a word like "base"."""
    if language not in ("ar", "en"):
        return []
    aligned = Aligned.of(text)
    tokens = list(re.finditer(r"[\w’'\-–]+|[^\w\s]", aligned.folded))
    prepositions, nouns = _list(f"{language}_prepositions"), _list(f"{language}_nouns")
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(tokens) - 1:
        if tokens[at][0] in prepositions:
            last = at + 1
            while last < len(tokens) and last - at <= 6 and not _ends_place(tokens[last], language, text, aligned):
                last += 1
            phrase = tokens[at + 1 : last]
            if not any(token[0] in nouns for token in _heads(phrase, language)):
                phrase = phrase[: _city_length(phrase, aligned)]
            if phrase:
                start, end = aligned.raw_span(tokens[at].start(), phrase[-1].end())
                spans.append((start, end))
                at = last
                continue
        at += 1
    return spans


def _ends_place(token: re.Match[str], language: str, text: str, aligned: Aligned) -> bool:
    word = token[0]
    if not word[0].isalnum() or word[0].isdigit() or word in _list(f"{language}_prepositions"):
        return True
    if language == "ar":
        purpose = word.startswith("ل") and word not in _cities() and not places(word)  # "لبحث الأزمة"
        return word in _list("ar_stops") or purpose
    raw = text[aligned.origin[token.start()]]
    return not (raw.isupper() or word in ("the", "of", "a") or word in _list("en_nouns"))


def _heads(phrase: Sequence[re.Match[str]], language: str) -> Sequence[re.Match[str]]:
    return phrase[:1] if language == "ar" else phrase


def _city_length(phrase: Sequence[re.Match[str]], aligned: Aligned) -> int:
    """How many words at the beginning of a phrase name a known city or country; 0 for none."""
    for size in range(min(len(phrase), 4), 0, -1):
        start, end = aligned.raw_span(phrase[0].start(), phrase[size - 1].end())
        name = " ".join(token[0] for token in phrase[:size]).removeprefix("the ")
        country = places(aligned.raw[start:end])
        if name in _cities() or (country and country[-1].end == end - start):
            return size
    return 0


@cache
def _cities() -> frozenset[str]:
    """The cities that CLDR names in English and Arabic (one or more for every time zone), folded."""
    from babel import Locale

    return frozenset(
        fold(zone["city"]) for code in ("en", "ar") for zone in Locale(code).time_zones.values() if "city" in zone
    ) | frozenset(fold(str(name).rpartition("/")[2].replace("_", " ")) for name in Locale("ar").time_zones)


# When


def _date(citation: Citation, question: str) -> Span | None:
    when = _finest(citation.dates)
    return when.span if when else None


def _finest(dates: Sequence[When]) -> When | None:
    """The one date of the finest grain; None where several could be meant."""
    finest = min(map(_grain, dates), default=0)
    found = [when for when in dates if _grain(when) == finest]
    return found[0] if len(found) == 1 else None


def _dates_disagree(one: Citation, first: Span, other: Citation, second: Span) -> bool:
    a, b = _finest(one.dates), _finest(other.dates)
    if a is None or b is None or _grain(a) != _grain(b):
        return False
    return a.last < b.first or b.last < a.first


def _grain(when: When) -> int:
    days = (when.last - when.first).days + 1
    return 0 if days <= _DAY_GRAIN else 1 if days <= _MONTH_GRAIN else 2


# How many


def _number(citation: Citation, question: str) -> Span | None:
    found = counted(citation)
    if len(found) != 1:
        return None
    start = citation.start + without_dates(citation).find(found[0].text)
    return Span(start, start + len(found[0].text), found[0].text)


def _numbers_disagree(one: Citation, first: Span, other: Citation, second: Span) -> bool:
    (mine,), (theirs,) = counted(one), counted(other)
    if one.language != other.language or mine.value == theirs.value or mine.kind != theirs.kind:
        return False
    if mine.roughly or theirs.roughly or mine.of != theirs.of:
        return False
    if mine.kind != "percent" and not mine.of:
        return False
    return not (mine.near or theirs.near) or bool(mine.near & theirs.near)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of a line, and what tells that another number counts the same."""

    kind: Kind
    value: float
    text: str  # as it stands
    of: str  # the stem of the word behind it; of a percentage, only where "of" leads to it
    near: frozenset[str]  # the stems of the words before it and behind what it counts
    roughly: bool


def counted(citation: Citation) -> list[Count]:
    """The numbers of a line that are written in digits and are no part of a date."""
    quote = without_dates(citation)
    found = []
    for match in re.finditer(r"\d[\d.,٫٬]*(?:\s*[%٪])?", quote):
        text = match[0].rstrip(".,")
        (value, *_) = quantities(text) or (None,)
        if not value:
            continue
        before, behind = quote[: match.start()], quote[match.end() : match.end() + 60].split("،")[0]
        stems = terms(behind, citation.language)
        led = re.match(r"\s*(?:per ?cent\s+)?(?:of|من)\b", fold(behind))
        of = stems[0] if stems and (value.kind != "percent" or led) else ""
        near = frozenset(terms(before, citation.language)[-1:] + stems[1:2])
        found.append(Count(value.kind, value.value, text, of, near, bool(ROUGHLY.search(fold(before)))))
    return found


def without_dates(citation: Citation) -> str:
    """The quote with a comma for every character of its dates."""
    quote = citation.quote
    for when in citation.dates:
        start, end = when.span.start - citation.start, when.span.end - citation.start
        quote = quote[:start] + "،" * (end - start) + quote[end:]
    return quote


# Whether


def _denied(one: Evidence, other: Evidence) -> Conflict | None:
    """One line restates the other and denies it."""
    a, b = one.citation, other.citation
    mine, theirs = set(terms(a.quote, a.language)), set(terms(b.quote, b.language))
    if a.language != b.language or min(len(mine), len(theirs)) < 2 * _SHARED:
        return None
    if len(mine & theirs) < _SAME_STATEMENT * min(len(mine), len(theirs)):
        return None
    if not negation_mismatch(a.quote, b.quote) or _other_days(a, b) or _other_places(a, b):
        return None
    if set(_ONLY_IF.findall(fold(a.quote))) != set(_ONLY_IF.findall(fold(b.quote))):
        return None
    return Conflict("polarity", (Side(a, Span(a.start, a.end, a.quote)), Side(b, Span(b.start, b.end, b.quote))))


def _other_places(one: Citation, other: Citation) -> bool:
    """Whether each names somebody or a place that the other does not: "in Jahra" and "not in Ahmadi"."""
    mine, theirs = (set(LETTERS.findall(fold(citation.quote))) for citation in (one, other))
    return bool(_names_in(one) - theirs) and bool(_names_in(other) - mine)


def _names_in(citation: Citation) -> set[str]:
    """The folded words of the names and places of a line; in Arabic a word behind "in" is one, where it has the article and is no
    time, or the dictionary does not have it."""
    known = glossary()
    behind_in = {fold(match[1]): match[1] for match in _WHERE.finditer(citation.quote)}
    spelled = {
        word
        for word, written in behind_in.items()
        if (word.startswith("ال") and word not in _TIMES) or (known and not known.meanings(written))
    }
    named = (*names(citation.quote), *(place.text for place in places(citation.quote)))
    return spelled | {fold(word) for name in named for word in LETTERS.findall(name)}


Value = Callable[[Citation, str], Span | None]
Disagreement = Callable[[Citation, Span, Citation, Span], bool]
_KINDS: dict[Dispute, tuple[Value, Disagreement]] = {
    "place": (_place, _places_disagree),
    "date": (_date, _dates_disagree),
    "number": (_number, _numbers_disagree),
}


@cache
def _list(name: str) -> frozenset[str]:
    words = json.loads(_DATA.read_text(encoding="utf-8"))
    return frozenset(fold(word) for word in words[name].split())
