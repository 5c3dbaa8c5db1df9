"""Question and sentence read together: the embedded cross-encoder, and what its scores do to a ranking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from index import Hit, Index, Passage
from index.e5 import Array, e5_tokenizer, e5_weights
from index.e5_graph import mean_states
from index.encoders import E5Encoder
from index.reranker import QUESTION_TOKENS, SENTENCE_TOKENS, EmbeddedReranker, open_reranker, pair_tokens
from index.search import RERANKED, reranked

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


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("When was the bridge opened?", "The bridge was opened to traffic in May 1932.", "The bridge is painted every five years."),
        ("When was the bridge opened?", "افتُتح الجسر أمام حركة المرور في مايو 1932.", "The bridge is painted every five years."),
        ("متى افتتح الجسر؟", "The bridge was opened to traffic in May 1932.", "يُعاد طلاء الجسر كل خمس سنوات."),
        ("من كتب الرواية؟", "كتبت الرواية الكاتبة المصرية رضوى عاشور.", "طُبعت الرواية مرات كثيرة في بيروت."),
    ],
)  # fmt: skip
def test_the_sentence_that_answers_comes_first_in_whatever_language(question: str, right: str, wrong: str) -> None:
    answering, beside = EmbeddedReranker().scores(question, [right, wrong])
    assert answering > beside


def test_a_score_depends_on_its_own_pair_alone() -> None:
    alone = [float(EmbeddedReranker().scores("Who signed the deal?", [text])[0]) for text in TEXTS]
    together = EmbeddedReranker().scores("Who signed the deal?", TEXTS)
    assert np.allclose(alone, together, atol=1e-3)
    assert EmbeddedReranker().scores("Who?", []).shape == (0,)


def test_long_texts_are_cut() -> None:
    assert len(pair_tokens("why " * 500, "because " * 500)) == QUESTION_TOKENS + SENTENCE_TOKENS + 3


class Liking:
    """Prefers what its word is in."""

    name = "liking"

    def __init__(self, word: str) -> None:
        self.word = word

    def scores(self, question: str, sentences: Sequence[str]) -> Array:
        return np.asarray([5.0 if self.word in text else -5.0 for text in sentences], dtype=np.float32)


def test_what_was_not_read_does_not_overtake_what_was() -> None:
    hits = [hit(number, 1 - number / 100) for number in range(RERANKED + 5)]
    after = reranked("?", hits, Liking(f"sentence {RERANKED - 1}."))
    assert after[0].passage == hits[RERANKED - 1].passage
    assert {one.passage.id for one in after[:RERANKED]} == {one.passage.id for one in hits[:RERANKED]}
    assert [one.log_odds for one in after[RERANKED:]] == [None] * 5
    assert [one.score for one in after] == sorted((one.score for one in after), reverse=True)


def test_a_search_without_a_reranker_reads_nothing_twice(index: Index) -> None:
    assert open_reranker("none") is None
    assert any(one.log_odds is not None for one in index.search("What does the minerals deal include?", 3))


def hit(number: int, score: float) -> Hit:
    passage = Passage("a.txt", number + 1, 20 * number, 20 * number + 10, f"sentence {number}.", "en", "prose", "")
    return Hit(passage, score, score, score, 0.0, None, number + 1)
