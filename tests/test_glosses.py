"""What Arabic words may mean, from the dictionary, and lines put into English word by word for the language model."""

from __future__ import annotations

import pytest

from qa.glosses import Glossary, Meaning, glossary
from qa.senses import Sense, senses
from qa.spellings import spellings
from qa.verify import Verifier
from qa.verify.align import gloss_words
from qa.wordwise import with_choices, word_by_word


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
    likelihoods = [sense.likelihood for sense in found]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert sum(likelihoods) == pytest.approx(1)
    assert len({sense.text for sense in found}) == len(found)


def test_a_passive_is_told_where_no_active_says_the_same(known: Glossary) -> None:
    assert "be signed" not in meanings(known, "وقع")
    assert "sign" in meanings(known, "وقع")
    assert {"die", "fulfill"} <= meanings(known, "توفي")
    assert "be called" in meanings(known, "يدعى")
    for sign in ("وقع", "وقّع"):
        assert word_by_word(f"{sign} الزعيمان اتفاقا", {}, Verifier().encoder).split(" | ")[0] == "sign"


def test_of_a_word_that_may_be_more_than_one_form_the_likelier_is_told(known: Glossary) -> None:
    def behind(word: str, meaning: str) -> tuple[str, ...]:
        return next(reading.after for reading in known.meanings(word) if meaning in reading.meanings)

    assert behind("مؤكدين", "confirming") == ()  # and not of two
    assert behind("لاعبي", "player") == ()
    assert behind("كتابي", "book") == ("my",)


def test_a_preposition_is_told_as_one() -> None:
    assert word_by_word("أعلنت عن رفع الإنفاق", {}, Verifier().encoder).split(" | ")[1] == "from/about"


def test_of_is_a_meaning_of_its_feminine_without_the_article(known: Glossary) -> None:
    assert {"of", "self"} <= meanings(known, "ذات")
    assert "of" not in meanings(known, "الذات")
    assert "of" not in meanings(known, "ذاته")


def sense(text: str, likelihood: float, *before: str) -> Sense:
    return Sense(text, Meaning(text, (text,), before), likelihood)


def particle(text: str, likelihood: float = 0.4) -> Sense:
    return Sense(text, Meaning(text, (text,), particle=True), likelihood)


@pytest.mark.parametrize(
    ("likely", "said"),
    [
        ([sense("mining", 0.95), sense("metallurgy", 0.05)], "mining"),
        ([sense("state", 0.6), sense("province", 0.4)], "state/province"),
        ([sense("state", 0.6), sense("which", 0.3, "and", "for"), sense("province", 0.1)], "state/province"),
        ([sense("country", 0.6, "and", "the"), sense("town", 0.4, "and", "the")], "and country/town"),
        ([sense("which/who", 0.6), sense("who", 0.4)], "which/who"),
        ([sense("rare", 0.6), sense("rare thing", 0.3), sense("scarce", 0.1)], "rare/scarce"),
        ([particle("from"), sense("occur", 0.4), particle("about", 0.2)], "from/about"),
    ],
)
def test_a_second_meaning_is_told_where_it_is_nearly_as_likely_and_could_stand_in_its_place(
    likely: list[Sense], said: str
) -> None:
    assert with_choices(likely) == said


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
    line = "التقى زعيم كوريا  الشمالية يوم الاثنين في تشرين الثاني رئيسين"
    words = word_by_word(line, spellings(line, "en", ()) | {"«»": "nothing"}, Verifier().encoder).split(" | ")
    assert words[2:3] + words[4:7] == ["North Korea", "Monday", "in", "November"]
    assert len(words) == 8


@pytest.mark.parametrize(
    ("text", "language", "spelled"),
    [
        ("On Monday in October", "ar", {"Monday": "الاثنين", "October": "أكتوبر"}),
        ("مساء الاثنين 5 آب", "en", {"الاثنين": "Monday", "آب": "August"}),
        ("كان أب الأسرة هناك في 12 آب", "en", {}),  # the father is no August
        ("He may come in May 2020", "ar", {}),
        ("رقم الهاتف 1234-56-78", "en", {}),  # no month
        ("On 2025-00-10, 2025-13-01 and " + "9" * 400, "ar", {}),
        ("الاثنين في تشرين الثاني", "xx", {}),
        ("الاثنين في تشرين الثاني", "", {}),
    ],
)
def test_months_and_weekdays_are_spelled_where_they_are_told_for_sure(
    text: str, language: str, spelled: dict[str, str]
) -> None:
    assert spellings(text, language, ()) == spelled


def test_a_name_of_the_question_is_no_month() -> None:
    assert spellings("غنت أفريل لافين في أفريل", "en", ("Avril Lavigne", "Avril"))["أفريل"] == "Avril"


def test_a_word_that_means_something_is_a_name_only_where_its_vowels_agree() -> None:
    names = ("Karibu", "Makame", "Salman", "Khalid")
    assert spellings("قرب المحكمة", "en", names) == {}
    assert spellings("قال سلمان خالد", "en", names) == {"سلمان": "Salman", "خالد": "Khalid"}
