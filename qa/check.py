"""Re-check an answer against the files, offline: does every citation still stand where it says?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import UnreadableArticle, UsageError
from index.formats.extracted import Places, described, place_at
from index.reader import extract, open_source
from qa.answer import FORMAT
from qa.verify.numbers import is_value, stands_in


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
    """One line per thing that does not hold: a citation that does not resolve, a claim without one, a quote, speaker or date that
    is not its citation's, a mere value that its line does not hold, a source that is not the one that was indexed. Empty when
    all holds.

    A converted file is converted again, so that its citations are checked against the original and nothing else.
    """
    sources: dict[str, _Text | UnreadableArticle] = {}
    problems = [problem for citation in citations_of(answer) for problem in _problems(citation, corpus, sources)]
    for number, claim in enumerate(answer["claims"], 1):
        if not claim["citations"]:
            problems.append(f"claim {number} cites nothing")
        elif claim["origin"] == "quote" and claim["text"] != claim["citations"][0]["quote"]:
            problems.append(f"claim {number} is called a quote and is not what it cites")
        elif (
            claim["origin"] == "written"
            and is_value(claim["text"])
            and not stands_in(claim["text"], claim["citations"][0]["quote"])
        ):
            problems.append(f"claim {number} is a number or date that the line it cites does not hold")
        first = claim["citations"][0] if claim["citations"] else {}
        if any(claim[said] != first[said] for said in {"speaker", "dates"} & claim.keys() & first.keys()):
            problems.append(f"claim {number} has another speaker or other dates than the line it cites")
    for path, sha256 in answer["index"]["sources"].items():
        source = _source(corpus, path, sources)
        if isinstance(source, _Text) and source.sha256 != sha256:
            problems.append(f"{path} is not the file that was indexed: it changed since")
    for path, made in answer["index"].get("extracted", {}).items():
        source = _source(corpus, path, sources)
        if isinstance(source, _Text) and source.text_sha256 != made["sha256"]:
            problems.append(
                f"{path} gives another text than was indexed: read by {made['reader']}, here by {source.reader}"
            )
    return problems


def citations_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Every citation of an answer's JSON: of its claims and of the lines that conflict."""
    claimed = [citation for claim in answer["claims"] for citation in claim["citations"]]
    return claimed + [side["citation"] for conflict in answer.get("conflicts", ()) for side in conflict["sides"]]


def resolves(text: str, *, line: int, start: int, end: int, quote: str) -> bool:
    """The promise: the cited span of the source is the quote, and the line number is the span's line."""
    stands = 0 <= start < end <= len(text) and text[start:end] == quote
    return stands and text.count("\n", 0, start) + 1 == line


def _problems(citation: dict[str, Any], corpus: Path, sources: dict[str, _Text | UnreadableArticle]) -> Iterator[str]:
    source = _source(corpus, citation["path"], sources)
    where = f"{citation['path']}:{citation['line']}"
    if isinstance(source, UnreadableArticle):
        yield f"{where} does not resolve: {source}"
        return
    if problem := _problem(citation, source):
        yield f"{where} {problem}"
        return
    for span in _spans(citation):
        if source.text[span["start"] : span["end"]] != span["text"]:
            yield f"{where}: {span['text']!r} does not stand where the answer says"


def _spans(citation: dict[str, Any]) -> list[dict[str, Any]]:
    """The words of the source that an answer names beside the quote: who says it, and when."""
    speaker = citation.get("speaker")
    return [*([speaker, *speaker["quoted"]] if speaker else []), *citation.get("dates", ())]


def _problem(citation: dict[str, Any], source: _Text) -> str:
    text, quote, start = source.text, citation["quote"], citation["start"]
    if not resolves(text, line=citation["line"], start=start, end=citation["end"], quote=quote):
        if (moved := text.find(quote)) >= 0:
            return f"does not resolve: the quote stands in line {text.count(chr(10), 0, moved) + 1} of the source as it is now"
        return "does not resolve: the source as it is now does not hold the quote"
    if "original" in citation and citation["original"] != described(place_at(source.places, start)):
        return f"stands in another place of the original: {place_at(source.places, start)}"
    return ""


@dataclass(frozen=True, slots=True)
class _Text:
    """A source as it is now."""

    text: str
    sha256: str
    text_sha256: str
    reader: str
    places: Places


def _source(corpus: Path, path: str, sources: dict[str, _Text | UnreadableArticle]) -> _Text | UnreadableArticle:
    """A source inside the corpus, read once."""
    if path not in sources:
        sources[path] = _read(corpus, path)
    return sources[path]


def _read(corpus: Path, path: str) -> _Text | UnreadableArticle:
    try:
        source = open_source(corpus, path)
        found = extract(source)
    except UnreadableArticle as error:
        return error
    return _Text(found.text, source.sha256, found.sha256, found.reader, found.places)


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
    made = value.get("format", 0) if isinstance(value, dict) else 0
    if isinstance(made, int) and made > FORMAT:
        raise UsageError(
            f"{path}:{number}: an answer of format {made}, this version reads up to {FORMAT}; check it with the sanad that wrote it"
        )
    if not isinstance(value, dict) or not _well_formed(value):
        raise UsageError(f"{path}:{number}: not an answer; name a file that sanad ask --json wrote")
    return value


def _well_formed(answer: dict[str, Any]) -> bool:
    try:
        citations = citations_of(answer)
        spans = [span for citation in citations for span in _spans(citation)]
        texts = [citation[name] for citation in citations for name in ("path", "quote")]
        texts += [claim[name] for claim in answer["claims"] for name in ("origin", "text")]
        texts += [answer["index"]["corpus"], *answer["index"]["sources"], *answer["index"]["sources"].values()]
        texts += [span["text"] for span in spans] + [answer.get("question", ""), answer.get("asked_as", "")]
        texts += [
            text for made in answer["index"].get("extracted", {}).values() for text in (made["reader"], made["sha256"])
        ]
        numbers = [citation[name] for citation in citations for name in ("line", "start", "end")]
        numbers += [span[name] for span in spans for name in ("start", "end")]
        numbers += [number for citation in citations for number in citation.get("original", {}).values()]
    except (KeyError, TypeError, AttributeError):
        return False
    return all(isinstance(text, str) for text in texts) and all(isinstance(number, int) for number in numbers)
