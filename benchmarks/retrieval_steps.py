"""What each step of the retrieval is worth: mean average precision on LAReQA-style rows, as a Markdown table.

    python benchmarks/retrieval_steps.py --rows DIR/xquad_r_ar_en.jsonl

Rows are {"type": "sentence", "id", "lang", "para_id", "text"} and {"type": "query", "lang", "question", "gold": {lang: ids}}.
All sentences are one pool; a question's gold stands in every language (X-X), its own (same) or the others (other). A
paragraph is a section; there are no headings. Vectors are encoded once and kept beside the rows' name in --cache.

With --reranker FILE, which benchmarks/train_reranker.py wrote, only the questions of documents that it has not seen are asked
(rows need "doc_id"), of the step before late interaction and with its READ best of every language read, at several weights.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from index.analyse import terms
from index.article import Passage
from index.context import SECTION_WEIGHT, passage_vectors, section_starts
from index.echo import echo
from index.encoders import EmbeddedEncoder, Vectors
from index.fusion import fuse
from index.hit import Hit
from index.late import LateInteraction
from index.lexical import build_lexical, build_names
from index.lexicon import shipped_lexicon
from index.names import name_terms
from index.neutral import LanguageMeans, language_means
from index.reranker import AdaptedReranker, Reranker
from index.table import KINDS

READ = 10
WEIGHTS = (0.01, 0.02, 0.05, 0.1)  # per unit of log-odds

Scores = np.ndarray  # (questions, passages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(".sanad/benchmarks"))
    parser.add_argument("--reranker", type=Path)
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.rows.open(encoding="utf-8")]
    queries = [row for row in rows if row["type"] == "query"]
    passages = [
        Passage(row["para_id"], n, n, n + 1, row["text"], row["lang"], "prose", row["lang"])
        for n, row in enumerate(row for row in rows if row["type"] == "sentence")
    ]
    ids = {row["id"]: n for n, row in enumerate(row for row in rows if row["type"] == "sentence")}
    stored, asked = encoded(passages, queries, arguments.cache / arguments.rows.stem)
    print("| | " + " | ".join(("X-X", "same language", "other language")) + " |\n| --- | --- | --- | --- |")
    table = steps(passages, queries, stored, asked)
    table["… and late interaction (as shipped)"] = with_late(list(table.values())[-1], passages, queries)
    if arguments.reranker:
        from train_reranker import held_out  # imports torch

        unseen = [n for n, query in enumerate(queries) if held_out(query["doc_id"])]
        queries = [queries[n] for n in unseen]
        table = reranked(
            table["… and echoes across languages"][unseen], passages, queries, AdaptedReranker(arguments.reranker)
        )
    for name, scores in table.items():
        print(f"| {name} | " + " | ".join(figures(scores, passages, queries, ids)) + " |", flush=True)


def encoded(passages: list[Passage], queries: list[dict[str, Any]], cache: Path) -> tuple[Vectors, Vectors]:
    path = cache.with_suffix(".npz")
    if not path.exists():
        encoder = EmbeddedEncoder()
        cache.parent.mkdir(parents=True, exist_ok=True)
        stored = encoder.embed_documents([passage.text for passage in passages])
        np.savez(path, passages=stored, queries=encoder.embed_queries([query["question"] for query in queries]))
    with np.load(path, allow_pickle=False) as kept:
        return kept["passages"], kept["queries"]


def steps(passages: list[Passage], queries: list[dict[str, Any]], stored: Vectors, asked: Vectors) -> dict[str, Scores]:
    languages = [passage.language for passage in passages]
    asking = [query["lang"] for query in queries]
    own = LanguageMeans(means_of(stored, languages), means_of(asked, asking))
    shrunk = language_means(stored, languages, EmbeddedEncoder.name)
    # Without a heading the contextual text is the sentence itself, so both views are one vector.
    plain = [Passage(p.path, p.line, p.start, p.end, p.text, p.language, p.kind, "") for p in passages]
    alone = shrunk.neutral_passages(stored, languages)
    opens, in_section = np.asarray(section_starts(plain)), np.asarray([p.kind in ("prose", "bullet") for p in plain])
    questions = shrunk.neutral_queries(asked, asking)
    vectors = passage_vectors(alone, alone, opens, in_section)
    sections = questions @ vectors.T
    named = with_lexical(sections, passages, queries, names=True)
    translated = with_lexical(sections, passages, queries, names=True, translations=True)
    return {
        "plain encoder": asked @ stored.T,
        "own means subtracted from passages": asked @ own.neutral_passages(stored, languages).T,
        "… and from questions": own.neutral_queries(asked, asking) @ own.neutral_passages(stored, languages).T,
        "means shrunk to the priors": questions @ shrunk.neutral_passages(stored, languages).T,
        f"… with {SECTION_WEIGHT} of the section": sections,
        "… and lexical evidence": with_lexical(sections, passages, queries),
        "… and shared names": named,
        "… and translated words": translated,
        "… and echoes across languages": with_echoes(translated, vectors, languages),
    }


def with_echoes(scores: Scores, vectors: Vectors, languages: list[str]) -> Scores:
    spoken = np.asarray(languages)
    return np.stack([row + echo(row, vectors, spoken, np.argsort(-row, kind="stable")) for row in scores])


def with_late(scores: Scores, passages: list[Passage], queries: list[dict[str, Any]]) -> Scores:
    plain = [replace(passage, heading="") for passage in passages]  # the language stood there, to hold neighbours apart
    reranker, at = LateInteraction(), {passage.id: n for n, passage in enumerate(plain)}
    rows = np.empty_like(scores)
    for row, out, query in zip(scores, rows, queries, strict=True):
        order = np.argsort(-row, kind="stable").tolist()
        hits = [Hit(plain[n], float(row[n]), float(row[n]), float(row[n]), 0.0, None, None) for n in order]
        for hit in reranker.reranked(query["question"], hits):
            out[at[hit.passage.id]] = hit.score
    return rows


def with_lexical(
    cosine: Scores,
    passages: list[Passage],
    queries: list[dict[str, Any]],
    names: bool = False,
    translations: bool = False,
) -> Scores:
    index = build_lexical([terms(passage.text, passage.language) for passage in passages])
    by_name = build_names(
        [name_terms(passage.text) for passage in passages], [passage.language for passage in passages]
    )
    kinds = np.asarray([KINDS.index(passage.kind) for passage in passages])
    languages = np.asarray([passage.language for passage in passages])
    everywhere = np.arange(len(passages))
    rows = []
    for query, similar in zip(queries, cosine, strict=True):
        same = languages == query["lang"]
        asked = terms(query["question"], query["lang"])
        lexical = np.where(same, index.scores(asked), 0).astype(np.float32)
        across = names * by_name.scores(name_terms(query["question"]))
        if translations:
            for language, groups in shipped_lexicon().translations(asked, query["lang"]).items():
                across += index.any_of(groups, int((languages == language).sum()), everywhere)
        rows.append(fuse(similar, lexical, same, kinds, float(lexical.max(initial=0)), across))
    return np.stack(rows)


def reranked(
    scores: Scores, passages: list[Passage], queries: list[dict[str, Any]], reranker: Reranker
) -> dict[str, Scores]:
    """By weight. What was not read is held to be as unlikely as the least likely that was, as in a search."""
    languages = np.asarray([passage.language for passage in passages])
    log_odds = np.empty_like(scores)
    for row, own, query in zip(scores, log_odds, queries, strict=True):
        order = np.argsort(-row, kind="stable")
        read = [at for language in sorted(set(languages)) for at in order[languages[order] == language][:READ]]
        found = reranker.scores(query["question"], [passages[at].text for at in read])
        own[:] = found.min()
        own[read] = found
    named = {f"with {weight} of the log-odds": scores + weight * log_odds for weight in WEIGHTS}
    return {f"as shipped, {len(queries)} questions": scores} | named


def means_of(vectors: Vectors, languages: list[str]) -> dict[str, Vectors]:
    labels = np.asarray(languages)
    return {language: vectors[labels == language].mean(axis=0) for language in sorted(set(languages))}


def figures(scores: Scores, passages: list[Passage], queries: list[dict[str, Any]], ids: dict[str, int]) -> list[str]:
    languages = np.asarray([passage.language for passage in passages])
    asking = sorted({query["lang"] for query in queries}, reverse=True)

    def mean(wanted: Callable[[str, str], bool]) -> str:
        per_language = []
        for language in asking:
            pool = np.asarray([wanted(language, other) for other in languages])
            per_language.append(np.mean([
                average_precision(row[pool], gold_in(query, ids, pool))
                for query, row in zip(queries, scores, strict=True) if query["lang"] == language
            ]))  # fmt: skip
        return " / ".join(f"{language} {value:.3f}" for language, value in zip(asking, per_language, strict=True))

    return [
        mean(lambda mine, other: True),
        mean(lambda mine, other: mine == other),
        mean(lambda mine, other: mine != other),
    ]


def gold_in(query: dict[str, Any], ids: dict[str, int], pool: np.ndarray) -> np.ndarray:
    gold = np.zeros(len(pool), dtype=bool)
    gold[[ids[id_] for golds in query["gold"].values() for id_ in golds]] = True
    return gold[pool]


def average_precision(scores: np.ndarray, gold: np.ndarray) -> float:
    """Mean of the precision at each gold passage; ties in row order."""
    ranked = gold[np.argsort(-scores, kind="stable")]
    places = np.flatnonzero(ranked) + 1
    return float(np.mean(np.arange(1, len(places) + 1) / places)) if len(places) else 0.0


if __name__ == "__main__":
    main()
