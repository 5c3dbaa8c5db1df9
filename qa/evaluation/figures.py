"""From what each question scored to the figures of a run: means and set-level statistics, each with its interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qa.evaluation import statistics
from qa.evaluation.measures import METRICS
from qa.evaluation.run import ALL, Figure
from qa.evaluation.systems import SANAD


def figures(
    rows: Sequence[Mapping[str, Any]],
    tested: Sequence[Mapping[str, Any]],
    seed: int,
    level: float = statistics.CONFIDENCE_LEVEL,
) -> list[Figure]:
    """Every figure of every system, over all questions and per language pair. `rows` and `tested` are those of a `Run`."""
    pairs = sorted({row["languages"] for row in rows})
    slices = {ALL: list(rows)} | {pair: [row for row in rows if row["languages"] == pair] for pair in pairs}
    found = []
    for system in rows[0]["systems"]:
        for languages, mine in slices.items():
            values = _means(system, mine) | _of_sets(system, mine)
            values |= _load_bearing(system, [one for one in tested if languages in (ALL, one["languages"])])
            found += [
                _figure(system, languages, metric, values[metric], seed, level)
                for metric in METRICS
                if metric in values
            ]
    return found


@dataclass(frozen=True, slots=True)
class _Values:
    """What a figure is computed from: columns of values, a row for each question or claim."""

    columns: tuple[Sequence[float], ...]
    statistic: statistics.Statistic = statistics.mean


def _figure(system: str, languages: str, metric: str, values: _Values, seed: int, level: float) -> Figure:
    count = len(values.columns[0])
    if METRICS[metric].summed:
        return Figure(system, languages, metric, sum(values.columns[0]), None, None, count)
    value = values.statistic(*(np.asarray(column, dtype=float) for column in values.columns))
    low, high = statistics.interval(values.columns, values.statistic, seed, level) or (None, None)
    return Figure(system, languages, metric, float(value), low, high, count)


def _means(system: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, _Values]:
    columns: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for metric, value in row["systems"][system]["metrics"].items():
            columns[metric].append(value)
    return {metric: _Values((column,)) for metric, column in columns.items()}


def _of_sets(system: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, _Values]:
    """What only a set of questions has: refusal as classification, and the confidence as its score."""
    answerable = [float(row["answerable"]) for row in rows]
    if len(set(answerable)) < 2:
        return {}  # neither refusing nor ranking can be right and wrong
    refused = [float(not row["systems"][system]["answered"]) for row in rows]
    values = {
        "refusal precision": _Values((answerable, refused), statistics.refusal_precision),
        "refusal recall": _Values((answerable, refused), statistics.refusal_recall),
        "refusal F1": _Values((answerable, refused), statistics.refusal_f1),
    }
    if system == SANAD:  # the baselines have no confidence of their own
        confidence = [row["systems"][system]["confidence"] for row in rows]
        values |= {
            "AUROC": _Values((answerable, confidence), statistics.auroc),
            "ECE": _Values((answerable, confidence), statistics.calibration_error),
        }
    return values


def _load_bearing(system: str, tested: Sequence[Mapping[str, Any]]) -> dict[str, _Values]:
    mine = [one for one in tested if one["system"] == system]
    if not mine:
        return {}
    return {
        "necessity": _Values(([float(one["necessary"]) for one in mine],)),
        "sufficiency": _Values(([float(one["sufficient"]) for one in mine],)),
    }
