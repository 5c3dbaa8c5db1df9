"""Fits the verifier: language means, coefficients, floors and thresholds, into qa/verify/data/.

    python benchmarks/fit_verifier.py --data DIR [--write]

DIR holds xquad_r_ar_en.jsonl (CC BY-SA), tatoeba/, ragtruth_qa_responses.jsonl (MIT), support.jsonl and support_ar.jsonl, of which
only rows with a licence that permits it are fitted to. Everything is split by source document. Without --write only the
figures are printed. Cross-language rows are aligned human translations against perturbed ones; a third of the documents
is never fitted to and gives the cross-language figures.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.analyse import fold, stem
from qa.verify import features
from qa.verify.align import Alignment, content, forms
from qa.verify.encoder import CentredEncoder, TextEncoder, Vectors
from qa.verify.verifier import MOST_OF_FAILED, Model, cross_language_failures, same_language_failures

FOLDS = 5
FEWEST_NAMES = 20  # fewer examples give no floor, and the rule is off
KINDS_PER_PAIR = 5  # of wrong claims made from one right one
# Inverse strengths of regularisation. Across languages wrong claims are made by our own recipe, of which little is to be learnt.
SAME_C, CROSS_C = 0.3, 0.01
PRECISION = 0.99  # asked of the cross-validated rows, so that unseen documents stay near 0.98
DATA = Path(__file__).resolve().parent.parent / "qa" / "verify" / "data"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled pair: `group` is the source document, `kind` where it comes from or how it was made."""

    claim: str
    source: str
    right: bool
    group: str
    kind: str


def may_be_fitted(licence: str) -> bool:
    """Only licences that are stated and not non-commercial."""
    return not re.search(r"\bNC\b|CC BY-NC|not stated", licence)


def held_out(document: str) -> bool:
    return zlib.crc32(document.encode()) % 3 == 0


def fold_of(group: str) -> int:
    return zlib.crc32(("fold" + group).encode()) % FOLDS


def read(path: Path) -> list[dict[str, Any]]:
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


# --- one language ----------------------------------------------------------------------------------------------------


def same_language_rows(data: Path) -> dict[str, tuple[list[Row], list[Row]]]:
    """Per language: (rows that may be fitted, rows that only measure)."""
    english_fit = [
        Row(sentence["text"], r["passages"], not sentence["unsupported"], f"rt-{r['source_id']}", "ragtruth_responses")
        for r in read(data / "ragtruth_qa_responses.jsonl")
        for sentence in r["sentences"]
        if len(sentence["text"].split()) > 2
    ]
    english_measure: list[Row] = []
    for r in read(data / "support.jsonl"):
        source = r.get("source_text") or " ".join(r["source_sentences"])
        row = Row(r["claim"], source, r["y"] == 1, r["source_id"], r["origin"])
        (english_fit if may_be_fitted(r["licence"]) else english_measure).append(row)
    arabic_fit: list[Row] = []
    arabic_measure: list[Row] = []
    for r in read(data / "support_ar.jsonl"):
        if r["lang_source"] == r["lang_claim"] == "ar":
            row = Row(r["claim"], r["source_text"], r["y"] == 1, fold(r["source_text"]), r["origin"])
            (arabic_fit if may_be_fitted(r["licence"]) else arabic_measure).append(row)
    return {"en": (english_fit, english_measure), "ar": (arabic_fit, arabic_measure)}


# --- across languages ------------------------------------------------------------------------------------------------


def aligned_pairs(data: Path) -> list[tuple[str, str, str, str]]:
    """(document, neighbourhood, English, Arabic) of paragraphs cut into equally many sentences, and of Tatoeba."""
    paragraphs: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: {"en": [], "ar": []})
    for r in read(data / "xquad_r_ar_en.jsonl"):
        if r["type"] == "sentence":
            paragraphs[r["para_id"]][r["lang"]].append(r)
    pairs = []
    for paragraph, by_language in paragraphs.items():
        if len(by_language["en"]) == len(by_language["ar"]):
            for one, other in zip(by_language["en"], by_language["ar"], strict=True):
                pairs.append((one["doc_id"], paragraph, one["text"], other["text"]))
    english = (data / "tatoeba" / "tatoeba.ara-eng.eng").read_text(encoding="utf-8").splitlines()
    arabic = (data / "tatoeba" / "tatoeba.ara-eng.ara").read_text(encoding="utf-8").splitlines()
    for at, (en, ar) in enumerate(zip(english, arabic, strict=True)):
        if at % 3 == 0 and len(content(en)) >= 3 and not en.rstrip().endswith("?"):
            pairs.append((f"tatoeba-{at // 20}", f"tatoeba-{at // 20}", en, ar))
    return pairs


