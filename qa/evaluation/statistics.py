"""Uncertainty and calibration: bootstrap intervals, paired tests, reliability. Everything seeded, so that a run repeats."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
CONFIDENCE_LEVEL = 0.95
BINS = 10  # of equal width, for reliability and ECE

Floats = NDArray[np.float64]
Interval = tuple[float, float]
Statistic = Callable[..., Floats]  # of arrays, one a column, along their last axis


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability diagram: questions whose confidence lies in one tenth of [0, 1]."""

    confidence: float  # mean
    answerable: float  # observed share
    count: int


def mean(values: Floats) -> Floats:
    return np.asarray(np.mean(values, axis=-1))


def interval(
    columns: Sequence[Sequence[float]], statistic: Statistic, seed: int, level: float = CONFIDENCE_LEVEL
) -> Interval | None:
    """Percentile bootstrap interval of a statistic of columns whose rows are drawn together; None for less than two rows."""
    if len(columns[0]) < 2:
        return None
    from scipy.stats import bootstrap

    def along_last(*drawn: Floats, axis: int) -> Floats:
        return statistic(*drawn)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a draw without one of the classes has no value and is left out below
        result = bootstrap(
            [np.asarray(column, dtype=float) for column in columns], along_last, paired=len(columns) > 1, vectorized=True,
            n_resamples=RESAMPLES, method="percentile", confidence_level=level, rng=np.random.default_rng(seed),
        )  # fmt: skip
    values = result.bootstrap_distribution[np.isfinite(result.bootstrap_distribution)]
    if not len(values):
        return None
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def paired_p(before: Sequence[float], after: Sequence[float], seed: int) -> float:
    """Two-sided p-value of the mean difference of paired values, by permuting which of each pair is which."""
    difference = np.asarray(after, dtype=float) - np.asarray(before, dtype=float)
    if not np.any(difference):
        return 1.0
    from scipy.stats import permutation_test

    result = permutation_test(
        (difference,), lambda values, axis: np.mean(values, axis=axis), permutation_type="samples", vectorized=True,
        n_resamples=9999, rng=np.random.default_rng(seed),
    )  # fmt: skip
    return float(result.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for asking many questions of the same two runs (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda i: (p_values[i], i))
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def auroc(answerable: Floats, confidence: Floats) -> Floats:
    """Area under the ROC curve: the Mann-Whitney statistic as a share, ties counted half; NaN without both classes."""
    from scipy.stats import rankdata

    positives = answerable.sum(axis=-1)
    negatives = answerable.shape[-1] - positives
    above = (rankdata(confidence, axis=-1) * answerable).sum(axis=-1) - positives * (positives + 1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(above / (positives * negatives))


def reliability(answerable: Sequence[float], confidence: Sequence[float]) -> tuple[Bin, ...]:
    """The bins that hold anything, lowest confidence first."""
    right, said = np.asarray(answerable, dtype=float), np.asarray(confidence, dtype=float)
    bins = _bins(said)
    return tuple(
        Bin(float(said[bins == b].mean()), float(right[bins == b].mean()), int((bins == b).sum()))
        for b in range(BINS)
        if np.any(bins == b)
    )


def calibration_error(answerable: Floats, confidence: Floats) -> Floats:
    """Expected calibration error: the bins' distance from the diagonal, weighted by their size (Guo et al. 2017)."""
    bins = _bins(confidence)
    gaps = [np.abs(np.where(bins == b, confidence - answerable, 0).sum(axis=-1)) for b in range(BINS)]
    return np.asarray(np.sum(gaps, axis=0) / answerable.shape[-1])


def refusal_precision(answerable: Floats, refused: Floats) -> Floats:
    """Of what was refused, the share that is unanswerable; 0 when nothing was refused, for nothing was gained."""
    return np.asarray(_rightly_refused(answerable, refused) / np.maximum(1, refused.sum(axis=-1)))


def refusal_recall(answerable: Floats, refused: Floats) -> Floats:
    """Of what is unanswerable, the share that was refused."""
    return np.asarray(_rightly_refused(answerable, refused) / np.maximum(1, (1 - answerable).sum(axis=-1)))


def refusal_f1(answerable: Floats, refused: Floats) -> Floats:
    """Their harmonic mean: twice the rightly refused over the refused and the unanswerable together."""
    both = refused.sum(axis=-1) + (1 - answerable).sum(axis=-1)
    return np.asarray(2 * _rightly_refused(answerable, refused) / np.maximum(1, both))


def _rightly_refused(answerable: Floats, refused: Floats) -> Floats:
    return np.asarray((refused * (1 - answerable)).sum(axis=-1))


def _bins(confidence: Floats) -> NDArray[np.int64]:
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
