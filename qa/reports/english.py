"""Reports in English: the subject stands before the verb, or after it behind a quotation."""

from __future__ import annotations

from collections.abc import Sequence

from qa.reports.tokens import FAR, STATEMENT, Form, Reading, Token, quotations, tokens_of, word_list

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


def english_report(text: str) -> Reading | None:
    tokens = tokens_of(text)
    quoted = quotations(text)
    quoted_words = max((len(text[start:end].split()) for start, end in quoted), default=0)
    pronoun: Reading | None = None
    for at, token in enumerate(tokens):
        if any(start <= token.start < end for start, end in quoted):
            continue
        according = token.text == "according" and at + 2 < len(tokens) and tokens[at + 1].text == "to"
        if according and (name := _english_source(tokens, at + 2)):
            return Reading(name)
        if at and text[token.start : token.end] == "Said":  # "Port Said", "President Kais Said"
            continue
        if token.text not in word_list("en_past") or not _english_reports(tokens, at, quoted_words):
            continue
        before = _english_subject(tokens, at)
        if before == "no":
            continue
        if isinstance(before, str):
            pronoun = pronoun or Reading(None, _PRONOUNS[before])
        elif name := before or _english_inverted(text, tokens, at):
            return Reading(name, _english_form(text[slice(*name)]))
    return pronoun


def _english_reports(tokens: Sequence[Token], verb: int, quoted_words: int) -> bool:
    """Whether a verb stands as one of saying: "the index added 1.2%" and "the man accused of theft" do not."""
    word, behind = tokens[verb].text, tokens[verb + 1 : verb + 8]
    clause = next((token.text for token in behind if token.is_mark or token.text == "that"), "")
    participle = word in word_list("en_passive_risk") and behind and behind[0].text in word_list("en_prepositions")
    closing = len(tokens) - verb <= 6 and _chunk_start(tokens, verb) > 0  # "…, the agency announced on Tuesday."
    if participle and not closing and clause not in ("that", ":"):
        return False
    if word not in word_list("en_only_before_that") or clause in ("that", ":"):
        return True
    if quoted_words >= STATEMENT or (quoted_words and word in ("described", "describes")):
        return True
    closes = not behind or behind[0].is_mark
    return closes and any(token.text == "," for token in tokens[:verb])


def _english_form(name: str) -> Form:
    """What the name itself tells of the pronoun that may stand for it later: an office is no "he"."""
    words = [token.text for token in tokens_of(name)]
    head = next((at for at, word in enumerate(words) if word in word_list("en_prepositions")), len(words))
    if head and words[head - 1] in word_list("en_things"):
        return "thing"
    if {"mr", "sir", "king", "prince", "spokesman"} & set(words):
        return "masculine"
    return "feminine" if {"mrs", "ms", "queen", "princess", "spokeswoman"} & set(words) else ""


def _english_source(tokens: Sequence[Token], first: int) -> tuple[int, int] | None:
    last = first
    while last < len(tokens) and not tokens[last].is_mark and last - first < FAR:
        last += 1
    return (tokens[first].start, tokens[last - 1].end) if last > first else None


def _english_subject(tokens: Sequence[Token], verb: int) -> tuple[int, int] | str | None:
    """The noun phrase before the verb; "she" itself, "no" for a passive or a participle, None where nothing stands."""
    end = verb
    while end and (tokens[end - 1].text in word_list("en_adverbs") or _is_adverb(tokens[end - 1].text)):
        end -= 1
    if not end:
        return "no"
    if tokens[end - 1].text in word_list("en_auxiliaries"):
        return "no"
    if tokens[end - 1].text == ",":
        appositive = _chunk_start(tokens, end - 1)
        if not appositive or tokens[appositive - 1].text != "," or appositive == end - 1:
            return None
        if tokens[appositive].text in word_list("en_opening") - {"who"}:
            return "no"
        if any(token.text in word_list("en_verbs") for token in tokens[appositive : end - 1]) and (
            tokens[appositive].text != "who"
        ):
            return None  # a clause, and no name explained: "By Monday, 40 had died, said …"
        end = appositive - 1
    elif tokens[end - 1].is_mark:
        return None
    start = _chunk_start(tokens, end)
    while start < end and tokens[start].text in word_list("en_opening"):
        if tokens[start].text in ("which", "who", "that", "whom", "whose"):
            return "no"
        start += 1
    words = tokens[start:end]
    if not words or len(words) > FAR:
        return "no"
    if len(words) == 1 and words[0].text in word_list("en_pronouns"):
        return words[0].text
    for at in range(
        len(words) - 1, -1, -1
    ):  # "… has shown that the ministry said": what follows the inner clause's opening
        if words[at].text in word_list("en_opening"):
            words = words[at + 1 :]
            break
    if not words or words[-1].text in _NO_LAST or words[-1].text.endswith(("'s", "’s")):
        return "no"
    if words[0].text in word_list("en_no_speaker"):
        return "no"
    if any(word.text in word_list("en_verbs") for word in words):
        return "no"
    return (words[0].start, words[-1].end) if words[0].text not in word_list("en_pronouns") else words[0].text


def _is_adverb(word: str) -> bool:
    return (
        len(word) > 4
        and word.endswith("ly")
        and word not in ("family", "assembly", "italy", "july", "daily", "weekly", "monthly")
    )


def _chunk_start(tokens: Sequence[Token], end: int) -> int:
    start = end
    while start and not tokens[start - 1].is_mark:
        start -= 1
    return start


def _english_inverted(text: str, tokens: Sequence[Token], verb: int) -> tuple[int, int] | None:
    """ "…," said Marco Bellini, head of …: behind a quotation or a comma, up to the next mark or preposition."""
    first = verb + 1
    last = first
    while (
        last < len(tokens)
        and not tokens[last].is_mark
        and tokens[last].text not in ("in", "on", "at", "during", "after", "as")
    ):
        if last - first == FAR:
            return None
        last += 1
    named = tokens[first:last]
    if not named or named[0].text in word_list("en_pronouns") or named[0].text in ("that", "to"):
        return None
    if any(token.text in word_list("en_verbs") for token in named):  # "said the deal was dead": what is said
        return None
    raw = text[tokens[first].start]
    return (
        (tokens[first].start, tokens[last - 1].end)
        if raw.isupper() or tokens[first].text in ("the", "a", "an")
        else None
    )
