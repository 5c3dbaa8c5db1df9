"""Reports in Arabic: the verb comes first, and what follows it up to "that", a preposition or a mark is who speaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from qa.reports.tokens import FAR, STATEMENT, Reading, Token, quotations, tokens_of, word_list
from qa.verify.places import places


def arabic_report(text: str) -> Reading | None:
    tokens = tokens_of(text)
    quoted = quotations(text)
    pronoun: Reading | None = None
    for at, token in enumerate(tokens):
        if any(start <= token.start < end for start, end in quoted):
            continue
        if bare_verb(token.text) in word_list("ar_according"):
            if name := _arabic_source(tokens, at):
                return Reading(name)
        elif bare_verb(token.text) in ("نقل", "نقلت") and (name := _relayed(tokens, at)):
            return Reading(name)
        elif bare_verb(token.text) in word_list("ar_verbs") and not (
            at and tokens[at - 1].text in word_list("ar_not_after")
        ):
            if at and tokens[at - 1].text in ("ان", "لا", "لم", "لن"):
                continue
            verb = bare_verb(token.text)
            reported = _that_follows(tokens, at, verb)
            if verb in word_list("ar_only_before_that") and not reported:
                continue
            name = _arabic_subject(tokens, at + 1, verb, reported)
            if name:
                return Reading(name, _form(verb))
            if pronoun is None and _opens(tokens[:at]):
                pronoun = Reading(None, _form(verb))
    return pronoun


def _form(verb: str) -> Literal["masculine", "feminine", "several"]:
    verbs = word_list("ar_verbs")
    if verb.endswith(("وا", "ا")) and verb.removesuffix("ا").removesuffix("و") in verbs:
        return "several"
    feminine = (verb[:-1] in verbs and verb.endswith("ت")) or (verb.startswith("ت") and "ي" + verb[1:] in verbs)
    return "feminine" if feminine else "masculine"


def _opens(before: Sequence[Token]) -> bool:
    """Whether these words merely lead to a sentence's verb: nothing, "كما", "وفي الوقت نفسه", "بالإضافة إلى ذلك،"."""
    return not before or (len(before) <= 5 and before[0].text in word_list("ar_openings"))


def bare_verb(word: str) -> str:
    """Without و or ف before it, as soon as that makes it a word of the lists."""
    verbs = word_list("ar_verbs") | word_list("ar_according") | {"نقل", "نقلت"}
    if word not in verbs and word[:1] in "وف" and word[1:] in verbs:
        return word[1:]
    return word


def _ends_speech(before: Sequence[Token]) -> bool:
    """Whether these may be what somebody said, up to a mark: a quotation, or more than "من جهتها،"."""
    quoted = any(token.text in '"“”«»' for token in before)
    return bool(before) and before[-1].is_mark and (quoted or sum(not token.is_mark for token in before) > STATEMENT)


def _that_follows(tokens: Sequence[Token], at: int, verb: str) -> bool:
    """Whether "that", a colon or the preposition that this verb takes stands behind the verb, before any other mark."""
    titled = len(tokens) > at + 1 and tokens[at + 1].text.removeprefix("ال") in word_list("ar_titles")
    of = titled or verb not in word_list(
        "ar_only_before_that"
    )  # rain "reveals" ruins with the verb of "the ministry reveals"
    for token in tokens[at + 1 : at + 1 + FAR]:
        if token.text in ("،", ".", "؛"):
            return False
        if token.text in word_list("ar_that") or token.text == ":":
            return True
        preposition = {"الي": "ar_verbs_to", "علي": "ar_verbs_on"} | ({"عن": "ar_verbs_of"} if of else {})
        if token.text in preposition and verb in word_list(preposition[token.text]):
            return True
    return False


def _arabic_subject(
    tokens: Sequence[Token], first: int, verb: str = "", reported: bool = False
) -> tuple[int, int] | None:
    """Who stands behind a verb. What leads straight to "that" is the whole name; elsewhere the verb may have an object, and
    a name is told only where it is sure to end."""
    last, delimiter = _until_stop(tokens, first)
    words = tokens[first:last]
    if not words or {words[0].text, words[0].text.removeprefix("ال")} & word_list("ar_no_speaker"):
        return None
    tells_someone = verb in word_list("ar_with_object")
    behind_speech = delimiter == "end" and _ends_speech(tokens[: first - 1])  # "…"، قالت منى العلي.
    if (delimiter == "that" or behind_speech) and not tells_someone:
        return words[0].start, words[-1].end
    if _is_object(words[0].text):
        return None
    if len(words) > 1 and places(words[0].text) and places(words[1].text) and not words[1].text.startswith("و"):
        return words[0].start, words[0].end  # "اتهمت أوكرانيا روسيا"
    its_object = _object_inside(words)
    if delimiter == "other" and its_object == len(words) - 1 and not words[-1].text.startswith("ال"):
        its_object = len(words)  # a verbal noun has something behind it; this is a name of its shape ("أردوغان")
    if its_object < len(words) and verb in word_list("ar_only_before_that") and not tells_someone:
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


def _is_titled(word: Token) -> bool:
    return word.text.removeprefix("ال") in word_list("ar_titles")


def _ends_surely(words: Sequence[Token]) -> bool:
    """Whether so few words before a preposition are a name: one, or two that are not a name and the verb's object."""
    return len(words) == 1 or (len(words) == 2 and (_is_titled(words[0]) or not words[1].text.startswith("ال")))


