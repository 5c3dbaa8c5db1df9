"""Denials and opposite directions."""

import pytest

from qa.verify.negation import negation_mismatch, opposites


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
