"""What an answer is made of. Every claim carries its citations, and a citation is an exact span of a source."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from index.article import Passage
from index.formats.extracted import described
from index.hit import Hit
from index.language import detect_language
from qa.receipt import version

if TYPE_CHECKING:
    from qa.contract import (
        AnswerJSON,
        CitationJSON,
        ClaimJSON,
        ConflictJSON,
        HitJSON,
        SearchJSON,
        SpanJSON,
        SpeakerJSON,
        WhenJSON,
    )

FORMAT = 1  # of the JSON of an answer; raised when an older reader would misread a newer one
Origin = Literal["quote", "written"]
Verdict = Literal["quoted", "verified"]
Speech = Literal["direct", "reported", "post"]
Dispute = Literal["place", "date", "number", "person", "polarity"]


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a source as they stand: `source_text[start:end] == text`, in code points of the decoded file."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says what a line says, in the source's own words; the span may lie in an earlier line ("he added")."""

    name: Span
    speech: Speech  # "direct": in quotation marks; "reported": in the writer's words; "post": an embedded post
    quoted: tuple[Span, ...] = ()  # what stands in quotation marks


@dataclass(frozen=True, slots=True)
class When:
    """A date as a line words it, resolved against its article's date: the days from `first` to `last`, both included."""

    span: Span
    first: datetime.date
    last: datetime.date


@dataclass(frozen=True, slots=True)
class Citation:
    """`source_text[start:end] == quote`, with offsets in code points of the decoded file, or of the text extracted from it, and
    `line` counted from 1."""

    path: str
    line: int
    start: int
    end: int
    quote: str
    language: str
    speaker: Speaker | None = None  # None: the article says it itself
    dates: tuple[When, ...] = ()
    place: str = ""  # in the original of a converted file: "page 3, line 12"

    @classmethod
    def of(cls, passage: Passage) -> Citation:
        """A passage as a citation, its speaker and dates unknown."""
        span = passage.start, passage.end
        return cls(passage.path, passage.line, *span, passage.text, passage.language, place=passage.place)


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer: a line of a source as it stands, or a written one that was verified against what it cites."""

    text: str
    language: str
    origin: Origin
    support: float  # the verifier's score in [0, 1]; 1 for a quote, which is its own source
    citations: tuple[Citation, ...]
    reading_aid: str = ""  # an unverified machine translation of a quote, to be shown as such; never part of the claim
    word_by_word: str = ""  # the words of a quote in the reader's language, by a dictionary (qa.glossed); neither

    @property
    def verdict(self) -> Verdict:
        return "quoted" if self.origin == "quote" else "verified"

    @property
    def shows_line(self) -> bool:
        """Whether the first cited line belongs beneath it: a reader should see what it says in another language."""
        return self.origin == "written" and self.language != self.citations[0].language

    @property
    def speaker(self) -> Speaker | None:
        """Who says it in the first cited line; None: the article itself. Each citation has its own."""
        return self.citations[0].speaker

    @property
    def dates(self) -> tuple[When, ...]:
        """The dates of the first cited line. Each citation has its own."""
        return self.citations[0].dates


def quote(passage: Passage, reading_aid: str = "") -> Claim:
    """A passage as its own claim."""
    return quoted(Citation.of(passage), reading_aid)


def quoted(citation: Citation, reading_aid: str = "") -> Claim:
    """A cited line as its own claim."""
    return Claim(citation.quote, citation.language, "quote", 1.0, (citation,), reading_aid)


def valued(claim: Claim, value: str, language: str) -> Claim:
    """A quote with a value of its line as its text: as sure as the quote, in which it stands."""
    return replace(claim, text=value, language=language, origin="written")


@dataclass(frozen=True, slots=True)
class Side:
    """One line of a conflict and the value in which it differs, as it stands there."""

    citation: Citation
    value: Span


@dataclass(frozen=True, slots=True)
class Conflict:
    """Lines that answer the same question with values that cannot all hold, or that may not: the reader sees each."""

    about: Dispute
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Claims with what produced them; no claims means that the sources do not say, and `nearest` is all there is."""

    question: str
    language: str
    confidence: (
        float  # that the collection answers: calibrated, but where a model of the user's decided (qa.confidence)
    )
    claims: tuple[Claim, ...]
    nearest: tuple[Hit, ...]  # the nearest lines, for a reader to judge
    models: Mapping[str, str | None]
    index: Mapping[str, Any]
    timings_ms: Mapping[str, float]
    notes: tuple[str, ...] = ()  # what a reader should know: a model that was missing, a source that changed
    id: str | int | None = field(default=None)
    conflicts: tuple[Conflict, ...] = ()
    missing: tuple[str, ...] = ()  # parts of the question that the lines leave open, in the question's own words
    asked_as: str = ""  # a follow-up question as it was completed from the conversation; "" when asked as it stands
    settings: Mapping[str, Any] = field(default_factory=dict)  # what shaped this answer beside the index
    nearest_words: tuple[
        str, ...
    ] = ()  # of a refusal: each nearest line word by word, as `Claim.word_by_word`; "" where there is none

    @property
    def answered(self) -> bool:
        return bool(self.claims)

    @property
    def nearest_in_words(self) -> tuple[tuple[Hit, str], ...]:
        """Each nearest line with its words, "" where there are none."""
        return tuple(zip(self.nearest, self.nearest_words or ("",) * len(self.nearest), strict=True))

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every line that the claims and the conflicts rest on."""
        claimed = tuple(citation for claim in self.claims for citation in claim.citations)
        return claimed + tuple(side.citation for conflict in self.conflicts for side in conflict.sides)

    def to_dict(self) -> AnswerJSON:
        """The JSON contract (qa/contract.py, tests/schemas/answer.schema.json)."""
        return {
            "format": FORMAT,
            "version": version(),
            "id": self.id,
            "question": self.question,
            "asked_as": self.asked_as,
            "language": self.language,
            "answered": self.answered,
            "confidence": round(self.confidence, 4),
            "claims": [claim_dict(claim) for claim in self.claims],
            "conflicts": [_conflict_dict(conflict) for conflict in self.conflicts],
            "missing": list(self.missing),
            "nearest": [_near_dict(hit, words) for hit, words in self.nearest_in_words],
            "models": dict(self.models),
            "settings": dict(self.settings),
            "index": dict(self.index),
            "timings_ms": {stage: round(milliseconds, 1) for stage, milliseconds in self.timings_ms.items()},
            "notes": list(self.notes),
        }


def hit_dict(hit: Hit) -> HitJSON:
    """One hit in the JSON contract (tests/schemas/search.schema.json)."""
    passage = hit.passage
    found: HitJSON = {
        "path": passage.path,
        "line": passage.line,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "language": passage.language,
        "kind": passage.kind,
        "heading": passage.heading,
        "score": round(hit.score, 6),
        "lexical_rank": hit.lexical_rank,
        "dense_rank": hit.dense_rank,
        "log_odds": None if hit.log_odds is None else round(hit.log_odds, 4),
    }
    if passage.place:
        found["original"] = described(passage.place)
    return found


def _near_dict(hit: Hit, words: str) -> HitJSON:
    near = hit_dict(hit)
    if words:
        near["word_by_word"] = words
    return near


def search_dict(question: str, hits: Sequence[Hit], id: str | int | None = None) -> SearchJSON:
    """One question's hits in the JSON contract."""
    return {
        "id": id,
        "question": question,
        "language": detect_language(question),
        "hits": [hit_dict(hit) for hit in hits],
    }


