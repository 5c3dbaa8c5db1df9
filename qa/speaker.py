"""Who says what a line says: reporting verbs and attribution phrases of Arabic and English news, never a guess.

The name is a span of the source. "He added" takes the last speaker named above it under the same heading; where no rule
finds anybody, the article speaks for itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from index.analyse import fold
from index.article import Passage
from index.layout import is_attribution
from qa.aligned import Aligned
from qa.answer import Span, Speaker

_DATA = Path(__file__).parent / "data" / "reporting.json"
_QUOTATION = re.compile(
    r'"([^"]+)(?:"|$)|“([^”]+)(?:”|$)|«([^»]+)(?:»|$)|„([^“”]+)(?:[“”]|$)|‹([^›]+)(?:›|$)|「([^」]+)(?:」|$)'
)
_STATEMENT = 3  # quoted words from which a quotation is speech and not a name or an ironic word
_FAR = 12  # words a speaker's name may take
_BACK = 3  # lines above in which "he added" may find its speaker
_HANDLE = re.compile(r"\(@\w{1,30}\)")
_WORD = re.compile(r"[^\W_]+(?:['’.\-–][^\W_]+)*|[^\w\s]")
_MARKS = frozenset('،,:؛;.!?؟…()[]"“”«»„‹›「」—')


@dataclass(frozen=True, slots=True)
class Reading:
    """A report in one sentence: where its speaker is named (None for "he added"), and the form of an Arabic verb."""

    name: tuple[int, int] | None
    form: Literal["", "masculine", "feminine", "several"] = ""


def speaker_of(passage: Passage, before: Sequence[Passage] = ()) -> Speaker | None:
    """The speaker of a passage; `before` are the passages above it, nearest last. None: the article itself."""
    if passage.kind == "post":
        return _author(passage, before)
    reading = read_report(passage.text, passage.language)
    if reading is None:
        return None
    name = _span(passage, reading.name) if reading.name else _carried(passage, reading, before)
    if name is None:
        return None
    quoted = tuple(_span(passage, place) for place in quotations(passage.text))
    said = any(len(span.text.split()) >= _STATEMENT for span in quoted)
    return Speaker(name, "direct" if said else "reported", quoted)


def quotations(text: str) -> list[tuple[int, int]]:
    """(start, end) of what stands between quotation marks; one that is not closed runs to the end."""
    return [match.span(match.lastindex) for match in _QUOTATION.finditer(text) if match.lastindex]


def read_report(text: str, language: str) -> Reading | None:
    """The first report of a sentence, None when it reports nobody's words."""
    if language == "ar":
        return _arabic(text)
    return _english(text) if language == "en" else None


def _author(passage: Passage, around: Sequence[Passage]) -> Speaker | None:
    """Who posted an embedded post: the name before the handle in the attribution line it stands over."""
    if is_attribution(passage.text):
        return None
    for line in around:
        if line.path == passage.path and line.text == passage.heading and is_attribution(line.text):
            handle = _HANDLE.search(line.text)
            if handle:
                start = re.match(r"[\s—–\-]*", line.text).end()  # type: ignore[union-attr]  # matches everything
                end = len(line.text[: handle.start()].rstrip())
                return Speaker(_span(line, (start, end)), "post")
    return None


def _carried(passage: Passage, reading: Reading, before: Sequence[Passage]) -> Span | None:
    """The speaker of the nearest report above, in the same section and of the same gender."""
    above = [p for p in before if p.path == passage.path and p.heading == passage.heading and p.start < passage.start]
    for line in reversed(above[-_BACK:]):
        earlier = read_report(line.text, line.language)
        if earlier and earlier.name:
            return _span(line, earlier.name) if reading.form == earlier.form else None
    return None


def _span(passage: Passage, place: tuple[int, int]) -> Span:
    start, end = place
    return Span(passage.start + start, passage.start + end, passage.text[start:end])


@dataclass(frozen=True, slots=True)
class _Token:
    text: str  # folded
    start: int  # in the raw text
    end: int

    @property
    def is_mark(self) -> bool:
        return self.text in _MARKS


