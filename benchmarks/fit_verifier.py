"""Fits the verifier: language means, trees, floors and thresholds, into qa/verify/data/.

    python benchmarks/fit_verifier.py --data DIR [--write]

DIR holds xquad_r_ar_en.jsonl (CC BY-SA), tatoeba/, ragtruth_qa_responses.jsonl (MIT), support.jsonl and support_ar.jsonl, of which
only rows with a licence that permits it are fitted to. Everything is split by source document. Without --write only the
figures are printed. Cross-language rows are aligned human translations against perturbed ones; a third of the documents
is never fitted to and gives the cross-language figures.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from perturb import KINDS_PER_PAIR, cross_language_rows
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from support_rows import FOLDS, Row, aligned_pairs, fold_of, held_out, same_language_rows

from qa.verify import features
from qa.verify.align import Alignment, content, forms
from qa.verify.encoder import CentredEncoder, TextEncoder, Vectors
from qa.verify.fitted import FITTED, TREES
from qa.verify.verifier import MOST_OF_FAILED, cross_language_failures, same_language_failures
from qa.verify.written import WRITTEN_THRESHOLD, doubts, own_spellings

FEWEST_NAMES = 20  # fewer examples give no floor, and the rule is off
# Few and shallow trees, each from some of the figures: the rows are few, and those of other origins are not like them.
BOOSTED = {
    "max_iter": 60, "learning_rate": 0.05, "max_leaf_nodes": 16, "min_samples_leaf": 60, "l2_regularization": 1.0,
    "max_features": 0.4, "early_stopping": False, "random_state": 0,
}  # fmt: skip
# Asked of the cross-validated rows, of which some that count as wrong are right ("you spoke" for "you say") or no sentence.
PRECISION = 0.95
DATA = Path(__file__).resolve().parent.parent / "qa" / "verify" / "data"


def language_means(pairs: list[tuple[str, str, str, str]], encoder: CentredEncoder) -> dict[str, Vectors]:
    """Mean vector of the words and of the sentences of each language over the documents that are fitted to."""
    means: dict[str, Vectors] = {}
    for language, at in (("en", 2), ("ar", 3)):
        texts = [pair[at] for pair in pairs if not held_out(pair[0])]
        vocabulary = sorted({form for text in texts for form in forms(content(text))[0]})
        means[f"word.{language}"] = encoder.raw(vocabulary).mean(axis=0).astype(np.float16)
        means[f"sentence.{language}"] = encoder.raw(texts).mean(axis=0).astype(np.float16)
    return means


@dataclass(frozen=True, slots=True)
class Boosting:
    """Boosted trees over figures that may move the score in these `directions`."""

    directions: tuple[int, ...]

    def fit(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> HistGradientBoostingClassifier:
        model = HistGradientBoostingClassifier(**BOOSTED, monotonic_cst=self.directions)
        return model.fit(x, y, sample_weight=weight)

    def scores(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, asked: np.ndarray) -> np.ndarray:
        """Of the rows `asked`, by trees fitted to the others."""
        return np.asarray(self.fit(x, y, weight).predict_proba(asked)[:, 1])

    def cross_validated(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, folds: np.ndarray) -> np.ndarray:
        """Out-of-fold scores."""
        scores = np.zeros(len(y))
        for fold_ in range(FOLDS):
            train, test = folds != fold_, folds == fold_
            scores[test] = self.scores(x[train], y[train], weight[train], x[test])
        return scores


WITHIN, ACROSS = Boosting(features.SAME_DIRECTIONS), Boosting(features.CROSS_DIRECTIONS)


def balanced(rows: list[Row], key: Callable[[Row], object]) -> np.ndarray:
    """Weights that give each value of `key` equal say, and each class within it."""
    counts: dict[object, int] = defaultdict(int)
    for row in rows:
        counts[key(row), row.right] += 1
    return np.array([1.0 / counts[key(row), row.right] for row in rows]) * len(rows) / len(counts)


def best_threshold(scores: np.ndarray, y: np.ndarray, passes: np.ndarray, weight: np.ndarray) -> float:
    """That of the best balanced accuracy with the rules applied; `weight` balances classes and origins."""
    candidates = np.unique(np.quantile(scores, np.linspace(0.01, 0.99, 197)))
    values = [balanced_accuracy(scores >= t, y, passes, weight) for t in candidates]
    # The middle of the plateau near the top is steadier than its highest point.
    return float(np.median([t for t, value in zip(candidates, values, strict=True) if value >= max(values) - 0.003]))


def balanced_accuracy(says: np.ndarray, y: np.ndarray, passes: np.ndarray, weight: np.ndarray) -> float:
    says = says & passes
    return float((weight[y & says].sum() / weight[y].sum() + weight[~y & ~says].sum() / weight[~y].sum()) / 2)


def threshold_for_precision(scores: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The lowest score from which on the weighted precision stays at `PRECISION`, above what a claim that fails a rule can get."""
    order = np.argsort(-scores)
    right, everything = np.cumsum((weight * y)[order]), np.cumsum(weight[order])
    last_of_its_score = np.append(np.diff(scores[order]) < 0, True)
    good = np.flatnonzero((right / everything >= PRECISION) & last_of_its_score & (scores[order] > MOST_OF_FAILED))
    return float(scores[order][good[-1]]) if good.size else 1.0


