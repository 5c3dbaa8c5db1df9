"""What every store promises, checked the same way on each: the folder, and a Milvus server.

Without more a `milvus-lite server` is started. For a server of your own, on which collections named PREFIX_… are made and dropped:

    SANAD_TEST_MILVUS=milvus://host:port/PREFIX python -m pytest tests/test_conformance.py
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import ALLIANCE, CORPUS, ROOT, TOKYO
from milvus import collection, prefix

import index.search
from index import Filter, Index, UsageError, refresh_index
from index.place import Collection, Place
from qa import Sanad
from qa.check import check_answer

GOLD = [json.loads(line) for line in (ROOT / "corpus/gold.jsonl").read_text(encoding="utf-8").splitlines()]
ODD = [
    "1915", "ما؟ what؟", "‏قناة‏ \u202eالسويس\u202c", "%_\\ \" ' ; drop", "ﻗﻨﺎﺓ السُّوَيس ٢٠٢٥", "Ω≈ç√ naïve café", "word " * 700,
]  # fmt: skip
STORES = ("folder", "milvus")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    with prefix(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A corpus to change."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "one.txt").write_text("The harbour was closed on Monday because of a storm.\n", encoding="utf-8")
    (folder / "two.txt").write_text("أغلق الميناء يوم الاثنين بسبب العاصفة.\n", encoding="utf-8")
    (folder / "2024-05-01-three.md").write_text(
        "# Trade\n\nWheat prices rose by 12% in May.\n\n- Rice fell.\n- Oil rose.\n"
    )
    return folder


@pytest.fixture(params=STORES)
def where(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Where nothing is yet."""
    if request.param == "folder":
        yield tmp_path / "index"
        return
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with collection(request.getfixturevalue("servers")) as made:
        yield made


@pytest.fixture(scope="session", params=STORES)
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, corpus_index: Path
) -> Iterator[Place]:
    """An index over the corpus; tests must not change it."""
    if request.param == "folder":
        yield corpus_index
        return
    with pytest.MonkeyPatch.context() as patched, collection(request.getfixturevalue("servers")) as made:
        patched.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        refresh_index(CORPUS, made)
        yield made


