"""Search terms: spellings of one word meet, whatever the keyboard they were typed on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analyse import _stem, fold, stem, terms
from index.language import detect_language


@pytest.mark.parametrize(
    "spellings",
    [
        ["الاتفاقية", "اتفاقية", "الاتفاقيّة", "والاتفاقية", "اتفاقيه", "الاتفـاقية", "والاتفاقيات"],
        ["أكتوبر", "اكتوبر", "أُكتوبَر"],
        ["٢٫٥", "2.5"],
        ["١٬٠٠٠", "1000"],
        ["MINERALS", "mineral", "Minerals"],
        ["ﷴ", "محمد"],
        ["café", "CAFÉ"],
    ],
)
def test_spellings_of_one_word_meet(spellings: list[str]) -> None:
    assert len({tuple(terms(word)) for word in spellings}) == 1


def test_stems_are_the_same_from_many_threads() -> None:
    text = " ".join(f"{word}{n}ization والاتفاقيات{n}" for n in range(40) for word in ("national", "mineral", "govern"))
    alone = terms(text)
    with ThreadPoolExecutor(8) as pool:
        _stem.cache_clear()
        assert all(found == alone for found in pool.map(terms, [text] * 16))


def test_different_words_do_not_meet() -> None:
    assert (
        len(
            {
                tuple(terms(word))
                for word in ("الصين", "اليابان", "اتفاقية", "معادن", "وزير", "Japan", "China", "13", "31")
            }
        )
        == 9
    )


def test_stopwords_carry_nothing() -> None:
    assert terms("What is the … of it?") == []
    assert terms("ما هي في من إلى؟") == []


@given(st.text())
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_stemming_follows_the_language_of_latin_words() -> None:
    assert stem("maisons", "fr") == stem("maison", "fr")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What does the minerals deal include?", "en"),
        ("ماذا تشمل صفقة المعادن؟", "ar"),
        ("Quel est le premier ministre de la France ?", "fr"),
        ("Wer ist der Bundeskanzler von Deutschland?", "de"),
        ("日本の首相は誰ですか", "ja"),
        ("قال Trump إن الاتفاق تاريخي", "ar"),
        ("— The White House (@WhiteHouse) October 28, 2025", "en"),
        ("Trump Takaichi golf", "en"),
        ("2025 – 13%", "und"),
    ],
)
def test_the_language_of_a_text(text: str, language: str) -> None:
    assert detect_language(text) == language
