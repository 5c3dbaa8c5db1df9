"""Retrieval within and across languages, ours beside what a user would pick instead, on LAReQA-style JSON Lines.

    python benchmarks/retrieval.py FILE [--limit N] [--systems a,b] [--out DIR]

FILE has `"type": "sentence"` rows (id, lang, para_id, text), one pool of all languages, and `"type": "query"` rows (id,
lang, question, gold: language -> sentence ids), as LAReQA's XQuAD-R has (Roy et al. 2020, arXiv:2004.05484). X-X mAP asks
for the gold sentences of every language at once; same and other language look at one side of the ranking. A query that
found nothing counts as 0. The peers come with `pip install '.[bench]'`. Metrics are ir_measures', intervals percentile
bootstraps over queries. Each paragraph becomes an article with a sentence a line, and `sanad` is the product itself over
those articles. Writes DIR/retrieval.md, .json and .svg.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ir_measures import AP, RR, Qrel, R, ScoredDoc, iter_calc

from index import Index, refresh_index
from index.encoders import E5Encoder
from qa.evaluation.statistics import interval, mean

DEPTH = 100  # sentences each system returns
MEASURES = {"mAP": AP, "recall@5": R @ 5, "recall@20": R @ 20, "MRR": RR}
Run = Mapping[str, Mapping[str, float]]  # query id -> sentence id -> score


@dataclass(frozen=True)
class Rows:
    sentences: Sequence[dict[str, Any]]
    queries: Sequence[dict[str, Any]]

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.sentences]

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.sentences]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int, help="queries of each language")
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--out", type=Path, default=Path("eval/retrieval"))
    arguments = parser.parse_args()
    rows = read(arguments.file, arguments.limit)
    results: dict[str, dict[str, dict[str, list[float]]]] = {}
    seconds: dict[str, float] = {}
    for name in arguments.systems.split(","):
        began = time.perf_counter()
        run = SYSTEMS[name](rows)
        seconds[name] = time.perf_counter() - began
        results[name] = measured(run, rows)
        print(f"{name}: {seconds[name]:.1f} s", flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    page = table(results, rows, arguments.file.name)
    (arguments.out / "retrieval.md").write_text(page, encoding="utf-8")
    (arguments.out / "retrieval.json").write_text(
        json.dumps({"results": results, "seconds": seconds}), encoding="utf-8"
    )
    plot(results, arguments.out / "retrieval.svg")
    print("\n" + page)


def read(path: Path, limit: int | None) -> Rows:
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    queries = [row for row in rows if row["type"] == "query"]
    languages = sorted({row["lang"] for row in queries}, reverse=True)
    chosen = [row for language in languages for row in [q for q in queries if q["lang"] == language][:limit]]
    return Rows([row for row in rows if row["type"] == "sentence"], chosen)


def measured(run: Run, rows: Rows) -> dict[str, dict[str, list[float]]]:
    """pair ("en->all", "en->ar", …) -> measure -> one value a query, in the order of the queries."""
    language_of = {row["id"]: row["lang"] for row in rows.sentences}
    pools = ["all", *sorted(set(language_of.values()))]
    found: dict[str, dict[str, list[float]]] = {}
    for pool in pools:
        gold = {
            query["id"]: [id_ for language, ids in query["gold"].items() if pool in ("all", language) for id_ in ids]
            for query in rows.queries
        }
        qrels = [Qrel(query, id_, 1) for query, ids in gold.items() for id_ in ids]
        scored = [
            ScoredDoc(query, id_, score)
            for query, scores in run.items()
            for id_, score in scores.items()
            if pool in ("all", language_of[id_])
        ]
        values = {
            (str(each.measure), each.query_id): each.value for each in iter_calc(list(MEASURES.values()), qrels, scored)
        }
        for query in rows.queries:
            cell = found.setdefault(f"{query['lang']}->{pool}", {name: [] for name in MEASURES})
            for name, measure in MEASURES.items():
                cell[name].append(float(values.get((str(measure), query["id"]), 0.0)))
    return found


def plain_encoder(rows: Rows) -> Run:
    encoder = E5Encoder()
    scores = (
        encoder.embed_queries([query["question"] for query in rows.queries]) @ encoder.embed_documents(rows.texts).T
    )
    return by_scores(scores, rows)


def rank_bm25(rows: Rows) -> Run:
    from rank_bm25 import BM25Okapi

    bm25 = BM25Okapi([text.lower().split() for text in rows.texts])
    return by_scores(np.stack([bm25.get_scores(query["question"].lower().split()) for query in rows.queries]), rows)


def bm25s_library(rows: Rows) -> Run:
    import bm25s

    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(rows.texts, stopwords=None, show_progress=False), show_progress=False)
    run = {}
    for query in rows.queries:
        asked = bm25s.tokenize([query["question"]], stopwords=None, show_progress=False)
        found, scores = retriever.retrieve(asked, k=min(DEPTH, len(rows.texts)), show_progress=False)
        run[query["id"]] = {rows.ids[at]: float(score) for at, score in zip(found[0], scores[0], strict=True)}
    return run


def ensemble_retriever(rows: Rows) -> Run:
    """LangChain's hybrid, as its documentation builds it: BM25Retriever and FAISS, half and half, over the plain encoder."""
    warnings.simplefilter("ignore", DeprecationWarning)
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document

    from index.langchain import SanadEmbeddings

    documents = [Document(text, metadata={"id": id_}) for text, id_ in zip(rows.texts, rows.ids, strict=True)]
    lexical = BM25Retriever.from_documents(documents)
    lexical.k = DEPTH
    dense = FAISS.from_documents(documents, SanadEmbeddings(E5Encoder()))
    nearest = dense.as_retriever(search_kwargs={"k": DEPTH})
    hybrid = EnsembleRetriever(retrievers=[lexical, nearest], weights=[0.5, 0.5], id_key="id")
    run = {}
    for query in rows.queries:
        found = hybrid.invoke(query["question"])[:DEPTH]
        run[query["id"]] = {document.metadata["id"]: -float(rank) for rank, document in enumerate(found)}
    return run


