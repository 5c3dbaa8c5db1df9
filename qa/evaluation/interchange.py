"""Results as JSON Lines, and gold and results as other tools read them: ragas, and ir_measures or any reader of TREC files.

A result is what one system made of one question, whoever made it; results of another system in this form can be exported
the same way. Formats: docs/gold.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from index.errors import UnreadableArticle, UsageError
from index.reader import Source, extract, find_sources
from qa.evaluation.gold import Fact, GoldLine, GoldQuestion, read_gold
from qa.evaluation.measures import Place
from qa.evaluation.run import read_run
from qa.jsonl import numbered_lines

REFUSALS = {"ar": "المصادر لا تذكر ذلك."}
REFUSAL = "The sources do not say."
RETRIEVED = 10  # lines that are handed on as retrieved contexts, beside those that are cited
_NOT_IN_A_TREC_NAME = re.compile(r"[\s%]")


@dataclass(frozen=True, slots=True)
class Said:
    """One claim with the lines it cites."""

    text: str
    cited: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of one system to one question, no claims when it was refused, and the lines it found, best first."""

    id: str
    question: str
    system: str
    claims: tuple[Said, ...]
    ranking: tuple[Place, ...]

    @property
    def response(self) -> str:
        return " ".join(claim.text for claim in self.claims)

    @property
    def contexts(self) -> tuple[Place, ...]:
        """The first lines found and, after them, those cited that are not among them."""
        cited = (place for claim in self.claims for place in claim.cited)
        return tuple(dict.fromkeys((*self.ranking[:RETRIEVED], *cited)))


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Results with the gold they are held against and the text of every line that either names."""

    questions: tuple[GoldQuestion, ...]
    results: tuple[Result, ...]
    line_texts: Mapping[Place, str]

    def of(self, system: str) -> Evaluated:
        """The results of one system alone. Raises UsageError when there are none, or not one for each question."""
        mine = tuple(result for result in self.results if result.system == system)
        if not mine:
            known = ", ".join(dict.fromkeys(result.system for result in self.results))
            raise UsageError(f"there are no results of {system!r}; choose from {known}")
        asked, answered = [question.id for question in self.questions], [result.id for result in mine]
        if sorted(asked) != sorted(answered):
            odd = min(set(asked) ^ set(answered), default=None) or next(i for i in answered if answered.count(i) > 1)
            raise UsageError(f"gold and results of {system} do not agree about question {odd}; take those of one run")
        return replace(self, results=mine)


def evaluated_run(path: Path) -> Evaluated:
    """What a report folder of `sanad eval`, or its run.json, holds. Raises UsageError for what is none."""
    run = read_run(path)
    results = (
        Result(row["id"], row["question"], name, tuple(map(_said, answer["claims"])), tuple(map(_pair, row["ranking"])))
        for row in run.questions
        for name, answer in row["systems"].items()
    )
    texts = {(path, int(number)): text for path, lines in run.lines.items() for number, text in lines.items()}
    return Evaluated(tuple(map(_gold, run.questions)), tuple(results), texts)


def read_evaluated(results: Path, gold: Path | None, corpus: Path | None) -> Evaluated:
    """A file of results with its gold file and articles. Raises UsageError for what cannot be read or is not named."""
    if gold is None or corpus is None:
        raise UsageError(f"{results} holds results alone; name --gold FILE and --corpus DIR they were made with")
    lines = {path: text.split("\n") for path, text in _readable(corpus)}
    questions = read_gold(gold, {path: len(some) for path, some in lines.items()})
    texts = {(path, n): line.strip() for path, some in lines.items() for n, line in enumerate(some, 1)}
    return Evaluated(questions, read_results(results), texts)


def _readable(corpus: Path) -> Iterator[tuple[str, str]]:
    """Path and text of each article that can be read: those that the index has too."""
    for source in find_sources(corpus):
        try:
            if isinstance(source, Source):
                yield source.path, extract(source).text
        except UnreadableArticle:
            continue


def write_results(path: Path, results: Iterable[Result]) -> None:
    """Write results in the form that `read_results` reads, in order."""
    _write_lines(path, map(_result_dict, results))


def read_results(path: Path) -> tuple[Result, ...]:
    """The results of a JSON Lines file, in order. Raises UsageError naming file and line of what is not of the form."""
    results = []
    for number, line in numbered_lines(path, "a UTF-8 file of results"):
        try:
            results.append(_result(json.loads(line)))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"{path}:{number}: no result ({error!r}); write it as docs/gold.md says") from error
    return tuple(results)


def write_ragas(path: Path, evaluated: Evaluated) -> None:
    """Write what `ragas.EvaluationDataset.from_jsonl` reads: a single-turn sample for each result of one system.

    The reference is the text of the facts, or the sentence of a refusal. Raises UsageError when a line that is cited,
    found or gold is in no article.
    """
    gold = {question.id: question for question in evaluated.questions}
    _write_lines(path, [_ragas_sample(gold[one.id], one, evaluated.line_texts) for one in evaluated.results])


def write_trec(folder: Path, evaluated: Evaluated) -> None:
    """Write folder/gold.qrels and folder/SYSTEM.run for each system (TREC formats, as `ir_measures` reads them).

    A document is a line of an article, named path:line with white space and % as in a URL. A question's facts are its
    subtopics, from 1. Scores fall with the rank by one, so that no tool can break a tie in another order.
    """
    systems = sorted({result.system for result in evaluated.results})
    for name in systems:
        if not name.isprintable() or Path(name).name != name:
            raise UsageError(f"{name!a} cannot name a file; give the system another name in the results")
    folder.mkdir(parents=True, exist_ok=True)
    _write_text(folder / "gold.qrels", _qrels(evaluated.questions))
    for system in systems:
        _write_text(folder / f"{system}.run", _run(r for r in evaluated.results if r.system == system))


def trec_name(text: str) -> str:
    """The text as one word, reversible by URL unquoting."""
    return _NOT_IN_A_TREC_NAME.sub(lambda found: quote(found[0]), text)


def trec_document(place: Place) -> str:
    """A line's name in TREC files."""
    return trec_name(f"{place[0]}:{place[1]}")


