"""What Arabic words may mean, from the dictionary, and lines put into English word by word for the language model."""

from __future__ import annotations

import pytest

from qa.glosses import Glossary, glossary
from qa.senses import senses
from qa.spellings import spellings
from qa.verify import Verifier
from qa.verify.align import gloss_words
from qa.wordwise import word_by_word


@pytest.fixture(scope="module")
def known() -> Glossary:
    found = glossary()
    assert found is not None, "the tests run with the extra `arabic`"
    return found


def meanings(known: Glossary, word: str) -> set[str]:
    return {meaning for reading in known.meanings(word) for meaning in reading.meanings}


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("حيوية", "vital"),
        ("الثغرات", "gaps"),
        ("سلاسل", "chains"),
        ("وبالمعادن", "minerals"),
        ("ستستخدمان", "utilize"),
        ("لإبلاغهم", "notification"),
        ("سرّعت", "accelerate"),  # with a shadda
        ("المـعـادن", "minerals"),  # with tatweel
        ("اعلنت", "announce"),  # without its hamza
        ("الاتفاقيه", "treaty"),  # heh for teh marbuta
        ("مستشفي", "hospital"),  # yeh for alef maksura
    ],
)
def test_a_word_is_found_whatever_is_glued_to_it_and_however_it_is_spelled(
    known: Glossary, word: str, meaning: str
) -> None:
    assert meaning in meanings(known, word)


def test_a_written_double_letter_tells_readings_apart(known: Glossary) -> None:
    assert "fall down" in meanings(known, "وقع")
    assert "fall down" not in meanings(known, "وقّع")
    assert "sign" in meanings(known, "وقَّعَ")
    assert "minerals" in meanings(known, "المّعادن")  # no reading has it so: then the mark tells nothing
    assert "cars" in meanings(known, "السّيارات")  # the article doubles what follows it


@pytest.mark.parametrize(
    ("line", "word", "meaning"),
    [
        ("أعلنت عن رفع الإنفاق", "عن", "from/about"),
        ("وقعت الحادثة في ولاية سوسة", "ولاية", "state"),  # not "and for which"
        ("عصر ذهبي للتحالف", "ذهبي", "golden"),  # not "my gold"
        ("سجل المهاجم الهدف الثاني في الدقيقة الأولى", "الدقيقة", "minute"),
        ("تدفق المعادن وعمليات التعدين", "عمليات", "operations"),
        ("قال أحد لاعبي الفريق", "لاعبي", "player"),
    ],
)
def test_the_sentence_decides_which_of_its_meanings_a_word_has(
    known: Glossary, line: str, word: str, meaning: str
) -> None:
    encoder = Verifier().encoder
    found = senses(word, known.meanings(word), encoder.centred([line], "ar", "sentence")[0], encoder)
    assert found[0].text == meaning
    assert "my" not in found[0].reading.spoken
    likelihoods = [sense.likelihood for sense in found]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert 0 < sum(likelihoods) <= 1 + 1e-6
    assert len({sense.text for sense in found}) == len(found)


def test_a_passive_is_told_of_words_that_are_nothing_else(known: Glossary) -> None:
    assert not any(meaning.startswith("be signed") for meaning in meanings(known, "وقع"))
    assert word_by_word("وقّع الزعيمان اتفاقا", {}, Verifier().encoder).split(" | ")[0] == "sign"


def test_what_is_glued_to_a_word_is_told_apart(known: Glossary) -> None:
    (reading,) = (reading for reading in known.meanings("ولجولاتهم") if "tour" in reading.meanings)
    assert reading.before == ("and", "for")
    assert reading.after == ("their",)
    (dual,) = known.meanings("البلدين")
    assert (dual.meanings, dual.before, dual.after) == (("country",), ("the",), ("two",))


@pytest.mark.parametrize("word", ["", "ء", "تاكايتشي", "Tokyo", "٢٠٢٦", "ق" * 500])
def test_what_is_not_in_it_has_no_meaning(known: Glossary, word: str) -> None:
    assert known.meanings(word) == ()


def test_no_package_no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.glosses.find_spec", lambda _: None)
    glossary.cache_clear()
    gloss_words.cache_clear()
    try:
        assert glossary() is None
        assert gloss_words("حيوية") == ()
        assert word_by_word("المعادن الحيوية", {}, Verifier().encoder) == ""
    finally:
        glossary.cache_clear()
        gloss_words.cache_clear()


def test_a_line_word_by_word(known: Glossary) -> None:
    line = "سرّعت تاكايتشي إجراءات بناء 3 مستشفيات في كلا البلدين."
    words = word_by_word(line, {"تاكايتشي": "Takaichi"}, Verifier().encoder).split(" | ")
    assert len(words) == 9
    assert words[1] == "Takaichi"
    assert words[4:6] == ["3", "hospitals"]
    assert words[6] == "in"
    assert words[8] == "two country"


def test_names_of_several_words_and_dates_stand_as_they_are_called(known: Glossary) -> None:
    line = "التقى زعيم كوريا الشمالية يوم الاثنين في تشرين الثاني رئيسين"
    words = word_by_word(line, spellings(line, "en", ()), Verifier().encoder).split(" | ")
    assert words[2:3] + words[4:] == ["North Korea", "Monday", "in", "November", words[-1]]
    assert spellings("On Monday in October", "ar", ()) == {"Monday": "الاثنين", "October": "أكتوبر"}
    assert spellings("بين الدولتين", "en", ()) == {}
    assert spellings("الاثنين", "xx", ()) == {}
