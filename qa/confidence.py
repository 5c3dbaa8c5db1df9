"""How likely it is that the collection answers a question: a logistic regression on what the search found.

The coefficients and the threshold are fitted by benchmarks/fit_confidence.py on public questions with and without an
answer in their collection; nothing here is chosen by hand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from index.analyse import terms
from index.hit import Hit
from index.language import detect_language
from qa.demands import holds_value, mentions, unmet, wanted_value

MODEL_FILE = Path(__file__).parent / "data" / "confidence.json"
FEATURES = ("score", "contrast", "coverage", "shares_language", "unmet_names", "lacks_value")
_TOP = 10  # hits that may together answer
_BACKGROUND = slice(5, 30)  # hits that no longer answer: the level from which the best one must stand out


def answerable(question: str, hits: Sequence[Hit]) -> tuple[float, bool]:
    """Calibrated probability that the hits answer the question, and whether it reaches the threshold."""
    if not hits:
        return 0.0, False
    model = _model()
    weighted = zip(features(question, hits), model["mean"], model["scale"], model["coefficients"], strict=True)
    logit = model["intercept"] + sum((value - mean) / scale * weight for value, mean, scale, weight in weighted)
    probability = 1 / (1 + math.exp(-logit))
    return probability, probability >= model["threshold"]


def features(question: str, hits: Sequence[Hit]) -> tuple[float, ...]:
    """The values named in FEATURES, for hits ranked best first."""
    language = detect_language(question)
    cosines = sorted((hit.cosine for hit in hits), reverse=True)
    background = cosines[_BACKGROUND] or cosines[-1:]
    top = hits[:_TOP]
    wanted = set(terms(question, language))
    shared = [
        len(wanted & set(terms(f"{hit.passage.heading} {hit.passage.text}", language))) / max(1, len(wanted))
        for hit in top
        if hit.passage.language == language
    ]
    evidence = " ".join(f"{hit.passage.heading} {hit.passage.text}" for hit in top)
    value = wanted_value(question)
    return (
        hits[0].score,
        cosines[0] - sum(background) / len(background),
        max(shared, default=0.0),
        float(bool(shared)),
        len(unmet(question, evidence)) / max(1, mentions(question)),
        float(not any(holds_value(hit.passage.text, value) for hit in hits[:3])),
    )


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    return model
