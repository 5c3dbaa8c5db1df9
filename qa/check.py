"""Re-check an answer against the files, offline: does every citation still stand where it says?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.errors import UnreadableArticle, UsageError
from index.reader import decode, read_bytes


def read_answers(path: Path) -> list[dict[str, Any]]:
    """The answers of a JSON file (one object) or JSON Lines file (one a line). Raises UsageError naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}); name a file that sanad ask --json wrote") from error
    try:
        return [_answer(json.loads(text), path, 1)]
    except json.JSONDecodeError:
        return list(_answer_lines(text, path))


def check_answer(answer: dict[str, Any], corpus: Path) -> list[str]:
    """One line per citation that does not resolve; empty when all do."""
    texts: dict[str, str | UnreadableArticle] = {}
    return [
        problem
        for claim in answer["claims"]
        for citation in claim["citations"]
        if (problem := _problem(citation, corpus, texts))
    ]


def resolves(text: str, citation: dict[str, Any]) -> bool:
    """The promise: the cited span of the source is the quote, and the line number is the span's line."""
    start, end = citation["start"], citation["end"]
    return bool(
        0 <= start < end <= len(text)
        and text[start:end] == citation["quote"]
        and text.count("\n", 0, start) + 1 == citation["line"]
    )


def _problem(citation: dict[str, Any], corpus: Path, texts: dict[str, str | UnreadableArticle]) -> str:
    path = citation["path"]
    if path not in texts:
        texts[path] = _source_text(corpus, path)
    text = texts[path]
    where = f"{path}:{citation['line']}"
    if isinstance(text, UnreadableArticle):
        return f"{where} does not resolve: {text}"
    if resolves(text, citation):
        return ""
    if (moved := text.find(citation["quote"])) >= 0:
        return f"{where} does not resolve: the source changed, the quote now stands in line {text.count(chr(10), 0, moved) + 1}"
    return f"{where} does not resolve: the source changed and no longer holds the quote"


def _source_text(corpus: Path, path: str) -> str | UnreadableArticle:
    if not (corpus / path).resolve().is_relative_to(corpus.resolve()):
        return UnreadableArticle(f"{path} lies outside the corpus")
    try:
        return decode(path, read_bytes(corpus, path))
    except UnreadableArticle as error:
        return error


def _answer_lines(text: str, path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield _answer(json.loads(line), path, number)
            except json.JSONDecodeError as error:
                raise UsageError(
                    f"{path}:{number}: not JSON ({error.msg}); name a file that sanad ask --json wrote"
                ) from error


def _answer(value: Any, path: Path, number: int) -> dict[str, Any]:
    if not isinstance(value, dict) or not _well_formed(value):
        raise UsageError(f"{path}:{number}: not an answer; name a file that sanad ask --json wrote")
    return value


def _well_formed(answer: dict[str, Any]) -> bool:
    try:
        citations = [citation for claim in answer["claims"] for citation in claim["citations"]]
        texts = [citation[name] for citation in citations for name in ("path", "quote")]
        numbers = [citation[name] for citation in citations for name in ("line", "start", "end")]
    except (KeyError, TypeError):
        return False
    return all(isinstance(text, str) for text in texts) and all(isinstance(number, int) for number in numbers)