def _until_stop(tokens: Sequence[Token], first: int) -> tuple[int, Literal["that", "other", "end", ""]]:
    """(index of the first token that cannot belong to a name, what that is: the beginning of what is said, another word that
    may follow a name, the sentence's end, or nothing that tells)."""
    last = first
    while last < len(tokens) and last - first < FAR:
        word = tokens[last].text
        if word in word_list("ar_that") or word == ":":
            return last, "that"
        if tokens[last].is_mark:
            return last, "other" if word in '"“«' else "end" if last == len(tokens) - 1 else ""
        if word in word_list("ar_stops") or word.removeprefix("ال") in word_list("ar_weekdays"):
            return last, "other"
        if word[0].isdigit():
            return last, ""
        if _glued_preposition(word) and last > first and tokens[last - 1].text not in word_list("ar_titles"):
            return last, "other"
        last += 1
    return last, "end" if last == len(tokens) else ""


def _glued_preposition(word: str) -> bool:
    """ "بإنهاء", "بفرض", "بأنه": ب glued to a word of four letters or more, and no name or title that begins with it."""
    bare = word[1:]
    return word.startswith("ب") and len(bare) >= 3 and word not in word_list("ar_b_words") and not places(word)


def _is_object(word: str) -> bool:
    """A verbal noun, which is what is said and not who says it: تعزيز, إغلاق, استخدام."""
    if word.startswith("ال"):
        return word != "التحالف" and bool(re.fullmatch(r"الت\wا\w{2}", word))
    return word in word_list("ar_nouns") or bool(re.fullmatch(r"ت\w{2}ي\w|ا\w{2}ا\w|ا\w{3,4}ا\w", word))


def _is_surely_object(word: str) -> bool:
    """A verbal noun by its word or the shape of forms II and VII to X, which no plural has."""
    return word in word_list("ar_nouns") or bool(re.fullmatch(r"ت\w{2}ي\w|ا\w{3,4}ا[^ت\W]", word))


def _object_inside(words: Sequence[Token]) -> int:
    """Where the object of the verb begins among the words behind it; their number when it does not."""
    for at in range(1, len(words)):
        word, before = words[at].text, words[at - 1].text
        doubly_definite = word.startswith("ال") and before.startswith("ال") and not _is_adjective(word)
        if doubly_definite or (_is_object(word) and before not in word_list("ar_titles")):
            return at
    return len(words)


def _noun_phrase(words: Sequence[Token]) -> int:
    """How many words the first noun phrase takes: a genitive chain up to its definite end, then its adjectives; 0 where that
    cannot be told."""
    at = 0
    while at < len(words) and not words[at].text.startswith(("ال", "لل")):
        if at and _is_object(words[at].text):
            return at
        at += 1
        if at == 3:
            break
    if at < len(words) and words[at].text.startswith("ال") and (at == 0 or words[0].text in word_list("ar_titles")):
        at += 1
        while at < len(words) and (
            _is_adjective(words[at].text) or words[at - 1].text == "باسم" or words[at].text == "باسم"
        ):
            at += 1
    elif 0 < at < len(words) and words[at].text.startswith("ال"):
        return 0  # "صندوق النقد" is one name, "ترامب الحرب" is a name and an object
    return max(at, 1)


def _is_adjective(word: str) -> bool:
    return word.startswith("ال") and (
        word.endswith(("ي", "يه")) or word.removeprefix("ال") in word_list("ar_adjectives")
    )


def _arabic_source(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """Who is named after "according to": up to a comma, "that" or the clause's own verb."""
    first = at + 1
    skipped = 0
    if first < len(tokens) and tokens[first].text in ("الي", "عن", "ل", "ما") and bare_verb(tokens[at].text) in (
        "نقلا", "استنادا", "وفقا", "طبقا", "بحسب", "حسب", "وفق",
    ):  # fmt: skip
        if tokens[first].text == "ما":  # "بحسب ما أعلنت الشركة": the verb's own rule finds the subject
            return _arabic_subject(tokens, first + 2) if first + 2 < len(tokens) else None
        first += 1
    if first >= len(tokens):
        return None
    if bare_verb(tokens[at].text) in ("وفقا", "طبقا") and tokens[first].text.startswith("ل"):
        skipped = 0 if tokens[first].text.startswith("لل") else 1
    if re.sub("^(?:لل|ال|ل)", "", tokens[first].text) in word_list("ar_no_source"):
        return None
    last = first
    closed = False
    while last < len(tokens) and last - first < FAR and not closed:
        word = tokens[last].text
        if word in ("في", "امس", "اليوم"):
            break
        future = last > first and word not in word_list("ar_titles") and re.fullmatch(r"س[يت]\w{2,}", word)
        closed = bool(tokens[last].is_mark or future or word in word_list("ar_according_stops"))
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


def _relayed(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """ "نقلت وكالة … عن مسؤول قوله": whom the agency quotes."""
    for first in range(at + 1, min(len(tokens), at + 1 + FAR)):
        if tokens[first].text == "عن":
            last = first + 1
            while last < len(tokens) and not (tokens[last].is_mark or tokens[last].text in word_list("ar_that")):
                last += 1
            closed = last < len(tokens) and last - first <= FAR
            return (tokens[first + 1].start, tokens[last - 1].end) if closed and last > first + 1 else None
    return None
