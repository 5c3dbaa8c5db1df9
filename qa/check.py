"""Re-check an answer against the files, offline: does every citation still stand where it says?"""

from __future__ import annotations

import hashlib
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
    except (ValueError, RecursionError):
        return list(_answer_lines(text, path))


def check_answer(answer: dict[str, Any], corpus: Path) -> list[str]:
    """One line per thing that no longer holds: a citation that does not resolve, a claim without one, a quote that is not
    its citation's, a source that is not the one that was indexed. Empty when all holds."""
    sources: dict[str, bytes | UnreadableArticle] = {}
    problems = [
        problem
        for claim in answer["claims"]
        for citation in claim["citations"]
        if (problem := _problem(citation, corpus, sources))
    ]
    for number, claim in enumerate(answer["claims"], 1):
        if not claim["citations"]:
            problems.append(f"claim {number} cites nothing")
        elif claim["origin"] == "quote" and any(claim["text"] != citation["quote"] for citation in claim["citations"]):
            problems.append(f"claim {number} is called a quote and is not what it cites")
    for path, sha256 in answer["index"]["sources"].items():
        data = _source(corpus, path, sources)
        if isinstance(data, bytes) and hashlib.sha256(data).hexdigest() != sha256:
            problems.append(f"{path} is not the file that was indexed: it changed since")
    return problems


def resolves(text: str, *, line: int, start: int, end: int, quote: str) -> bool:
    """The promise: the cited span of the source is the quote, and the line number is the span's line."""
    stands = 0 <= start < end <= len(text) and text[start:end] == quote
    return stands and text.count("\n", 0, start) + 1 == line


def _problem(citation: dict[str, Any], corpus: Path, sources: dict[str, bytes | UnreadableArticle]) -> str:
    path, quote = citation["path"], citation["quote"]
    where = f"{path}:{citation['line']} does not resolve"
    data = _source(corpus, path, sources)
    if isinstance(data, UnreadableArticle):
        return f"{where}: {data}"
    text = data.decode("utf-8")
    if resolves(text, line=citation["line"], start=citation["start"], end=citation["end"], quote=quote):
        return ""
    if (moved := text.find(quote)) >= 0:
        return f"{where}: the source changed, the quote now stands in line {text.count(chr(10), 0, moved) + 1}"
    return f"{where}: the source changed and no longer holds the quote"


def _source(corpus: Path, path: str, sources: dict[str, bytes | UnreadableArticle]) -> bytes | UnreadableArticle:
    """The bytes of a source that is UTF-8 text inside the corpus, read once."""
    if path not in sources:
        sources[path] = _read(corpus, path)
    return sources[path]


def _read(corpus: Path, path: str) -> bytes | UnreadableArticle:
    try:
        data = read_bytes(corpus, path)
        if not (corpus / path).resolve().is_relative_to(corpus.resolve()):
            return UnreadableArticle(f"{path} lies outside the corpus")
        decode(path, data)
    except UnreadableArticle as error:
        return error
    return data


def _answer_lines(text: str, path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield _answer(json.loads(line), path, number)
            except (ValueError, RecursionError) as error:
                raise UsageError(
                    f"{path}:{number}: not JSON ({error}); name a file that sanad ask --json wrote"
                ) from error


def _answer(value: Any, path: Path, number: int) -> dict[str, Any]:
    if not isinstance(value, dict) or not _well_formed(value):
        raise UsageError(f"{path}:{number}: not an answer; name a file that sanad ask --json wrote")
    return value


def _well_formed(answer: dict[str, Any]) -> bool:
    try:
        citations = [citation for claim in answer["claims"] for citation in claim["citations"]]
        texts = [citation[name] for citation in citations for name in ("path", "quote")]
        texts += [claim[name] for claim in answer["claims"] for name in ("origin", "text")]
        texts += [answer["index"]["corpus"], *answer["index"]["sources"], *answer["index"]["sources"].values()]
        numbers = [citation[name] for citation in citations for name in ("line", "start", "end")]
    except (KeyError, TypeError, AttributeError):
        return False
    return all(isinstance(text, str) for text in texts) and all(isinstance(number, int) for number in numbers)