def as_arrays(model: HistGradientBoostingClassifier) -> dict[str, np.ndarray]:
    """The trees as `qa.verify.fitted.Trees` has them."""
    trees = [predictor.nodes for (predictor,) in model._predictors]
    shape = len(trees), max(map(len, trees))
    itself = np.tile(np.arange(shape[1], dtype=np.int16), (shape[0], 1))
    arrays = {
        "figure": np.zeros(shape, dtype=np.int16), "threshold": np.zeros(shape), "left": itself, "right": itself.copy(),
        "value": np.zeros(shape), "intercept": np.float64(model._baseline_prediction.item()),
    }  # fmt: skip
    for tree, nodes in enumerate(trees):
        leaf = nodes["is_leaf"].astype(bool)
        inner = np.flatnonzero(~leaf)
        arrays["value"][tree, : len(nodes)] = np.where(leaf, nodes["value"], 0.0)
        for name, column in (
            ("figure", "feature_idx"),
            ("threshold", "num_threshold"),
            ("left", "left"),
            ("right", "right"),
        ):
            arrays[name][tree, inner] = nodes[column][inner]
    return arrays


def fit_same_language(
    rows: dict[str, tuple[list[Row], list[Row]]], encoder: CentredEncoder
) -> tuple[dict[str, dict[str, float]], HistGradientBoostingClassifier]:
    """One model and one threshold for all languages, fitted to the rows of all of them: what a claim shares with its source means
    much the same in each, and Arabic has but one origin of its own."""

    def figures(some_rows: list[Row], language: str) -> np.ndarray:
        for begin in range(0, len(some_rows), 200):
            some = some_rows[begin : begin + 200]
            encoder.prepare([text for row in some for text in features.same_language_texts(row.claim, row.source)])
        made = [features.same_language(row.claim, row.source, language, "", encoder) for row in some_rows]
        return np.array(made).reshape(-1, len(features.SAME_LANGUAGE))

    def passing(some_rows: list[Row]) -> np.ndarray:
        return np.array([not same_language_failures(row.claim, row.source, "") for row in some_rows], dtype=bool)

    fitted = [row for fit_to, _ in rows.values() for row in fit_to]
    languages = np.array([language for language, (fit_to, _) in rows.items() for _ in fit_to])
    x = np.concatenate([figures(fit_to, language) for language, (fit_to, _) in rows.items()])
    y, folds = np.array([row.right for row in fitted]), np.array([fold_of(row.group) for row in fitted])
    weight, passes = balanced(fitted, lambda row: row.kind), passing(fitted)
    scores = WITHIN.cross_validated(x, y, weight, folds)
    threshold = best_threshold(scores, y, passes, weight)
    for language, (fit_to, measured) in rows.items():
        print(f"same.{language}: threshold {threshold:.3f}")
        mine = languages == language
        _report(fit_to, scores[mine], passes[mine], threshold, "cross-validated")
        z = figures(measured, language)
        outside = WITHIN.scores(x, y, weight, z)
        seen = {row.group for row in fit_to}
        for fold_ in range(
            FOLDS
        ):  # a measured document that is also fitted to is scored by the fold that did not see it
            again = np.array([row.group in seen and fold_of(row.group) == fold_ for row in measured])
            if again.any():
                others = folds != fold_
                outside[again] = WITHIN.scores(x[others], y[others], weight[others], z[again])
        _report(measured, outside, passing(measured), threshold, "not fitted to")
    return {f"same.{language}": {"threshold": round(threshold, 5)} for language in rows}, WITHIN.fit(x, y, weight)


