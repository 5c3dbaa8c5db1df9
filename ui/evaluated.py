"""What an evaluation found, arranged to be looked at: the figures to draw, and the questions that failed."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qa.evaluation.measures import METRICS
from qa.evaluation.run import ALL, Figure, Run
from qa.evaluation.systems import SANAD
from ui.texts import Texts

# What is drawn, by the key of its heading. All are shares of one, so that bars can be compared.
CHARTS: Mapping[str, tuple[str, ...]] = {
    "grounding": ("groundedness", "support"),
    "citation": ("citation recall", "citation precision", "cited-line precision"),
    "refusal": ("answered", "refusal precision", "refusal recall", "refusal F1"),
    "retrieval": ("recall@5", "recall@10", "MRR", "nDCG@10", "MAP"),
    "completeness": ("facts covered", "directness", "answer patterns"),
}


_DATA = Path(__file__).parent / "data"
_OF_CLAIM = re.compile(r"claim (\d+)(?:: (.*))?", re.DOTALL)  # as qa.evaluation.failures writes it


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is wrong with an answer."""

    kind: str  # as in qa.evaluation.failures
    what: str

    @property
    def text_key(self) -> str:
        return "failure_" + self.kind.replace(" ", "_")

    @property
    def claim(self) -> int:
        """The number of the claim that is wrong, 0 where it is none."""
        found = _OF_CLAIM.fullmatch(self.what)
        return int(found[1]) if found else 0

    @property
    def detail(self) -> str:
        """The fact that is missing, or why the claim is wrong."""
        found = _OF_CLAIM.fullmatch(self.what)
        return found[2] or "" if found else self.what


@dataclass(frozen=True, slots=True)
class Failing:
    """A question whose answer is not right, with what was said and what should have been found."""

    id: str
    question: str
    language: str
    languages: str  # "en→ar": question to gold lines
    failures: tuple[Failure, ...]
    claims: tuple[Mapping[str, Any], ...]  # as in the JSON of an answer
    lines: tuple[tuple[str, int, str], ...]  # the gold lines: path, number, text


def failing(run: Run) -> tuple[Failing, ...]:
    """Every question at which sanad failed, in the order of the gold file."""
    found = []
    for row in run.questions:
        described = row["systems"].get(SANAD, {})
        if described.get("failures"):
            found.append(
                Failing(
                    id=str(row["id"]),
                    question=row["question"],
                    language=row["language"],
                    languages=row["languages"],
                    failures=tuple(Failure(one["kind"], one["what"]) for one in described["failures"]),
                    claims=tuple(described["claims"]),
                    lines=tuple(_gold_lines(row, run.lines)),
                )
            )
    return tuple(found)


def kinds(questions: Sequence[Failing]) -> tuple[str, ...]:
    """The kinds of failure there are, the commonest first."""
    counts: dict[str, int] = {}
    for question in questions:
        for kind in {failure.kind for failure in question.failures}:
            counts[kind] = counts.get(kind, 0) + 1
    return tuple(sorted(counts, key=lambda kind: (-counts[kind], kind)))


def figures(run: Run) -> tuple[Figure, ...]:
    """Those of sanad, in the order they are reported in."""
    return tuple(one for one in run.figures if one.system == SANAD)


def columns(run: Run, metrics: Sequence[str], t: Texts) -> dict[str, list[str | float]]:
    """Columns for a chart of some metrics: metric, languages, value."""
    rows = [one for one in figures(run) if one.metric in metrics]
    rows.sort(key=lambda one: metrics.index(one.metric))
    return {
        "metric": [measure(one.metric, t)[0] for one in rows],
        "languages": [pair(one.languages, t) for one in rows],
        "value": [round(one.value, 4) for one in rows],
    }


def measure(name: str, t: Texts) -> tuple[str, str]:
    """What a metric is called in the page's language, and what it says; a name that is not known stands for itself."""
    if name in (own := _measures(t.language)):
        return own[name]
    return name, METRICS[name].meaning if name in METRICS else ""


def pair(languages: str, t: Texts) -> str:
    """The languages of question and source, "en→ar", by their names."""
    if languages == ALL:
        return t("all_languages")
    question, _, source = languages.partition("→")
    return t("language_pair", question=t.languages([question]), source=t.languages([source])) if source else languages


@cache
def _measures(language: str) -> Mapping[str, tuple[str, str]]:
    """Names and meanings of metrics in a language other than that of qa.evaluation.measures."""
    file = _DATA / f"measures.{language}.json"
    stored = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {name: (said, meaning) for name, (said, meaning) in stored.items()}


def made_on(run: Run) -> datetime.date:
    return datetime.date.fromisoformat(str(run.made["at"])[:10])


def _gold_lines(row: Mapping[str, Any], lines: Mapping[str, Mapping[str, str]]) -> list[tuple[str, int, str]]:
    found: dict[tuple[str, int], str] = {}
    for fact in row.get("facts", ()):
        for line in fact["lines"]:
            for number in range(line["line"], line.get("to", line["line"]) + 1):
                found[line["path"], number] = lines.get(line["path"], {}).get(str(number), "")
    return [(path, number, text) for (path, number), text in found.items()]
