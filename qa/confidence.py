"""How likely it is that the collection answers a question: a logistic regression on what the search found and, where the language
model read the lines that would be shown (`qa.reading`), another one on that and on what the model makes of them.

The coefficients and the thresholds are fitted by benchmarks/fit_confidence.py on public questions with and without an
answer in their collection. Chosen by hand, by gold questions and news, is that the search gets half its weight beside the
reading (docs/answers.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from index.analyse import terms
from index.hit import Hit
from index.language import detect_language
from qa.demands import that_may_answer, unmet

MODEL_FILE = Path(__file__).parent / "data" / "confidence.json"
FEATURES = ("score", "coverage", "shares_language")
TOP = 10  # hits that may together answer


@dataclass(frozen=True, slots=True)
class Confidence:
    """A calibrated probability, and what the question demands that no hit holds ("France")."""

    probability: float
    unmet: tuple[str, ...]
    threshold: float

    @property
    def answers(self) -> bool:
        return self.probability >= self.threshold and not self.unmet

    def refused(self, absent: str) -> Confidence:
        """With one more thing that the question demands and no hit holds."""
        unmet = (*self.unmet, absent)
        return replace(self, probability=_kept_below(self.probability, self.threshold, True), unmet=unmet)

    def after_reading(self, log_odds: float) -> Confidence:
        """By what the language model makes of the lines that would be shown, and less by what the search found: how near lines
        are says little where all of a small collection is near the question. Below the threshold, too, where the model says
        less for them than for almost all lines that answer."""
        model = _model()["read"]
        found = math.log(self.probability / (1 - self.probability))
        probability = _logistic(model["intercept"] + model["log_odds"] * log_odds + model["found"] * found)
        refused = bool(self.unmet) or log_odds < model["least_log_odds"]
        return Confidence(_kept_below(probability, model["threshold"], refused), self.unmet, model["threshold"])

    def after_deciding(self, answers: bool) -> Confidence:
        """Once a language model that was never calibrated has read the lines and decided: what the search found, above or below
        the threshold as the model says and in order on each side."""
        t = self.threshold
        moved = t + (1 - t) * self.probability if answers else t * self.probability
        return replace(self, probability=_kept_below(moved, t, bool(self.unmet)))


def confidence(question: str, hits: Sequence[Hit]) -> Confidence:
    """How likely it is that the hits, ranked best first, answer the question."""
    model = _model()
    if not hits:
        return Confidence(0.0, (), model["threshold"])
    weighted = zip(features(question, hits), model["mean"], model["scale"], model["coefficients"], strict=True)
    logit = model["intercept"] + sum((value - mean) / scale * weight for value, mean, scale, weight in weighted)
    absent = unmet(question, [hit.passage for hit in hits[:TOP]])
    return Confidence(_kept_below(_logistic(logit), model["threshold"], bool(absent)), absent, model["threshold"])


def features(question: str, hits: Sequence[Hit]) -> tuple[float, ...]:
    """The values named in FEATURES, for hits ranked best first; of those that hold the kind of value asked for, if any do."""
    hits = that_may_answer(question, hits) or hits
    language = detect_language(question)
    wanted = set(terms(question, language))
    shared = [
        len(wanted & set(terms(f"{hit.passage.heading} {hit.passage.text}", language))) / max(1, len(wanted))
        for hit in hits[:TOP]
        if hit.passage.language == language
    ]
    # Before a reranker, if there is one: what was fitted holds whatever it thinks.
    return max(hit.fused for hit in hits), max(shared, default=0.0), float(bool(shared))


def _kept_below(probability: float, threshold: float, refused: bool) -> float:
    """What refuses whatever the score, such as an unmet demand, keeps it below every score that answers, in order."""
    return probability * threshold if refused else probability


def _logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    return model
