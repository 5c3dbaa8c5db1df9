"""What can go wrong with a Milvus server: it is killed, it is not there, it holds something else."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymilvus
import pytest
from conftest import ROOT
from milvus import Lite, collection, lite

from index import Index, IndexUnusable, SanadError, UsageError, refresh_index
from index.encoders import EmbeddedEncoder
from index.milvus import catalogue, send, server
from index.place import Collection, place

QUESTION = "Why was the harbour closed?"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lite]:
    with pytest.MonkeyPatch.context() as patched:
        folder = tmp_path_factory.mktemp("lite")
        patched.setenv("XDG_DATA_HOME", str(folder / "data"))
        with lite(folder) as running:
            yield running


@pytest.fixture
def at(started: Lite) -> Iterator[Collection]:
    with collection(Collection("127.0.0.1", started.port, "own")) as made:
        yield made


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(6):
        text = f"The harbour was closed on day {number} because of a storm.\nأغلق الميناء في اليوم {number}.\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


def ids(where: Collection | Path) -> list[tuple[str, int]]:
    return [hit.passage.id for hit in Index.open(where).search(QUESTION, 20)]


def counting_writes(patched: pytest.MonkeyPatch, before: Callable[[int | str], None]) -> list[str]:
    """The names of the collections that are written to, as they are; `before` each it is called with its number, or with
    "publish" where it names the new generation."""
    written: list[str] = []
    upsert = pymilvus.MilvusClient.upsert

    def counted(self: pymilvus.MilvusClient, name: str, rows: Any, **options: Any) -> Any:
        written.append(name)
        before("publish" if rows[0].get("key") == "index" else len(written))
        return upsert(self, name, rows, **options)

    patched.setattr(pymilvus.MilvusClient, "upsert", counted)
    return written


def changed(articles: Path) -> None:
    for path in sorted(articles.iterdir())[:2]:
        path.write_text("Another text of a changed article: the storm ended.\n")
    (articles / "7.txt").write_text("The harbour was opened by the council.\n")
    (articles / "5.txt").unlink()


@pytest.mark.parametrize("anew", [False, True], ids=["what changed", "everything anew"])
def test_a_server_killed_in_the_middle_of_a_load(
    started: Lite, at: Collection, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anew: bool
) -> None:
    """What was there before answers when the server is back, and the next run completes."""
    monkeypatch.setattr(send, "MOVED_MEAN", -1.0 if anew else 1.0)
    monkeypatch.setattr(send, "MOVED_AVERAGE", 1.0)
    monkeypatch.setattr(server, "_MESSAGE", 40_000)  # bytes: a few passages a write
    monkeypatch.setattr(server, "_READ", 10)
    monkeypatch.setattr(server, "_WRITE", 5)  # seconds that are spent on a server that is gone
    untouched = tmp_path / "untouched"
    shutil.copytree(articles, untouched)
    with collection(at) as other, monkeypatch.context() as patched:
        refresh_index(untouched, other)
        changed(untouched)
        writes = counting_writes(patched, lambda _: None)
        refresh_index(untouched, other)
    assert len({*writes}) == 4
    refresh_index(untouched, tmp_path / "expected")
    expected = ids(tmp_path / "expected")

    refresh_index(articles, at)
    before = ids(at)
    assert len(before) == 12
    changed(articles)
    for kill_at in (1, 2, 3, len(writes) // 2, "publish"):
        with monkeypatch.context() as patched:
            counting_writes(patched, lambda write, kill_at=kill_at: started.kill() if write == kill_at else None)  # type: ignore[misc]
            with pytest.raises(SanadError, match="no Milvus server answers"):
                refresh_index(articles, at)
        started.start()
        assert ids(at) == before
    refresh_index(articles, at)
    opened = Index.open(at)
    assert sorted(ids(at)) == sorted(expected)
    assert {entry.path for entry in opened.manifest.articles} == {path.name for path in articles.iterdir()}
    connected = server.Server(at)
    rows = connected.query(catalogue.read(connected, at).data, "id >= 0", ["id"], now=True)
    assert len(rows) == len({row["id"] for row in rows}) == len(expected)
    assert sum(name.startswith(f"{at.name}_passages_") for name in connected.names()) == 1


def test_what_is_no_address_is_refused() -> None:
    for wrong in (
        "milvus://host/news",
        "milvus://host:70000/news",
        "milvus:/host:1/news",
        "milvus://h:1/a-b",
        "milvus://h:1/",
    ):
        with pytest.raises(UsageError, match="write milvus://host:port/collection"):
            place(wrong)
    assert place("milvus://127.0.0.1:19530/news") == Collection("127.0.0.1", 19530, "news")
    assert place("folder") == Path("folder")


def sanad(*arguments: str, **environment: str) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "-m", "qa.cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | environment,
    )  # fmt: skip
    return run.returncode, run.stderr


def test_no_server_is_said_in_one_line(tmp_path: Path) -> None:
    code, said = sanad("search", "storm", "--index", "milvus://127.0.0.1:9/news")
    assert (code, said) == (1, "sanad: no Milvus server answers at 127.0.0.1:9; start it, or correct --index\n")


def test_the_extra_is_named_where_pymilvus_is_missing(tmp_path: Path) -> None:
    (tmp_path / "pymilvus.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'pymilvus'\", name='pymilvus')\n"
    )
    code, said = sanad("search", "storm", "--index", "milvus://127.0.0.1:9/news", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert code == 1
    assert said.endswith("needs pymilvus, which is not installed; run: python -m pip install 'sanad[milvus]'\n")
    assert said.count("\n") == 1


def test_no_index_another_format_another_encoder_another_program(at: Collection, articles: Path) -> None:
    with pytest.raises(IndexUnusable, match=f"there is no index at {at}; run: sanad index CORPUS --index"):
        Index.open(at)
    refresh_index(articles, at)

    class Other(EmbeddedEncoder):
        name = "another"

    with pytest.raises(IndexUnusable, match="not another; run: sanad index"):
        Index.open(at, Other())
    connected = server.Server(at)
    now = catalogue.read(connected, at)
    other = dataclasses.replace(now, format=99)
    catalogue.publish(connected, at, other)
    with pytest.raises(IndexUnusable, match="has format 99, this version reads 2; run: sanad index"):
        Index.open(at)
    refresh_index(articles, at)
    assert ids(at)
    strange = Collection(at.host, at.port, f"{at.name}_strange")
    connected.create(strange.name, server.Schema({"id": "number", "vector": "dense"}))
    for what in (lambda: Index.open(strange), lambda: refresh_index(articles, strange)):
        with pytest.raises(IndexUnusable, match="is no index of sanad; choose another name"):
            what()


def test_a_reader_is_told_when_its_index_was_made_anew(
    at: Collection, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_index(articles, at)
    reader = Index.open(at)
    assert reader.search(QUESTION)
    monkeypatch.setattr(send, "MOVED_MEAN", -1.0)  # every move is too far
    (articles / "9.txt").write_text("Something else.\n")
    refresh_index(articles, at)
    with pytest.raises(IndexUnusable, match="was made anew or removed meanwhile"):
        reader.search(QUESTION)
    assert len(ids(at)) == 13
