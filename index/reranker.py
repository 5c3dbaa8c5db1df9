"""A second look at the best hits: question and sentence read together, which vectors made apart cannot do.

Nothing is reranked unless asked for: what could be trained from permissively licensed data so far does not beat the ranking
without it (docs/retrieval.md). A score is a log-odds: above 0 the sentence is likelier to answer than not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.e5 import Array, e5_tokenizer, e5_weights
from index.errors import ModelUnavailable

NONE = "none"
QUESTION_TOKENS, SENTENCE_TOKENS = 48, 96  # what is longer is cut


class Reranker(Protocol):
    """What a search needs of a reranker."""

    @property
    def name(self) -> str: ...

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        """(len(sentences),) float32 log-odds that each sentence answers the question."""


class AdaptedReranker:
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


class CrossEncoderReranker:
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


def open_reranker(spec: str = NONE) -> Reranker | None:
    """The reranker a specification names: "none", a sentence-transformers CrossEncoder's name or folder, or a file of
    adapters (.npz). Nothing is loaded yet."""
    if spec == NONE:
        return None
    return AdaptedReranker(Path(spec)) if spec.endswith(".npz") else CrossEncoderReranker(spec)


def pair_tokens(question: str, sentence: str) -> list[int]:
    """Question and sentence as one sequence of token ids, each with the prefix the encoder knows it by."""
    tokenizer, weights = e5_tokenizer(), e5_weights()
    asked = tokenizer.encode(f"query: {question}").ids[:QUESTION_TOKENS]
    said = tokenizer.encode(f"passage: {sentence}").ids[:SENTENCE_TOKENS]
    return [weights.bos, *asked, weights.eos, *said, weights.eos]
