"""The index as a reader uses it: open a folder, ask it, get hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import store
from index.analyse import terms
from index.article import Passage
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
        self._languages = np.asarray([passage.language for passage in contents.passages])
        self._several_languages = len(np.unique(self._languages)) > 1

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
    def passages(self) -> tuple[Passage, ...]:
        """Every passage, in row order: by article path, then by place."""
        return self._contents.passages

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
        language = detect_language(question)
        query = self._contents.means.neutral_queries(self._encoder.embed_queries([question]), [language])[0]
        allowed = only.mask(self.passages, self.manifest.articles) if only else None
        pool = max(_POOL, 4 * k)
        nearest = self._contents.dense.search(query, pool, allowed)
        lexical, same = self._lexical(question, language)
        if allowed is not None:
            lexical = np.where(allowed, lexical, 0)
        matching = _best(lexical, pool)
        best = float(lexical.max(initial=0.0))
        names = self._contents.names.scores(name_terms(question))

        def fused(rows: NDArray[np.int64]) -> NDArray[np.float32]:
            cosine = self._contents.dense.similarities(query, rows)
            return fuse(cosine, lexical[rows], same[rows], [self.passages[row].kind for row in rows], best, names[rows])

        rows = np.union1d(nearest, matching)
        if self._several_languages and len(rows):
            best_rows = rows[np.argsort(-fused(rows), kind="stable")[:ECHOED]]
            towards = query + ECHO_WEIGHT * self._contents.dense.vectors(best_rows).mean(axis=0)
            rows = np.union1d(rows, self._contents.dense.search(towards, pool, allowed))
        scores = fused(rows)
        order = np.argsort(-scores, kind="stable")
        echoed = echo(scores, self._contents.dense.vectors(rows), self._languages[rows], order) if len(rows) else scores
        passages = [self.passages[row] for row in rows]
        cosine = self._contents.dense.similarities(query, rows)
        dense_ranks = {int(row): rank for rank, row in enumerate(nearest, 1)}
        lexical_ranks = {int(row): rank for rank, row in enumerate(matching, 1)}
        hits = [
            Hit(
                passage=p,
                score=float(score + risen),
                fused=float(score),
                cosine=float(cos),
                lexical=float(lexical[row]),
                lexical_rank=lexical_ranks.get(int(row)),
                dense_rank=dense_ranks.get(int(row)),
            )
            for p, score, risen, cos, row in zip(passages, scores, echoed, cosine, rows, strict=True)
        ]
        return sorted(hits, key=_best_first)[:k]

    def _lexical(self, question: str, language: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """(passages,) BM25 where question and passage share a language, else 0; and where they do."""
        same = np.asarray(self._languages == language) | (language == UNKNOWN)
        scores = self._contents.lexical.scores(terms(question, language))
        return np.where(same, scores, 0).astype(np.float32), same


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


def _best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Rows of the k highest positive scores, highest first, ties by row."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        threshold = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= threshold]
    return rows[np.argsort(-scores[rows], kind="stable")][:k]
