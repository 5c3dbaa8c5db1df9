"""Translated words: what stands for what, what that weighs, and that a search is given it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Index, refresh_index, search
from index.analyse import terms
from index.fusion import ACROSS_WEIGHT
from index.lexical import build_lexical, rarity
from index.lexicon import Lexicon, lexicon, save, shipped_lexicon

PAIRS = [("معادن", "miner"), ("معادن", "metal"), ("وزير", "minist")]
WORD = st.sampled_from(["a", "b", "c", "d"])


@pytest.mark.parametrize(
    ("question", "language", "other", "expected"),
    [("the minister signed", "en", "ar", "وقع الوزير"), ("رئيس الوزراء", "ar", "en", "president minister")],
)
def test_the_lexicon_that_ships_translates_both_ways(question: str, language: str, other: str, expected: str) -> None:
    groups = shipped_lexicon().translations(terms(question, language), language)[other]
    wanted = set(terms(expected, other))
    assert any(wanted & set(group) for group in groups)
    assert all(isinstance(word, str) and word for group in groups for word in group)


def test_a_language_that_has_no_lexicon_is_given_nothing() -> None:
    assert shipped_lexicon().translations(["ministre"], "fr") == {}


def test_words_that_have_no_translation_are_passed_over_and_repeated_ones_count_once() -> None:
    small = lexicon(PAIRS, ("ar", "en"))
    assert small.translations(["معادن", "غيرها", "معادن"], "ar") == {"en": [["metal", "miner"]]}
    assert small.translations(["miner", "nothing", "minist"], "en") == {"ar": [["معادن"], ["وزير"]]}


def test_a_saved_lexicon_is_read_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(lexicon(PAIRS, ("ar", "en")), tmp_path / "lexicon.npz")
    monkeypatch.setattr("index.lexicon.LEXICON_FILE", tmp_path / "lexicon.npz")
    again: Lexicon = shipped_lexicon.__wrapped__()
    assert again.translations(["metal", "minist"], "en") == {"ar": [["معادن"], ["وزير"]]}


@given(st.lists(st.lists(WORD, max_size=4), min_size=1, max_size=6), st.lists(st.lists(WORD, max_size=3), max_size=3))
def test_a_group_weighs_once_however_many_of_its_words_a_passage_holds(
    passages: list[list[str]], groups: list[list[str]]
) -> None:
    found = build_lexical(passages).any_of(groups, len(passages), np.arange(len(passages)))
    expected = np.zeros(len(passages))
    for group in groups:
        holding = sum(word in passage for word in group for passage in passages)
        weight = rarity(np.asarray(len(passages)), np.asarray(min(holding, len(passages))))
        expected += [weight * bool(set(group) & set(passage)) for passage in passages]
    assert np.allclose(found, expected, atol=1e-5)


def test_a_line_in_another_language_rises_by_the_translated_words_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus").mkdir()
    lines = "وقع الوزير الاتفاق.\nعاد الفريق إلى المدينة.\nتأخرت الطائرة ساعتين.\n"
    (tmp_path / "corpus" / "one.txt").write_text(lines, encoding="utf-8")
    refresh_index(tmp_path / "corpus", tmp_path / "index")

    def score() -> float:
        hits = Index.open(tmp_path / "index").search("Which minister came?")
        return next(hit.score for hit in hits if hit.passage.line == 1)

    with_words = score()
    monkeypatch.setattr(search, "shipped_lexicon", lambda: lexicon([], ("ar", "en")))
    assert with_words - score() == pytest.approx(ACROSS_WEIGHT * np.log(1 + 3 / 1.5), abs=1e-4)
