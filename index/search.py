"""The index as a reader uses it: open a folder, ask it, get hits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import store
from index.analyse import terms
from index.article import Passage
from index.dense import Neighbours
from index.echo import ECHO_WEIGHT, ECHOED, echo
from index.encoders import Encoder, open_named
from index.errors import IndexUnusable, UsageError
from index.filters import Filter
from index.fusion import fuse
from index.hit import Hit
from index.language import UNKNOWN, detect_language
from index.names import name_terms
from index.reranker import NONE, Reranker, open_reranker

MAX_QUESTION = 4000  # characters: far more than a question, less than what would stall the encoder
RERANKED = 20  # best hits that the reranker reads
RERANKER_WEIGHT = 0.1  # cosine units per unit of log-odds (docs/retrieval.md)
_POOL = 200  # candidates from each list that are fused; a multiple of k when more hits are wanted


class Index:
    """An opened index. It never changes; a refreshed folder is opened again."""

    def __init__(
        self,
        folder: Path,
        manifest: store.Manifest,
        contents: store.Contents,
        encoder: Encoder,
        corpus: Path,
        reranker: Reranker | None,
    ) -> None:
        self.folder = folder
        self.corpus = corpus
        self.manifest = manifest
        self._contents = contents
        self.reranker = reranker
        self._encoder = encoder
        ends = np.cumsum([0, *(entry.passages for entry in manifest.articles)]).tolist()
        self._rows = {entry.path: slice(*span) for entry, *span in zip(manifest.articles, ends, ends[1:], strict=False)}

    @classmethod
    def open(
        cls,
        folder: Path = store.DEFAULT_INDEX,
        encoder: Encoder | None = None,
        corpus: Path | None = None,
        reranker: str = NONE,
    ) -> Index:
        """`corpus` says where the articles are when they were moved since; `reranker` is what `open_reranker` takes.

        Raises IndexUnusable when the folder holds no index, a damaged one, or one made with another encoder.
        """
        manifest, contents = store.load(folder)
        encoder = encoder or open_named(manifest.encoder, store.mending_command(folder, manifest))
        if encoder.name != manifest.encoder:
            raise IndexUnusable(
                f"the index at {folder} was made with {manifest.encoder}, not {encoder.name}; "
                f"{store.mending_command(folder, manifest)} --encoder {encoder.name}"
            )
        return cls(
            folder,
            manifest,
            contents,
            encoder,
            corpus or store.corpus_folder(folder, manifest),
            open_reranker(reranker),
        )

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, in row order: by article path, then by place. Each is read when it is looked at."""
        return self._contents.table.passages

    def article(self, path: str) -> Sequence[Passage]:
        """The passages of one article in order, none for a path that is not in the index."""
        return self._contents.table.passages[self._rows.get(path, slice(0))]

    def search(self, question: str, k: int = 10, only: Filter | None = None) -> list[Hit]:
        """The k best of the passages that `only` allows for a question in any language, best first, ties by passage id.

        Raises UsageError for a question that is empty or longer than MAX_QUESTION, ModelUnavailable for a reranker that
        cannot be loaded.
        """
        question = checked_question(question)
        hits = self._fused(question, max(k, RERANKED), only)
        return (reranked(question, hits, self.reranker) if self.reranker else hits)[:k]

    def _fused(self, question: str, k: int, only: Filter | None) -> list[Hit]:
        """The k best by lexical and dense evidence."""
        contents = self._contents
        pool = max(_POOL, 4 * k)
        encoding = _encoders().submit(self._encoder.embed_queries, [question])  # most of the time: the words meanwhile
        language = detect_language(question)
        allowed = only.mask(contents.table, self.manifest) if only else None
        lexical = contents.lexical.scores(terms(question, language))
        matching, best = self._matching(lexical, language, pool, allowed)
        query = contents.means.neutral_queries(encoding.result(), [language])[0]
        near = contents.dense.search(query, pool, allowed, beside=matching)
        names = name_terms(question)

        def fused(near: Neighbours) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
            """Of each passage the score, and what its own words count."""
            same = self._share(near.rows, language)
            own = np.where(same, lexical[near.rows], 0).astype(np.float32)
            shared = contents.names.scores_of(names, near.rows)
            return fuse(near.cosine, own, same, contents.table.kinds[near.rows], best, shared), own

        scores, own = fused(near)
        if len(self.manifest.languages) > 1 and 0 < len(near.rows) < len(contents.dense):  # else all are looked at
            first = near.rows[np.argsort(-scores, kind="stable")[:ECHOED]]
            towards = query + ECHO_WEIGHT * contents.dense.vectors(first).mean(axis=0)
            near = contents.dense.with_rows(near, query, contents.dense.search(towards, pool, allowed).rows)
            scores, own = fused(near)
        best_first = np.argsort(-scores, kind="stable")
        risen = scores + self._echoes(near.rows, scores, best_first)
        lexical_ranks = {row: rank for rank, row in enumerate(matching.tolist(), 1)}
        order = np.argsort(-risen, kind="stable")[:k]  # rows are in the order of the passages' ids
        return [
            Hit(
                passage=self.passages[row],
                score=float(risen[at]),
                fused=float(scores[at]),
                cosine=float(near.cosine[at]),
                lexical=float(own[at]),
                lexical_rank=lexical_ranks.get(row),
                dense_rank=int(near.ranks[at]) or None,
            )
            for at, row in zip(order.tolist(), near.rows[order].tolist(), strict=True)
        ]

    def _echoes(
        self, rows: NDArray[np.int64], scores: NDArray[np.float32], best_first: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """(len(rows),) what `index.echo` adds; nothing where there is one language, whose vectors are then not read."""
        spoken = self._contents.table.languages[rows]
        if len(np.unique(spoken)) < 2:
            return np.zeros_like(scores)
        return echo(scores, self._contents.dense.vectors(rows), spoken, best_first)

    def _matching(
        self, lexical: NDArray[np.float32], language: str, k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], float]:
        """Rows of the k best lexical matches in the question's language, best first, ties by row; and the best score."""
        rows = np.flatnonzero(lexical > 0)
        rows = rows[self._share(rows, language)]
        if allowed is not None:
            rows = rows[allowed[rows]]
        scores = lexical[rows]
        if len(rows) > k:
            threshold = np.partition(scores, len(rows) - k)[len(rows) - k]
            rows, scores = rows[scores >= threshold], scores[scores >= threshold]
        return rows[np.argsort(-scores, kind="stable")][:k], float(scores.max(initial=0.0))

    def _share(self, rows: NDArray[np.int64], language: str) -> NDArray[np.bool_]:
        """(len(rows),) whether the question's language is a passage's too; a question without letters shares every one."""
        if language == UNKNOWN:
            return np.ones(len(rows), dtype=bool)
        languages = self.manifest.languages
        code = languages.index(language) if language in languages else -1
        return np.asarray(self._contents.table.languages[rows] == code)


