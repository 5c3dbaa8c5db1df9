"""A second look at the best hits: question and sentence read together, which vectors made apart cannot do.

The embedded reranker is the embedded encoder with low-rank adapters (benchmarks/train_reranker.py says what they learned from).
Its score is a log-odds: above 0 the sentence is likelier to answer the question than not, whatever the question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from index.e5 import Array, e5_tokenizer, e5_weights
from index.errors import ModelUnavailable

ADAPTERS_FILE = Path(__file__).parent / "data" / "reranker.npz"
EMBEDDED = "embedded"
NONE = "none"
QUESTION_TOKENS, SENTENCE_TOKENS = 48, 112  # as it was trained; what is longer is cut


class Reranker(Protocol):
    """What a search needs of a reranker."""

    @property
    def name(self) -> str: ...

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        """(len(sentences),) float32 log-odds that each sentence answers the question."""


class EmbeddedReranker:
    """A cross-encoder (Nogueira and Cho 2019, arXiv:1901.04085) for Arabic and English, within and across."""

    name = "intfloat/multilingual-e5-small with sanad adapters 1"

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        if not sentences:
            return np.zeros(0, dtype=np.float32)
        run, weight, bias = _embedded()
        scores: Array = run([pair_tokens(question, sentence) for sentence in sentences]) @ weight + bias
        return scores


class CrossEncoderReranker:
    """Any sentence-transformers CrossEncoder by name or folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        if not sentences:
            return np.zeros(0, dtype=np.float32)
        from torch.nn import Identity

        pairs = [(question, sentence) for sentence in sentences]
        scores = _cross_encoder(self.name).predict(pairs, activation_fn=Identity(), show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32)


def open_reranker(spec: str = EMBEDDED) -> Reranker | None:
    """The reranker a specification names: "embedded", "none", or a sentence-transformers CrossEncoder's name or folder.

    Nothing is loaded yet.
    """
    if spec == NONE:
        return None
    return EmbeddedReranker() if spec in (EMBEDDED, EmbeddedReranker.name) else CrossEncoderReranker(spec)


def pair_tokens(question: str, sentence: str) -> list[int]:
    """Question and sentence as one sequence of token ids, each with the prefix the encoder knows it by."""
    tokenizer, weights = e5_tokenizer(), e5_weights()
    asked = tokenizer.encode(f"query: {question}").ids[:QUESTION_TOKENS]
    said = tokenizer.encode(f"passage: {sentence}").ids[:SENTENCE_TOKENS]
    return [weights.bos, *asked, weights.eos, *said, weights.eos]


@cache
def _embedded() -> tuple[Callable[[Sequence[Sequence[int]]], Array], Array, float]:
    from index.e5_graph import mean_states  # OpenVINO: only when something is reranked

    try:
        with np.load(ADAPTERS_FILE, allow_pickle=False) as stored:
            adapters = {name: stored[name].astype(np.float32) for name in stored.files}
    except OSError as error:
        raise ModelUnavailable(f"the reranker cannot be read ({error}); run: make setup") from error
    return mean_states(adapters), adapters["head.w"], float(adapters["head.b"][0])


@cache
def _cross_encoder(name: str) -> Any:
    from sentence_transformers import CrossEncoder  # seconds: only for those who chose such a model

    try:
        return CrossEncoder(name)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelUnavailable(
            f"reranker {name} cannot be loaded ({reason}); name a folder that holds it, 'embedded' or 'none'"
        ) from error
