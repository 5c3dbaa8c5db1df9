"""Question and sentence read together: adapters on the embedded encoder, and what a reranker's scores do to a ranking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index import Hit, Index, ModelUnavailable, Passage
from index.e5 import Array, e5_tokenizer, e5_weights
from index.e5_graph import mean_states
from index.encoders import E5Encoder
from index.late import LateInteraction
from index.reranker import (
    NONE,
    QUESTION_TOKENS,
    RERANKED,
    SENTENCE_TOKENS,
    AdaptedReranker,
    CrossEncoder,
    open_reranker,
    pair_tokens,
)

TEXTS = [
    "Japan and the United States signed a deal on critical minerals.",
    "وقعت اليابان والولايات المتحدة اتفاقًا بشأن المعادن الحيوية ﷺ.",
    "  two  spaces,\ttabs — “quotes” and ٢٪ ",
]


def test_the_graph_makes_the_vectors_of_the_c_engine() -> None:
    weights, tokenizer = e5_weights(), e5_tokenizer()
    sequences = [[weights.bos, *tokenizer.encode(f"passage: {text}").ids, weights.eos] for text in TEXTS]
    means = mean_states()(sequences)
    ours = means / np.linalg.norm(means, axis=1, keepdims=True)
    cosine = (ours * E5Encoder().embed_documents(TEXTS)).sum(axis=1)
    assert cosine.min() > 0.999


@pytest.fixture(scope="module")
def adapters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as the trainer writes it, its numbers drawn: what is tested is the reading, not the learning."""
    rng = np.random.default_rng(0)
    hidden = e5_weights().hidden
    file = tmp_path_factory.mktemp("adapters") / "drawn.npz"
    arrays = {"head.w": rng.normal(size=hidden), "head.b": np.ones(1)}
    arrays |= {"l9.q.down": rng.normal(size=(4, hidden)), "l9.q.up": rng.normal(size=(hidden, 4))}
    np.savez(file, **{name: array.astype(np.float16) for name, array in arrays.items()})
    return file


def test_adapters_change_the_encoder_and_a_score_depends_on_its_own_pair_alone(adapters: Path) -> None:
    reranker = open_reranker(str(adapters))
    assert isinstance(reranker, AdaptedReranker)
    together = reranker.scores("Who signed the deal?", TEXTS)
    alone = [float(reranker.scores("Who signed the deal?", [text])[0]) for text in TEXTS]
    assert np.allclose(alone, together, atol=1e-3)
    assert reranker.scores("Who?", []).shape == (0,)
    with np.load(adapters) as stored:
        plain = mean_states()([pair_tokens("Who signed the deal?", text) for text in TEXTS]) @ stored["head.w"] + 1
    assert np.abs(plain - together).max() > 0.1


def test_a_file_that_is_no_reranker_is_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "broken.npz"
    file.write_bytes(b"nothing of the kind")
    for missing in (file, tmp_path / "absent.npz"):
        with pytest.raises(ModelUnavailable, match=r"cannot be read .*; name a file"):
            AdaptedReranker(missing).scores("Who?", ["Somebody."])


def test_long_texts_are_cut() -> None:
    assert len(pair_tokens("why " * 500, "because " * 500)) == QUESTION_TOKENS + SENTENCE_TOKENS + 3


class Liking(CrossEncoder):
    """Prefers what its word is in."""

    name = "liking"

    def __init__(self, word: str) -> None:
        self.word = word

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        return np.asarray([5.0 if self.word in text else -5.0 for text in sentences], dtype=np.float32)


def test_what_was_not_read_does_not_overtake_what_was() -> None:
    hits = [hit(number, 1 - number / 100) for number in range(RERANKED + 5)]
    after = Liking(f"sentence {RERANKED - 1}.").reranked("?", hits)
    assert after[0].passage == hits[RERANKED - 1].passage
    assert {one.passage.id for one in after[:RERANKED]} == {one.passage.id for one in hits[:RERANKED]}
    assert [one.log_odds for one in after[RERANKED:]] == [None] * 5
    assert [one.score for one in after] == sorted((one.score for one in after), reverse=True)


def test_a_chosen_reranker_reads_the_best_hits_and_no_other(corpus_index: Path, adapters: Path) -> None:
    assert open_reranker(NONE) is None
    assert isinstance(open_reranker(), LateInteraction)
    assert Index.open(corpus_index).search("What does the minerals deal include?", 1)[0].log_odds is None
    hits = Index.open(corpus_index, reranker=str(adapters)).search("What does the minerals deal include?", RERANKED + 5)
    assert sum(one.log_odds is not None for one in hits) == RERANKED


def hit(number: int, score: float) -> Hit:
    passage = Passage("a.txt", number + 1, 20 * number, 20 * number + 10, f"sentence {number}.", "en", "prose", "")
    return Hit(passage, score, score, score, 0.0, None, number + 1)
