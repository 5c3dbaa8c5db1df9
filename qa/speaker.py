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
from qa.verify.places import places

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


_NO_LAST = (
    "the",
    "a",
    "an",
    "of",
    "in",
    "by",
    "this",
    "its",
    "their",
    "his",
    "her",
    "my",
    "our",
    "your",
    "these",
    "those",
)
_PRONOUNS: dict[str, Form] = {"he": "masculine", "she": "feminine", "it": "thing", "they": "several"}
Form = Literal["", "masculine", "feminine", "several", "thing"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A report in one sentence: where its speaker is named (None for "he added"), and the form of the Arabic verb, the English
    pronoun or the English name."""

    name: tuple[int, int] | None
    form: Form = ""


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
    """The speaker of the nearest report above, in the same section and of the same gender; in English, where "he" may be
    anybody, with nothing but reports in between."""
    above = [p for p in before if p.path == passage.path and p.heading == passage.heading and p.start < passage.start]
    for line in reversed(above[-_BACK:]):
        earlier = read_report(line.text, line.language)
        if earlier and earlier.name:
            agrees = _may_be(reading.form, earlier.form) if passage.language == "en" else reading.form == earlier.form
            return _span(line, earlier.name) if agrees else None
        if earlier is None and passage.language == "en":
            return None
    return None


def _may_be(pronoun: Form, name: Form) -> bool:
    if pronoun == "several":
        return name in ("", "thing")
    return name == "thing" if pronoun == "thing" else name in ("", pronoun)


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
            reported = _that_follows(tokens, at, verb)
            if verb in _list("ar_only_before_that") and not reported:
                continue
            name = _arabic_subject(tokens, at + 1, verb, reported)
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


def _that_follows(tokens: Sequence[_Token], at: int, verb: str) -> bool:
    """Whether "that", a colon or the preposition that this verb takes stands behind the verb, before any other mark."""
    titled = len(tokens) > at + 1 and tokens[at + 1].text.removeprefix("ال") in _list("ar_titles")
    of = titled or verb not in _list(
        "ar_only_before_that"
    )  # rain "reveals" ruins with the verb of "the ministry reveals"
    for token in tokens[at + 1 : at + 1 + _FAR]:
        if token.text in ("،", ".", "؛"):
            return False
        if token.text in _list("ar_that") or token.text == ":":
            return True
        preposition = {"الي": "ar_verbs_to", "علي": "ar_verbs_on"} | ({"عن": "ar_verbs_of"} if of else {})
        if token.text in preposition and verb in _list(preposition[token.text]):
            return True
    return False


def _arabic_subject(
    tokens: Sequence[_Token], first: int, verb: str = "", reported: bool = False
) -> tuple[int, int] | None:
    """Who stands behind a verb. What leads straight to "that" is the whole name; elsewhere the verb may have an object, and
    a name is told only where it is sure to end."""
    last, delimiter = _until_stop(tokens, first)
    words = tokens[first:last]
    if not words or {words[0].text, words[0].text.removeprefix("ال")} & _list("ar_no_speaker"):
        return None
    tells_someone = verb in _list("ar_with_object")
    behind_speech = first > 1 and tokens[first - 2].is_mark and delimiter == "end"  # "…"، قالت منى العلي.
    if (delimiter == "that" or behind_speech) and not tells_someone:
        return words[0].start, words[-1].end
    if _is_object(words[0].text):
        return None
    if len(words) > 1 and places(words[0].text) and places(words[1].text) and not words[1].text.startswith("و"):
        return words[0].start, words[0].end  # "اتهمت أوكرانيا روسيا"
    its_object = _object_inside(words)
    if delimiter == "other" and its_object == len(words) - 1 and not words[-1].text.startswith("ال"):
        its_object = len(words)  # a verbal noun has something behind it; this is a name of its shape ("أردوغان")
    if its_object < len(words) and verb in _list("ar_only_before_that") and not tells_someone:
        return None  # "the troops tightened the siege on …" is no report
    takes_both = len(words) == 2 and tells_someone and words[1].text.startswith("ال") and not _is_titled(words[0])
    if takes_both and not words[0].text.startswith("ال"):
        its_object = 1  # "وصف ترامب العلاقات مع …": one word each
    elif its_object == len(words) and not (delimiter == "other" and (reported or _ends_surely(words))):
        its_object = _noun_phrase(words)
    told = its_object < len(words) and _is_surely_object(words[its_object].text)
    if its_object > 1 and not (reported or told) and not words[its_object - 1].text.startswith(("ال", "لل")):
        its_object = _noun_phrase(words) if words[0].text.startswith("ال") else its_object if its_object == 2 else 0
    words = words[:its_object]
    return (words[0].start, words[-1].end) if words else None


def _is_titled(word: _Token) -> bool:
    return word.text.removeprefix("ال") in _list("ar_titles")


def _ends_surely(words: Sequence[_Token]) -> bool:
    """Whether so few words before a preposition are a name: one, or two that are not a name and the verb's object."""
    return len(words) == 1 or (len(words) == 2 and (_is_titled(words[0]) or not words[1].text.startswith("ال")))


def _until_stop(tokens: Sequence[_Token], first: int) -> tuple[int, Literal["that", "other", "end", ""]]:
    """(index of the first token that cannot belong to a name, what that is: the beginning of what is said, another word that
    may follow a name, the sentence's end, or nothing that tells)."""
    last = first
    while last < len(tokens) and last - first < _FAR:
        word = tokens[last].text
        if word in _list("ar_that") or word == ":":
            return last, "that"
        if tokens[last].is_mark:
            return last, "other" if word in '"“«' else "end" if last == len(tokens) - 1 else ""
        if word in _list("ar_stops") or word.removeprefix("ال") in _list("ar_weekdays"):
            return last, "other"
        if word[0].isdigit():
            return last, ""
        if _glued_preposition(word) and last > first and tokens[last - 1].text not in _list("ar_titles"):
            return last, "other"
        last += 1
    return last, "end" if last == len(tokens) else ""


def _glued_preposition(word: str) -> bool:
    """ "بإنهاء", "بفرض", "بأنه": ب glued to a word of four letters or more, and no name or title that begins with it."""
    bare = word[1:]
    return word.startswith("ب") and len(bare) >= 3 and word not in _list("ar_b_words") and not places(word)


def _is_object(word: str) -> bool:
    """A verbal noun, which is what is said and not who says it: تعزيز, إغلاق, استخدام."""
    if word.startswith("ال"):
        return word != "التحالف" and bool(re.fullmatch(r"الت\wا\w{2}", word))
    return word in _list("ar_nouns") or bool(re.fullmatch(r"ت\w{2}ي\w|ا\w{2}ا\w|ا\w{3,4}ا\w", word))


def _is_surely_object(word: str) -> bool:
    """A verbal noun by its word or the shape of forms II and VII to X, which no plural has."""
    return word in _list("ar_nouns") or bool(re.fullmatch(r"ت\w{2}ي\w|ا\w{3,4}ا[^ت\W]", word))


def _object_inside(words: Sequence[_Token]) -> int:
    """Where the object of the verb begins among the words behind it; their number when it does not."""
    for at in range(1, len(words)):
        word, before = words[at].text, words[at - 1].text
        doubly_definite = word.startswith("ال") and before.startswith("ال") and not _is_adjective(word)
        if doubly_definite or (_is_object(word) and before not in _list("ar_titles")):
            return at
    return len(words)


def _noun_phrase(words: Sequence[_Token]) -> int:
    """How many words the first noun phrase takes: a genitive chain up to its definite end, then its adjectives; 0 where that
    cannot be told."""
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
    elif 0 < at < len(words) and words[at].text.startswith("ال"):
        return 0  # "صندوق النقد" is one name, "ترامب الحرب" is a name and an object
    return max(at, 1)


def _is_adjective(word: str) -> bool:
    return word.startswith("ال") and (word.endswith(("ي", "يه")) or word.removeprefix("ال") in _list("ar_adjectives"))


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
    if re.sub("^(?:لل|ال|ل)", "", tokens[first].text) in _list("ar_no_source"):
        return None
    last = first
    closed = False
    while last < len(tokens) and last - first < _FAR and not closed:
        word = tokens[last].text
        if word in ("في", "امس", "اليوم"):
            break
        future = last > first and word not in _list("ar_titles") and re.fullmatch(r"س[يت]\w{2,}", word)
        closed = bool(tokens[last].is_mark or future or word in _list("ar_according_stops"))
        last += not closed
    if last == first:
        return None
    opens_sentence = at == 0 and last >= len(tokens) - 1  # no comma: the clause's own verb is somewhere in these words
    if (not closed or opens_sentence) and last < len(tokens):
        last = first + _noun_phrase(tokens[first:last])
        if last == first:
            return None
        if last - first > 1 and not tokens[last - 1].text.startswith(("ال", "لل")):
            return None
    return tokens[first].start + skipped, tokens[last - 1].end


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
    quoted_words = max((len(text[start:end].split()) for start, end in quoted), default=0)
    pronoun: Reading | None = None
    for at, token in enumerate(tokens):
        if any(start <= token.start < end for start, end in quoted):
            continue
        according = token.text == "according" and at + 2 < len(tokens) and tokens[at + 1].text == "to"
        if according and (name := _english_source(tokens, at + 2)):
            return Reading(name)
        if token.text not in _list("en_past") or not _english_reports(tokens, at, quoted_words):
            continue
        before = _english_subject(tokens, at)
        if before == "no":
            continue
        if isinstance(before, str):
            pronoun = pronoun or Reading(None, _PRONOUNS[before])
        elif name := before or _english_inverted(text, tokens, at):
            return Reading(name, _english_form(text[slice(*name)]))
    return pronoun


def _english_reports(tokens: Sequence[_Token], verb: int, quoted_words: int) -> bool:
    """Whether a verb stands as one of saying: "the index added 1.2%" and "the man accused of theft" do not."""
    word, behind = tokens[verb].text, tokens[verb + 1 : verb + 8]
    clause = next((token.text for token in behind if token.is_mark or token.text == "that"), "")
    participle = word in _list("en_passive_risk") and behind and behind[0].text in _list("en_prepositions")
    closing = len(tokens) - verb <= 6 and _chunk_start(tokens, verb) > 0  # "…, the agency announced on Tuesday."
    if participle and not closing and clause not in ("that", ":"):
        return False
    if word not in _list("en_only_before_that") or clause in ("that", ":"):
        return True
    if quoted_words >= _STATEMENT or (quoted_words and word in ("described", "describes")):
        return True
    closes = not behind or behind[0].is_mark
    return closes and any(token.text == "," for token in tokens[:verb])


def _english_form(name: str) -> Form:
    """What the name itself tells of the pronoun that may stand for it later: an office is no "he"."""
    words = [token.text for token in _tokens(name)]
    head = next((at for at, word in enumerate(words) if word in _list("en_prepositions")), len(words))
    if head and words[head - 1] in _list("en_things"):
        return "thing"
    if {"mr", "sir", "king", "prince", "spokesman"} & set(words):
        return "masculine"
    return "feminine" if {"mrs", "ms", "queen", "princess", "spokeswoman"} & set(words) else ""


def _english_source(tokens: Sequence[_Token], first: int) -> tuple[int, int] | None:
    last = first
    while last < len(tokens) and not tokens[last].is_mark and last - first < _FAR:
        last += 1
    return (tokens[first].start, tokens[last - 1].end) if last > first else None


def _english_subject(tokens: Sequence[_Token], verb: int) -> tuple[int, int] | str | None:
    """The noun phrase before the verb; "she" itself, "no" for a passive or a participle, None where nothing stands."""
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
        if any(token.text in _list("en_verbs") for token in tokens[appositive : end - 1]) and (
            tokens[appositive].text != "who"
        ):
            return None  # a clause, and no name explained: "By Monday, 40 had died, said …"
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
        return words[0].text
    for at in range(
        len(words) - 1, -1, -1
    ):  # "… has shown that the ministry said": what follows the inner clause's opening
        if words[at].text in _list("en_opening"):
            words = words[at + 1 :]
            break
    if not words or words[-1].text in _NO_LAST or words[-1].text.endswith(("'s", "’s")):
        return "no"
    if words[0].text in _list("en_no_speaker"):
        return "no"
    if any(word.text in _list("en_verbs") for word in words):
        return "no"
    return (words[0].start, words[-1].end) if words[0].text not in _list("en_pronouns") else words[0].text


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
    named = tokens[first:last]
    if not named or named[0].text in _list("en_pronouns") or named[0].text in ("that", "to"):
        return None
    if any(token.text in _list("en_verbs") for token in named):  # "said the deal was dead": what is said
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
