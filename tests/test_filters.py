"""Filters narrow what may be found before it is ranked."""

from __future__ import annotations

import datetime

import pytest

from index import Index, refresh_index
from index.filters import Filter


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Index:
    root = tmp_path_factory.mktemp("filters")
    corpus = root / "corpus"
    (corpus / "old").mkdir(parents=True)
    (corpus / "2024-03-01-harbour.en.txt").write_text(
        "The harbour\n\nThe harbour was closed on Monday because of a storm.\n\nRepairs of the harbour\n\n- The pier is repaired.\n"
    )
    (corpus / "2025-06-30-harbour.ar.txt").write_text(
        "الميناء\n\nأغلق الميناء يوم الاثنين بسبب العاصفة.\n", encoding="utf-8"
    )
    (corpus / "old" / "note.txt").write_text("The harbour was built long ago by the city.\n")
    refresh_index(corpus, root / "index")
    return Index.open(root / "index", reranker="none")


def found(opened: Index, only: Filter) -> set[tuple[str, str]]:
    hits = opened.search("When was the harbour closed?", 50, only)
    return {(hit.passage.path, hit.passage.language) for hit in hits}


def test_an_empty_filter_lets_everything_through(opened: Index) -> None:
    assert opened.search("harbour", 50, Filter()) == opened.search("harbour", 50)


def test_sources_are_named_as_in_a_shell(opened: Index) -> None:
    assert found(opened, Filter(sources=("old/*",))) == {("old/note.txt", "en")}
    assert found(opened, Filter(sources=("*.ar.txt", "old/*"))) == {
        ("2025-06-30-harbour.ar.txt", "ar"),
        ("old/note.txt", "en"),
    }
    assert found(opened, Filter(sources=("nowhere",))) == set()


def test_dates_include_both_ends_and_leave_out_what_has_none(opened: Index) -> None:
    day = datetime.date(2025, 6, 30)
    assert found(opened, Filter(since=day, until=day)) == {("2025-06-30-harbour.ar.txt", "ar")}
    assert found(opened, Filter(until=datetime.date(2025, 6, 29))) == {("2024-03-01-harbour.en.txt", "en")}
    assert found(opened, Filter(since=datetime.date(2025, 7, 1))) == set()


def test_language_kind_and_heading(opened: Index) -> None:
    assert found(opened, Filter(languages=("ar",))) == {("2025-06-30-harbour.ar.txt", "ar")}
    bullets = opened.search("harbour", 50, Filter(kinds=("bullet",)))
    assert [hit.passage.text for hit in bullets] == ["The pier is repaired."]
    under = opened.search("harbour", 50, Filter(heading="REPAIRS of"))
    assert [hit.passage.text for hit in under] == ["The pier is repaired."]


def test_what_is_filtered_out_takes_no_place_among_the_best(opened: Index) -> None:
    everything = opened.search("harbour closed storm", 50)
    best_arabic = next(
        hit.passage for hit in everything if hit.passage.language == "ar" and hit.passage.kind == "prose"
    )
    assert opened.search("harbour closed storm", 1, Filter(languages=("ar",)))[0].passage == best_arabic
