"""How far the verifier's score, which is the groundedness of `sanad eval`, agrees with people: the tables of docs/agreement.md.

    python benchmarks/agreement.py --data DIR [--page docs/agreement.md]

DIR holds support.jsonl, support_ar.jsonl and ragtruth_qa_responses.jsonl, which people labelled. Each claim is scored
against its whole source by the shipped verifier, as `sanad verify` does. Intervals are 95% percentile bootstraps over
source documents, since the claims of one document stand or fall together. A document that `benchmarks/fit_verifier.py`
fits to is marked.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from readme import put
from scipy.stats import rankdata, spearmanr
from support_rows import read, same_language_rows

from index.analyse import fold, words
from qa.verify import Support, Verifier

PAGE = Path(__file__).resolve().parent.parent / "docs" / "agreement.md"
RESAMPLES = 1000
SEED = 0
NAMES = {
    "ragtruth_qa": "RAGTruth QA", "wice": "WiCE", "faithbench": "FaithBench", "expertqa": "ExpertQA", "factscore": "FActScore",
    "ans_stance": "ANS", "arbteds": "ArbTEDS", "arnli": "ArNLI",
}  # fmt: skip
# Only labels that are degrees of support: a contradicted claim is not less supported than an unrelated one.
DEGREES = {"supported": 2.0, "partially_supported": 1.0, "not_supported": 0.0, "not_fully_supported": 0.0}
ORDERED = {"wice", "expertqa"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One claim that people judged, with the verifier's verdict. `pair` is source language → claim language."""

    origin: str
    pair: str
    document: str
    fitted: bool
    right: bool
    degree: float  # NaN where the labels have no order
    overlap: float  # share of the claim's words that stand in the source: what a metric must beat
    score: float
    accepted: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--page", type=Path, default=PAGE)
    arguments = parser.parse_args()
    verifier = Verifier()
    fitted = fitted_documents(arguments.data)
    put("claims", claims_table(judged(arguments.data, fitted, verifier)), arguments.page)
    put("answers", answers_table(arguments.data, fitted, verifier), arguments.page)


def fitted_documents(data: Path) -> frozenset[str]:
    """The source documents of which some row is fitted to."""
    return frozenset(row.group for rows, _ in same_language_rows(data).values() for row in rows)


def judged(data: Path, fitted: frozenset[str], verifier: Verifier) -> list[Judged]:
    rows = [
        *((row, "en", "en", row["source_id"]) for row in read(data / "support.jsonl")),
        *((row, row["lang_source"], row["lang_claim"], fold(row["source_text"]))
          for row in read(data / "support_ar.jsonl")),
    ]  # fmt: skip
    sources = [row.get("source_text") or " ".join(row["source_sentences"]) for row, *_ in rows]
    supports = verifier.check_many([(row["claim"], source) for (row, *_), source in zip(rows, sources, strict=True)])
    return [
        _judged(row, f"{source_language} → {claim_language}", document, document in fitted, source, support)
        for (row, source_language, claim_language, document), source, support in zip(
            rows, sources, supports, strict=True
        )
    ]


def _judged(row: dict[str, Any], pair: str, document: str, fitted: bool, source: str, support: Support) -> Judged:
    claim_words, source_words = ({fold(word) for word in words(text)} for text in (row["claim"], source))
    return Judged(
        row["origin"],
        pair,
        document,
        fitted,
        row["y"] == 1,
        DEGREES[row["label"]] if row["origin"] in ORDERED else np.nan,
        len(claim_words & source_words) / max(1, len(claim_words)),
        support.score,
        support.supported,
    )


def claims_table(rows: list[Judged]) -> str:
    head = (
        "source → claim", "labels", "fitted to", "claims / documents", "supported", "AUC", "AUC of word overlap",
        "balanced accuracy", "kappa", "Spearman", "right among accepted", "accepted among right",
    )  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for pair in dict.fromkeys(row.pair for row in rows):
        mine = [row for row in rows if row.pair == pair]
        for origin in sorted({row.origin for row in mine}, key=str.lower):
            for fitted in (True, False):
                lines += _line(pair, NAMES.get(origin, origin), fitted, (r for r in mine if r.origin == origin))
        if len({row.origin for row in mine if not row.fitted}) > 1:
            lines += _line(pair, "all together", False, mine)
    return "\n".join(lines)


