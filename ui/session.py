"""What one browser tab has asked, opened and chosen. Nothing of it is shared with another."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from index.errors import SanadError
from index.search import MAX_QUESTION
from qa import Answer
from qa.chat import EMBEDDED
from qa.select import MAX_PASSAGES
from ui import first_language
from ui.jobs import Job
from ui.narrowing import Narrowing
from ui.texts import Texts, texts_in
from ui.uploads import Added

_KEY = "session"
MAX_TURNS = 50  # older ones leave the page, so that it stays quick


@dataclass(frozen=True, slots=True)
class Settings:
    """How this session's next questions are answered."""

    llm: str = EMBEDDED
    passages: int = MAX_PASSAGES


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and the work on its answer."""

    number: int  # counted from 1 over the session
    question: str
    job: Job[Answer]
    filtered: bool = False

    @property
    def answer(self) -> Answer | None:
        """As far as it has come."""
        return self.job.latest

    @property
    def read_as(self) -> str:
        """The question as it was answered: completed from the conversation where it leaned on it."""
        return (self.answer.asked_as if self.answer else "") or self.question

    @property
    def error(self) -> SanadError | None:
        """Why there is no answer. Raises what is no SanadError: a fault of ours."""
        error = self.job.error
        if error is None or isinstance(error, SanadError):
            return error
        raise error


@dataclass(slots=True)
class Session:
    """The state of one tab."""

    language: str
    settings: Settings
    narrowing: Narrowing = field(default_factory=Narrowing)
    turns: list[Turn] = field(default_factory=list)
    opened: tuple[int, str] | None = None  # number of the turn and key of the reference that is read
    article: str = ""  # path of an article that is read for itself
    removing: str = ""  # path of the article whose removal is to be confirmed
    added: tuple[Added, ...] = ()  # what became of the files that were last uploaded
    indexed: bool = False  # whether this tab had the indexer run
    asked: bool = False  # whether a button asked a question, whose answer stands in the room of the answers
    arrived: bool = False  # whether the browser has drawn the page: what costs time begins after that
    revealed: int = 0  # counts what was to be scrolled into view
    reveal: str = ""

    @property
    def t(self) -> Texts:
        return texts_in(self.language)

    def turn(self, number: int) -> Turn | None:
        return next((turn for turn in self.turns if turn.number == number), None)

    def add(self, turn: Turn) -> None:
        self.turns = [*self.turns, turn][-MAX_TURNS:]
        self.opened = None
        self.reveal = f"turn-{turn.number}"

    def open(self, value: str) -> None:
        """Read the reference that a button names as "turn:key"."""
        number, _, key = value.partition(":")
        if number.isdecimal() and key and len(number) < 9:
            self.opened = int(number), key
            self._to_pane()

    def read(self, path: str) -> None:
        """Read an article for itself."""
        self.article = path
        self._to_pane()

    def arrive(self, _: str) -> None:
        self.arrived = True

    def ask_to_remove(self, path: str) -> None:
        self.removing = path

    def close(self, _: str = "") -> None:
        self.opened, self.article, self.reveal = None, "", ""

    def stop(self, value: str) -> None:
        """Cancel the work on the turn of that number."""
        for turn in self.turns:
            if str(turn.number) == value:
                turn.job.cancel()

    def clear(self) -> None:
        """Begin a new conversation."""
        for turn in self.turns:
            turn.job.cancel()
        self.turns = []
        self.close()

    def _to_pane(self) -> None:
        self.revealed += 1
        self.reveal = f"pane-{self.revealed}"


def session(llm: str) -> Session:
    """This tab's state, made when it is first asked for; `llm` is what the page was started with."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session(_first_language(), Settings(llm))
    found: Session = st.session_state[_KEY]
    return found


def accepted(question: str) -> bool:
    """Whether a text from the browser can be a question at all."""
    return bool(question.strip()) and len(question) <= MAX_QUESTION


def _first_language() -> str:
    """As the address says (?lang=ar), else as the browser prefers."""
    wanted = str(st.query_params.get("lang", ""))
    preferred = (st.context.locale or "").partition("-")[0]
    return first_language(wanted, preferred)
