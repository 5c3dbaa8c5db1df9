"""Names across scripts, and countries with their nationalities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.names import name_similarity, name_terms
from qa.verify.order import inverted_names
from qa.verify.places import missing_places, places


@pytest.mark.parametrize(
    ("name", "arabic"),
    [("Takaichi", "تاكايتشي"), ("Takaichi", "تاكايشي"), ("Takaichi", "وتاكايتشي"), ("Trump", "ترامب"), ("Trump", "ترمب"),
     ("Tokyo", "طوكيو"), ("Tokyo", "بتوكيو"), ("Manning", "مانينغ"), ("Shakespeare", "شكسبير"), ("Sanae", "ساناي")],
)  # fmt: skip
def test_spellings_of_one_name_agree(name: str, arabic: str) -> None:
    assert name_similarity(name, arabic) > 0.95


@pytest.mark.parametrize(
    ("name", "arabic"), [("Abe", "تاكايتشي"), ("Tuvalu", "طوكيو"), ("Biden", "ترامب"), ("Shinzo", "ساناي")]
)
def test_other_names_do_not(name: str, arabic: str) -> None:
    assert name_similarity(name, arabic) < 0.6


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("When did Manning meet Shakespeare?", "التقى مانينغ وشكسبير أمس."),
        ("What happened to Hezbollah?", "أعلن حزب الله انسحابه، وقال Hezbollah ذلك."),
        ("Who paid 3.5 million?", "دفع ٣٫٥ مليون."),
    ],
)
def test_names_and_numbers_are_terms_that_hold_across_scripts(english: str, arabic: str) -> None:
    assert set(name_terms(english)) & set(name_terms(arabic))


def test_a_word_without_a_capital_is_no_name_in_english() -> None:
    assert name_terms("When did manning meet the workers?") == []


@pytest.mark.parametrize(
    ("english", "arabic", "code"),
    [("Chinese", "الصينية", "CN"), ("Japanese", "واليابانية", "JP"), ("North Korean", "والكوري الشمالي", "KP"),
     ("U.S.", "الولايات المتحدة", "US"), ("American", "الأميركيين", "US"), ("German", "ألماني", "DE"),
     ("Russian", "الروسي", "RU"), ("British", "بريطانيا", "GB"), ("China", "للصين", "CN"), ("Emirati", "إماراتية", "AE")],
)  # fmt: skip
def test_countries_and_nationalities_meet_in_one_code(english: str, arabic: str, code: str) -> None:
    assert {code} == set(places(english)[0].codes) == set(places(arabic)[0].codes)
    assert not missing_places(english, arabic)


def test_chinese_never_passes_for_japanese() -> None:
    assert [place.text for place in missing_places("Chinese fighters took off.", "أقلعت المقاتلات اليابانية")] == [
        "Chinese"
    ]
    assert not missing_places("Japanese fighters took off.", "أقلعت المقاتلات اليابانية")


def test_korean_may_mean_either_but_north_korean_only_one() -> None:
    assert not missing_places("Korean ships", "سفن كوريا الجنوبية")
    assert missing_places("North Korean ships", "سفن كوريا الجنوبية")


def test_words_that_only_look_like_countries() -> None:
    assert places("she will polish the china in the us section") == ()
    assert places("هذا مالي أيضا") == ()


def test_context_may_supply_the_country() -> None:
    assert not missing_places("Japan agreed.", "وافقت الحكومة", context="العلاقات اليابانية")


@given(st.text(max_size=30), st.text(max_size=30))
def test_similarity_is_a_share(one: str, other: str) -> None:
    assert 0.0 <= name_similarity(one, other) <= 1.0


def test_names_in_the_other_order_are_told() -> None:
    source = "التقى ترامب تاكايتشي في طوكيو"
    assert inverted_names("Takaichi received Trump there.", source, ("Takaichi", "Trump")) == ("Takaichi", "Trump")
    assert inverted_names("Trump met Takaichi in Tokyo.", source, ("Trump", "Takaichi", "Tokyo")) is None
    assert inverted_names("Iran attacked Iraq.", "هاجم العراق إيران", ()) == ("Iran", "Iraq")


def test_the_names_of_a_list_have_no_order() -> None:
    names = ("Halford", "Mackinder", "Friedrich", "Ratzel")
    source = "كان فريدريك راتزل وهالفورد ماكيندر من الجغرافيين"
    assert inverted_names("Halford Mackinder and Friedrich Ratzel were geographers.", source, names) is None
    assert inverted_names("Halford Mackinder taught Friedrich Ratzel.", source, names) == ("Mackinder", "Friedrich")
    taught = "علّم فريدريك راتزل هالفورد ماكيندر"
    assert inverted_names("Halford Mackinder and Friedrich Ratzel taught.", taught, names) == ("Mackinder", "Friedrich")
    assert inverted_names("Egypt, Qatar and Jordan agreed.", "اتفق الأردن وقطر ومصر", ()) is None
    assert inverted_names("Egypt beat Qatar.", "هزمت قطر مصر", ()) == ("Egypt", "Qatar")
    assert inverted_names("Iran and the United States agreed.", "اتفقت الولايات المتحدة وإيران", ()) is None
    assert inverted_names("Trump and President Macron met.", "التقى ماكرون وترامب", ("Trump", "Macron")) is None


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Egypt and Qatar finished first and second.", "احتلت قطر ومصر المركزين الأول والثاني"),
        ("Inflation in Egypt and Qatar is 5 and 7 percent.", "التضخم في قطر ومصر 5 و7 بالمائة"),
        ("Gold and silver went to Egypt and Qatar.", "ذهبت الذهبية والفضية إلى قطر ومصر"),
        ("Egypt and Qatar won the cup and the medal respectively.", "فازت قطر ومصر بالكأس والميدالية على التوالي"),
    ],
)
def test_lists_that_are_matched_one_by_one_have_an_order(claim: str, source: str) -> None:
    assert inverted_names(claim, source, ()) == ("Egypt", "Qatar")