def claim_dict(claim: Claim) -> ClaimJSON:
    """One claim in the JSON contract."""
    described: ClaimJSON = {
        "text": claim.text,
        "language": claim.language,
        "origin": claim.origin,
        "verdict": claim.verdict,
        "support": round(claim.support, 4),
        "speaker": _speaker_dict(claim.speaker),
        "dates": [_when_dict(when) for when in claim.dates],
        "citations": [citation_dict(citation) for citation in claim.citations],
    }
    if claim.reading_aid:
        described["reading_aid"] = claim.reading_aid
    if claim.word_by_word:
        described["word_by_word"] = claim.word_by_word
    return described


def citation_dict(citation: Citation) -> CitationJSON:
    """One citation in the JSON contract."""
    cited: CitationJSON = {
        "path": citation.path,
        "line": citation.line,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "language": citation.language,
        "speaker": _speaker_dict(citation.speaker),
        "dates": [_when_dict(when) for when in citation.dates],
    }
    if citation.place:
        cited["original"] = described(citation.place)
    return cited


def _span_dict(span: Span) -> SpanJSON:
    return {"start": span.start, "end": span.end, "text": span.text}


def _speaker_dict(speaker: Speaker | None) -> SpeakerJSON | None:
    if speaker is None:
        return None
    return {
        **_span_dict(speaker.name),
        "speech": speaker.speech,
        "quoted": [_span_dict(span) for span in speaker.quoted],
    }


def _when_dict(when: When) -> WhenJSON:
    return {**_span_dict(when.span), "first": when.first.isoformat(), "last": when.last.isoformat()}


def _conflict_dict(conflict: Conflict) -> ConflictJSON:
    return {
        "about": conflict.about,
        "sides": [
            {"value": _span_dict(side.value), "citation": citation_dict(side.citation)} for side in conflict.sides
        ],
    }
