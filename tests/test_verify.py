"""The verifier as a whole, with the shipped encoder and the shipped trees."""

import importlib
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.verify import Support, Verifier
from qa.verify.features import SAME_DIRECTIONS, SAME_LANGUAGE
from qa.verify.fitted import Model, Trees, shipped_models
from qa.verify.places import missing_places, places
from qa.written import Written

DEFENCE = (
    "أعلنت رئيسة وزراء اليابان سناي تاكايتشي عن رفع الإنفاق الدفاعي الياباني إلى 2% من الناتج المحلي الإجمالي بحلول مارس 2026، "
    "استجابة للتحديات الأمنية، بما في ذلك النشاط العسكري الصيني والكوري الشمالي والروسي."
)
MINERALS = "عززت الاتفاقية التعاون في عمليات التعدين والمعالجة لضمان تدفق المعادن الحيوية."
BRIDGE = (
    "The old bridge over the river was closed in 2019 after cracks were found in two of its pillars. Engineers from Lisbon "
    "examined it for a year. The city council approved 12 million euros for a new bridge, which opened to traffic in May 2024."
)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier()


def test_construction_loads_nothing() -> None:
    begin = time.perf_counter()
    Verifier()
    assert time.perf_counter() - begin < 0.05


@pytest.mark.parametrize("text", [DEFENCE, MINERALS, BRIDGE, "Ce texte est en français."])
def test_the_source_supports_itself(verifier: Verifier, text: str) -> None:
    assert verifier.check(text, text) == Support(1.0, True, (), True)


@pytest.mark.parametrize(("claim", "source"), [("", BRIDGE), (BRIDGE, ""), ("", ""), ("  \n", DEFENCE), ("…", "!")])
def test_nothing_supports_nothing(verifier: Verifier, claim: str, source: str) -> None:
    support = verifier.check(claim, source)
    assert not support.supported
    assert support.score == 0.0
    assert support.reasons


def test_a_right_translation_with_numbers_and_names_passes(verifier: Verifier) -> None:
    line = "قال وزير النقل المصري في بيونغ يانغ إن الخط الجديد سيفتتح في مايو 2027."
    support = verifier.check(
        "The Egyptian minister of transport said in Pyongyang that the new line will be opened in May 2027.", line
    )
    assert support.supported, support
    assert support.reasons == ()


def test_a_short_claim_over_a_long_line_is_enough_of_a_model_that_is_asked_more(verifier: Verifier) -> None:
    question = "By when will Japan raise its defence spending, and to what share of GDP?"
    claim = "Japan will raise defence spending to 2% of GDP by March 2026."
    written = verifier.check(claim, DEFENCE, claim_language="en", source_language="ar", given=question)
    assert written.supported, written
    assert verifier.check(claim, DEFENCE).score == written.score


def test_a_word_beside_a_name_does_not_share_its_spelling(verifier: Verifier) -> None:
    support = verifier.check("Yesterday Joe Trump spoke in Pyongyang.", "تحدث ترامب أمس في بيونغ يانغ.")
    assert "name Joe is not in the source" in support.reasons


def test_an_office_in_capitals_is_no_name_to_be_spelled(verifier: Verifier) -> None:
    support = verifier.check(
        "Prime Minister Sanae Takaichi announced raising Japan's defence spending to 2% of GDP.", DEFENCE
    )
    assert not support.contradicted, support


