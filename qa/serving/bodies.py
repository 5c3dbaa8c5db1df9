"""What may be asked for: the bodies of requests, checked before anything is done."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from index.article import Kind
from index.filters import Filter
from index.search import MAX_QUESTION

MAX_HITS = 100
MAX_PAIRS = 64
MAX_CLAIM = 4000  # characters
MAX_SOURCE = 20_000
Question = Annotated[str, StringConstraints(min_length=1, max_length=MAX_QUESTION)]
Id = Annotated[str, StringConstraints(max_length=200)] | StrictInt | None
_Word = Annotated[str, StringConstraints(max_length=500)]
_Words = Annotated[tuple[_Word, ...], Field(max_length=100)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Only(_Body):
    """Which passages may be found, as `settings.only` of an answer says it; an empty field allows all."""

    sources: Annotated[_Words, Field(description="Article paths, with * and ? as in a shell.")] = ()
    since: datetime.date | None = None
    until: Annotated[datetime.date | None, Field(description="Included.")] = None
    languages: Annotated[_Words, Field(description="ISO 639-1.")] = ()
    kinds: Annotated[tuple[Kind, ...], Field(max_length=100)] = ()
    heading: Annotated[_Word, Field(description="A part of the heading that a line stands under.")] = ""

    def filter(self) -> Filter | None:
        only = Filter(self.sources, self.since, self.until, self.languages, self.kinds, self.heading)
        return None if only == Filter() else only


class AskBody(_Body):
    """One question."""

    question: Question
    id: Annotated[Id, Field(description="Comes back with the answer.")] = None
    follow_up_to: Annotated[
        str,
        Field(max_length=MAX_QUESTION, description="The question before this one, which completes it ('and when?')."),
    ] = ""
    only: Only = Only()


class SearchBody(_Body):
    """What to look for."""

    question: Question
    id: Annotated[Id, Field(description="Comes back with the hits.")] = None
    k: Annotated[int, Field(ge=1, le=MAX_HITS, description="How many lines.")] = 10
    only: Only = Only()


class Pair(_Body):
    """A claim and the source that should support it."""

    claim: Annotated[str, StringConstraints(max_length=MAX_CLAIM)]
    source: Annotated[str, StringConstraints(max_length=MAX_SOURCE)]
    id: Id = None


class VerifyBody(_Body):
    """Claims to judge."""

    pairs: Annotated[tuple[Pair, ...], Field(min_length=1, max_length=MAX_PAIRS)]
