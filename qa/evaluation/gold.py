"""The gold file: questions with the facts an answer needs and the lines where each stands (docs/evaluation.md).

JSON Lines, one question a line. A file is read whole or refused: every mistake is named with file and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from index.errors import UsageError
from index.search import checked_question
from qa.jsonl import numbered_lines

_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class GoldLine:
    """A place where a fact stands: one physical line of an article, or the lines `first` to `last`."""

    path: str  # relative to the corpus root, with forward slashes
    first: int  # 1-based
    last: int

    @property
    def places(self) -> frozenset[tuple[str, int]]:
        """Path and number of each of its lines."""
        return frozenset((self.path, number) for number in range(self.first, self.last + 1))


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing an answer has to say. Any one of its lines is enough to support it."""

    fact: str
    lines: tuple[GoldLine, ...]

    @property
    def places(self) -> frozenset[tuple[str, int]]:
        """Path and number of every line that supports it."""
        return frozenset[tuple[str, int]]().union(*(line.places for line in self.lines))


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with what a right answer says. Without facts it is unanswerable: the sources do not say."""

    id: str
    question: str
    language: str  # ISO 639-1
    facts: tuple[Fact, ...] = ()
    answer_patterns: tuple[str, ...] = ()  # regular expressions, case-insensitive; the claims' text should match each
    split: str = ""  # a name for a part of the file, such as "tune" and "aside"
    missing: str = ""  # what the sources do not say of a question that they answer in part
    draft: bool = False  # written by a model and not yet corrected by a person

    @property
    def answerable(self) -> bool:
        return bool(self.facts)

    @property
    def places(self) -> frozenset[tuple[str, int]]:
        """Path and number of every line that supports some fact."""
        return frozenset[tuple[str, int]]().union(*(fact.places for fact in self.facts))


def read_gold(path: Path, lines_of: Mapping[str, int], *, drafts: bool = False) -> tuple[GoldQuestion, ...]:
    """The questions of a gold file, in order. `lines_of` gives each article's number of lines; drafts are refused unless
    `drafts` says they may pass.

    Raises UsageError naming file and line for what is not JSON or not of the form, for an unknown article, a line out of
    range, an id that stands twice, a pattern that is no regular expression, a question that cannot be asked.
    """
    questions: list[GoldQuestion] = []
    first_at: dict[str, int] = {}
    for number, line in numbered_lines(path, "a UTF-8 gold file (docs/evaluation.md)"):
        try:
            question = _question(line, lines_of, drafts)
            if question.id in first_at:
                raise _Malformed(f"the id {question.id!r} stands in line {first_at[question.id]} too; give it another")
        except (_Malformed, UsageError) as error:
            raise UsageError(f"{path}:{number}: {error}") from error
        first_at[question.id] = number
        questions.append(question)
    if not questions:
        raise UsageError(f"{path} holds no question; write one JSON object a line (docs/evaluation.md)")
    return tuple(questions)


def write_gold(path: Path, questions: Sequence[GoldQuestion]) -> None:
    """Write questions in the form that `read_gold` reads, in order."""
    lines = (json.dumps(gold_dict(question), ensure_ascii=False) + "\n" for question in questions)
    path.write_text("".join(lines), encoding="utf-8")


def gold_dict(question: GoldQuestion) -> dict[str, Any]:
    """One question as its JSON object; fields that say nothing are left out."""
    optional = {
        "split": question.split,
        "answerable": question.answerable,
        "facts": [{"fact": fact.fact, "lines": [_line_dict(line) for line in fact.lines]} for fact in question.facts],
        "answer": list(question.answer_patterns),
        "missing": question.missing,
        "draft": question.draft,
    }
    kept = {name: value for name, value in optional.items() if value or name == "answerable"}
    return {"id": question.id, "question": question.question, "language": question.language} | kept


class _Malformed(Exception):
    """What is wrong with one line of the file, and what to do."""


def _question(line: str, lines_of: Mapping[str, int], drafts: bool) -> GoldQuestion:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Malformed(f"not JSON ({error}); write one object a line") from error
    fields = _Fields(row, "a question", "id question language split answerable facts answer missing draft")
    facts = tuple(_fact(fact, lines_of) for fact in fields.items("facts"))
    question = GoldQuestion(
        id=fields.text("id"),
        question=checked_question(fields.text("question")),
        language=fields.text("language"),
        facts=facts,
        answer_patterns=tuple(map(_pattern, fields.items("answer"))),
        split=fields.text("split", ""),
        missing=fields.text("missing", ""),
        draft=fields.flag("draft", False),
    )
    if not _LANGUAGE.fullmatch(question.language):
        raise _Malformed(f"the language {question.language!r} is no ISO 639 code; write one such as en or ar")
    if question.draft and not drafts:
        raise _Malformed("the question is a draft; correct it and remove its field draft")
    _check_answerable(fields, question)
    return question


def _check_answerable(fields: _Fields, question: GoldQuestion) -> None:
    """What the row says of itself (true, false or "half") against the facts it holds."""
    said = fields.get("answerable")
    if not isinstance(said, bool) and said != "half":
        raise _Malformed(f'answerable is {_shown(said)}; write true, false or "half"')
    if said and not question.facts:
        raise _Malformed("the question is answerable and has no facts; add them, or write answerable: false")
    if not said and (question.facts or question.answer_patterns):
        raise _Malformed("the question is unanswerable and has facts or answer patterns; remove them")
    if said == "half" and not question.missing:
        raise _Malformed("the question is half answerable; say in missing what the sources do not say")


def _fact(value: Any, lines_of: Mapping[str, int]) -> Fact:
    fields = _Fields(value, "a fact", "fact lines")
    lines = tuple(map(partial(_gold_line, lines_of=lines_of), fields.items("lines")))
    if not lines:
        raise _Malformed(f"the fact {_shown(fields.text('fact'))} has no lines; say where it stands")
    return Fact(fields.text("fact"), lines)


def _gold_line(value: Any, lines_of: Mapping[str, int]) -> GoldLine:
    fields = _Fields(value, "a gold line", "path line to")
    path, first = fields.text("path"), fields.number("line")
    last = fields.number("to", first)
    if path not in lines_of:
        raise _Malformed(f"the collection has no article {path}; correct the path or index the article")
    if not 1 <= first <= last <= lines_of[path]:
        span = f"line {first}" if first == last else f"lines {first} to {last}"
        raise _Malformed(f"{path} has the lines 1 to {lines_of[path]}, not {span}; correct the line")
    return GoldLine(path, first, last)


def _pattern(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _Malformed(f"the answer pattern {_shown(value)} is no text; write a regular expression")
    try:
        re.compile(value)
    except re.error as error:
        raise _Malformed(f"the answer pattern {value!r} is no regular expression ({error}); correct it") from error
    return value


class _Fields:
    """A JSON object whose fields are all known and each of its type."""

    def __init__(self, value: Any, what: str, known: str) -> None:
        if not isinstance(value, dict):
            raise _Malformed(f"{what} is {_shown(value)}; write an object with {known.replace(' ', ', ')}")
        if unknown := sorted(value.keys() - set(known.split())):
            raise _Malformed(f"{what} has an unknown field {unknown[0]!r}; known are {known.replace(' ', ', ')}")
        self._value = value
        self._what = what

    def get(self, name: str) -> Any:
        if name not in self._value:
            raise _Malformed(f"{self._what} lacks the field {name}; add it")
        return self._value[name]

    def text(self, name: str, otherwise: str | None = None) -> str:
        if otherwise is not None and name not in self._value:
            return otherwise
        value = self.get(name)
        if not isinstance(value, str) or (otherwise is None and not value.strip()):
            raise _Malformed(f"{name} is {_shown(value)}; write a text")
        return value

    def number(self, name: str, otherwise: int | None = None) -> int:
        if otherwise is not None and name not in self._value:
            return otherwise
        value = self.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _Malformed(f"{name} is {_shown(value)}; write a whole number")
        return value

    def flag(self, name: str, otherwise: bool) -> bool:
        value = self._value.get(name, otherwise)
        if not isinstance(value, bool):
            raise _Malformed(f"{name} is {_shown(value)}; write true or false")
        return value

    def items(self, name: str) -> list[Any]:
        """A list, empty when it is left out."""
        value = self._value.get(name, [])
        if not isinstance(value, list):
            raise _Malformed(f"{name} is {_shown(value)}; write a list")
        return value


def _line_dict(line: GoldLine) -> dict[str, Any]:
    return {"path": line.path, "line": line.first} | ({"to": line.last} if line.last != line.first else {})


def _shown(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=True)
    return shown if len(shown) <= 60 else shown[:57] + "..."
