"""Numbers, percentages, months and weekdays compare by value, whatever the digits, the words or the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.verify.letters import missing_letters
from qa.verify.numbers import missing_numerals, missing_quantities, quantities


def values(text: str) -> set[tuple[str, float]]:
    return {(quantity.kind, quantity.value) for quantity in quantities(text)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("٢٪", "2%"),
        ("2 percent", "2 في المئة"),
        ("300 percent", "300 بالمائة"),
        ("13", "ثلاثة عشر"),
        ("twenty-five million", "خمسة وعشرون مليون"),
        ("$550 billion", "550 مليار دولار"),
        ("3.5 million", "٣٫٥ مليون"),
        ("1,117,320", "١٬١١٧٬٣٢٠"),
        ("the nineteenth", "التاسع عشر"),
        ("three hundred", "ثلاثمائة"),
        ("the twenty-third", "الثالث والعشرين"),
        ("four", "أربعة"),
        ("nineteen hundred", "ألف وتسعمئة"),
        ("15.1%", "15 فاصل 1 بالمائة"),
        ("13.3%", "بنسبة 3ر13 بالمائة"),
        ("183.2 million", "2ر183 مليون"),
    ],
)
def test_same_value_in_either_language(one: str, other: str) -> None:
    assert values(one) == values(other)


@pytest.mark.parametrize("arabic", ["9 تشرين الأول", "٩ أكتوبر", "9 تشرين الأول/أكتوبر"])
def test_dates_agree_in_both_arabic_traditions(arabic: str) -> None:
    assert not missing_quantities("October 9", arabic)
    assert [q.text for q in missing_quantities("October 8", arabic)] == ["8"]
    assert [q.kind for q in missing_quantities("November 9", arabic)] == ["month"]


def test_a_percentage_is_not_a_plain_number() -> None:
    assert missing_quantities("It rose by 5%.", "ارتفع 5 درجات")
    assert not missing_quantities("It rose by 5%.", "ارتفع بنسبة ٥٪")


def test_scale_is_part_of_the_value() -> None:
    assert missing_quantities("550 million dollars", "550 مليار دولار")


def test_context_may_supply_a_date_but_not_change_a_number() -> None:
    assert missing_quantities("They met on 28 October 2025.", "اجتمعوا يوم الثلاثاء")
    assert not missing_quantities("They met on 28 October 2025.", "اجتمعوا يوم الثلاثاء", context="2025-10-28")


def test_arabic_dual_stands_for_two() -> None:
    assert not missing_quantities("two years", "عامين")
    assert missing_quantities("three years", "عامين")


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("6.5 metres", "ستة أمتار ونصف"), ("six and a half metres", "6.5 متر"), ("1.5 million", "one and a half million"),
        ("3.5 million", "ثلاثة ملايين ونصف المليون"), ("three players", "ثلاثة لاعبين ونصف الفريق"),
        ("200 people", "قتل مئتا شخص"), ("2,000 people", "قتل ألفا شخص"), ("12,200", "أصيب 12 ألفا ومئتا شخص"),
        ("1.2 million", "مليونا و200 ألف"), ("3500", "3 آلاف و500"), ("500,000", "نصف مليون"), ("1,500", "١،٥٠٠"),
        ("120 people", "A hundred and twenty people"), ("1,500", "A thousand five hundred"), ("one million", "a million"),
        ("Thousands fled in 2023.", "In 2023, thousands of people fled."), ("2023", "In 2023 مليون شخص"),
        ("15%", "بنسبة %15"), ("between 3% and 4%", "3 to 4 percent"), ("$2.5m", "2.5 million"), ("1.2tn", "1.2 trillion"),
        ("hundreds of people", "مئات الأشخاص"), ("hundreds", "350 people"), ("tens of thousands", "عشرات الآلاف"),
        ("second round", "الجولة الثانية"), ("a third of the budget", "ثلث الميزانية"), ("half of it", "50% of it"),
        ("two-thirds of members", "ثلثا أعضاء المجلس"), ("$5 million", "5 ملايين دولار"), ("at least 40", "أكثر من 40"),
        ("from March to May", "بين مارس ومايو"), ("in April and in May", "in April and May"),
        ("3.5 hours", "ثلاث ساعات ونصف الساعة"), ("5.5 percent", "خمسة ونصف في المئة"), ("250,000", "a quarter of a million"),
        ("500,000", "نصف المليون"), ("1,000 people", "بلغ عدد الضحايا ألفا بحسب الوزارة"), ("Alpha", "مجموعة ألفا المالية"),
        ("under 18", "تقل عن 18 عاما"), ("do not exceed 18", "under 18"), ("Hanover 96", "at most 96"),
        ("between 10 and 15 percent", "10-15 percent"), ("an area", "5 m²"), ("$10 million", "$5-10 million"),
        ("in 1974, 20% of them", "في 1974 كانت 20% منها"), ("the three networks, 90 percent", "الشبكات الثلاث 90 في المئة"),
        ("two deputy ministers", "ونائبين للوزير"), ("three-quarters of them", "ثلاثة أرباعهم"),
        ("in March", "The March election was held."), ("a Gleason score", "higher Gleason scores"),
    ],
)  # fmt: skip
def test_what_is_put_in_other_words_is_there(claim: str, source: str) -> None:
    assert missing_quantities(claim, source) == ()


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("6.5 metres", "6 metres"), ("6 metres", "6.5 metres"), ("two soldiers", "قتل سبعة جنود في الهجوم الذي استهدف القاعدة"),
        ("1,000 people", "قتل ألفا شخص"), ("one million dollars", "مئتي مليون دولار"), ("مليون دولار", "مئتي مليون دولار"),
        ("one million fled", "فر نصف مليون"), ("twenty people", "A hundred and twenty people"), ("a million", "a billion"),
        ("100 people", "مئات الأشخاص"), ("thousands", "مئات الأشخاص"), ("hundreds", "3,500 people"),
        ("first round", "الجولة الثانية"), ("first quarter", "second quarter"), ("ثلث أعضاء المجلس", "ثلثا أعضاء المجلس"),
        ("half of the budget", "ربع الميزانية"), ("5 dollars", "5 euros"), ("$5 million", "5 ملايين يورو"),
        ("12 months", "12 عاما"), ("100 km", "100 miles"), ("fewer than 40", "ما لا يقل عن 40"), ("under 300", "more than 300"),
        ("Two were killed in February.", "قتل جنديان في يناير."), ("10 million euros", "$5-10 million"),
        ("أعلن الخميس", "أعلن الأربعاء"), ("on Thursday", "أعلن الأربعاء"), ("The May election", "The March election"),
    ],
)  # fmt: skip
def test_another_amount_or_time_is_missing(claim: str, source: str) -> None:
    assert missing_quantities(claim, source)


def test_may_and_march_are_months_only_in_a_date() -> None:
    assert values("She may march on.") == set()
    assert values("Prime minister Theresa May resigned.") == set()
    assert ("month", 5.0) in values("in May 2024")
    assert ("month", 3.0) in values("بحلول مارس 2026")
    assert ("month", 3.0) not in values("الذي مارس الرياضة")


def test_decades() -> None:
    assert not missing_quantities("in the 1990s", "في التسعينيات")
    assert missing_quantities("in the 1980s", "في التسعينيات")


@given(st.integers(min_value=2, max_value=10**12))
def test_every_integer_reads_the_same_in_arabic_digits(number: int) -> None:
    arabic = str(number).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert values(str(number)) == values(arabic) == {("number", float(number))}


@given(st.text(max_size=60))
def test_a_text_never_lacks_its_own_quantities(text: str) -> None:
    assert missing_quantities(text, text) == ()


def test_a_roman_numeral_stands_in_the_source_in_some_form() -> None:
    source = "John Elway led the Broncos to victory in Super Bowl XXXIII."
    assert missing_numerals("The Broncos won Super Bowl XLIX.", source) == ("XLIX",)
    assert missing_numerals("The Broncos won Super Bowl XXXIII.", source) == ()
    assert missing_numerals("The Broncos won Super Bowl XLIX.", "They won Super Bowl 49.") == ()
    assert missing_numerals("Louis XIV signed it.", "He signed it.", context="Louis XIV") == ()
    assert (
        missing_numerals("World War II ended.", "The war ended.") == ()
    )  # of two letters they may mean something else


@pytest.mark.parametrize(
    ("claim", "source", "letters"),
    [
        ("The rate of hepatitis C rose.", "ارتفع معدل الإصابة بالتهاب الكبد الفيروسي", ["C"]),
        ("The rate of hepatitis C rose.", 'ارتفع معدل التهاب الكبد الفيروسي صنف "ج"', []),
        ("They are in Group B.", "A draw put them in Group A.", ["B"]),
        ("They are in Group A.", "A draw put them in Groups A and C.", []),
        ("Hepatitis C rose in the area I visited.", "Hepatitis (C) rose.", []),
        ("Trump wrote on X that Mohammed V met J. D. Vance.", "كتب ترامب على منصة إكس", []),
        ("A man flew an F-35 after a Q & A.", "طار رجل", []),
    ],
)
def test_letters_that_tell_one_of_a_kind(claim: str, source: str, letters: list[str]) -> None:
    assert [*missing_letters(claim, source)] == letters
    assert not missing_letters(claim, source, "hepatitis C, Group B")
