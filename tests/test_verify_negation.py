"""Denials and opposite directions."""

import pytest

from qa.verify import Verifier
from qa.verify.directions import opposites
from qa.verify.negation import denies_apart, negation_mismatch


@pytest.mark.parametrize(
    ("claim", "source"),
    [("The minister did not attend.", "حضر الوزير الاجتماع"), ("The minister attended.", "لم يحضر الوزير الاجتماع"),
     ("لن يسافر الرئيس", "The president will travel."), ("He isn't guilty.", "He is guilty.")],
)  # fmt: skip
def test_a_denial_on_one_side_only_is_a_mismatch(claim: str, source: str) -> None:
    assert negation_mismatch(claim, source)


@pytest.mark.parametrize(
    ("claim", "source"),
    [("The minister did not attend.", "لم يحضر الوزير الاجتماع"), ("Prices still rise.", "لا تزال الأسعار ترتفع"),
     ("It is illegal.", "هذا غير قانوني"), ("They gave up only 308 points.", "لم يتخلوا سوى عن 308 نقطة"),
     ("It is not only cheap.", "هو رخيص أيضا"), ("He refused to go.", "لم يوافق على الذهاب")],
)  # fmt: skip
def test_what_is_said_otherwise_is_not(claim: str, source: str) -> None:
    assert negation_mismatch(claim, source) == ""


def test_opposite_directions() -> None:
    assert opposites("Exports fell sharply.", "ارتفعت الصادرات بشدة") == ("fell",)
    assert opposites("Prices rose.", "Prices dropped.") == ("rose",)
    assert opposites("Exports rose sharply.", "ارتفعت الصادرات بشدة") == ()
    assert opposites("أعلى مستوى", "أدنى مستوى") == ("اعلي",)
    assert opposites("ستخفض الحكومة الضرائب", "أعلنت الحكومة رفع الضرائب") == ("ستخفض",)
    assert opposites("سترفع الحكومة الضرائب", "أعلنت الحكومة رفع الضرائب") == ()


def test_words_that_say_other_things_more_often_turn_nothing_round() -> None:
    assert opposites("They set up a fund.", "They set up a fund to reduce emissions.") == ()
    assert opposites("Close to 500 people came.", "Close to 500 people came to the opening.") == ()
    assert opposites("It will launch a car in December.", "It will cut jobs by the end of December.") == ()
    assert opposites("رفض الوزير الاتفاق", "لم يوافق الوزير على الاتفاق") == ()  # what is denied is no opposite


def test_what_is_denied_after_something_else() -> None:
    assert denies_apart("دمر الحريق السوق ولم تقع إصابات")
    assert denies_apart("The fire destroyed the market, but nobody was hurt.")
    assert not denies_apart("لم يحضر الوزير الاجتماع")
    assert not denies_apart("قتل ما لا يقل عن 40 شخصا")


LONG = "The minister told reporters after a cabinet meeting on Monday that the government will {}raise fuel taxes this year."


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The government will raise fuel taxes.", LONG.format("not ")),
        ("The government will not raise fuel taxes.", LONG.format("")),
        ("The fire did not destroy the market.", "دمر الحريق السوق ولم تقع إصابات"),
        ("The two sides reached an agreement.", "The two sides failed to reach an agreement."),
        ("The government will raise taxes.", "The government refused to raise taxes."),
        ("أكد الوزير الأنباء", "نفى الوزير الأنباء"),
        ("He drives with a licence.", "He drives without a licence."),
        ("The minister attended.", "لم يحضر الوزير الاجتماع"),
    ],
)
def test_a_denial_of_what_the_other_says_contradicts(claim: str, source: str) -> None:
    assert Verifier().check(claim, source).contradicted


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The fire destroyed the market.", "دمر الحريق السوق ولم تقع إصابات"),
        ("The government will raise fuel taxes.", LONG.format("") + " It did not say when."),
        ("At least 40 people were killed.", "قتل ما لا يقل عن 40 شخصا"),
        ("رفض ترودو الاعتذار", "ترودو يرفض الاعتذار عن موقف بلاده"),
        ("Hamas rejected the offer.", "رفضت حماس العرض."),
        ("But it is possible that they agree.", "غير أنه من الممكن أن يتفقوا"),
        ("It put the East as irrational and backward.", "وضعت الشرق كـ غير عقلاني ومتخلف"),
        ("It represents neither the diversity nor the reality of the East.", "لا يمثل التنوع ولا الواقع للشرق"),
        ("They didn't even know whom they would meet.", "هم حتى لا يعرفون من سيلتقون"),
    ],
)
def test_a_denial_of_something_else_contradicts_nothing(claim: str, source: str) -> None:
    assert not [reason for reason in Verifier().check(claim, source).reasons if "denies" in reason]