@pytest.mark.parametrize(
    ("claim", "source", "reason"),
    [
        (
            "Japan will raise defence spending to 3% of GDP by March 2026.",
            DEFENCE,
            "percentage 3 % is not in the source",
        ),
        ("Japan will raise defence spending to 2% of GDP by April 2026.", DEFENCE, "month April is not in the source"),
        ("India will raise defence spending to 2% of GDP by March 2026.", DEFENCE, "place India is not in the source"),
        ("Prime Minister Shinzo Abe announced a rise in defence spending.", DEFENCE, "name Abe is not in the source"),
        (
            "Japan will not raise defence spending to 2% of GDP.",
            DEFENCE,
            "the claim denies what the source does not deny",
        ),
        ("Japan will reduce defence spending to 2% of GDP.", DEFENCE, "the source says the opposite of 'reduce'"),
        ("The bridge was closed in 2018.", BRIDGE, "number 2018 is not in the source"),
        ("Engineers from Madrid examined the bridge.", BRIDGE, "name Madrid is not in the source"),
    ],
)
def test_rules_reject_and_say_why(verifier: Verifier, claim: str, source: str, reason: str) -> None:
    support = verifier.check(claim, source)
    assert not support.supported
    assert reason in support.reasons


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        (
            "The agreement strengthened cooperation in mining and processing to ensure the flow of living water.",
            MINERALS,
        ),
        (
            "The agreement accelerated decommissioning.",
            "سرّعت الاتفاقية إجراءات التصاريح لتسهيل العمليات الصناعية في كلا البلدين.",
        ),
        (
            "The deal covers supply chain logistics.",
            "سرّعت الاتفاقية إجراءات التصاريح لتسهيل العمليات الصناعية في كلا البلدين.",
        ),
        ("The council approved a new railway station in the harbour district.", BRIDGE),
        ("ناقش الوزراء أسعار القمح في الأسواق العالمية", MINERALS),
    ],
)
def test_content_that_is_not_in_the_source_is_rejected(verifier: Verifier, claim: str, source: str) -> None:
    support = verifier.check(claim, source)
    assert not support.supported
    assert support.reasons


def test_a_paraphrase_in_the_same_language_passes(verifier: Verifier) -> None:
    assert verifier.check("The old bridge was closed in 2019 after cracks were found in its pillars.", BRIDGE).supported
    assert verifier.check("عززت الاتفاقية التعاون في التعدين لضمان تدفق المعادن الحيوية", MINERALS).supported


def test_a_right_claim_scores_above_a_wrong_one(verifier: Verifier) -> None:
    right = "The agreement strengthened cooperation in mining and processing to ensure the flow of critical minerals."
    wrong = "The agreement strengthened cooperation in farming and teaching to ensure the safety of young athletes."
    assert verifier.check(right, MINERALS).score > verifier.check(wrong, MINERALS).score


def test_an_unvalidated_language_pair_is_never_supported(verifier: Verifier) -> None:
    support = verifier.check("Le pont a été fermé en 2019.", BRIDGE, claim_language="fr", source_language="en")
    assert not support.checked
    assert not support.supported
    assert "not validated" in support.reasons[0]


def test_context_vouches_for_the_date_only(verifier: Verifier) -> None:
    claim = "In October 2025 Japan announced higher defence spending."
    assert "number 2025 is not in the source" in verifier.check(claim, DEFENCE).reasons
    assert "number 2025 is not in the source" not in verifier.check(claim, DEFENCE, context="2025-10-28").reasons
    assert not verifier.check(
        "The pension system was reformed.", DEFENCE, context="The pension system was reformed."
    ).supported


def test_many_gives_what_check_gives(verifier: Verifier) -> None:
    pairs = [
        ("The bridge was closed in 2019.", BRIDGE),
        ("", BRIDGE),
        (MINERALS, MINERALS),
        ("Minerals are critical.", MINERALS),
    ]
    assert verifier.check_many(pairs) == [verifier.check(claim, source) for claim, source in pairs]
    assert verifier.check_many([]) == []


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([DEFENCE, MINERALS, BRIDGE]), st.lists(st.integers(0, 60), min_size=1, max_size=8))
def test_any_choice_of_words_scores_between_0_and_1(source: str, places: list[int]) -> None:
    tokens = source.split()
    claim = " ".join(tokens[at % len(tokens)] for at in places)
    support = SHARED.check(claim, source)
    assert 0.0 <= support.score <= 1.0
    assert support.supported == (not support.reasons)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(whitelist_categories=("Lu", "Ll", "Lo", "Nd", "Po", "Zs")), max_size=50))
def test_identical_text_is_always_supported(text: str) -> None:
    support = SHARED.check(text, text)
    assert support.supported == (support.score == 1.0)
    assert support.supported or support.reasons == ("the claim or the source is empty",)