def _tokens(text: str) -> list[_Token]:
    aligned = Aligned.of(text)
    return [_Token(m[0], *aligned.raw_span(m.start(), m.end())) for m in _WORD.finditer(aligned.folded)]


# Arabic: the verb comes first, and what follows it up to "that", a preposition or a mark is who speaks.


def _arabic(text: str) -> Reading | None:
    tokens = _tokens(text)
    quoted = quotations(text)
    pronoun: Reading | None = None
    for at, token in enumerate(tokens):
        if any(start <= token.start < end for start, end in quoted):
            continue
        if _bare(token.text) in _list("ar_according"):
            if name := _arabic_source(tokens, at):
                return Reading(name)
        elif _bare(token.text) in ("نقل", "نقلت") and (name := _relayed(tokens, at)):
            return Reading(name)
        elif _bare(token.text) in _list("ar_verbs") and not (at and tokens[at - 1].text in _list("ar_not_after")):
            if at and tokens[at - 1].text in ("ان", "لا", "لم", "لن"):
                continue
            verb = _bare(token.text)
            if verb in _list("ar_only_before_that") and not _that_follows(tokens, at):
                continue
            name = _arabic_subject(tokens, at + 1)
            if name:
                return Reading(name, _form(verb))
            if pronoun is None and _opens(tokens[:at]):
                pronoun = Reading(None, _form(verb))
    return pronoun


def _form(verb: str) -> Literal["masculine", "feminine", "several"]:
    verbs = _list("ar_verbs")
    if verb.endswith(("وا", "ا")) and verb.removesuffix("ا").removesuffix("و") in verbs:
        return "several"
    feminine = (verb[:-1] in verbs and verb.endswith("ت")) or (verb.startswith("ت") and "ي" + verb[1:] in verbs)
    return "feminine" if feminine else "masculine"


def _opens(before: Sequence[_Token]) -> bool:
    """Whether these words merely lead to a sentence's verb: nothing, "كما", "وفي الوقت نفسه", "بالإضافة إلى ذلك،"."""
    return not before or (len(before) <= 5 and before[0].text in _list("ar_openings"))


def _bare(word: str) -> str:
    """Without و or ف before it, as soon as that makes it a word of the lists."""
    verbs = _list("ar_verbs") | _list("ar_according") | {"نقل", "نقلت"}
    if word not in verbs and word[:1] in "وف" and word[1:] in verbs:
        return word[1:]
    return word


def _that_follows(tokens: Sequence[_Token], at: int) -> bool:
    for token in tokens[at + 1 : at + 1 + _FAR]:
        if token.text in ("،", ".", "؛"):
            return False
        if token.text in _list("ar_that") or token.text in (":", "الي", "علي"):
            return True
    return False


def _arabic_subject(tokens: Sequence[_Token], first: int) -> tuple[int, int] | None:
    last, delimited = _until_stop(tokens, first)
    if last == first:
        return None
    words = tokens[first:last]
    if _is_object(words[0].text):
        return None
    ends_sentence = last == len(tokens) or tokens[last].text in ".،؛"
    its_object = _object_inside(words)
    if its_object == len(words) and not (delimited or (ends_sentence and len(words) <= 6)):
        its_object = _noun_phrase(words)
    words = words[:its_object]
    return words[0].start, words[-1].end


def _until_stop(tokens: Sequence[_Token], first: int) -> tuple[int, bool]:
    """(index of the first token that cannot belong to a name, whether it is one that a report's content begins with)."""
    last = first
    while last < len(tokens) and last - first < _FAR:
        word = tokens[last].text
        if word in _list("ar_that") or word == ":":
            return last, True
        if tokens[last].is_mark or word in _list("ar_stops") or _glued_preposition(word):
            return last, word in ("الي", "علي", "عن", "من", "في", "اليوم", "امس") or word in '"“«'
        last += 1
    return last, False


def _glued_preposition(word: str) -> bool:
    """ "بإنهاء", "بأنه": ب glued to a word; "باسم" belongs to a title ("المتحدث باسم الجيش")."""
    return word.startswith(("بال", "بان", "با", "بت", "بم")) and word not in (
        "باسم",
        "باريس",
        "بايدن",
        "باكستان",
        "بان",
    )