def _line(pair: str, name: str, fitted: bool, rows: Iterable[Judged]) -> Iterator[str]:
    rows = [row for row in rows if row.fitted == fitted]
    if not rows:
        return
    right, score, accepted = (np.array([getattr(row, of) for row in rows]) for of in ("right", "score", "accepted"))
    overlap = np.array([row.overlap for row in rows])
    degree = np.array([row.degree for row in rows])
    documents = [row.document for row in rows]

    def interval(figure: Callable[[np.ndarray], float]) -> str:
        value, low, high = bootstrapped(figure, documents)
        return "–" if np.isnan(value) else f"{value:.2f} [{low:.2f}, {high:.2f}]"

    cells = (
        pair,
        name,
        "yes" if fitted else "no",
        f"{len(rows)} / {len(set(documents))}",
        f"{right.mean():.0%}",
        interval(lambda at: auc(right[at], score[at])),
        interval(lambda at: auc(right[at], overlap[at])),
        interval(lambda at: balanced_accuracy(right[at], accepted[at])),
        interval(lambda at: kappa(right[at], accepted[at])),
        "–" if np.isnan(degree).any() else interval(lambda at: spearman(degree[at], score[at])),
        f"{int((right & accepted).sum())} of {int(accepted.sum())}",
        f"{accepted[right].mean():.2f}" if right.any() else "–",
    )
    yield f"| {' | '.join(cells)} |"


def answers_table(data: Path, fitted: frozenset[str], verifier: Verifier) -> str:
    """Whole answers: the mean score of the sentences against the share of them that people left unmarked."""
    answers = [row for row in read(data / "ragtruth_qa_responses.jsonl") if row["sentences"]]
    supports = iter(
        verifier.check_many([(one["text"], answer["passages"]) for answer in answers for one in answer["sentences"]])
    )
    verdicts = [[next(supports) for _ in answer["sentences"]] for answer in answers]
    right = np.array([np.mean([not one["unsupported"] for one in answer["sentences"]]) for answer in answers])
    mean_score = np.array([np.mean([support.score for support in some]) for some in verdicts])
    share = np.array([np.mean([support.supported for support in some]) for some in verdicts])
    documents = [f"rt-{answer['source_id']}" for answer in answers]
    lines = [
        "| RAGTruth QA answers | fitted to | answers / documents | AUC: free of marks or not | Spearman with the share unmarked |",
        "| --- | --- | --- | --- | --- |",
    ]
    for seen in (True, False):
        mine = np.flatnonzero([(document in fitted) == seen for document in documents])
        if not mine.size:
            continue
        for name, figure in (("mean score", mean_score), ("share supported", share)):
            own = [documents[at] for at in mine]
            cells = [
                f"{value:.2f} [{low:.2f}, {high:.2f}]"
                for value, low, high in (
                    bootstrapped(lambda at: auc(right[mine][at] == 1, figure[mine][at]), own),  # noqa: B023
                    bootstrapped(lambda at: spearman(right[mine][at], figure[mine][at]), own),  # noqa: B023
                )
            ]
            lines.append(
                f"| {name} | {'yes' if seen else 'no'} | {len(mine)} / {len(set(own))} | {' | '.join(cells)} |"
            )
    return "\n".join(lines)


def bootstrapped(figure: Callable[[np.ndarray], float], documents: list[str]) -> tuple[float, float, float]:
    """(value, low, high): the figure of all rows, and the 2.5th and 97.5th percentile when documents are drawn anew."""
    names = np.unique(documents)
    rows_of = [np.flatnonzero(np.asarray(documents) == name) for name in names]
    generator = np.random.default_rng(SEED)
    drawn = [
        figure(np.concatenate([rows_of[at] for at in generator.integers(len(names), size=len(names))]))
        for _ in range(RESAMPLES)
    ]
    value = figure(np.arange(len(documents)))
    if np.isnan(drawn).all():
        return value, np.nan, np.nan
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return value, float(low), float(high)


def auc(right: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve, from ranks: it is asked for a thousand times a cell."""
    ones, zeros = int(right.sum()), int((~right).sum())
    if not ones or not zeros:
        return np.nan
    return float(rankdata(score)[right].sum() - ones * (ones + 1) / 2) / (ones * zeros)


def balanced_accuracy(right: np.ndarray, accepted: np.ndarray) -> float:
    return float(accepted[right].mean() + (~accepted[~right]).mean()) / 2 if 0 < right.sum() < len(right) else np.nan


def kappa(right: np.ndarray, accepted: np.ndarray) -> float:
    """Cohen's, of the verdict at the verifier's threshold and the label."""
    by_chance = right.mean() * accepted.mean() + (~right).mean() * (~accepted).mean()
    return float(((right == accepted).mean() - by_chance) / (1 - by_chance)) if by_chance < 1 else np.nan


def spearman(degree: np.ndarray, score: np.ndarray) -> float:
    varied = min(len(np.unique(degree)), len(np.unique(score))) > 1
    return float(spearmanr(degree, score).statistic) if varied else np.nan


if __name__ == "__main__":
    main()
