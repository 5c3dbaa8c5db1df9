"""Fit the confidence of an answer (qa/data/confidence.json) on questions with and without an answer in their collection.

    python benchmarks/fit_confidence.py --data DIR --read

DIR holds xquad_r_ar_en.jsonl (LAReQA XQuAD-R, CC BY-SA 4.0) and abstain_nomiracl.jsonl (NoMIRACL, Apache-2.0). XQuAD
questions are asked of the whole collection and of their one article, each time of both languages, of their own and of the
other; always once as it is and once with the paragraph that answers taken out. NoMIRACL questions are asked of all
passages of all questions. The threshold is the highest at which ANSWERED of the answerable questions of every such kind are
answered. Reported, cross-validated by source document: AUROC and both kinds of mistake.

With --read the embedded language model then reads the lines that might be shown for READ of the answerable and as many of the
unanswerable questions of each kind (some quarter of an hour on two cores), and what it says is fitted and reported in the same way:
halfway between a regression on that alone and one on that and the first confidence, as collections differ in how much the search
tells. With --bounds it also reads the lines of answerable XQuAD questions alone (as long again), and bounds for
`qa.reading.that_state` are found, at which ANSWERED of the lines that answer are left; they are printed and not written.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from index import Hit, Index, refresh_index
from index.article import Passage
from index.language import detect_language, shares_language
from qa import reading
from qa.chat import EMBEDDED
from qa.compose import Composer
from qa.confidence import FEATURES, MODEL_FILE, features
from qa.demands import that_may_answer
from qa.lines import as_lines
from qa.receipt import llm_runtime
from qa.sanad import DEPTH
from qa.select import select

ANSWERED = 0.95
NOMIRACL_QUESTIONS = 120  # their passages are 1,200 articles; more cost minutes and change little
READ = {"xquad": 12, "nomiracl": 40}  # questions of each kind that are read, with an answer and without


@dataclass(frozen=True)
class Row:
    """One question over one collection."""

    task: str
    document: str
    answerable: bool
    figures: tuple[float, ...]  # FEATURES
    question: str
    chosen: list[Passage]  # by which it is decided whether there is an answer
    candidates: list[Passage]  # what might be shown then
    scores: dict[tuple[str, int], float]  # of the hits
    gold: frozenset[tuple[str, int]]  # path and line of what answers, where that is known

    @classmethod
    def of(
        cls, task: str, document: str, answerable: bool, question: str, index: Index, hits: list[Hit],
        gold: frozenset[tuple[str, int]] = frozenset(),
    ) -> Row:  # fmt: skip
        language, may_answer = detect_language(question), that_may_answer(question, hits)
        chosen = select(may_answer, language, index.article)
        candidates = select(may_answer, language, index.article, reading.READ, within=reading.WITHIN)
        scores = {hit.passage.id: hit.score for hit in hits}
        return cls(task, document, answerable, features(question, hits), question, chosen, candidates, scores, gold)


class Remembering(Composer):
    """The embedded model, which is asked nothing twice: what it has said is in the file `kept`."""

    def __init__(self, kept: Path) -> None:
        super().__init__(EMBEDDED, required=True)
        self._kept = kept
        self._said: dict[str, float | None] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}

    def stated(self, question: str, passages: Sequence[Passage]) -> float | None:
        asked = json.dumps([llm_runtime(EMBEDDED), question, *as_lines(passages[: reading.READ])], ensure_ascii=False)
        if asked not in self._said:
            self._said[asked] = super().stated(question, passages)
            self._kept.write_text(json.dumps(self._said, ensure_ascii=False), encoding="utf-8")
        return self._said[asked]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".sanad/confidence"), help="where the two indexes are kept")
    parser.add_argument("--read", action="store_true", help="fit the second regression too")
    parser.add_argument("--bounds", action="store_true", help="with --read: print bounds for lines read alone")
    arguments = parser.parse_args()
    rows = [*xquad(arguments.data, arguments.work), *nomiracl(arguments.data, arguments.work)]
    values = np.asarray([row.figures for row in rows])
    mean, scale = values.mean(axis=0), values.std(axis=0)
    standard = (values - mean) / scale
    model, threshold = fitted(rows, standard, [row.task for row in rows])
    print(dict(zip(FEATURES, model.coef_[0].round(3).tolist(), strict=True)), f"threshold {threshold:.3f}")
    described = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    described |= {
        "features": FEATURES, "mean": mean.tolist(), "scale": scale.tolist(), "coefficients": model.coef_[0].tolist(),
        "intercept": float(model.intercept_[0]), "threshold": threshold,
    }  # fmt: skip
    if arguments.read:
        composer = Remembering(arguments.work / "read.json")
        described["read"] = read(rows, model.decision_function(standard), composer)
        if arguments.bounds:
            bounds([rows[at] for at in sampled(rows)], composer)
    MODEL_FILE.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def read(rows: list[Row], found: np.ndarray, composer: Composer) -> dict[str, float]:
    """Halfway between a regression on the log-odds of the language model and one on these and those of the first regression,
    `found` (n,), which has seen all documents; and two thresholds, of the model's log-odds and of the whole. So few are read of
    each kind that they are those of all together."""
    picked = sampled(rows)
    sample = [rows[at] for at in picked]
    said = []
    for number, row in enumerate(sample, 1):
        said.append(composer.stated(row.question, row.chosen))
        print(f"read {number} of {len(sample)}", end="\r", file=sys.stderr, flush=True)
    alone = np.asarray(said, dtype=float)[:, None]
    together = np.column_stack([alone, found[picked]])
    answerable, tasks = np.asarray([row.answerable for row in sample]), [row.task for row in sample]
    models, held_out = zip(*(cross_validated(sample, values) for values in (alone, together)), strict=True)
    for name, probability in zip(("what the model says", "with what the search found"), held_out, strict=True):
        print(f"{name}: AUROC {roc_auc_score(answerable, probability):.3f}")
    halfway = 1 / (1 + np.exp(-np.mean([np.log(p / (1 - p)) for p in held_out], axis=0)))
    share, least, threshold = both_points(alone[:, 0], halfway, answerable)
    kept_below = np.where(alone[:, 0] < least, halfway * threshold, halfway)
    report(tasks, answerable, kept_below, threshold)
    report(["all"] * len(sample), answerable, kept_below, threshold)
    print(f"each threshold leaves out {share:.3f} of the answerable: log-odds {least:.3f}, confidence {threshold:.3f}")
    (only,), (log_odds, search) = (model.coef_[0] for model in models)
    intercept = float(np.mean([model.intercept_[0] for model in models]))
    return {
        "log_odds": float(only + log_odds) / 2, "found": float(search) / 2, "intercept": intercept,
        "least_log_odds": least, "threshold": threshold,
    }  # fmt: skip


def both_points(one: np.ndarray, other: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    """The largest share of the answerable that each of two thresholds may leave out so that ANSWERED reach both, and the two."""
    for share in np.arange(1 - ANSWERED, 0, -0.001):
        points = [float(np.quantile(scores[labels], share)) for scores in (one, other)]
        if ((one >= points[0]) & (other >= points[1]))[labels].mean() >= ANSWERED:
            return float(share), points[0], points[1]
    raise AssertionError("a share of none leaves out none")


def bounds(rows: list[Row], composer: Composer) -> None:
    """Prints by how much less likely, or worse found in the question's language or in another, a line may be than the best one
    and still answer beside it: where a logistic regression on these leaves ANSWERED of the lines that do."""
    behind: list[tuple[float, float, float]] = []
    answers: list[bool] = []
    documents: list[str] = []
    for row in rows:
        if row.gold and row.answerable and len(row.candidates) > 1:
            language = detect_language(row.question)
            said = [composer.stated(row.question, [passage]) or 0.0 for passage in row.candidates]
            best = max(row.scores[passage.id] for passage in row.candidates)
            for passage, one in zip(row.candidates, said, strict=True):
                worse, across = 1 - row.scores[passage.id] / best, not shares_language(language, passage.language)
                behind.append((max(said) - one, 0.0 if across else worse, worse if across else 0.0))
            answers += [(passage.path, passage.line) in row.gold for passage in row.candidates]
            documents += [row.document] * len(row.candidates)
    x, y = np.asarray(behind), np.asarray(answers)
    model = LogisticRegression(C=10)
    probability = cross_val_predict(model, x, y, groups=documents, cv=GroupKFold(5), method="predict_proba")[:, 1]
    least = np.quantile(probability[y], 1 - ANSWERED)
    budget = model.fit(x, y).intercept_[0] - np.log(least / (1 - least))
    less_likely, worse_found, across = -budget / model.coef_[0]
    auroc, others = roc_auc_score(y, probability), (probability[~y] >= least).mean()
    print(f"lines: {y.sum()} of {len(y)} answer, AUROC {auroc:.3f}, of the others {others:.2f} are left")
    print(
        f"  they may be {less_likely:.2f} nats less likely, or found {worse_found:.2f} of the score worse, {across:.2f} across"
    )


def sampled(rows: list[Row]) -> list[int]:
    """Numbers of rows, spread evenly over each kind of task, with an answer and without."""
    kinds: dict[tuple[str, bool], list[int]] = {}
    for number, row in enumerate(rows):
        if row.chosen:
            kinds.setdefault((row.task, row.answerable), []).append(number)
    picked = []
    for (task, _), numbers in kinds.items():
        wanted = min(READ[task.split()[0]], len(numbers))
        picked += [numbers[at * len(numbers) // wanted] for at in range(wanted)]
    return picked


def fitted(rows: list[Row], values: np.ndarray, kinds: list[str]) -> tuple[LogisticRegression, float]:
    """The regression on all rows, and the threshold that holds for every one of the `kinds`; what it can do is printed."""
    model, held_out = cross_validated(rows, values)
    answerable = np.asarray([row.answerable for row in rows])
    threshold = operating_point(held_out, answerable, kinds)
    report([row.task for row in rows], answerable, held_out, threshold)
    return model, threshold


def cross_validated(rows: list[Row], values: np.ndarray) -> tuple[LogisticRegression, np.ndarray]:
    """The regression on all rows, and what regressions on the other documents say of each (n,)."""
    answerable = np.asarray([row.answerable for row in rows])
    weights = task_weights([row.task for row in rows])
    model = LogisticRegression(max_iter=1000)
    held_out = cross_val_predict(
        model, values, answerable, groups=[row.document for row in rows], cv=GroupKFold(5), method="predict_proba",
        params={"sample_weight": weights},
    )[:, 1]  # fmt: skip
    return model.fit(values, answerable, sample_weight=weights), held_out


def xquad(data: Path, work: Path) -> Iterator[Row]:
    rows = [json.loads(line) for line in (data / "xquad_r_ar_en.jsonl").open(encoding="utf-8")]
    paragraphs: dict[str, list[str]] = {}
    place: dict[str, tuple[str, int]] = {}
    for row in rows:
        if row["type"] == "sentence":
            name = f"{row['para_id']}.{row['lang']}.txt"
            paragraphs.setdefault(name, []).append(row["text"].replace("\n", " "))
            place[row["id"]] = name, len(paragraphs[name])
    index = indexed({name: "\n".join(lines) for name, lines in paragraphs.items()}, work / "xquad")
    article_of = {row["para_id"]: row["doc_id"] for row in rows}
    for row in rows:
        if row["type"] == "query":
            hits = index.search(row["question"], len(index.passages))
            gold = frozenset(place[id_] for ids in row["gold"].values() for id_ in ids)
            own, other = row["lang"], {"en": "ar", "ar": "en"}[row["lang"]]
            article = [hit for hit in hits if article_of[hit.passage.path.split(".")[0]] == row["doc_id"]]
            for scope, found in (("all", hits), ("article", article)):
                for task, languages in (("mixed", (own, other)), ("same", (own,)), ("cross", (other,))):
                    pool = [hit for hit in found if hit.passage.language in languages]
                    without = [hit for hit in pool if not hit.passage.path.startswith(row["para_id"] + ".")]
                    for answerable, left in ((True, pool), (False, without)):
                        if left:
                            kind = f"xquad {own} {task} {scope}"
                            yield Row.of(kind, row["doc_id"], answerable, row["question"], index, left[:DEPTH], gold)


def nomiracl(data: Path, work: Path) -> Iterator[Row]:
    rows = [json.loads(line) for line in (data / "abstain_nomiracl.jsonl").open(encoding="utf-8")]
    rows = rows[1 :: len(rows) // NOMIRACL_QUESTIONS][:NOMIRACL_QUESTIONS]
    articles = {passage["docid"]: passage["text"].strip() for row in rows for passage in row["passages"]}
    index = indexed({re.sub(r"\W+", "_", name) + ".txt": text for name, text in articles.items()}, work / "nomiracl")
    for row in rows:
        hits = index.search(row["question"], DEPTH)
        yield Row.of(f"nomiracl {row['lang']}", row["id"], row["answerable"], row["question"], index, hits)


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
