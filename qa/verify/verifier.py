"""A claim against its source: rules that need no judgement first, then a calibrated score.

A number, date, country, name or denial that the source does not hold decides alone. What passes is scored by a fitted model
(`qa.verify.fitted`) over word alignment and overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.analyse import LETTERS, fold, stem, words
from index.language import UNKNOWN, detect_language
from index.names import best_name_match
from qa.verify.align import Alignment, content, gloss_stems
from qa.verify.amounts import other_share, unhedged
from qa.verify.directions import opposites
from qa.verify.encoder import CentredEncoder
from qa.verify.features import (
    cross_language,
    cross_language_texts,
    missing_names,
    nearby,
    same_language,
    same_language_texts,
    sentences,
)
from qa.verify.fitted import Model, shipped_models
from qa.verify.letters import missing_letters
from qa.verify.negation import denials, denied_words, denies_apart, negation_mismatch, scope_mismatch
from qa.verify.numbers import is_value, missing_numerals, missing_quantities, stands_in
from qa.verify.order import exchanged_words, inverted_names
from qa.verify.places import missing_places
from qa.verify.written import WRITTEN_THRESHOLD, doubts, own_spellings

if TYPE_CHECKING:
    from qa.contract import VerdictJSON

VERBATIM = 1.0
MOST_OF_FAILED = 0.5  # score of a claim that fails a rule
_SPELLED = 0.9  # similarity of a word that may be a name to one of another script that spells it
_TOGETHER = 64  # pairs whose texts are encoded in one call


@dataclass(frozen=True, slots=True)
class Support:
    """The verdict on one claim. `reasons` says what failed; `checked` is False for a language pair without validation."""

    score: float
    supported: bool
    reasons: tuple[str, ...]
    checked: bool
    contradicted: bool = False  # a name, number, word or sense of the claim disagrees with the source
    doubted: bool = False  # nothing disagrees, and still nobody can vouch for it (`qa.verify.written`)

    def to_dict(self) -> VerdictJSON:
        """The JSON contract."""
        return {"score": round(self.score, 4), "supported": self.supported, "reasons": list(self.reasons)}


class Verifier:
    """Checks claims against sources. Cheap to build: the encoder loads on the first check that needs it, once."""

    def __init__(self, encoder: CentredEncoder | None = None, models: dict[str, Model] | None = None) -> None:
        self.encoder = encoder if encoder is not None else CentredEncoder()
        self._models = models

    def check(
        self,
        claim: str,
        source: str,
        *,
        claim_language: str | None = None,
        source_language: str | None = None,
        context: str = "",
        given: str | None = None,
    ) -> Support:
        """Does the source support the claim? Languages (ISO 639-1) are detected when not given.

        `context` (the heading or the article's date the source stands under) may vouch for names, numbers and places,
        never for content. A claim that is a mere number or date ("March 2026") is decided by its rule, in any language. `given`
        says that a language model wrote the claim in another language, and what it was told beside the source: then more is
        asked (`qa.verify.written`). A claim or source without words is unsupported with score 0.
        Nothing is raised for any text.
        """
        if not words(claim) or not words(source):
            return Support(0.0, False, ("the claim or the source is empty",), True)
        if _stands_verbatim(claim, source):
            return Support(VERBATIM, True, (), True)
        if is_value(claim):
            stands = stands_in(claim, source)
            absent = () if stands else (f"{claim} is not in the source",)
            return Support(VERBATIM if stands else 0.0, stands, absent, True, contradicted=not stands)
        source_language = source_language or _detected(source, UNKNOWN)
        claim_language = claim_language or _detected(claim, source_language)
        model = self._fitted().get(_pair(claim_language, source_language))
        if model is None:
            reason = f"claims in {claim_language} against sources in {source_language} were not validated"
            return Support(0.0, False, (reason,), False)
        threshold = model.threshold
        open_questions: tuple[str, ...] = ()
        if claim_language == source_language:
            self.encoder.prepare(same_language_texts(claim, source))
            figures = same_language(claim, source, claim_language, context, self.encoder)
            reasons = same_language_failures(claim, source, context)
        else:
            self.encoder.prepare(cross_language_texts(claim, source))
            figures, alignment = cross_language(claim, source, (claim_language, source_language), self.encoder)
            reasons = cross_language_failures(
                claim, source, context, alignment, weakest_word=model.weakest_word, weakest_name=model.weakest_name
            )
            if given is not None:
                reasons += tuple(own_spellings(claim, source, given))
                open_questions = tuple(doubts(claim, source, given, alignment))
                threshold = min(threshold, WRITTEN_THRESHOLD)
        return _verdict(model.score(figures), reasons, open_questions, threshold)

    def validates(self, *, claim_language: str, source_language: str) -> bool:
        """Whether claims of this language pair can get a verdict at all."""
        return _pair(claim_language, source_language) in self._fitted()

    def check_many(self, pairs: Sequence[tuple[str, str]]) -> list[Support]:
        """`check` for (claim, source) pairs, in order; equal words and sentences are encoded once over all of them."""
        supports: list[Support] = []
        for begin in range(0, len(pairs), _TOGETHER):
            some = pairs[begin : begin + _TOGETHER]
            self.encoder.prepare([text for claim, source in some for text in _texts(claim, source)])
            supports += [self.check(claim, source) for claim, source in some]
        return supports

    def _fitted(self) -> dict[str, Model]:
        return shipped_models() if self._models is None else self._models


def _pair(claim_language: str, source_language: str) -> str:
    """The name of a language pair's fitted model."""
    return ("same." if claim_language == source_language else f"cross.{source_language}-") + claim_language


def _texts(claim: str, source: str) -> list[str]:
    if not words(claim) or not words(source) or _stands_verbatim(claim, source):
        return []
    source_language = _detected(source, UNKNOWN)
    same = _detected(claim, source_language) == source_language
    return same_language_texts(claim, source) if same else cross_language_texts(claim, source)


def same_language_failures(claim: str, source: str, context: str) -> tuple[str, ...]:
    """The rules within one language; denial and direction are compared with the sentence nearest to the claim."""
    near = nearby(claim, source)
    language = _detected(claim, UNKNOWN)

    def same(one: str, other: str) -> bool:
        return stem(one, language) == stem(other, language)

    names = missing_names([word for word in content(claim) if word.is_name], f"{source} {context}")
    return (
        *_value_failures(claim, source, context),
        *(f"name {name} is not in the source" for name in names),
        *(f"number {numeral} is not in the source" for numeral in missing_numerals(claim, source, context)),
        *(f"letter {letter} is not in the source" for letter in missing_letters(claim, source, context)),
        *_sense_failures(claim, near.counterpart(claim), near.best),
        *_scope_failures(claim, near.best, same),
        *_order_failures(exchanged_words(claim, near.best, language)),
    )


def cross_language_failures(
    claim: str, source: str, context: str, alignment: Alignment, *, weakest_word: float, weakest_name: float
) -> tuple[str, ...]:
    """The rules across languages; below the floors a word or name has no counterpart in the source."""
    context_words = tuple(word.text for word in content(context))
    failures = [
        *_value_failures(claim, source, context),
        *_sense_failures(claim, "" if _denies_aside(claim, source) else source, source),
        *_scope_failures(claim, source, _is_glossed),
    ]
    for word, strength in zip(alignment.words, alignment.strength, strict=True):
        if word.is_spelled and strength < weakest_name:
            if best_name_match(word.text, context_words) < weakest_name:
                failures.append(f"name {word.text} is not in the source")
        elif strength < weakest_word:
            failures.append(f"word '{word.text}' matches nothing in the source")
    names = tuple(word.text for word in alignment.words if word.is_name) + _opening_name(claim, source)
    return (*failures, *_order_failures(inverted_names(claim, source, names)))


def _value_failures(claim: str, source: str, context: str) -> tuple[str, ...]:
    return (
        *(
            f"{_KIND.get(q.kind, q.kind)} {q.text} is not in the source"
            for q in missing_quantities(claim, source, context)
        ),
        *(f"place {place.text} is not in the source" for place in missing_places(claim, source, context)),
    )


_KIND = {"some": "number", "percent": "percentage"}  # of the others the name of the kind


def _sense_failures(claim: str, may_deny: str, may_turn: str) -> tuple[str, ...]:
    """What the claim denies, or has the other way round, of one text and of another."""
    denial = negation_mismatch(claim, may_deny)
    turned = (f"the source says the opposite of '{word}'" for word in opposites(claim, may_turn))
    return ((denial,) if denial else ()) + tuple(turned)


def _opening_name(claim: str, source: str) -> tuple[str, ...]:
    """The first word of a claim, whose capital tells nothing, where the source spells it."""
    first = LETTERS.search(claim)
    spelled = first and first[0][0].isupper() and best_name_match(first[0], tuple(LETTERS.findall(source))) >= _SPELLED
    return (first[0],) if first and spelled else ()


def _scope_failures(claim: str, source: str, same: Callable[[str, str], bool]) -> tuple[str, ...]:
    """What the two say of the same words, the one denying, doubting or sharing it out otherwise than the other."""
    denial, share, doubt = (check(claim, source, same) for check in (scope_mismatch, other_share, unhedged))
    return (
        *((denial,) if denial else ()),
        *((f"the source says another share than '{share}'",) if share else ()),
        *((f"the source is not sure of '{doubt}'",) if doubt else ()),
    )


def _order_failures(swapped: tuple[str, str] | None) -> tuple[str, ...]:
    return (f"{swapped[0]} and {swapped[1]} stand in the other order in the source",) if swapped else ()


def _is_glossed(one: str, other: str) -> bool:
    """Whether the dictionary gives an Arabic word the meaning of an English one; or they are the same word."""
    if one.isascii() == other.isascii():
        return one == other
    arabic, english = (other, one) if one.isascii() else (one, other)
    return stem(english, "en") in gloss_stems(arabic)


def _denies_aside(claim: str, source: str) -> bool:
    """Whether a source of more than the claim denies only what the claim does not speak of: words that the dictionary knows, none
    of which is the claim's."""
    denied = denied_words(source)
    return (
        denies_apart(source)
        and not any(denials(claim))
        and bool(denied)
        and all(_is_known(word) and not any(_is_glossed(mine, word) for mine in words(claim)) for word in denied)
    )


def _is_known(word: str) -> bool:
    return bool(gloss_stems(word)) or word.isascii()


def _verdict(score: float, reasons: tuple[str, ...], open_questions: tuple[str, ...], threshold: float) -> Support:
    if reasons:
        # Likelier wrong than right and below every score that passes, keeping the order among the failed.
        return Support(score * min(threshold, MOST_OF_FAILED), False, reasons, True, contradicted=True)
    if open_questions:
        return Support(score, False, open_questions, True, doubted=True)
    if score < threshold:
        return Support(score, False, (f"support {score:.2f} is below {threshold:.2f}",), True)
    return Support(score, True, (), True)


def _stands_verbatim(claim: str, source: str) -> bool:
    """The claim is the source, or one whole sentence of it, sign for sign: no language needs to be known for that."""
    said = _plain(claim)
    return said == _plain(source) or any(said == _plain(sentence) for sentence in sentences(source))


def _plain(text: str) -> str:
    """Folded, without what frames a sentence: white space, outer quotation marks and the full stop. Other signs mean."""
    return " ".join(fold(text).split()).strip(" .\"'“”‘’«»")


def _detected(text: str, otherwise: str) -> str:
    language = detect_language(text)
    return otherwise if language == UNKNOWN else language