SHARED = Verifier()


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Prices rose by 2%.", "Prices rose by 2."),
        ("It cost €5.", "It cost $5."),
        ("Growth was 3 percent.", "Growth was 3 percent? No, said the minister."),
    ],
)
def test_a_sign_that_differs_is_not_verbatim(claim: str, source: str) -> None:
    assert Verifier().check(claim, source).score < 1


@pytest.mark.parametrize("claim", ["¾", "¯ß", "¾©»"])
def test_a_word_without_letters_to_compare_is_judged(verifier: Verifier, claim: str) -> None:
    """Once an IndexError: its list of forms is empty."""
    assert not verifier.check(claim, "kite").supported


@pytest.mark.parametrize(
    "line", ["والولايات المتّحدة تقف إلى جانبهم", "والولايَاتُ المُتَّحِدَةُ تَقِفُ إلى جانبهم", "والولايـات المتحدة تقف"]
)
def test_marks_do_not_cut_a_word(line: str) -> None:
    assert [place.codes for place in places(line)] == [{"US"}]
    assert missing_places("America stands by them.", line) == ()
    assert [place.text for place in missing_places("China stands by them.", line)] == ["China"]


def test_a_short_claim_that_turns_a_long_sentence_round_fails(verifier: Verifier) -> None:
    for claim, turned in (
        ("سترفع اليابان إنفاقها الدفاعي إلى 2% من الناتج المحلي.", False),
        ("ستخفض اليابان إنفاقها الدفاعي إلى 2% من الناتج المحلي.", True),
    ):
        assert any("opposite" in reason for reason in verifier.check(claim, DEFENCE).reasons) == turned


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        ("سيوفر المصنع الجديد 400 فرصة عمل.", True), ("سيبدأ إنتاج المصنع الجديد مطلع العام المقبل.", True),
        ("سيوفر المصنع 500 فرصة عمل.", False), ("سيغلق المصنع الجديد مطلع العام المقبل.", False),
        ("أغلقت المدينة المصنع القديم.", False),
    ],
)  # fmt: skip
def test_short_arabic_answers_from_a_longer_line(verifier: Verifier, claim: str, right: bool) -> None:
    factory = "قالت الشركة إن المصنع الجديد سيوفر 400 فرصة عمل لسكان المدينة، وإن الإنتاج سيبدأ مطلع العام المقبل."
    assert Written(claim).vouched_for(verifier.check(claim, factory), within=True) == right


FIGURES = [st.floats(-1, 1) if name.endswith("cosine") else st.floats(0, 8) for name in SAME_LANGUAGE]


@given(st.tuples(*FIGURES), st.tuples(*FIGURES))
def test_more_of_a_claim_in_its_source_never_costs_it_support(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    pairs = list(zip(one, other, SAME_DIRECTIONS, strict=True))
    least = np.array([min(a, b) if way > 0 else max(a, b) if way < 0 else a for a, b, way in pairs])
    most = np.array([max(a, b) if way > 0 else min(a, b) if way < 0 else a for a, b, way in pairs])
    model = shipped_models()["same.en"]
    assert 0 <= model.score(least) <= model.score(most) <= 1


def test_the_trees_score_as_scikit_learn_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "benchmarks")
    fitting = importlib.import_module("fit_verifier")
    draw = np.random.default_rng(3)
    x = draw.random((400, len(SAME_DIRECTIONS)))
    y = x[:, 0] + 0.3 * draw.random(400) > 0.6
    forest = fitting.WITHIN.fit(x, y, np.ones(400))
    arrays = fitting.as_arrays(forest)
    model = Model(Trees.of({f"same.{key}": array for key, array in arrays.items()}, "same"), 0.5)
    asked = draw.random((50, len(SAME_DIRECTIONS)))
    assert [model.score(row) for row in asked] == pytest.approx(forest.predict_proba(asked)[:, 1])
    assert len(arrays["figure"]) == fitting.BOOSTED["max_iter"]
