"""The index as a reader uses it: open a folder, ask it, get hits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import store
from index.analyse import terms
from index.article import Passage
from index.encoders import Encoder, open_encoder
from index.errors import IndexUnusable, UsageError
from index.fusion import fuse
from index.hit import Hit
from index.language import UNKNOWN, detect_language

MAX_QUESTION = 4000  # characters: far more than a question, less than what would stall the encoder
_POOL = 200  # candidates from each list that are fused; a multiple of k when more hits are wanted


class Index:
    """An opened index. It never changes; a refreshed folder is opened again."""

    def __init__(
        self, folder: Path, manifest: store.Manifest, contents: store.Contents, encoder: Encoder, corpus: Path
    ) -> None:
        self.folder = folder
        self.corpus = corpus
        self.manifest = manifest
        self._contents = contents
        self._encoder = encoder
        self._languages = np.asarray([passage.language for passage in contents.passages])

    @classmethod
    def open(
        cls, folder: Path = store.DEFAULT_INDEX, encoder: Encoder | None = None, corpus: Path | None = None
    ) -> Index:
        """`corpus` says where the articles are when they were moved since.

        Raises IndexUnusable when the folder holds no index, a damaged one, or one made with another encoder.
        """
        manifest, contents = store.load(folder)
        encoder = encoder or open_encoder(manifest.encoder)
        if encoder.name != manifest.encoder:
            raise IndexUnusable(
                f"the index at {folder} was made with {manifest.encoder}, not {encoder.name}; "
                f"{store.mending_command(folder, manifest)} --encoder {encoder.name}"
            )
        return cls(folder, manifest, contents, encoder, corpus or store.corpus_folder(folder, manifest))

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage, in row order: by article path, then by place."""
        return self._contents.passages

    def search(self, question: str, k: int = 10) -> list[Hit]:
        """The k best passages for a question in any language, best first, ties by passage id.

        Raises UsageError for a question that is empty or longer than MAX_QUESTION.
        """
        question = checked_question(question)
        language = detect_language(question)
        query = self._contents.means.neutral_queries(self._encoder.embed_queries([question]), [language])[0]
        pool = max(_POOL, 4 * k)
        nearest = self._contents.dense.search(query, pool)
        lexical, same = self._lexical(question, language)
        matching = _best(lexical, pool)
        rows = np.union1d(nearest, matching)
        passages = [self.passages[row] for row in rows]
        cosine = self._contents.dense.similarities(query, rows)
        best = float(lexical.max(initial=0.0))
        scores = fuse(cosine, lexical[rows], same[rows], [passage.kind for passage in passages], best)
        dense_ranks = {int(row): rank for rank, row in enumerate(nearest, 1)}
        lexical_ranks = {int(row): rank for rank, row in enumerate(matching, 1)}
        hits = [
            Hit(
                p, float(score), float(cos), float(lexical[row]), lexical_ranks.get(int(row)), dense_ranks.get(int(row))
            )
            for p, score, cos, row in zip(passages, scores, cosine, rows, strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[:k]

    def _lexical(self, question: str, language: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """(passages,) BM25 where question and passage share a language, else 0; and where they do."""
        same = np.asarray(self._languages == language) | (language == UNKNOWN)
        scores = self._contents.lexical.scores(terms(question, language))
        return np.where(same, scores, 0).astype(np.float32), same


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
