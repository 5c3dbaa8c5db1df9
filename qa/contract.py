"""The JSON that the commands print and the server answers, as types: mypy holds what is written to them, OpenAPI is made of them.

Never needed to answer a question, so nothing else imports it but for type checking.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict  # Pydantic reads typing's own from Python 3.12 on

from index.article import Kind
from index.formats.extracted import Part
from qa.answer import Dispute, Origin, Speech, Verdict

Count = Annotated[int, Field(ge=0)]
Rank = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Id = str | int | None
Original = dict[Part, Rank]  # where a line of extracted text stands


class HitJSON(TypedDict):
    """A line that a search found."""

    path: str
    line: Rank
    start: Count
    end: Rank
    text: str
    language: str
    kind: Kind
    heading: str
    score: float
    lexical_rank: Rank | None
    dense_rank: Rank | None
    log_odds: float | None
    original: NotRequired[Original]
    word_by_word: NotRequired[str]  # only among the nearest lines of a refusal


class SearchJSON(TypedDict):
    """The hits of one question, best first."""

    id: Id
    question: str
    language: str
    hits: list[HitJSON]


class SpanJSON(TypedDict):
    """Words of a source: `source_text[start:end] == text`, in code points of the decoded file."""

    start: Count
    end: Rank
    text: str


class SpeakerJSON(SpanJSON):
    """Who says what a line says."""

    speech: Speech
    quoted: list[SpanJSON]


class WhenJSON(SpanJSON):
    """A date as a line words it, and the days it means."""

    first: str
    last: str


class CitationJSON(TypedDict):
    """`source_text[start:end] == quote`; lines are counted from 1."""

    path: str
    line: Rank
    start: Count
    end: Rank
    quote: str
    language: str
    speaker: SpeakerJSON | None
    dates: list[WhenJSON]
    original: NotRequired[Original]


class ClaimJSON(TypedDict):
    """One sentence of an answer with the lines it rests on."""

    text: str
    language: str
    origin: Origin
    verdict: Verdict
    support: Share
    speaker: SpeakerJSON | None
    dates: list[WhenJSON]
    citations: list[CitationJSON]
    reading_aid: NotRequired[str]
    word_by_word: NotRequired[str]


class SideJSON(TypedDict):
    """One line of a conflict and the value in which it differs."""

    value: SpanJSON
    citation: CitationJSON


class ConflictJSON(TypedDict):
    """Lines with values that cannot all hold, or that may not."""

    about: Dispute
    sides: list[SideJSON]


class AnswerJSON(TypedDict):
    """An answer; without claims the sources do not say."""

    format: int
    version: str
    id: Id
    question: str
    asked_as: str
    language: str
    answered: bool
    confidence: Share
    claims: list[ClaimJSON]
    conflicts: list[ConflictJSON]
    missing: list[str]
    nearest: list[HitJSON]
    models: dict[str, str | None]
    settings: dict[str, Any]
    index: dict[str, Any]
    timings_ms: dict[str, float]
    notes: list[str]


class VerdictJSON(TypedDict):
    """Whether a source supports a claim, and what failed."""

    id: NotRequired[Id]
    score: Share
    supported: bool
    reasons: list[str]


class EntryJSON(TypedDict):
    """An article of the collection, as it was indexed."""

    path: str
    title: str
    date: str | None
    languages: list[str]
    lines: Count
    passages: Count
    sha256: str


class LineJSON(TypedDict):
    """A physical line as it stands: `source_text[start:end] == text`."""

    line: Rank
    start: Count
    end: Count
    text: str


class ArticlesJSON(TypedDict):
    """A part of the list of articles, ordered by path."""

    total: Count
    articles: list[EntryJSON]


class LinesJSON(TypedDict):
    """Lines of one article as its file is now; `as_indexed` tells whether that is the file that was indexed."""

    article: EntryJSON
    as_indexed: bool
    total: Count
    lines: list[LineJSON]


class VerdictsJSON(TypedDict):
    """One verdict a pair, in their order."""

    verdicts: list[VerdictJSON]


class HealthJSON(TypedDict):
    """That the server is there and what it answers from."""

    status: Literal["ok", "stopping"]
    version: str


class ProblemJSON(TypedDict):
    """What went wrong and what to do next (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
