"""What changed between two runs: paired differences over the questions both asked, with their significance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from index.errors import UsageError
from qa.evaluation.measures import METRICS
from qa.evaluation.run import ALL, Run
from qa.evaluation.statistics import holm, paired_p
from qa.evaluation.systems import SANAD

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """One metric of `sanad` before and after, over the questions for which both runs have it."""

    languages: str
    metric: str
    before: float
    after: float
    p: float  # two-sided, paired permutation, adjusted for all changes that were looked at (Holm)
    count: int

    @property
    def significant(self) -> bool:
        return self.p < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Comparison:
    changes: tuple[Change, ...]
    mended: tuple[str, ...]  # "id: kind, what" of failures that only the first run has
    broken: tuple[str, ...]  # … that only the second has


def compare(before: Run, after: Run) -> Comparison:
    """Raises UsageError when the runs have no question in common."""
    first, second = ({row["id"]: row for row in run.questions} for run in (before, after))
    ids = [id_ for id_ in first if id_ in second and first[id_]["question"] == second[id_]["question"]]
    if not ids:
        raise UsageError("the two runs have no question in common; compare runs over one gold file")
    old, new = ({id_: rows[id_]["systems"][SANAD] for id_ in ids} for rows in (first, second))
    pairs = {id_: first[id_]["languages"] for id_ in ids}
    found = []
    for languages in (ALL, *sorted(set(pairs.values()))):
        mine = [id_ for id_ in ids if languages in (ALL, pairs[id_])]
        for metric in METRICS:
            columns = [
                (old[id_]["metrics"][metric], new[id_]["metrics"][metric])
                for id_ in mine
                if metric in old[id_]["metrics"] and metric in new[id_]["metrics"]
            ]
            if columns:
                a, b = zip(*columns, strict=True)
                found.append(Change(languages, metric, fmean(a), fmean(b), paired_p(a, b, seed=0), len(columns)))
    adjusted = holm([change.p for change in found])
    changes = tuple(
        Change(one.languages, one.metric, one.before, one.after, p, one.count)
        for one, p in zip(found, adjusted, strict=True)
    )
    failed, fails = ({name for id_ in ids for name in _failures(id_, rows[id_])} for rows in (old, new))
    return Comparison(changes, tuple(sorted(failed - fails)), tuple(sorted(fails - failed)))


def comparison_table(compared: Comparison) -> str:
    """Markdown: what differs, significant changes in bold; then the failures that went and came."""
    rows = ["| | questions | metric | before | after | p |", "| --- | --- | --- | --- | --- | --- |"]
    for one in compared.changes:
        if one.before != one.after:
            after = f"**{one.after:.3f}**" if one.significant else f"{one.after:.3f}"
            rows.append(f"| {one.languages} | {one.count} | {one.metric} | {one.before:.3f} | {after} | {one.p:.3f} |")
    if len(rows) == 2:
        rows = ["No figure differs."]
    for title, failures in (("Mended", compared.mended), ("Broken", compared.broken)):
        if failures:
            rows += ["", f"{title}:", "", *(f"- {failure}" for failure in failures)]
    return "\n".join(rows)


def _failures(id_: str, answer: Mapping[str, Any]) -> list[str]:
    return [f"{id_}: {one['kind']}" + (f", {one['what']}" if one["what"] else "") for one in answer["failures"]]