def _is_object(word: str) -> bool:
    """A verbal noun, which is what is said and not who says it: تعزيز, إغلاق, استخدام."""
    if word.startswith("ال"):
        return word != "التحالف" and bool(re.fullmatch(r"الت\wا\w{2}", word))
    return word in _list("ar_nouns") or bool(re.fullmatch(r"ت\w{2}ي\w|ا\w{2}ا\w|ا\w{3,4}ا\w|ان\w*", word))


def _object_inside(words: Sequence[_Token]) -> int:
    """Where the object of the verb begins among the words behind it; their number when it does not."""
    for at in range(1, len(words)):
        word, before = words[at].text, words[at - 1].text
        doubly_definite = word.startswith("ال") and before.startswith("ال") and not _is_adjective(word)
        if doubly_definite or (_is_object(word) and before not in _list("ar_titles")):
            return at
    return len(words)


def _noun_phrase(words: Sequence[_Token]) -> int:
    """How many words the first noun phrase takes: a genitive chain up to its definite end, then its adjectives."""
    at = 0
    while at < len(words) and not words[at].text.startswith(("ال", "لل")):
        if at and _is_object(words[at].text):
            return at
        at += 1
        if at == 3:
            break
    if at < len(words) and words[at].text.startswith("ال") and (at == 0 or words[0].text in _list("ar_titles")):
        at += 1
        while at < len(words) and (
            _is_adjective(words[at].text) or words[at - 1].text == "باسم" or words[at].text == "باسم"
        ):
            at += 1
    return max(at, 1)


def _is_adjective(word: str) -> bool:
    return word.startswith("ال") and word.endswith(("ي", "يه", "ابيض", "اعلي", "عام", "عامه"))


def _arabic_source(tokens: Sequence[_Token], at: int) -> tuple[int, int] | None:
    """Who is named after "according to": up to a comma, "that" or the clause's own verb."""
    first = at + 1
    skipped = 0
    if first < len(tokens) and tokens[first].text in ("الي", "عن", "ل", "ما") and _bare(tokens[at].text) in (
        "نقلا", "استنادا", "وفقا", "طبقا", "بحسب", "حسب", "وفق",
    ):  # fmt: skip
        if tokens[first].text == "ما":  # "بحسب ما أعلنت الشركة": the verb's own rule finds the subject
            return _arabic_subject(tokens, first + 2) if first + 2 < len(tokens) else None
        first += 1
    if first >= len(tokens):
        return None
    if _bare(tokens[at].text) in ("وفقا", "طبقا") and tokens[first].text.startswith("ل"):
        skipped = 0 if tokens[first].text.startswith("لل") else 1
    last = first
    while last < len(tokens) and last - first < _FAR:
        word = tokens[last].text
        if tokens[last].is_mark or word in (
            "فان",
            "فانه",
            "فانها",
            "فقد",
            "لا",
            "لم",
            "لن",
            "قد",
            "ان",
            "انه",
            "انها",
            "في",
            "امس",
            "اليوم",
        ):
            break
        if last > first and word not in _list("ar_titles") and re.fullmatch(r"س[يت]\w{2,}", word):
            break
        last += 1
    return (tokens[first].start + skipped, tokens[last - 1].end) if last > first else None


def _relayed(tokens: Sequence[_Token], at: int) -> tuple[int, int] | None:
    """ "نقلت وكالة … عن مسؤول قوله": whom the agency quotes."""
    for first in range(at + 1, min(len(tokens), at + 1 + _FAR)):
        if tokens[first].text == "عن":
            last = first + 1
            while last < len(tokens) and not (tokens[last].is_mark or tokens[last].text in _list("ar_that")):
                last += 1
            closed = last < len(tokens) and last - first <= _FAR
            return (tokens[first + 1].start, tokens[last - 1].end) if closed and last > first + 1 else None
    return None


# English: the subject stands before the verb, or after it behind a quotation.


