"""Fit the confidence of an answer (qa/data/confidence.json) on questions with and without an answer in their collection.

    python benchmarks/fit_confidence.py --data DIR

DIR holds xquad_r_ar_en.jsonl (LAReQA XQuAD-R, CC BY-SA 4.0) and abstain_nomiracl.jsonl (NoMIRACL, Apache-2.0). XQuAD
questions are asked of the whole collection and of their one article, each time of both languages, of their own and of the
other; always once as it is and once with the paragraph that answers taken out. NoMIRACL questions are asked of all
passages of all questions. The threshold is the highest at which ANSWERED of the answerable questions of every such kind are
answered. Reported, cross-validated by source document: AUROC and both kinds of mistake.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from index import Index, refresh_index
from qa.confidence import FEATURES, MODEL_FILE, features
from qa.sanad import DEPTH

ANSWERED = 0.95
NOMIRACL_QUESTIONS = 120  # their passages are 1,200 articles; more cost minutes and change little
Row = tuple[str, str, bool, tuple[float, ...]]  # task, document, answerable, features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".sanad/confidence"), help="where the two indexes are kept")
    arguments = parser.parse_args()
    rows = [*xquad(arguments.data, arguments.work), *nomiracl(arguments.data, arguments.work)]
    values = np.asarray([row[3] for row in rows])
    answerable = np.asarray([row[2] for row in rows])
    documents = [row[1] for row in rows]
    mean, scale = values.mean(axis=0), values.std(axis=0)
    weights = task_weights([row[0] for row in rows])
    model = LogisticRegression(max_iter=1000)
    standard = (values - mean) / scale
    held_out = cross_val_predict(
        model, standard, answerable, groups=documents, cv=GroupKFold(5), method="predict_proba",
        params={"sample_weight": weights},
    )[:, 1]  # fmt: skip
    threshold = operating_point(held_out, answerable, [row[0] for row in rows])
    report([row[0] for row in rows], answerable, held_out, threshold)
    model.fit(standard, answerable, sample_weight=weights)
    fitted = {
        "features": FEATURES, "mean": mean.tolist(), "scale": scale.tolist(), "coefficients": model.coef_[0].tolist(),
        "intercept": float(model.intercept_[0]), "threshold": threshold,
    }  # fmt: skip
    MODEL_FILE.parent.mkdir(exist_ok=True)
    MODEL_FILE.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    print(dict(zip(FEATURES, model.coef_[0].round(3), strict=True)), f"threshold {threshold:.3f}")


def xquad(data: Path, work: Path) -> Iterator[Row]:
    rows = [json.loads(line) for line in (data / "xquad_r_ar_en.jsonl").open(encoding="utf-8")]
    paragraphs: dict[str, list[str]] = {}
    for row in rows:
        if row["type"] == "sentence":
            paragraphs.setdefault(f"{row['para_id']}.{row['lang']}.txt", []).append(row["text"].replace("\n", " "))
    index = indexed({name: "\n".join(lines) for name, lines in paragraphs.items()}, work / "xquad")
    article_of = {row["para_id"]: row["doc_id"] for row in rows}
    for row in rows:
        if row["type"] == "query":
            hits = index.search(row["question"], len(index.passages))
            own, other = row["lang"], {"en": "ar", "ar": "en"}[row["lang"]]
            article = [hit for hit in hits if article_of[hit.passage.path.split(".")[0]] == row["doc_id"]]
            for scope, found in (("all", hits), ("article", article)):
                for task, languages in (("mixed", (own, other)), ("same", (own,)), ("cross", (other,))):
                    pool = [hit for hit in found if hit.passage.language in languages]
                    without = [hit for hit in pool if not hit.passage.path.startswith(row["para_id"] + ".")]
                    for answerable, left in ((True, pool), (False, without)):
                        if left:
                            figures = features(row["question"], left[:DEPTH])
                            yield f"xquad {own} {task} {scope}", row["doc_id"], answerable, figures


def nomiracl(data: Path, work: Path) -> Iterator[Row]:
    rows = [json.loads(line) for line in (data / "abstain_nomiracl.jsonl").open(encoding="utf-8")]
    rows = rows[1 :: len(rows) // NOMIRACL_QUESTIONS][:NOMIRACL_QUESTIONS]
    articles = {passage["docid"]: passage["text"].strip() for row in rows for passage in row["passages"]}
    index = indexed({re.sub(r"\W+", "_", name) + ".txt": text for name, text in articles.items()}, work / "nomiracl")
    for row in rows:
        hits = index.search(row["question"], DEPTH)
        yield f"nomiracl {row['lang']}", row["id"], row["answerable"], features(row["question"], hits)


def indexed(articles: dict[str, str], work: Path) -> Index:
    corpus = work / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, text in articles.items():
        (corpus / name).write_text(text + "\n", encoding="utf-8")
    refresh_index(corpus, work / "index")
    return Index.open(work / "index")


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