class Perturber:
    """Makes wrong claims out of right ones, with words of the same fold only so that nothing leaks."""

    def __init__(self, texts: Iterable[str], language: str, encoder: CentredEncoder, seed: int) -> None:
        texts = list(texts)
        self._random = random.Random(seed)
        everything = [word for text in texts for word in content(text) if not word.vouched]
        self._words = sorted({word.text for word in everything if not word.is_name})
        self._names = sorted({word.text for word in everything if word.is_name}) or self._words
        vectors = encoder.centred(self._words, language, "word")
        self._nearest = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:25]
        self._index = {word: at for at, word in enumerate(self._words)}

    def word(self, text: str, share: float = 0.0) -> str:
        """One content word (or a share of them) replaced by others."""
        mine = [word for word in content(text) if not word.is_name and not word.vouched]
        for word in self._random.sample(mine, min(len(mine), max(1, round(share * len(mine))))):
            text = _replace(text, word.text, self._random.choice(self._words))
        return text

    def near_word(self, text: str) -> str:
        """One content word replaced by one of near meaning, as a weak translator does: exporter, producer."""
        mine = [word.text for word in content(text) if word.text in self._index]
        if not mine:
            return text
        word = self._random.choice(mine)
        near = [self._words[at] for at in self._nearest[self._index[word]]]
        others = [
            other for other in near if stem(fold(other)) != stem(fold(word)) and fold(other)[:4] != fold(word)[:4]
        ]
        return _replace(text, word, self._random.choice(others[:10])) if others else text

    def name(self, text: str) -> str:
        names = [word for word in content(text) if word.is_name]
        return _replace(text, self._random.choice(names).text, self._random.choice(self._names)) if names else text

    def number(self, text: str) -> str:
        numbers = re.findall(r"\d+", text)
        if not numbers:
            return text
        number = self._random.choice(numbers)
        return _replace(text, number, str(int(number) + self._random.choice([1, 2, 5, 10, -1])))

    def roles(self, text: str) -> str:
        """Two names change places: almost nothing but the meaning is different."""
        names = list(dict.fromkeys(word.text for word in content(text) if word.is_name))
        if len(names) < 2:
            return text
        one, other = self._random.sample(names, 2)
        return _replace(_replace(_replace(text, one, "\0"), other, one), "\0", other)

    def tail(self, text: str, other: str) -> str:
        """The last third is that of another sentence."""
        mine, theirs = text.split(), other.split()
        return " ".join(mine[: max(2, 2 * len(mine) // 3)] + theirs[-max(3, len(mine) // 3) :])


def _replace(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text, count=1)


def shortened(text: str) -> str:
    """The sentence up to its last comma, when a sentence's worth of words stands before it."""
    head = re.split(r"[,،]\s", text)
    cut = text[: text.rfind(head[-1])].rstrip(" ,،") if len(head) > 1 else text
    return cut if len(cut.split()) >= 6 else text


def _neighbour_distance(document: str) -> int:
    """The next sentence of an article is another statement; the next lines of Tatoeba often say the same again."""
    return 40 if document.startswith("tatoeba") else 1


def cross_language_rows(
    pairs: list[tuple[str, str, str, str]], claim_language: str, encoder: CentredEncoder
) -> list[Row]:
    """Aligned pairs and, for each, one claim of every kind of error that changes it."""
    claim_at = 2 if claim_language == "en" else 3
    rows: list[Row] = []
    chooser = random.Random(11)
    for fold_pairs in ([p for p in pairs if not held_out(p[0])], [p for p in pairs if held_out(p[0])]):
        perturb = Perturber((pair[claim_at] for pair in fold_pairs), claim_language, encoder, seed=7)
        for at, pair in enumerate(fold_pairs):
            right, source = pair[claim_at], pair[5 - claim_at]
            other = fold_pairs[(at + _neighbour_distance(pair[0])) % len(fold_pairs)][claim_at]
            made = {
                "word": perturb.word(right), "near word": perturb.near_word(right),
                "near words": perturb.near_word(perturb.near_word(right)), "some words": perturb.word(right, 0.3),
                "many words": perturb.word(right, 0.6),
                "name": perturb.name(right), "number": perturb.number(right), "roles": perturb.roles(right),
                "tail": perturb.tail(right, other), "neighbour": other,
            }  # fmt: skip
            rows.append(Row(right, source, True, pair[0], "right"))
            if (short := shortened(right)) != right:
                rows.append(Row(short, source, True, pair[0], "right, shortened"))
            changed = [kind for kind, claim in made.items() if claim != right]
            for kind in chooser.sample(changed, min(KINDS_PER_PAIR, len(changed))):
                rows.append(Row(made[kind], source, False, pair[0], kind))
    return rows


# --- fitting ---------------------------------------------------------------------------------------------------------


def language_means(pairs: list[tuple[str, str, str, str]], encoder: CentredEncoder) -> dict[str, Vectors]:
    """Mean vector of the words and of the sentences of each language over the documents that are fitted to."""
    means: dict[str, Vectors] = {}
    for language, at in (("en", 2), ("ar", 3)):
        texts = [pair[at] for pair in pairs if not held_out(pair[0])]
        vocabulary = sorted({form for text in texts for form in forms(content(text))[0]})
        means[f"word.{language}"] = encoder.raw(vocabulary).mean(axis=0).astype(np.float16)
        means[f"sentence.{language}"] = encoder.raw(texts).mean(axis=0).astype(np.float16)
    return means


def regression(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, c: float = SAME_C
) -> tuple[np.ndarray, np.ndarray, LogisticRegression]:
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale < 1e-3, 1.0, scale)  # a figure that never varies here must not explode elsewhere
    return mean, scale, LogisticRegression(C=c, max_iter=2000).fit((x - mean) / scale, y, sample_weight=weight)


def cross_validated(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, folds: np.ndarray, c: float = SAME_C
) -> np.ndarray:
    """Out-of-fold scores."""
    scores = np.zeros(len(y))
    for fold_ in range(FOLDS):
        train, test = folds != fold_, folds == fold_
        mean, scale, model = regression(x[train], y[train], weight[train], c)
        scores[test] = model.predict_proba((x[test] - mean) / scale)[:, 1]
    return scores


def balanced(rows: list[Row], key: Callable[[Row], object]) -> np.ndarray:
    """Weights that give each value of `key` equal say, and each class within it."""
    counts: dict[object, int] = defaultdict(int)
    for row in rows:
        counts[key(row), row.right] += 1
    return np.array([1.0 / counts[key(row), row.right] for row in rows]) * len(rows) / len(counts)


def best_balanced_accuracy(
    scores: np.ndarray, y: np.ndarray, passes: np.ndarray, weight: np.ndarray
) -> tuple[float, float]:
    """(threshold, balanced accuracy) with the rules applied. `weight` balances classes and origins."""
    candidates = np.unique(np.quantile(scores, np.linspace(0.01, 0.99, 197)))
    values = [balanced_accuracy(scores >= t, y, passes, weight) for t in candidates]
    # The middle of the plateau near the top is steadier than its highest point.
    near_best = [t for t, value in zip(candidates, values, strict=True) if value >= max(values) - 0.003]
    threshold = float(np.median(near_best))
    return threshold, balanced_accuracy(scores >= threshold, y, passes, weight)


def balanced_accuracy(says: np.ndarray, y: np.ndarray, passes: np.ndarray, weight: np.ndarray) -> float:
    says = says & passes
    return float((weight[y & says].sum() / weight[y].sum() + weight[~y & ~says].sum() / weight[~y].sum()) / 2)


def threshold_for_precision(scores: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The lowest score from which on the weighted precision stays at `PRECISION`, above what a claim that fails a rule can get."""
    order = np.argsort(-scores)
    right, everything = np.cumsum((weight * y)[order]), np.cumsum(weight[order])
    good = np.flatnonzero((right / everything >= PRECISION) & (scores[order] > MOST_OF_FAILED))
    return float(scores[order][good[-1]]) if good.size else 1.0


def as_json(
    names: tuple[str, ...], mean: np.ndarray, scale: np.ndarray, model: LogisticRegression, **rest: float
) -> dict[str, Any]:
    figures = {
        name: {"mean": round(float(m), 5), "scale": round(float(s), 5), "weight": round(float(w), 5)}
        for name, m, s, w in zip(names, mean, scale, model.coef_[0], strict=True)
    }
    return {**{key: round(value, 5) for key, value in rest.items()}, "intercept": round(float(model.intercept_[0]), 5),
            "figures": figures}  # fmt: skip


def fit_same_language(language: str, fitted: list[Row], measured: list[Row], encoder: CentredEncoder) -> dict[str, Any]:
    def figures(rows: list[Row]) -> np.ndarray:
        for begin in range(0, len(rows), 200):
            some = rows[begin : begin + 200]
            encoder.prepare([text for row in some for text in features.same_language_texts(row.claim, row.source)])
        return np.array([features.same_language(row.claim, row.source, language, "", encoder) for row in rows])

    def passing(rows: list[Row]) -> np.ndarray:
        return np.array([not same_language_failures(row.claim, row.source, "") for row in rows])

    x, y = figures(fitted), np.array([row.right for row in fitted])
    folds = np.array([fold_of(row.group) for row in fitted])
    weight = balanced(fitted, lambda row: row.kind)
    passes = passing(fitted)
    scores = cross_validated(x, y, weight, folds)
    threshold, _ = best_balanced_accuracy(scores, y, passes, weight)
    by_fold = scores  # every measured document that is also fitted to is scored by the fold that did not see it
    mean, scale, model = regression(x, y, weight)
    print(f"same.{language}: threshold {threshold:.3f}")
    _report(fitted, by_fold, passes, threshold, "cross-validated")
    if measured:
        z = figures(measured)
        outside = model.predict_proba((z - mean) / scale)[:, 1]
        seen = {row.group for row in fitted}
        for fold_ in range(FOLDS):
            mine = np.array([row.group in seen and fold_of(row.group) == fold_ for row in measured])
            if mine.any():
                m, s, fold_model = regression(x[folds != fold_], y[folds != fold_], weight[folds != fold_])
                outside[mine] = fold_model.predict_proba((z[mine] - m) / s)[:, 1]
        _report(measured, outside, passing(measured), threshold, "not fitted to")
    return as_json(
        features.SAME_LANGUAGE, mean, scale, model, threshold=threshold, weakest_word=-1.0, weakest_name=-1.0
    )


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


def fit_cross_language(claim_language: str, rows: list[Row], encoder: CentredEncoder) -> dict[str, Any]:
    source_language = {"en": "ar", "ar": "en"}[claim_language]
    for begin in range(0, len(rows), 200):
        some = rows[begin : begin + 200]
        encoder.prepare([text for row in some for text in features.cross_language_texts(row.claim, row.source)])
    made = [features.cross_language(row.claim, row.source, (claim_language, source_language), encoder) for row in rows]
    x, y = np.array([figures for figures, _ in made]), np.array([row.right for row in rows])
    outside = np.array([held_out(row.group) for row in rows])
    seen = [at for at in range(len(rows)) if not outside[at]]
    floors = _floors([rows[at] for at in seen], [made[at][1] for at in seen])
    rules = Model(np.zeros(1), np.ones(1), np.zeros(1), 0.0, 1.0, **floors)
    passes = np.array([
        not cross_language_failures(row.claim, row.source, "", alignment, rules)
        for row, (_, alignment) in zip(rows, made, strict=True)
    ])  # fmt: skip
    weight = (
        np.array([0.5 if row.right else 0.5 / KINDS_PER_PAIR for row in rows]) * 2
    )  # right and wrong claims about equally often
    fit = ~outside & passes  # what fails a rule is decided already
    folds = np.array([fold_of(row.group) for row in rows])
    scores = np.zeros(len(rows))
    scores[fit] = cross_validated(x[fit], y[fit], weight[fit], folds[fit], CROSS_C)
    mean, scale, model = regression(x[fit], y[fit], weight[fit], CROSS_C)
    scores[~fit] = model.predict_proba((x[~fit] - mean) / scale)[:, 1]
    scores[~passes] *= MOST_OF_FAILED
    threshold = threshold_for_precision(scores[~outside], y[~outside], weight[~outside])
    print(f"cross.{source_language}-{claim_language}: threshold {threshold:.3f}, floors {floors}")
    for title, mine in (("cross-validated", ~outside), ("held-out documents", outside)):
        accepted = mine & passes & (scores >= threshold)
        precision = (weight * y)[accepted].sum() / max(1e-9, weight[accepted].sum())
        print(
            f"  {title}: n {mine.sum()}, AUC {roc_auc_score(y[mine], scores[mine]):.3f}, precision {precision:.3f}, "
            f"right accepted {accepted[mine & y].mean():.3f}"
        )
        for kind in sorted({row.kind for row in rows}):
            these = mine & np.array([row.kind == kind for row in rows])
            if not these.any():
                continue
            print(
                f"    {kind}: n {these.sum()}, fails a rule {1 - passes[these].mean():.3f}, accepted {accepted[these].mean():.3f}"
            )
    return as_json(features.CROSS_LANGUAGE, mean, scale, model, threshold=threshold, **floors)


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
    models = {}
    for language, (fitted, measured) in same_language_rows(data).items():
        models[f"same.{language}"] = fit_same_language(language, fitted, measured, encoder)
    for claim_language, source_language in (("en", "ar"), ("ar", "en")):
        rows = cross_language_rows(pairs, claim_language, encoder)
        models[f"cross.{source_language}-{claim_language}"] = fit_cross_language(claim_language, rows, encoder)
    if write:
        DATA.mkdir(exist_ok=True)
        np.savez_compressed(DATA / "means.npz", **means)
        stored = {"command": "python benchmarks/fit_verifier.py --data DIR --write", "models": models}
        (DATA / "fitted.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace the files in qa/verify/data")
    arguments = parser.parse_args()
    fit(arguments.data, arguments.write)