def _report(rows: list[Row], scores: np.ndarray, passes: np.ndarray, threshold: float, title: str) -> None:
    y = np.array([row.right for row in rows])
    final = np.where(passes, scores, scores * min(threshold, MOST_OF_FAILED))
    for kind in ["all", *sorted({row.kind for row in rows})]:
        mine = np.array([kind in ("all", row.kind) for row in rows])
        ones = np.ones(mine.sum())
        print(f"  {title} {kind}: n {mine.sum()}, AUC {roc_auc_score(y[mine], final[mine]):.3f} "
              f"(before rules {roc_auc_score(y[mine], scores[mine]):.3f}), "
              f"BAcc {balanced_accuracy(scores[mine] >= threshold, y[mine], passes[mine], ones):.3f}, "
              f"fails a rule: right {1 - passes[mine & y].mean():.3f} wrong {1 - passes[mine & ~y].mean():.3f}")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crossing:
    """The rows of one direction with their figures and alignments; `passes` and `floors` are those of the rules."""

    name: str
    rows: list[Row]
    figures: np.ndarray
    alignments: list[Alignment]
    passes: np.ndarray
    floors: dict[str, float]

    @property
    def right(self) -> np.ndarray:
        return np.array([row.right for row in self.rows])

    @property
    def outside(self) -> np.ndarray:
        """Rows of documents that nothing is fitted to."""
        return np.array([held_out(row.group) for row in self.rows])

    @property
    def folds(self) -> np.ndarray:
        return np.array([fold_of(row.group) for row in self.rows])

    @property
    def weight(self) -> np.ndarray:
        """Right and wrong claims about equally often."""
        return np.array([1.0 if row.right else 1.0 / KINDS_PER_PAIR for row in self.rows])


def fit_cross_language(
    pairs: list[tuple[str, str, str, str]], encoder: CentredEncoder
) -> tuple[dict[str, dict[str, float]], HistGradientBoostingClassifier]:
    """One model and one threshold for both directions; each has its floors."""
    both = [_crossing(claim, source, pairs, encoder) for claim, source in (("en", "ar"), ("ar", "en"))]
    x, y = np.concatenate([way.figures for way in both]), np.concatenate([way.right for way in both])
    passes, outside = np.concatenate([way.passes for way in both]), np.concatenate([way.outside for way in both])
    weight, folds = np.concatenate([way.weight for way in both]), np.concatenate([way.folds for way in both])
    fit_to = ~outside & passes  # what fails a rule is decided already
    forest = ACROSS.fit(x[fit_to], y[fit_to], weight[fit_to])
    scores = np.asarray(forest.predict_proba(x)[:, 1])
    scores[fit_to] = ACROSS.cross_validated(x[fit_to], y[fit_to], weight[fit_to], folds[fit_to])
    scores[~passes] *= MOST_OF_FAILED
    threshold = threshold_for_precision(scores[~outside], y[~outside], weight[~outside])
    models: dict[str, dict[str, float]] = {}
    for way, its_scores in zip(both, np.split(scores, [len(both[0].rows)]), strict=True):
        models[way.name] = {name: round(value, 5) for name, value in ({"threshold": threshold} | way.floors).items()}
        print(f"{way.name}: {models[way.name]}")
        _report_crossing(way, its_scores, threshold)
    return models, forest


def _crossing(
    claim_language: str, source_language: str, pairs: list[tuple[str, str, str, str]], encoder: CentredEncoder
) -> Crossing:
    rows = cross_language_rows(pairs, claim_language, encoder)
    for begin in range(0, len(rows), 200):
        some = rows[begin : begin + 200]
        encoder.prepare([text for row in some for text in features.cross_language_texts(row.claim, row.source)])
    made = [features.cross_language(row.claim, row.source, (claim_language, source_language), encoder) for row in rows]
    seen = [at for at, row in enumerate(rows) if not held_out(row.group)]
    floors = _floors([rows[at] for at in seen], [made[at][1] for at in seen])
    passes = [
        not cross_language_failures(row.claim, row.source, "", alignment, **floors)
        for row, (_, alignment) in zip(rows, made, strict=True)
    ]
    name = f"cross.{source_language}-{claim_language}"
    figures, alignments = zip(*made, strict=True)
    return Crossing(name, rows, np.array(figures), list(alignments), np.array(passes), floors)