def refusal(language: str) -> str:
    """What a refused question is answered with."""
    return REFUSALS.get(language, REFUSAL)


def _result_dict(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "question": result.question,
        "system": result.system,
        "claims": [{"text": claim.text, "citations": _place_dicts(claim.cited)} for claim in result.claims],
        "ranking": _place_dicts(result.ranking),
    }


def _place_dicts(places: Iterable[Place]) -> list[dict[str, Any]]:
    return [{"path": path, "line": line} for path, line in places]


def _result(row: Any) -> Result:
    claims = tuple(map(_said, row["claims"]))
    id_, question, system = (_text(row[field]) for field in ("id", "question", "system"))
    return Result(id_, question, system, claims, _places(row["ranking"]))


def _places(rows: Any) -> tuple[Place, ...]:
    return tuple((_text(row["path"]), _whole(row["line"])) for row in rows)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _said(claim: Mapping[str, Any]) -> Said:
    """A claim of the JSON contract."""
    return Said(_text(claim["text"]), _places(claim["citations"]))


def _pair(value: Sequence[Any]) -> Place:
    return value[0], value[1]


def _gold(row: Mapping[str, Any]) -> GoldQuestion:
    """The gold question of a run's row, which was validated when it was first read."""
    facts = (
        Fact(fact["fact"], tuple(GoldLine(at["path"], at["line"], at.get("to", at["line"])) for at in fact["lines"]))
        for fact in row.get("facts", ())
    )
    return GoldQuestion(row["id"], row["question"], row["language"], tuple(facts), tuple(row.get("answer", ())))


def _ragas_sample(question: GoldQuestion, result: Result, line_texts: Mapping[Place, str]) -> dict[str, Any]:
    gold = sorted(question.places)
    try:
        return {
            "user_input": result.question,
            "retrieved_contexts": [line_texts[place] for place in result.contexts],
            "retrieved_context_ids": [f"{path}:{line}" for path, line in result.contexts],
            "reference_contexts": [line_texts[place] for place in gold],
            "reference_context_ids": [f"{path}:{line}" for path, line in gold],
            "response": result.response or refusal(question.language),
            "reference": ". ".join(fact.fact for fact in question.facts) or refusal(question.language),
        }
    except KeyError as error:
        path, line = error.args[0]
        raise UsageError(f"question {question.id}: {path} has no line {line}; index and evaluate anew") from error


def _qrels(questions: Iterable[GoldQuestion]) -> Iterator[str]:
    for question in questions:
        for subtopic, fact in enumerate(question.facts, 1):
            for place in sorted(fact.places):
                yield f"{trec_name(question.id)} {subtopic} {trec_document(place)} 1"


def _run(results: Iterable[Result]) -> Iterator[str]:
    for result in results:
        for rank, place in enumerate(dict.fromkeys(result.ranking), 1):
            yield f"{trec_name(result.id)} Q0 {trec_document(place)} {rank} {-rank} {trec_name(result.system)}"


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    _write_text(path, [json.dumps(row, ensure_ascii=False) for row in rows])


def _write_text(path: Path, lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); name another place") from error