def sanad(rows: Rows) -> Run:
    with tempfile.TemporaryDirectory() as work:
        articles = as_articles(rows.sentences, Path(work) / "corpus")
        refresh_index(Path(work) / "corpus", Path(work) / "index")
        index = Index.open(Path(work) / "index")
        run: dict[str, dict[str, float]] = {}
        for query in rows.queries:
            scores: dict[str, float] = {}
            for hit in index.search(query["question"], 2 * DEPTH):  # a line may hold more than one passage
                scores.setdefault(articles[hit.passage.path][hit.passage.line - 1]["id"], hit.score)
            run[query["id"]] = dict(list(scores.items())[:DEPTH])
    return run


def as_articles(sentences: Sequence[dict[str, Any]], corpus: Path) -> dict[str, list[dict[str, Any]]]:
    """Each paragraph of a language as an article in a new folder, with a sentence a line: the rows of its lines by its path."""
    articles: dict[str, list[dict[str, Any]]] = {}
    for row in sentences:
        articles.setdefault(f"{row['para_id']}.{row['lang']}.txt", []).append(row)
    corpus.mkdir()
    for name, rows in articles.items():
        lines = (" ".join(row["text"].split()) for row in rows)
        (corpus / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return articles


def by_scores(scores: np.ndarray, rows: Rows) -> Run:
    """The DEPTH best of each query with a positive rank, ties in row order."""
    run = {}
    for query, row in zip(rows.queries, scores, strict=True):
        order = np.argsort(-row, kind="stable")[:DEPTH]
        run[query["id"]] = {rows.ids[at]: float(row[at]) for at in order}
    return run


SYSTEMS: Mapping[str, Callable[[Rows], Run]] = {
    "rank-bm25": rank_bm25,
    "bm25s": bm25s_library,
    "plain encoder": plain_encoder,
    "EnsembleRetriever": ensemble_retriever,
    "sanad": sanad,
}


def table(results: Mapping[str, Mapping[str, Mapping[str, list[float]]]], rows: Rows, name: str) -> str:
    pairs = sorted(next(iter(results.values())), key=lambda pair: (pair.endswith("all") is False, pair))
    counts = ", ".join(
        f"{sum(query['lang'] == language for query in rows.queries)} {language}"
        for language in sorted({query["lang"] for query in rows.queries})
    )
    page = [f"{name}: {len(rows.sentences)} sentences, queries {counts}; [95% bootstrap interval]\n"]
    for measure in MEASURES:
        page.append(f"\n| {measure} | {' | '.join(pairs)} |\n| --- |{' --- |' * len(pairs)}")
        page += [
            f"| {system} | {' | '.join(cell(found[pair][measure]) for pair in pairs)} |"
            for system, found in results.items()
        ]
    return "\n".join(page) + "\n"


def cell(values: list[float]) -> str:
    bounds = interval([values], mean, seed=0)
    return f"{np.mean(values):.3f}" + (f" [{bounds[0]:.2f}, {bounds[1]:.2f}]" if bounds else "")


def plot(results: Mapping[str, Mapping[str, Mapping[str, list[float]]]], path: Path) -> None:
    """mAP of every system, a panel for each pair of languages."""
    from matplotlib.figure import Figure

    pairs = sorted(next(iter(results.values())))
    figure = Figure(figsize=(3.2 * len(pairs), 3), layout="constrained")
    panels = figure.subplots(1, len(pairs), sharey=True, squeeze=False)[0]
    for panel, pair in zip(panels, pairs, strict=True):
        means = [float(np.mean(found[pair]["mAP"])) for found in results.values()]
        panel.barh(list(results), means, color="#3b6ea5")
        panel.set(title=pair, xlim=(0, 1), xlabel="mAP")
        panel.invert_yaxis()
    figure.savefig(path)


if __name__ == "__main__":
    main()
