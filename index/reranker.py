"""A second look at the best hits: by their words (index.late), which is the default, or by a cross-encoder.

A cross-encoder reads question and sentence together. What could be trained from permissively licensed data so far does not
beat the ranking without it (docs/retrieval.md), so one has to be named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.e5 import Array, e5_tokenizer, e5_weights
from index.errors import ModelUnavailable
from index.hit import Hit, best_first
from index.late import LateInteraction

EMBEDDED, NONE = "embedded", "none"
RERANKED = 20  # best hits that a cross-encoder reads
LOG_ODDS_WEIGHT = 0.1  # cosine units per unit of log-odds (docs/retrieval.md)
QUESTION_TOKENS, SENTENCE_TOKENS = 48, 96  # what is longer is cut


class Reranker(Protocol):
    """What a search needs of a reranker."""

    @property
    def name(self) -> str: ...

    def prepare(self) -> None:
        """Loads what every question needs. Called before each, while its hits are looked for."""

    def reranked(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, best first, with what it found in the scores of those that it read."""


class CrossEncoder:
    """What a cross-encoder does to a ranking. A score is a log-odds: above 0 the sentence is likelier to answer than not."""

    name: str

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        """(len(sentences),) float32 log-odds that each sentence answers the question."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Loads nothing: a model that cannot be loaded is told of where there is something to read."""

    def reranked(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """A hit that was not read is held to be as unlikely as the least likely that was, so none overtakes without evidence."""
        log_odds = self.scores(question, [hit.passage.text for hit in hits[:RERANKED]])
        floor = float(log_odds.min(initial=0.0))
        read = [
            replace(hit, score=hit.score + LOG_ODDS_WEIGHT * float(own), log_odds=float(own))
            for hit, own in zip(hits, log_odds, strict=False)
        ]
        unread = [replace(hit, score=hit.score + LOG_ODDS_WEIGHT * floor) for hit in hits[RERANKED:]]
        return sorted([*read, *unread], key=best_first)


class AdaptedReranker(CrossEncoder):
    """The embedded encoder as a cross-encoder (Nogueira and Cho 2019, arXiv:1901.04085), by low-rank adapters from a file that
    benchmarks/train_reranker.py wrote."""

    def __init__(self, file: Path) -> None:
        self.name = str(file)

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        if not sentences:
            return np.zeros(0, dtype=np.float32)
        run, weight, bias = self._loaded
        scores: Array = run([pair_tokens(question, sentence) for sentence in sentences]) @ weight + bias
        return scores

    @cached_property
    def _loaded(self) -> tuple[Callable[[Sequence[Sequence[int]]], Array], Array, float]:
        from index.e5_graph import mean_states  # OpenVINO: only when something is reranked

        try:
            with np.load(self.name, allow_pickle=False) as stored:
                adapters = {name: stored[name].astype(np.float32) for name in stored.files}
            return mean_states(adapters), adapters["head.w"], float(adapters["head.b"][0])
        except (OSError, ValueError, KeyError) as error:
            raise ModelUnavailable(
                f"reranker {self.name} cannot be read ({error}); name a file of benchmarks/train_reranker.py, or 'none'"
            ) from error


class CrossEncoderReranker(CrossEncoder):
    """Any sentence-transformers CrossEncoder by name or folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        if not sentences:
            return np.zeros(0, dtype=np.float32)
        from torch.nn import Identity

        pairs = [(question, sentence) for sentence in sentences]
        scores = self._model.predict(pairs, activation_fn=Identity(), show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import CrossEncoder  # seconds: only for those who chose such a model

        try:
            return CrossEncoder(self.name)
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ModelUnavailable(
                f"reranker {self.name} cannot be loaded ({reason}); name a folder that holds it, or 'none'"
            ) from error


def open_reranker(spec: str = EMBEDDED) -> Reranker | None:
    """The reranker a specification names: "embedded", "none", a sentence-transformers CrossEncoder's name or folder, or a file
    of adapters (.npz). Nothing is loaded yet."""
    if spec == NONE:
        return None
    if spec == EMBEDDED:
        return LateInteraction()
    return AdaptedReranker(Path(spec)) if spec.endswith(".npz") else CrossEncoderReranker(spec)


def pair_tokens(question: str, sentence: str) -> list[int]:
    """Question and sentence as one sequence of token ids, each with the prefix the encoder knows it by."""
    tokenizer, weights = e5_tokenizer(), e5_weights()
    asked = tokenizer.encode(f"query: {question}").ids[:QUESTION_TOKENS]
    said = tokenizer.encode(f"passage: {sentence}").ids[:SENTENCE_TOKENS]
    return [weights.bos, *asked, weights.eos, *said, weights.eos]
