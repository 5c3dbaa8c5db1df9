"""The one value of a line that a question in another language asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Passage
from qa.answer import quote, valued
from qa.check import check_answer
from qa.compose import Composer
from qa.corroborate import with_claim
from qa.values import the_value
from qa.verify import Verifier
from qa.verify.numbers import is_value, stands_in
from qa.written import Written

FERRY = "نقلت العبّارة 148 راكباً في رحلتها الأولى في 12 أيار/مايو 2031."
LINE = Passage("a.txt", 1, 0, len(FERRY), FERRY, "ar", "prose", "")
FARES = "رفعت الشركة الأجور بنسبة 2.5% في عام 2032."


@pytest.mark.parametrize(
    ("question", "line", "value"),
    [
        ("How many passengers did the ferry carry?", FERRY, "148"),  # the day and the year are the date's
        ("When did the ferry first sail?", FERRY, "12 May 2031"),
        ("On which day did the ferry first sail?", FERRY, "12 May 2031"),
        ("By what percentage did fares rise?", FARES, "2.5%"),
        ("In which year will fares rise?", FARES, "2032"),
        ("On which day will fares rise?", FARES, ""),  # a year is no day
        ("In which decade will fares rise?", FARES, ""),
        ("Who sailed?", FERRY, ""),  # no value is asked for
        ("How many of the 148 passengers stayed?", FERRY, ""),  # the question gives it itself
        ("How many people came?", "جاء 40 رجلاً و30 امرأة.", ""),  # a choice
        ("How many people came?", "جاء مئات الأشخاص.", ""),  # no number
        ("How many goals did she score?", "سجلت هدفاً في الدقيقة الثالثة.", ""),  # which one, not how many
        ("How many people came?", "جاء أكثر من 12,500 شخص.", ""),  # not that many
        ("How many people came?", "جاء 12,500 شخص.", "12,500"),
        ("How many people live there?", "يسكن المدينة 3.2 مليون نسمة.", "3.2 million"),
        ("How many people live there?", "يسكن المدينة 12,345,678 نسمة.", "12,345,678"),
        ("How many people live there?", "يسكنها ١٢٣٤٥ شخصاً.", "12,345"),
        ("How many people came?", "جاء و20 شخصاً.", "20"),
        ("How much did the ferry cost?", "كلّفت العبّارة 3 مليارات دولار.", ""),  # dollars, or what?
        ("How long does the crossing take?", "تستغرق الرحلة 60 دقيقة.", ""),
        ("How many people were killed?", "قتل 1500 شخص و20 جندياً.", ""),  # 1500 is no year here
        ("How many people were killed?", "قتل ألف شخص و50 صحفياً.", ""),
        ("How many fighters did it buy?", "اشترت عدداً من مقاتلات إف-35.", ""),  # a name
        ("How many died?", "توفي العشرات بسبب كوفيد-19.", ""),
        ("How many leaders met?", "اجتمع قادة G7 أمس.", ""),
        ("How many resolutions passed?", "صدر القرار رقم 2803.", ""),
        ("How many goals were scored?", "انتهت المباراة 20–18.", ""),
        ("How many came?", "جاء ما بين 10-15 شخصاً.", ""),
        ("How many hours did they wait?", "انتظروا 3 ساعات ونصف.", ""),
        ("What percentage did it grow by?", "نما بنسبة تتراوح بين 2 و3%.", ""),
        ("What percentage did it grow by?", "نما بنسبة من 5 إلى 7 بالمئة.", ""),
        ("What percentage did it grow by?", "نما بنسبة -2.5%.", ""),
        ("When was it signed?", "وقع الاتفاق في 2031-05-12.", ""),
        ("What percentage is it?", "تمثل الميزانية 15 فاصل 1 بالمائة من المجموع.", ""),
        ("What percentage is it?", "ارتفعت بنسبة 3ر13 بالمائة.", ""),
        ("On what dates did they meet?", "اجتمعوا من 9 إلى 12 أكتوبر.", ""),
        ("On what date did they meet?", "اجتمعوا يومي 9 و10 أكتوبر.", ""),
        ("When will they meet?", "سيجتمعون في أكتوبر ونوفمبر.", ""),
        ("When will it open?", "لن يفتتح المتحف قبل عام 2030.", ""),
        ("When will it open?", "يفتتح المتحف في الربع الأول من عام 2030.", ""),
        ("When did they meet?", "اجتمعوا بعد 9 أكتوبر.", ""),
        ("When did they meet?", "اجتمعوا في 9 أكتوبر على أقرب تقدير.", ""),
        ("When was it built?", "بني عام 1500 قبل الميلاد.", ""),
        ("How many people were killed?", "قتل ما لا يقل عن 12 شخصاً.", ""),
        ("How many people were killed?", "قتل 12 شخصاً على الأقل.", ""),
        ("How many people were killed?", "تجاوز عدد القتلى 12 ألفاً.", ""),
        ("How many people were killed?", "قتل العشرات بينهم 12 طفلاً.", ""),
        ("How many hostages were taken?", "احتجز الرهائن في هجوم 7 أكتوبر.", ""),  # a date that names what happened
        ("How many hostages were released?", "أفرج عنهم بعد 505 أيام من الأسر.", ""),  # days
        ("How many days were they held?", "أفرج عنهم بعد 505 أيام من الأسر.", "505"),
        ("How many children were killed?", "قتل طفل يبلغ من العمر 7 سنوات.", ""),
        ("How old was the child?", "قتل طفل يبلغ من العمر 7 سنوات.", "7"),
        ("How many people watched?", "تابع كثيرون المباراة على القناة 12.", ""),
        ("How many people died?", "أودت الحرب بحياة 1.500.000 شخص.", "1.5 million"),
        ("When is the ferry due?", "ستصل العبّارة بحلول نهاية 2031.", ""),  # the end of it, not the year
        ("When is the ferry due?", "ستصل العبّارة يوم الثلاثاء.", "Tuesday"),
        ("When did it open?", "افتتح في 1990 ثم أغلق في 1995.", ""),
        ("When did it open in May 2031?", "افتتح في أيار/مايو 2031.", ""),  # nothing that the question does not say
    ],
)
def test_the_one_value_that_is_asked_for(question: str, line: str, value: str) -> None:
    assert the_value(question, line, "en") == value


def test_in_arabic_of_an_english_line() -> None:
    line = "On 9 October 2031 the ferry carried 148 passengers."
    assert the_value("متى أبحرت العبارة؟", line, "ar") == "9 أكتوبر 2031"
    assert the_value("كم راكباً نقلت العبارة؟", line, "ar") == "148"


def test_a_quote_becomes_its_value_and_keeps_the_line() -> None:
    quoted = replace(quote(LINE), word_by_word="carried · ferry")
    claim = valued(quoted, "148", "en")
    assert (claim.text, claim.language, claim.origin, claim.verdict) == ("148", "en", "written", "verified")
    assert (claim.citations, claim.word_by_word) == (quoted.citations, quoted.word_by_word)
    assert claim.shows_line
    assert not quoted.shows_line


@pytest.mark.parametrize(
    ("sentence", "certainty", "text"),
    [
        ("There were at least 148 of them aboard the Zephyr.", -0.2, FERRY),  # or more
        ("There were 148 of them aboard the Zephyr.", -0.2, "148"),
        ("There were 148 of them aboard the Zephyr.", -0.3, FERRY),  # not sure
        ("There were 12 of them aboard the Zephyr.", -0.1, FERRY),  # another one
        ("There were two on the bridge and 148 aboard the Zephyr.", -0.1, FERRY),
        ("There were 148 of them aboard the Zephyr.", None, FERRY),  # of another model it is not known how sure it is
        ("", None, FERRY),
    ],
)
def test_the_model_must_have_the_value_too(
    monkeypatch: pytest.MonkeyPatch, sentence: str, certainty: float | None, text: str
) -> None:
    composer = Composer("embedded")
    monkeypatch.setattr(composer, "sentence", lambda *_: Written(sentence, certainty))
    (claim,) = composer.write("How many passengers did the ferry carry?", "en", [LINE])
    assert claim.text == text


def test_the_value_is_the_line_s_where_the_model_makes_it_fuller(monkeypatch: pytest.MonkeyPatch) -> None:
    line = replace(LINE, text="أبحرت العبّارة في 12 أيار/مايو.")
    composer = Composer("embedded")
    monkeypatch.setattr(composer, "sentence", lambda *_: Written("The Zephyr sailed on 12 May 2022.", -0.2))
    assert [claim.text for claim in composer.write("When did the ferry sail?", "en", [line])] == ["12 May"]


def test_only_the_first_line_of_an_answer_becomes_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    composer = Composer("embedded")
    monkeypatch.setattr(composer, "sentence", lambda *_: Written("There were 148 of them aboard the Zephyr.", -0.2))
    first, second = composer.write(
        "How many passengers did the ferry carry?", "en", [LINE, replace(LINE, line=2, start=99)]
    )
    assert (first.origin, first.text, first.citations[0].quote) == ("written", "148", FERRY)
    assert (second.origin, second.text) == ("quote", FERRY)


def test_the_same_line_of_another_article_backs_a_value() -> None:
    value = valued(quote(LINE), "148", "en")
    told = with_claim((value,), quote(replace(LINE, path="b.txt")))
    assert [(claim.text, [citation.path for citation in claim.citations]) for claim in told] == [
        ("148", ["a.txt", "b.txt"])
    ]
    assert len(with_claim((value,), quote(replace(LINE, path="b.txt", text="نقلت العبّارة 148 سيارة.")))) == 2


def test_a_value_that_was_changed_since_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(FERRY, encoding="utf-8")
    line = {"path": "a.txt", "line": 1, "start": 0, "end": len(FERRY), "quote": FERRY, "language": "ar"}
    for said, problems in (("148", []), ("149", ["claim 1 is a number or date that the line it cites does not hold"])):
        claim = {"text": said, "origin": "written", "citations": [line]}
        assert check_answer({"claims": [claim], "index": {"sources": {}}}, tmp_path) == problems


@pytest.mark.parametrize(
    ("claim", "supported"),
    [
        ("148", True),
        ("12 May 2031", True),
        ("May 2031", True),
        ("149", False),
        ("12 June 2031", False),
        ("148 May", False),
    ],
)
def test_the_verifier_decides_a_mere_value_by_its_rule(claim: str, supported: bool) -> None:
    assert is_value(claim)
    verdict = Verifier().check(claim, FERRY, claim_language="en", source_language="ar")
    assert (verdict.supported, verdict.contradicted) == (supported, not supported)
    assert verdict.score == float(supported)


def test_english_dates_and_words_for_numbers_stand_in_their_line() -> None:
    assert stands_in("12 May 2031", "The ferry first sailed on 12 May 2031.")
    assert stands_in("12,500", "قتل اثنا عشر ألفا وخمسمئة شخص")
    assert not stands_in("12 June 2031", "From 12 May to 3 June 2031.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "148 passengers",
        "about 148",
        "May",
        "one",
        "the end of 2031",
        "$148",
        "-148",
        "10:30",
        "20–18",
        "2031-05-12",
    ],
)
def test_what_is_more_or_less_than_a_value(text: str) -> None:
    assert not is_value(text)
