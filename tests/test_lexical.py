"""The frozen matrix says what rank-bm25 says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from index.lexical import build_lexical, build_names

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "معادن", "2025"]), max_size=8)


@settings(deadline=None)
@given(st.lists(WORDS.filter(bool), min_size=1, max_size=12), WORDS)
def test_scores_equal_rank_bm25(passages: list[list[str]], question: list[str]) -> None:
    expected = BM25Okapi(passages).get_scores(question)
    assert np.allclose(build_lexical(passages).scores(question), expected, atol=1e-5)


def test_passages_without_a_single_term_are_searched_without_harm() -> None:
    assert build_lexical([[], []]).scores(["a"]).tolist() == [0, 0]
    assert build_lexical([["a", "b", "b"], [], ["c"]]).scores(["b"])[1] == 0


def test_a_rare_name_weighs_more_than_a_common_one_within_its_language() -> None:
    names = build_names([["tkS", "2025"], ["2025"], ["2025"], ["2025"]], ["ar", "ar", "ar", "en"])
    rare, common = names.scores(["tkS"])[0], names.scores(["2025"])[0]
    assert rare > common > 0
    assert build_names([[], []], ["ar", "ar"]).scores(["tkS"]).tolist() == [0, 0]
