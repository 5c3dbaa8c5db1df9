"""The fitted models of the verifier, as `benchmarks/fit_verifier.py` left them in `data/`: figures in, a score in [0, 1] out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.verify.features import Floats

TREES = "trees.npz"
FITTED = "fitted.json"


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

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Trees:
        """Those whose arrays are stored under "name.figure", "name.threshold" and so on."""
        mine: dict[str, Any] = {key.partition(".")[2]: arrays[key] for key in arrays if key.startswith(f"{name}.")}
        return cls(**mine | {"intercept": float(mine["intercept"])})

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
    """Trees, with the score from which a claim counts as supported and the floors of the rules for single words."""

    trees: Trees
    threshold: float
    weakest_word: float = -1.0
    weakest_name: float = -1.0

    def score(self, figures: Floats) -> float:
        """Probability-like score in [0, 1] for one row of figures."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.trees.log_odds(figures)))))


@cache
def shipped_models() -> dict[str, Model]:
    """The committed models by pair: "same.en", "cross.ar-en" (source, claim) …; those within one language share their trees, and
    so do those across."""
    folder = resources.files("qa.verify") / "data"
    with resources.as_file(folder / TREES) as path, np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    trees = {name: Trees.of(arrays, name) for name in ("same", "cross")}
    models: dict[str, Any] = json.loads((folder / FITTED).read_text(encoding="utf-8"))["models"]
    return {name: Model(trees[name.partition(".")[0]], **fields) for name, fields in models.items()}
