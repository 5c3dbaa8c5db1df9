"""The frozen matrix says what rank-bm25 says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from index.lexical import build_lexical

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "معادن", "2025"]), max_size=8)


@settings(deadline=None)
@given(st.lists(WORDS.filter(bool), min_size=1, max_size=12), WORDS)
def test_scores_equal_rank_bm25(passages: list[list[str]], question: list[str]) -> None:
    expected = BM25Okapi(passages).get_scores(question)
    assert np.allclose(build_lexical(passages).scores(question), expected, atol=1e-5)


def test_passages_without_a_single_term_are_searched_without_harm() -> None:
    assert build_lexical([[], []]).scores(["a"]).tolist() == [0, 0]
    assert build_lexical([["a", "b", "b"], [], ["c"]]).scores(["b"])[1] == 0
