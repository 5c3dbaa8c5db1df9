"""The order of hits for who reads the first few: posts before who posted them, lists in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import ALLIANCE

from index import Index
from index.arrange import MOST_ITEMS, arranged
from index.article import Kind, Passage
from index.hit import Hit

POST, POSTER = "We will meet again.", "— The White House (@WhiteHouse) October 28, 2025"


def hit(
    line: int, score: float, kind: Kind = "prose", *, text: str = "", heading: str = "h", language: str = "en"
) -> Hit:
    passage = Passage("a.txt", line, 10 * line, 10 * line + 5, text or f"text{line}", language, kind, heading)
    return Hit(passage, score, score, score, 0.0, None, 1)


def order(question: str, hits: Sequence[Hit], language: str = "en") -> list[int]:
    found = arranged(question, language, hits, lambda _: sorted((each.passage for each in hits), key=lambda p: p.line))
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    return [each.passage.line for each in found]


def test_who_posted_a_post_comes_after_the_lines_about_as_near_unless_a_time_is_asked_for() -> None:
    hits = [
        hit(1, 0.40, "post", text=POST, heading=POSTER),
        hit(2, 0.40, "post", text=POSTER, heading=POST),
        hit(9, 0.38),
        hit(8, 0.20),
    ]
    assert order("What did they say?", hits) == [1, 9, 2, 8]
    assert order("When did they say so?", hits) == [1, 2, 9, 8]
    assert order("متى قالوا ذلك؟", hits, "ar") == [1, 2, 9, 8]
    assert order("Who posted that they will meet?", hits) == [1, 2, 9, 8]


def test_of_a_list_of_which_two_items_are_near_the_others_rise_to_the_second() -> None:
    items = [hit(line, score, "bullet") for line, score in ((3, 0.5), (4, 0.1), (5, 0.45), (6, 0.2))]
    hits = sorted([*items, hit(1, 0.44), hit(9, 0.3)], key=lambda each: -each.score)
    assert order("What does it include?", hits) == [3, 4, 5, 6, 1, 9]
    assert order("What does it include?", hits, "ar") == [
        3,
        4,
        5,
        6,
        1,
        9,
    ]  # 0.45 is nearly as good across languages, too
    far = [hit(3, 0.5, "bullet"), hit(1, 0.44), hit(5, 0.3, "bullet"), hit(4, 0.1, "bullet")]
    assert order("What does it include?", far) == [3, 1, 5, 4]


def test_a_pair_and_an_endless_list_stay_as_they_are() -> None:
    pair = [hit(3, 0.5, "bullet"), hit(9, 0.49), hit(4, 0.48, "bullet")]
    assert order("What does it include?", pair) == [3, 9, 4]
    endless = [hit(line, 0.5 - 0.001 * line, "bullet") for line in range(1, 2 * MOST_ITEMS, 2)]
    endless += [hit(line, 0.1, "bullet") for line in range(2, 2 * MOST_ITEMS, 2)]
    assert order("What does it include?", endless)[:MOST_ITEMS] == list(range(1, 2 * MOST_ITEMS, 2))
    assert order("What does it include?", []) == []


@pytest.mark.parametrize("reranker", ["none", "embedded"])
def test_every_provision_of_the_deal_is_among_the_first_five(corpus_index: Path, reranker: str) -> None:
    hits = Index.open(corpus_index, reranker=reranker).search("What does the minerals deal include?", 6)
    items = [each.passage.line for each in hits if each.passage.path == ALLIANCE and each.passage.kind == "bullet"]
    assert items == [16, 17, 18, 19]
