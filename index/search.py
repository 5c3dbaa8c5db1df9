"""The index as a reader uses it: open it, ask it, get hits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analyse import terms
from index.arrange import arranged
from index.article import Passage
from index.candidates import Candidates, Lookup, Store, Words
from index.echo import ECHO_WEIGHT, ECHOED, echo
from index.encoders import Encoder, open_named
from index.errors import IndexUnusable, UsageError
from index.filters import Filter
from index.folder import Folder
from index.fusion import fuse
from index.hit import Hit
from index.language import detect_language
from index.late import POOL
from index.lexicon import shipped_lexicon
from index.names import name_terms
from index.place import DEFAULT_INDEX, Place, place
from index.reranker import EMBEDDED, Reranker, open_reranker

MAX_QUESTION = 4000  # characters: far more than a question, less than what would stall the encoder
_POOL = 200  # candidates from each list that are fused; a multiple of k when more hits are wanted


class Index:
    """An opened index. It never changes; a refreshed one is opened again."""

    def __init__(self, store: Store, encoder: Encoder, corpus: Path, reranker: Reranker | None) -> None:
        self.store = store
        self.corpus = corpus
        self.manifest = store.manifest
        self.reranker = reranker
        self._encoder = encoder

    @classmethod
    def open(
        cls,
        where: str | Place = DEFAULT_INDEX,
        encoder: Encoder | None = None,
        corpus: Path | None = None,
        reranker: str = EMBEDDED,
    ) -> Index:
        """`where` is a folder or `milvus://host:port/collection`; `corpus` says where the articles are when they were moved
        since; `reranker` is what `open_reranker` takes.

        Raises IndexUnusable when there is no index, a damaged one, or one made with another encoder.
        """
        store = _open_store(place(where))
        made_with = store.manifest.encoder
        encoder = encoder or open_named(made_with, store.mend)
        if encoder.name != made_with:
            raise IndexUnusable(
                f"the index at {where} was made with {made_with}, not {encoder.name}; "
                f"{store.mend} --encoder {encoder.name}"
            )
        return cls(store, encoder, corpus or store.corpus, open_reranker(reranker))

    @property
    def passages(self) -> Sequence[Passage]:
        """Every passage, in row order: by article path, then by place. Each is read when it is looked at."""
        return self.store.passages

    def article(self, path: str) -> Sequence[Passage]:
        """The passages of one article in order, none for a path that is not in the index."""
        return self.store.article(path)

    def search(self, question: str, k: int = 10, only: Filter | None = None) -> list[Hit]:
        """The k best of the passages that `only` allows for a question in any language, best first, ties by passage id.

        Raises UsageError for a question that is empty or longer than MAX_QUESTION, ModelUnavailable for a reranker that
        cannot be loaded.
        """
        question = checked_question(question)
        # More than wanted: what is read may fall behind what is not, and an item of a list rise.
        pool = max(2 * k, POOL)
        if self.reranker is None:
            found = self._fused(question, pool, only)
        else:
            prepared = _encoders().submit(self.reranker.prepare)  # takes a while, once
            found = self._fused(question, pool, only)
            prepared.result()
            found = self.reranker.reranked(question, found)
        return arranged(question, detect_language(question), found, self.article)[:k]

    def _fused(self, question: str, k: int, only: Filter | None) -> list[Hit]:
        """The k best by lexical and dense evidence."""
        pool = max(_POOL, 4 * k)
        encoding = _encoders().submit(self._encoder.embed_queries, [question])  # most of the time: the words meanwhile
        language = detect_language(question)
        asked = terms(question, language)
        words = Words(language, asked, name_terms(question), shipped_lexicon().translations(asked, language))
        lookup = self.store.lookup(words, pool, only)
        query = self.store.means.neutral_queries(encoding.result(), [language])[0]
        found = lookup.near(query)
        scores = _scores(found, lookup.best_lexical)
        if len(self.manifest.languages) > 1 and 0 < len(found) < len(self.passages):  # else all are looked at
            first = found.rows[np.argsort(-scores, kind="stable")[:ECHOED]]
            towards = query + ECHO_WEIGHT * lookup.vectors(first).mean(axis=0)
            found = lookup.near_also(found, query, towards)
            scores = _scores(found, lookup.best_lexical)
        risen = scores + _echoes(found, scores, lookup)
        order = np.argsort(-risen, kind="stable")[:k]  # candidates are in the order of the passages' ids
        return [
            Hit(
                passage=passage,
                score=float(risen[at]),
                fused=float(scores[at]),
                cosine=float(found.cosine[at]),
                lexical=float(found.lexical[at]),
                lexical_rank=int(found.lexical_ranks[at]) or None,
                dense_rank=int(found.dense_ranks[at]) or None,
            )
            for at, passage in zip(order.tolist(), lookup.passages(found.rows[order]), strict=True)
        ]


def _open_store(where: Place) -> Store:
    if isinstance(where, Path):
        return Folder(where)
    from index.milvus.collection import open_collection  # an extra: a folder does not need it

    return open_collection(where)


def _scores(found: Candidates, best_lexical: float) -> NDArray[np.float32]:
    return fuse(found.cosine, found.lexical, found.shares, found.kinds, best_lexical, found.across)


def _echoes(found: Candidates, scores: NDArray[np.float32], lookup: Lookup) -> NDArray[np.float32]:
    """(n,) what `index.echo` adds; nothing where there is one language, whose vectors are then not read."""
    if len(np.unique(found.languages)) < 2:
        return np.zeros_like(scores)
    best_first = np.argsort(-scores, kind="stable")
    return echo(scores, lookup.vectors(found.rows), found.languages, best_first)


@cache
def _encoders() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="sanad question")


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
