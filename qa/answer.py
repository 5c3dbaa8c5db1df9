"""What an answer is made of. Every claim carries its citations, and a citation is an exact span of a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from index.article import Passage
from index.hit import Hit

Origin = Literal["quote", "written"]
Verdict = Literal["quoted", "verified"]


@dataclass(frozen=True, slots=True)
class Citation:
    """`source_text[start:end] == quote`, with offsets in code points of the decoded file and `line` counted from 1."""

    path: str
    line: int
    start: int
    end: int
    quote: str
    language: str

    @classmethod
    def of(cls, passage: Passage) -> Citation:
        return cls(passage.path, passage.line, passage.start, passage.end, passage.text, passage.language)


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer: a line of a source as it stands, or a written sentence that was verified against one."""

    text: str
    language: str
    origin: Origin
    support: float  # the verifier's score in [0, 1]; 1 for a quote, which is its own source
    citations: tuple[Citation, ...]
    reading_aid: str = ""  # an unverified machine translation of a quote, to be shown as such; never part of the claim

    @property
    def verdict(self) -> Verdict:
        return "quoted" if self.origin == "quote" else "verified"


def quote(passage: Passage, reading_aid: str = "") -> Claim:
    """A passage as its own claim."""
    return Claim(passage.text, passage.language, "quote", 1.0, (Citation.of(passage),), reading_aid)


@dataclass(frozen=True, slots=True)
class Answer:
    """Claims with what produced them; no claims means that the sources do not say, and `nearest` is all there is."""

    question: str
    language: str
    confidence: float  # calibrated probability that the collection answers the question
    claims: tuple[Claim, ...]
    nearest: tuple[Hit, ...]  # the nearest lines, for a reader to judge
    models: Mapping[str, str | None]
    index: Mapping[str, Any]
    timings_ms: Mapping[str, float]
    notes: tuple[str, ...] = ()  # what a reader should know: a model that was missing, a source that changed
    id: str | int | None = field(default=None)

    @property
    def answered(self) -> bool:
        return bool(self.claims)

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract (tests/schemas/answer.schema.json)."""
        return {
            "id": self.id,
            "question": self.question,
            "language": self.language,
            "answered": self.answered,
            "confidence": round(self.confidence, 4),
            "claims": [_claim_dict(claim) for claim in self.claims],
            "nearest": [hit_dict(hit) for hit in self.nearest],
            "models": dict(self.models),
            "index": dict(self.index),
            "timings_ms": {stage: round(milliseconds, 1) for stage, milliseconds in self.timings_ms.items()},
            "notes": list(self.notes),
        }


def hit_dict(hit: Hit) -> dict[str, Any]:
    """One hit in the JSON contract (tests/schemas/search.schema.json)."""
    passage = hit.passage
    return {
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
    }


def _claim_dict(claim: Claim) -> dict[str, Any]:
    described = {
        "text": claim.text,
        "language": claim.language,
        "origin": claim.origin,
        "verdict": claim.verdict,
        "support": round(claim.support, 4),
        "citations": [asdict(citation) for citation in claim.citations],
    }
    return described | ({"reading_aid": claim.reading_aid} if claim.reading_aid else {})