@cache
def _encoders() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="sanad question")


def reranked(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """The hits, best first, with the reranker's evidence in the scores of the first RERANKED.

    A hit that was not read is held to be as unlikely as the least likely that was, so none overtakes without evidence.
    """
    log_odds = reranker.scores(question, [hit.passage.text for hit in hits[:RERANKED]])
    floor = float(log_odds.min(initial=0.0))
    read = [
        replace(hit, score=hit.fused + RERANKER_WEIGHT * float(own), log_odds=float(own))
        for hit, own in zip(hits, log_odds, strict=False)
    ]
    unread = [replace(hit, score=hit.fused + RERANKER_WEIGHT * floor) for hit in hits[RERANKED:]]
    return sorted([*read, *unread], key=_best_first)


def _best_first(hit: Hit) -> tuple[float, tuple[str, int]]:
    return -hit.score, hit.passage.id


def checked_question(question: str) -> str:
    """The question without outer white space. Raises UsageError when it cannot be asked."""
    question = question.strip()
    if not any(character.isalnum() for character in question):
        raise UsageError("the question is empty; ask something in words")
    if len(question) > MAX_QUESTION:
        raise UsageError(
            f"the question has {len(question):,} characters, at most {MAX_QUESTION:,} are read; shorten it"
        )
    try:
        question.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"the question is not valid Unicode at character {error.start}; type it again") from error
    return question
