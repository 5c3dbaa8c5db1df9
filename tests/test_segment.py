"""Passages: one claim each, at exactly the place they say, whatever the text is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadableArticle
from index.reader import parse_article
from index.segment import MAX_CHARACTERS, segment, sentence_spans

NASTY = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from('\r\n\t .!?؟،؛…\u00a0\u200f\u202b\u2067\ufeff\u0640\u064b٣3#*-—>@()"«»المنوي'),
    ),
    max_size=400,
)


def texts(source: str, path: str = "a.txt") -> list[str]:
    return [passage.text for passage in segment(parse_article(path, source.encode()))]


@given(NASTY, st.sampled_from(["a.txt", "a.md"]))
def test_every_passage_stands_where_it_says(source: str, path: str) -> None:
    try:
        article = parse_article(path, source.encode())
    except UnreadableArticle:
        return
    end = 0
    for passage in segment(article):
        assert article.text[passage.start : passage.end] == passage.text == passage.text.strip()
        assert article.text.count("\n", 0, passage.start) + 1 == passage.line
        assert "\n" not in passage.text
        assert passage.start >= end
        end = passage.end


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300).map(lambda text: text.replace("\n", " "))
)
def test_no_letter_is_lost_between_sentences(text: str) -> None:
    kept = "".join(text[start:end] for start, end in sentence_spans(text, "ar"))
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("قدمت له عصا غولف. وبذلك تمثل رمزًا.", ["قدمت له عصا غولف.", "وبذلك تمثل رمزًا."]),
        ("هل هذا صحيح؟ نعم، هو صحيح.", ["هل هذا صحيح؟", "نعم، هو صحيح."]),
        ("وصف العلاقات بأنّها \"أقوى من أي وقت مضى\".", ["وصف العلاقات بأنّها \"أقوى من أي وقت مضى\"."]),
        ("وقال د. أحمد إن الأمر انتهى. ثم خرج.", ["وقال د. أحمد إن الأمر انتهى.", "ثم خرج."]),
        ("بلغت القيمة 3.5 مليار دولار. وهذا كثير.", ["بلغت القيمة 3.5 مليار دولار.", "وهذا كثير."]),
        ("Mr. Smith is in the U.S. capital. He left.", ["Mr. Smith is in the U.S. capital.", "He left."]),
        ("See https://t.co/P2d0iB4yDo. It is there.", ["See https://t.co/P2d0iB4yDo.", "It is there."]),
    ],
)  # fmt: skip
def test_sentences_of_a_line(line: str, sentences: list[str]) -> None:
    assert [line[start:end] for start, end in sentence_spans(line, "ar" if "ا" in line else "en")] == sentences


def test_bullet_markers_are_not_part_of_the_passage() -> None:
    assert texts("Opening sentence of it.\n- one thing\n• another thing\n٣. ثالث الأمور\n")[1:] == [
        "one thing",
        "another thing",
        "ثالث الأمور",
    ]


def test_a_line_too_long_for_the_encoder_is_cut_and_nothing_is_lost() -> None:
    line = "كلمة طويلة، " * 5000
    passages = texts(line)
    assert max(map(len, passages)) <= MAX_CHARACTERS
    assert "".join("".join(passages).split()) == "".join(line.split())


def test_a_post_is_read_beside_who_posted_it() -> None:
    source = (
        "قال الوزير إن الاجتماع كان مهماً.\nThe meeting begins.\n— Some Body (@some_body) March 1, 2024\nوأضاف كلاماً.\n"
    )
    _, post, attribution, _ = segment(parse_article("a.txt", source.encode()))
    assert post.heading == attribution.text == "— Some Body (@some_body) March 1, 2024"
    assert attribution.heading == post.text
    assert post.language == "en"


def test_a_dateline_below_a_title_does_not_take_its_place() -> None:
    article = parse_article(
        "a.txt", b"A new ferry for the island\nTUNIS, 16 September 2025\n\nIt sails at noon every day.\n"
    )
    assert [passage.heading for passage in segment(article)][-1] == "A new ferry for the island"