def _english(text: str) -> Reading | None:
    tokens = _tokens(text)
    quoted = quotations(text)
    pronoun: Reading | None = None
    for at, token in enumerate(tokens):
        if any(start <= token.start < end for start, end in quoted):
            continue
        according = token.text == "according" and at + 2 < len(tokens) and tokens[at + 1].text == "to"
        if according and (name := _english_source(tokens, at + 2)):
            return Reading(name)
        if token.text not in _list("en_past"):
            continue
        before = _english_subject(tokens, at)
        if before == "pronoun":
            pronoun = pronoun or Reading(None)
        elif isinstance(before, tuple):
            return Reading(before)
        elif before is None and (name := _english_inverted(text, tokens, at)):
            return Reading(name)
    return pronoun


def _english_source(tokens: Sequence[_Token], first: int) -> tuple[int, int] | None:
    last = first
    while last < len(tokens) and not tokens[last].is_mark and last - first < _FAR:
        last += 1
    return (tokens[first].start, tokens[last - 1].end) if last > first else None


def _english_subject(tokens: Sequence[_Token], verb: int) -> tuple[int, int] | str | None:
    """The noun phrase before the verb; "pronoun" for "she", "no" for a passive or a participle, None where nothing stands."""
    end = verb
    while end and (tokens[end - 1].text in _list("en_adverbs") or _is_adverb(tokens[end - 1].text)):
        end -= 1
    if not end:
        return "no"
    if tokens[end - 1].text in _list("en_auxiliaries"):
        return "no"
    if tokens[end - 1].text == ",":
        appositive = _chunk_start(tokens, end - 1)
        if not appositive or tokens[appositive - 1].text != "," or appositive == end - 1:
            return None
        if tokens[appositive].text in _list("en_opening") - {"who"}:
            return "no"
        end = appositive - 1
    elif tokens[end - 1].is_mark:
        return None
    start = _chunk_start(tokens, end)
    while start < end and tokens[start].text in _list("en_opening"):
        if tokens[start].text in ("which", "who", "that", "whom", "whose"):
            return "no"
        start += 1
    words = tokens[start:end]
    if not words or len(words) > _FAR:
        return "no"
    if len(words) == 1 and words[0].text in _list("en_pronouns"):
        return "pronoun"
    for at in range(
        len(words) - 1, -1, -1
    ):  # "… has shown that the ministry said": what follows the inner clause's opening
        if words[at].text in _list("en_opening"):
            words = words[at + 1 :]
            break
    if not words or words[-1].text in ("the", "a", "an", "of", "in", "by", "this", "its", "their"):
        return "no"
    if any(word.text in _list("en_verbs") for word in words):
        return "no"
    return (words[0].start, words[-1].end) if words[0].text not in _list("en_pronouns") else "pronoun"


def _is_adverb(word: str) -> bool:
    return (
        len(word) > 4
        and word.endswith("ly")
        and word not in ("family", "assembly", "italy", "july", "daily", "weekly", "monthly")
    )


def _chunk_start(tokens: Sequence[_Token], end: int) -> int:
    start = end
    while start and not tokens[start - 1].is_mark:
        start -= 1
    return start


def _english_inverted(text: str, tokens: Sequence[_Token], verb: int) -> tuple[int, int] | None:
    """ "…," said Marco Bellini, head of …: behind a quotation or a comma, up to the next mark or preposition."""
    first = verb + 1
    last = first
    while (
        last < len(tokens)
        and not tokens[last].is_mark
        and tokens[last].text not in ("in", "on", "at", "during", "after", "as")
    ):
        if last - first == _FAR:
            return None
        last += 1
    if last == first or tokens[first].text in _list("en_pronouns") or tokens[first].text in ("that", "to"):
        return None
    raw = text[tokens[first].start]
    return (
        (tokens[first].start, tokens[last - 1].end)
        if raw.isupper() or tokens[first].text in ("the", "a", "an")
        else None
    )


@cache
def _list(name: str) -> frozenset[str]:
    """A word list of qa/data/reporting.json, folded."""
    return frozenset(fold(word) for word in _words()[name].split())


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return words
