"""The fitted models of the verifier, as `benchmarks/fit_verifier.py` left them in `data/`: figures in, a score in [0, 1] out."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qa.verify.features import Floats

TREES = "trees.npz"
FITTED = "fitted.json"


class Scorer(Protocol):
    """Turns one row of figures into log-odds that the claim is supported."""

    def log_odds(self, figures: Floats) -> float: ...


@dataclass(frozen=True, slots=True)
class Regression:
    """A logistic regression over standardised figures, one entry of each array per figure."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def log_odds(self, figures: Floats) -> float:
        return float(((figures - self.mean) / self.scale) @ self.weights) + self.intercept


@dataclass(frozen=True, slots=True)
class Trees:
    """Gradient-boosted decision trees (Friedman 2001). Arrays of shape (trees, nodes): a node sends a row to `left` when its
    `figure` is at most `threshold`, else to `right`; a leaf sends it to itself and adds its `value`."""

    figure: NDArray[np.int16]
    threshold: Floats
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: Floats
    intercept: float

    def log_odds(self, figures: Floats) -> float:
        tree = np.arange(len(self.figure))
        at = np.zeros(len(self.figure), dtype=np.intp)
        while True:
            goes_left = figures[self.figure[tree, at]] <= self.threshold[tree, at]
            below = np.where(goes_left, self.left[tree, at], self.right[tree, at])
            if (below == at).all():
                return self.intercept + float(self.value[tree, at].sum())
            at = below


@dataclass(frozen=True, slots=True)
class Model:
    """A scorer, with the score from which a claim counts as supported and the floors of the rules for single words."""

    scorer: Scorer
    threshold: float
    weakest_word: float = -1.0
    weakest_name: float = -1.0

    def score(self, figures: Floats) -> float:
        """Probability-like score in [0, 1] for one row of figures."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.scorer.log_odds(figures)))))


@cache
def shipped_models() -> dict[str, Model]:
    """The committed models by pair: "same.en", "cross.ar-en" (source, claim) …"""
    folder = resources.files("qa.verify") / "data"
    with resources.as_file(folder / TREES) as path, np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    trees = Trees(**arrays | {"intercept": float(arrays["intercept"])})
    models: dict[str, Any] = json.loads((folder / FITTED).read_text(encoding="utf-8"))["models"]
    return {
        name: Model(_regression(fields.pop("regression")) if "regression" in fields else trees, **fields)
        for name, fields in models.items()
    }


def _regression(fields: dict[str, Any]) -> Regression:
    """From the intercept and, by figure, mean, scale and weight."""
    mean, scale, weights = (
        np.array([figure[key] for figure in fields["figures"].values()], dtype=float)
        for key in ("mean", "scale", "weight")
    )
    return Regression(mean, scale, weights, fields["intercept"])
