"""Quantifiers and hedges, and who does what to whom within a language."""

import pytest

from qa.verify.amounts import other_share, unhedged
from qa.verify.order import exchanged_words, inverted_names
from qa.verify.places import missing_places


def same(one: str, other: str) -> bool:
    return one[:5] == other[:5]


@pytest.mark.parametrize(
    ("claim", "source", "said"),
    [
        ("All schools are closed.", "Some of the schools are closed.", "all"),
        ("Most schools are closed.", "Several schools are closed.", "most"),
        ("Every school is closed.", "All schools are closed.", ""),
        ("All schools are closed.", "Some shops and all schools are closed.", ""),
        ("جميع المدارس مغلقة", "بعض المدارس مغلقة", "جميع"),
        ("All members support it.", "Some schools are closed.", ""),
        ("Some schools are closed.", "Most schools are closed.", ""),
        ("Not all schools are closed.", "Some schools are closed.", ""),
    ],
)
def test_another_share_of_the_same(claim: str, source: str, said: str) -> None:
    assert other_share(claim, source, same) == said


@pytest.mark.parametrize(
    ("claim", "source", "doubted"),
    [
        ("The bank will cut interest rates.", "The bank may cut interest rates.", "cut"),
        ("The bank might cut interest rates.", "The bank may cut interest rates.", ""),
        ("The bank raised fees.", "The bank, which raised fees, may cut interest rates.", ""),
        ("The banker committed fraud.", "The banker is accused of committing fraud.", "committing"),
        ("The government raised taxes on fuel.", "In May the government raised taxes on fuel.", ""),
        ("The bank raised rates.", "The bank raised rates in June and may raise rates again.", ""),
        ("توفي الوزير السابق", "وكان الوزير السابق قد توفي العام الماضي", ""),
        ("ستخفض الحكومة الدعم", "قد تخفض الحكومة الدعم", ""),
        ("تخفض الحكومة الدعم", "قد تخفض الحكومة الدعم", "تخفض"),
    ],
)
def test_what_only_may_be(claim: str, source: str, doubted: str) -> None:
    assert unhedged(claim, source, same) == doubted


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("Paris accused London of lying.", "London accused Paris of lying.", "en"),
        ("Lagos is larger than Abuja.", "Abuja is larger than Lagos.", "en"),
        ("انتقد الطلاب المعلمين", "انتقد المعلمون الطلاب", "ar"),
        ("فازت باكستان على الهند", "فازت الهند على باكستان", "ar"),
    ],
)
def test_two_that_have_changed_places(claim: str, source: str, language: str) -> None:
    assert exchanged_words(claim, source, language)
    assert not exchanged_words(source, source, language)


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("London was accused by Paris.", "Paris accused London.", "en"),
        ("Qatar and Egypt mediated.", "Egypt and Qatar mediated.", "en"),
        ("Ahmed met Ali in Cairo.", "Ali met Ahmed in Cairo.", "en"),
        ("الحكومة ترفع الأسعار", "ترفع الحكومة الأسعار", "ar"),
        ("Paris accused London of lying.", "London said that Paris accused it of lying.", "en"),
    ],
)
def test_other_words_or_a_list_or_a_passive_prove_nothing(claim: str, source: str, language: str) -> None:
    assert exchanged_words(claim, source, language) is None


def test_a_passive_names_them_in_either_order() -> None:
    source = "اتهمت لندن باريس بالكذب"
    assert not inverted_names("London accused Paris of lying.", source, ("London", "Paris"))
    assert not inverted_names("Paris was accused by London of lying.", source, ("London", "Paris"))


def test_by_is_not_always_of_a_passive() -> None:
    source = "Egypt raised its exports to Sudan by 5 percent."
    assert not inverted_names("رفعت مصر صادراتها إلى السودان بنسبة 5 في المئة.", source, ())


def test_an_adjective_may_stand_before_its_name() -> None:
    assert not inverted_names("The Syrian city of Aleppo was shelled.", "تعرضت مدينة حلب السورية للقصف", ("Aleppo",))


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Albania signed.", "Lebanon signed."), ("Armenia signed.", "وقعت رومانيا"), ("Niger grew.", "نمت نيجيريا"),
        ("Canadian police", "French police"), ("Russia signed.", "وقعت روسيا البيضاء"), ("Mali pays.", "الدعم المالي"),
    ],
)  # fmt: skip
def test_one_country_does_not_pass_for_another(claim: str, source: str) -> None:
    assert missing_places(claim, source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Canadian police", "الشرطة الكندية"), ("Sri Lankan", "Sri Lanka"), ("Turkey", "the coast of turkey"),
        ("أصيب في يده اليمنى", "He was shot in his right hand."), ("تدفقت في مجرى النهر", "It flowed in the river's course."),
    ],
)  # fmt: skip
def test_a_country_in_other_words_or_none_at_all(claim: str, source: str) -> None:
    assert not missing_places(claim, source)
