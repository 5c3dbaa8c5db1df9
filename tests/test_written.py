"""What is asked of a sentence that a language model wrote, beside agreement with its line."""

from __future__ import annotations

import pytest

from qa.verify import Support, Verifier
from qa.verify.written import _counted
from qa.written import Written, whole_sentence

HARBOUR = (
    "وقال مدير الميناء ستيفان كوفاليك إن الميناء استقبل 120 سفينة عام 2019، بعد توسيع الأرصفة، مقابل 80 سفينة عام 2016."
)
BRIDGE = "وافق المجلس البلدي على بناء جسر جديد فوق النهر."


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier()


def check(verifier: Verifier, claim: str, source: str, given: str) -> Support:
    return verifier.check(claim, source, claim_language="en", source_language="ar", given=given)


def test_a_sentence_of_the_line_and_the_question_is_not_doubted(verifier: Verifier) -> None:
    support = check(
        verifier, "The council approved building a new bridge over the river.", BRIDGE, "What was approved?"
    )
    assert not support.contradicted
    assert not support.doubted


def test_a_name_that_only_the_model_spells_is_no_name_of_the_line(verifier: Verifier) -> None:
    sentence = "The port's director is Stefan Kovalik."
    alone = check(verifier, sentence, HARBOUR, "Who is the port's director?")
    assert alone.contradicted
    assert any("nobody but the model spells" in reason for reason in alone.reasons)
    told = check(verifier, sentence, HARBOUR, "Who is the port's director? Stefan Kovalik")
    assert not any("nobody but the model spells" in reason for reason in told.reasons)


def test_the_dictionary_spells_common_arabic_names(verifier: Verifier) -> None:
    source = HARBOUR.replace("ستيفان كوفاليك", "سمير الخطيب")
    support = check(verifier, "The port's director is Samir al-Khatib.", source, "Who is the port's director?")
    assert not support.contradicted, support
    assert not support.doubted, support


def test_a_word_of_the_models_own_is_doubted(verifier: Verifier) -> None:
    support = check(verifier, "The council approved a new bridge for swimmers.", BRIDGE, "What was approved?")
    assert any("'swimmers'" in reason for reason in support.reasons)
    assert not support.supported


def test_one_of_several_years_is_doubted_and_all_of_them_are_not(verifier: Verifier) -> None:
    one = check(verifier, "The port received 120 ships in 2016.", HARBOUR, "How many ships did the port receive?")
    assert "the source holds another year, too" in one.reasons
    both = check(
        verifier, "The port received 120 ships in 2019 and 80 in 2016.", HARBOUR, "How many ships did the port receive?"
    )
    assert not any("another" in reason for reason in both.reasons)


def test_a_letter_of_the_question_must_be_the_line_s(verifier: Verifier) -> None:
    line = "بلغ معدل الإصابة بالتهاب الكبد الفيروسي في المدينة 4 بالمائة."
    question = "What is the rate of hepatitis C in the city?"
    support = check(verifier, "The rate of hepatitis C in the city is 4%.", line, question)
    assert any("letter than C" in reason for reason in support.reasons)
    support = check(verifier, "The rate of hepatitis C in the city is 4%.", line.replace("الفيروسي", "C"), question)
    assert not any("letter" in reason for reason in support.reasons)


def test_a_count_is_of_what_the_question_counts(verifier: Verifier) -> None:
    line = "حجز الأعوان 7 سيارات و20 دراجة نارية مسروقة."
    question = "How many stolen motorcycles were seized?"
    support = check(verifier, "7 cars and 20 stolen bicycles were seized.", line, question)
    assert "it does not say how many motorcycles" in support.reasons
    support = check(verifier, "20 motorcycles were seized.", line, question)
    assert not any("how many" in reason for reason in support.reasons)


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("How many stolen motorcycles were seized?", ["motorcycles"]),
        ("And how many seats in parliament did it win?", ["seats"]),
        ("How many hostages held by them were released?", ["hostages"]),
        ("How many people in Gaza were killed?", []),  # "13 Palestinians"
        ("How many million dollars did it cost?", []),
        ("How many of them left?", []),
        ("How many?", []),
        ("Who left?", []),
    ],
)
def test_what_a_question_counts(question: str, counted: list[str]) -> None:
    assert _counted(question) == counted


def test_pairs_that_no_model_wrote_are_asked_no_more_than_before(verifier: Verifier) -> None:
    support = verifier.check("The port received 120 ships in 2016.", HARBOUR, claim_language="en", source_language="ar")
    assert not support.doubted


@pytest.mark.parametrize(
    ("certainty", "support", "claim", "aid"),
    [
        (-0.1, Support(0.8, False, (), True), True, True),
        (-0.23, Support(0.99, True, (), True), False, True),
        (-0.6, Support(0.99, True, (), True), False, False),
        (-0.1, Support(0.5, False, (), True), False, True),
        (-0.1, Support(0.3, False, (), True), False, False),
        (-0.1, Support(0.8, False, ("a doubt",), True, doubted=True), False, True),
        (-0.1, Support(0.4, False, ("no",), True, contradicted=True), False, False),
        (None, Support(0.99, True, (), True), True, True),
        (None, Support(0.8, False, (), True), False, True),
        (None, Support(0.65, True, (), True), True, True),
        (None, Support(0.5, True, (), True), False, True),
        (-0.1, Support(0.0, False, ("not validated",), False), False, False),
    ],
)  # fmt: skip
def test_what_becomes_of_a_sentence(certainty: float | None, support: Support, claim: bool, aid: bool) -> None:
    written = Written("A sentence.", certainty)
    assert written.vouched_for(support) is claim
    assert written.helps(support) is aid


def test_within_a_language_more_support_is_asked_for() -> None:
    written, support = Written("A sentence."), Support(0.57, True, (), True)
    assert written.vouched_for(support)
    assert not written.vouched_for(support, within=True)
    assert written.vouched_for(Support(0.65, True, (), True), within=True)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("The bank lends to 40,000 households.", "The bank lends to 40,000 households."),
        ('"The bank lends to 40,000 households."', "The bank lends to 40,000 households."),
        ('The bank is called "the lender".', 'The bank is called "the lender".'),
        ('"Lender" and "saver" are its names.', '"Lender" and "saver" are its names.'),
        ("40,000 households borrow from it.", "40,000 households borrow from it."),
        ("iPhone sales rose in May.", "iPhone sales rose in May."), ("al-Shabaab claimed it.", "al-Shabaab claimed it."),
        ('The bank, meaning "lender.', ""), ("households of the East.", ""), ("The bank lends. It saves.", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_is_one_whole_sentence(said: str, sentence: str) -> None:
    assert whole_sentence(said, "en", "") == sentence
