"""Fit the confidence of an answer (qa/data/confidence.json) on questions with and without an answer in their collection.

    python benchmarks/fit_confidence.py --data DIR

DIR holds xquad_r_ar_en.jsonl (LAReQA XQuAD-R, CC BY-SA 4.0), abstain_nomiracl.jsonl (NoMIRACL, Apache-2.0) and arcd/ (ARCD, MIT,
text CC BY-SA), of which only the documents are used that the reranker never saw (benchmarks/train_reranker.py). XQuAD questions
are asked of the whole collection and of their one article, each time of both languages, of their own and of the other;
always once as it is and once with the paragraph that answers taken out, and ARCD questions so of their collection. NoMIRACL
questions are asked of all passages of all questions. One regression is fitted for hits that were reranked and one for hits
that were not. The threshold is the highest at which ANSWERED of the answerable questions of every such kind are answered.
Reported, cross-validated by source document: AUROC and both kinds of mistake.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from benchmarks.train_reranker import held_out
from index import Index, refresh_index
from index.e5 import Array
from index.hit import Hit
from index.reranker import EmbeddedReranker, Reranker
from index.search import reranked
from qa.confidence import FEATURES, MODEL_FILE, features
from qa.sanad import DEPTH

ANSWERED = 0.9
ARCD_QUESTIONS = 120  # more cost minutes and change little
Pool = tuple[str, str, bool, str, list[Hit]]  # task, document, answerable, question, hits best first
Row = tuple[str, str, bool, tuple[float, ...]]  # task, document, answerable, features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".sanad/confidence"), help="where the indexes are kept")
    arguments = parser.parse_args()
    pools = [
        *xquad(arguments.data, arguments.work),
        *arcd(arguments.data, arguments.work),
        *nomiracl(arguments.data, arguments.work),
    ]
    print(len(pools), "questions over their pools", flush=True)
    fitted = {}
    for name, reranker in (("fused", None), ("reranked", _Remembering())):
        rows = [row(pool, reranker) for pool in pools]
        fitted[name] = fit(rows, FEATURES[name])
    MODEL_FILE.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def row(pool: Pool, reranker: Reranker | None) -> Row:
    task, document, answerable, question, hits = pool
    hits = reranked(question, hits, reranker) if reranker else hits
    return task, document, answerable, features(question, hits)


def fit(rows: list[Row], names: tuple[str, ...]) -> dict[str, Any]:
    values = np.asarray([row[3] for row in rows])
    answerable = np.asarray([row[2] for row in rows])
    tasks = [row[0] for row in rows]
    mean, scale = values.mean(axis=0), values.std(axis=0)
    weights = task_weights(tasks)
    model = LogisticRegression(max_iter=1000)
    standard = (values - mean) / scale
    held_out = cross_val_predict(
        model, standard, answerable, groups=[row[1] for row in rows], cv=GroupKFold(5), method="predict_proba",
        params={"sample_weight": weights},
    )[:, 1]  # fmt: skip
    threshold = operating_point(held_out, answerable, tasks)
    report(tasks, answerable, held_out, threshold)
    model.fit(standard, answerable, sample_weight=weights)
    print(dict(zip(names, model.coef_[0].round(3), strict=True)), f"threshold {threshold:.3f}\n", flush=True)
    return {
        "features": names, "mean": mean.tolist(), "scale": scale.tolist(), "coefficients": model.coef_[0].tolist(),
        "intercept": float(model.intercept_[0]), "threshold": threshold,
    }  # fmt: skip


class _Remembering:
    """The embedded reranker; the pools of one question share most of their sentences."""

    name = EmbeddedReranker.name

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], float] = {}

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        missing = [text for text in dict.fromkeys(sentences) if (question, text) not in self._known]
        for text, score in zip(missing, EmbeddedReranker().scores(question, missing), strict=True):
            self._known[question, text] = float(score)
        return np.asarray([self._known[question, text] for text in sentences], dtype=np.float32)


def xquad(data: Path, work: Path) -> Iterator[Pool]:
    rows = [json.loads(line) for line in (data / "xquad_r_ar_en.jsonl").open(encoding="utf-8")]
    paragraphs: dict[str, list[str]] = {}
    for row in rows:
        if row["type"] == "sentence":
            paragraphs.setdefault(f"{row['para_id']}.{row['lang']}.txt", []).append(row["text"].replace("\n", " "))
    index = indexed({name: "\n".join(lines) for name, lines in paragraphs.items()}, work / "xquad")
    article_of = {row["para_id"]: row["doc_id"] for row in rows}
    for row in rows:
        if row["type"] == "query" and held_out(row["doc_id"]):
            hits = index.search(row["question"], len(index.passages))
            own, other = row["lang"], {"en": "ar", "ar": "en"}[row["lang"]]
            article = [hit for hit in hits if article_of[hit.passage.path.split(".")[0]] == row["doc_id"]]
            for scope, found in (("all", hits), ("article", article)):
                for task, languages in (("mixed", (own, other)), ("same", (own,)), ("cross", (other,))):
                    pool = [hit for hit in found if hit.passage.language in languages]
                    name = f"xquad {own} {task} {scope}"
                    yield from both_ways(name, row["para_id"], row["question"], pool, f"{row['para_id']}.")


def arcd(data: Path, work: Path) -> Iterator[Pool]:
    paragraphs: dict[str, str] = {}
    questions: list[tuple[str, str, str]] = []
    for file in sorted((data / "arcd").glob("*.json")):
        for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"] if held_out(article["title"]) else ():
                name = f"p{len(paragraphs):04}."
                paragraphs[name + "txt"] = paragraph["context"]
                questions += [(article["title"], asked["question"], name) for asked in paragraph["qas"]]
    index = indexed(paragraphs, work / "arcd")
    for title, question, name in questions[:: max(1, len(questions) // ARCD_QUESTIONS)]:
        yield from both_ways("arcd", title, question, index.search(question, 2 * DEPTH), name)


def nomiracl(data: Path, work: Path) -> Iterator[Pool]:
    rows = [json.loads(line) for line in (data / "abstain_nomiracl.jsonl").open(encoding="utf-8")]
    rows = [row for row in rows if held_out(row["id"])]
    articles = {passage["docid"]: passage["text"].strip() for row in rows for passage in row["passages"]}
    index = indexed({re.sub(r"\W+", "_", name) + ".txt": text for name, text in articles.items()}, work / "nomiracl")
    for row in rows:
        hits = index.search(row["question"], DEPTH)
        yield f"nomiracl {row['lang']}", row["id"], row["answerable"], row["question"], hits


def both_ways(task: str, document: str, question: str, hits: list[Hit], answering: str) -> Iterator[Pool]:
    """The question over these hits, and over those whose article does not begin with `answering`."""
    without = [hit for hit in hits if not hit.passage.path.startswith(answering)]
    for answerable, left in ((True, hits), (False, without)):
        if left:
            yield task, document, answerable, question, left[:DEPTH]


def indexed(articles: dict[str, str], work: Path) -> Index:
    corpus = work / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, text in articles.items():
        (corpus / name).write_text(text + "\n", encoding="utf-8")
    refresh_index(corpus, work / "index")
    return Index.open(work / "index", reranker="none")


def task_weights(tasks: list[str]) -> np.ndarray:
    """Every task counts the same, whatever its number of questions."""
    names, counts = np.unique(tasks, return_counts=True)
    share = dict(zip(names, len(tasks) / len(names) / counts, strict=True))
    return np.asarray([share[task] for task in tasks])


def operating_point(scores: np.ndarray, labels: np.ndarray, tasks: list[str]) -> float:
    """The highest probability that ANSWERED of the answerable questions of every kind of task reach."""
    names = np.asarray(tasks)
    return float(min(np.quantile(scores[labels & (names == task)], 1 - ANSWERED) for task in set(tasks)))


def report(tasks: list[str], labels: np.ndarray, scores: np.ndarray, threshold: float) -> None:
    for task in sorted(set(tasks)):
        mine = np.asarray([name == task for name in tasks])
        refused = 1 - (scores[mine & labels] >= threshold).mean()
        answered = (scores[mine & ~labels] >= threshold).mean()
        auroc = roc_auc_score(labels[mine], scores[mine])
        wrong = f"refused though answerable {refused:.2f}  answered though not {answered:.2f}"
        print(f"{task:24} n={mine.sum():4}  AUROC {auroc:.3f}  {wrong}")


if __name__ == "__main__":
    main()