@pytest.fixture
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search looks at a part of the corpus, as it does at a part of a large collection."""
    monkeypatch.setattr(index.search, "_POOL", 5)
    monkeypatch.setattr(index.search, "POOL", 1)


def ids(opened: Index, question: str, k: int = 10, only: Filter | None = None) -> list[tuple[str, int]]:
    return [hit.passage.id for hit in opened.search(question, k, only)]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_same_ten_best_as_the_folder(whole: Place, corpus_index: Path, language: str, small_pools: None) -> None:
    folder, opened = Index.open(corpus_index), Index.open(whole)
    questions = [row["question"] for row in GOLD if row["language"] == language]
    assert len(questions) >= 20
    shared = found = 0
    for question in questions:
        expected = ids(folder, question, 5)
        shared += len({*expected} & {*ids(opened, question, 5)})
        found += len(expected)
    print(f"overlap of the best with the folder's, {language}: {shared / found:.4f}")
    assert shared / found >= 0.99


def test_hits_carry_the_same_evidence(whole: Place, corpus_index: Path) -> None:
    folder, opened = Index.open(corpus_index), Index.open(whole)
    for row in GOLD[::5]:
        for ours, theirs in zip(folder.search(row["question"]), opened.search(row["question"]), strict=True):
            assert ours.passage == theirs.passage
            assert (ours.lexical_rank, ours.dense_rank) == (theirs.lexical_rank, theirs.dense_rank)
            assert (ours.score, ours.cosine, ours.lexical) == pytest.approx(
                (theirs.score, theirs.cosine, theirs.lexical), abs=1e-4
            )


@pytest.mark.parametrize(
    "only",
    [
        Filter(languages=("en",)), Filter(languages=("ar", "zz")), Filter(languages=("zz",)), Filter(kinds=("bullet", "post")),
        Filter(sources=("*tokyo*",)), Filter(sources=("none",)), Filter(since=datetime.date(2025, 10, 28)),
        Filter(until=datetime.date(2020, 1, 1)), Filter(heading="ال"), Filter(heading="100%_\\"),
        Filter(sources=("*alliance*",), kinds=("prose",), languages=("ar",)),
    ],
    ids=str,
)  # fmt: skip
def test_filters_mean_the_same(whole: Place, corpus_index: Path, only: Filter) -> None:
    question = "ماذا تشمل صفقة المعادن؟"
    assert ids(Index.open(whole), question, 20, only) == ids(Index.open(corpus_index), question, 20, only)


def test_articles_and_passages_are_listed_the_same(whole: Place, corpus_index: Path) -> None:
    folder, opened = Index.open(corpus_index), Index.open(whole)
    assert opened.manifest.articles == folder.manifest.articles
    assert opened.manifest.languages == folder.manifest.languages
    assert opened.corpus.resolve() == CORPUS.resolve()
    assert list(opened.passages) == list(folder.passages)
    assert (opened.passages[0], opened.passages[-1]) == (folder.passages[0], folder.passages[-1])
    for path in (ALLIANCE, TOKYO, "none"):
        assert list(opened.article(path)) == list(folder.article(path))


@pytest.mark.parametrize("question", ODD)
def test_odd_questions_find_the_same(whole: Place, corpus_index: Path, question: str) -> None:
    assert ids(Index.open(whole), question) == ids(Index.open(corpus_index), question)


@pytest.mark.parametrize("question", ["", "  ", "؟!…", "x" * 5000])
def test_what_is_no_question_is_refused(whole: Place, question: str) -> None:
    with pytest.raises(UsageError):
        Index.open(whole).search(question)


def test_every_citation_resolves(whole: Place) -> None:
    sanad = Sanad.open(whole, "none")
    cited = 0
    for row in GOLD[:20]:
        answer = sanad.ask(row["question"])
        assert not check_answer(answer.to_dict(), CORPUS)
        cited += len(answer.citations)
    assert cited >= 10


def test_a_refresh_touches_only_what_changed(where: Place, articles: Path) -> None:
    first = refresh_index(articles, where)
    assert (first.added, first.unchanged) == (3, 0)
    state = Index.open(where).manifest.data
    again = refresh_index(articles, where)
    assert (again.added, again.changed, again.removed, again.unchanged, again.encoded) == (0, 0, 0, 3, 0)
    assert Index.open(where).manifest.data == state

    (articles / "one.txt").write_text("The harbour was closed on Monday because of a storm.\nIt opened again.\n")
    (articles / "four.txt").write_text("A fourth article about something else.\n")
    (articles / "two.txt").unlink()
    changed = refresh_index(articles, where)
    assert (changed.added, changed.changed, changed.removed, changed.unchanged) == (1, 1, 1, 1)
    opened = Index.open(where)
    assert opened.manifest.data != state
    assert [entry.path for entry in opened.manifest.articles] == ["2024-05-01-three.md", "four.txt", "one.txt"]
    assert opened.article("two.txt") in ((), [])
    assert len(opened.article("one.txt")) == 2
    assert "two.txt" not in {path for path, _ in ids(opened, "أغلق الميناء")}
    assert ("one.txt", 53) in ids(opened, "It opened again")


def test_a_refreshed_index_is_like_one_made_anew(where: Place, articles: Path, tmp_path: Path) -> None:
    refresh_index(articles, where)
    (articles / "five.txt").write_text("The port of the city opened again on Tuesday.\n")
    refresh_index(articles, where)
    refresh_index(articles, tmp_path / "anew")
    for question in ("When did the port open?", "متى أغلق الميناء؟", "wheat prices"):
        grown, anew = (Index.open(one).search(question) for one in (where, tmp_path / "anew"))
        assert [hit.passage for hit in grown] == [hit.passage for hit in anew]
        assert [hit.score for hit in grown] == pytest.approx([hit.score for hit in anew], abs=0.03)


def test_a_reader_keeps_what_it_opened(where: Place, articles: Path) -> None:
    refresh_index(articles, where)
    reader = Index.open(where)
    (articles / "one.txt").write_text("Storm over: another text altogether.\n")
    refresh_index(articles, where)
    for hit in reader.search("The harbour was closed because of a storm"):
        assert "another text" not in hit.passage.text
    assert "another text" in Index.open(where).search("Storm over: another text altogether")[0].passage.text


def test_ties_are_in_the_order_of_ids(where: Place, tmp_path: Path) -> None:
    folder = tmp_path / "same"
    folder.mkdir()
    names = [f"{letter}.txt" for letter in "dbeca"]
    for name in names:
        (folder / name).write_text("The council met on Friday.\n\nThe council met on Friday.\n")
    refresh_index(folder, where)
    found = ids(Index.open(where), "When did the council meet?")
    assert found == sorted(found)
    assert len(found) == 2 * len(names)


def test_many_readers_while_it_is_refreshed(where: Place, articles: Path) -> None:
    refresh_index(articles, where)
    questions = ["Why was the harbour closed?", "متى أغلق الميناء؟", "wheat prices", "rice"]

    def read(number: int) -> int:
        opened = Index.open(where)
        for question in questions:
            for hit in opened.search(question):
                text = (tmp / hit.passage.path).read_text(encoding="utf-8")
                assert text[hit.passage.start : hit.passage.end] == hit.passage.text
        return number

    tmp = articles.with_name("as-it-was")
    shutil.copytree(articles, tmp)
    with ThreadPoolExecutor(8) as pool:
        reading = [pool.submit(read, number) for number in range(16)]
        (articles / "six.txt").write_text("A sixth article about bread.\n")
        (tmp / "six.txt").write_text("A sixth article about bread.\n")
        refresh_index(articles, where)
        assert [one.result() for one in reading] == list(range(16))
    assert read(1)