def _as_if_written(way: Crossing) -> np.ndarray:
    """Which rows pass what is asked of a model's own sentences (`qa.verify.written`), were the names of the right claim given."""
    names: dict[str, str] = {}
    for row in way.rows:
        if row.kind == "right":
            names[row.source] = " ".join(word.text for word in content(row.claim) if word.is_name)
    return np.array([
        not any(chain(own_spellings(row.claim, row.source, names[row.source]),
                      doubts(row.claim, row.source, names[row.source], alignment)))
        for row, alignment in zip(way.rows, way.alignments, strict=True)
    ])  # fmt: skip


def _report_crossing(way: Crossing, scores: np.ndarray, threshold: float) -> None:
    y, written = way.right, way.passes & _as_if_written(way)
    for title, mine in (("cross-validated", ~way.outside), ("held-out documents", way.outside)):
        print(f"  {title}: n {mine.sum()}, AUC {roc_auc_score(y[mine], scores[mine]):.3f}")
        accepted = mine & way.passes & (scores >= threshold)
        for name, these in (
            (f"from {threshold:.3f}", accepted),
            (f"as if written, from {WRITTEN_THRESHOLD}", mine & written & (scores >= WRITTEN_THRESHOLD)),
        ):
            precision = (way.weight * y)[these].sum() / max(1e-9, way.weight[these].sum())
            print(f"    {name}: {these.sum()}, precision {precision:.3f}, right accepted {these[mine & y].mean():.3f}")
        for kind in sorted({row.kind for row in way.rows}):
            these = mine & np.array([row.kind == kind for row in way.rows])
            if these.any():
                fails, accepts = 1 - way.passes[these].mean(), accepted[these].mean()
                print(f"    {kind}: n {these.sum()}, fails a rule {fails:.3f}, accepted {accepts:.3f}")


def _floors(rows: list[Row], alignments: list[Alignment]) -> dict[str, float]:
    """The floors of the rules for single words.

    A word: what the weakest word of 2% of the right translations falls below. A name: the strength that best tells the
    names of right translations from names put in their place.
    """
    right_names: dict[str, set[str]] = defaultdict(set)
    kept: list[float] = []
    foreign: list[float] = []
    for row, alignment in zip(rows, alignments, strict=True):
        if row.kind == "right":
            right_names[row.source].update(word.text for word in alignment.words)
            kept += [s for s, w in zip(alignment.strength, alignment.words, strict=True) if w.is_spelled]
    for row, alignment in zip(rows, alignments, strict=True):
        if row.kind == "name":
            foreign += [
                s
                for s, w in zip(alignment.strength, alignment.words, strict=True)
                if w.is_spelled and w.text not in right_names[row.source]
            ]
    weakest = [float(min(a.strength)) for row, a in zip(rows, alignments, strict=True) if row.right and a.words]
    weakest_name = -1.0
    if min(len(kept), len(foreign)) >= FEWEST_NAMES:
        candidates = np.linspace(0.0, 0.9, 91)
        gains = [np.mean(np.array(kept) >= t) + np.mean(np.array(foreign) < t) for t in candidates]
        weakest_name = float(candidates[int(np.argmax(gains))])
    return {"weakest_word": float(np.quantile(weakest, 0.02)), "weakest_name": weakest_name}


def fit(data: Path, write: bool, model: TextEncoder | None = None) -> None:
    """Fits everything and prints the figures; `model` may stand in for the shipped encoder."""
    pairs = aligned_pairs(data)
    means = language_means(pairs, CentredEncoder(model))
    encoder = CentredEncoder(model, {name: mean.astype(np.float32) for name, mean in means.items()}, remember=500_000)
    models, within = fit_same_language(same_language_rows(data), encoder)
    crossing, across = fit_cross_language(pairs, encoder)
    if write:
        DATA.mkdir(exist_ok=True)
        np.savez_compressed(DATA / "means.npz", **means)
        trees = {
            f"{name}.{key}": array
            for name, forest in (("same", within), ("cross", across))
            for key, array in as_arrays(forest).items()
        }
        np.savez_compressed(DATA / TREES, **trees)
        stored = {"command": "python benchmarks/fit_verifier.py --data DIR --write", "models": models | crossing}
        (DATA / FITTED).write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace the files in qa/verify/data")
    arguments = parser.parse_args()
    fit(arguments.data, arguments.write)
