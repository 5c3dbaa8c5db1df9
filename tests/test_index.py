"""The index: only what changed is done again, what is damaged is refused by name, what was good stays good."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import ALLIANCE, CORPUS, TOKYO
from filelock import FileLock

from index import Index, IndexUnusable, SanadError, UsageError, refresh_index, store
from index.encoders import EmbeddedEncoder, SentenceTransformerEncoder, Vectors
from index.fusion import fuse
from index.neutral import language_means


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "one.txt").write_text("The harbour was closed on Monday because of a storm.\n", encoding="utf-8")
    (folder / "two.txt").write_text("أغلق الميناء يوم الاثنين بسبب العاصفة.\n", encoding="utf-8")
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_second_run_touches_only_what_changed(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    first = refresh_index(corpus, folder)
    assert (first.added, first.encoded) == (2, 2)
    before = bytes_of(folder)
    assert refresh_index(corpus, folder).encoded == 0
    assert bytes_of(folder) == before

    (corpus / "one.txt").write_text("The harbour was closed on Monday because of a storm.\nIt opened again.\n")
    (corpus / "three.txt").write_text("A third article about something else.\n")
    (corpus / "two.txt").unlink()
    second = refresh_index(corpus, folder)
    assert (second.added, second.changed, second.removed, second.unchanged, second.encoded) == (1, 1, 1, 0, 2)
    assert {passage.path for passage in Index.open(folder).passages} == {"one.txt", "three.txt"}
    assert len(list(folder.glob("data-*"))) == 1


def test_refreshing_gives_the_same_index_as_building_anew(corpus: Path, tmp_path: Path) -> None:
    refresh_index(corpus, tmp_path / "grown")
    (corpus / "zero.txt").write_text("الميناء الجديد سيفتح في العام المقبل.\n", encoding="utf-8")
    refresh_index(corpus, tmp_path / "grown")
    refresh_index(corpus, tmp_path / "fresh")
    grown, fresh = (bytes_of(next((tmp_path / name).glob("data-*"))) for name in ("grown", "fresh"))
    vectors = [np.frombuffer(files.pop("vectors.f32"), dtype=np.float32) for files in (grown, fresh)]
    assert np.allclose(*vectors, atol=1e-5)  # encoding in other batches rounds otherwise
    for own_vectors in ("blocks.npy", "means.npz"):
        assert grown.pop(own_vectors)
        assert fresh.pop(own_vectors)
    assert grown == fresh
    hits = [
        [hit.passage.id for hit in Index.open(tmp_path / name).search("port closed", 3)] for name in ("grown", "fresh")
    ]
    assert hits[0] == hits[1]


def test_bad_files_are_named_and_the_others_indexed(corpus: Path, tmp_path: Path) -> None:
    (corpus / "empty.txt").write_bytes(b"")
    (corpus / "legacy.txt").write_bytes("ميناء".encode("cp1256"))
    (corpus / "binary.txt").write_bytes(b"\x7fELF\x00\x00")
    refresh = refresh_index(corpus, tmp_path / "index")
    assert refresh.added == 2
    assert [line.split(":")[0] for line in refresh.skipped] == ["binary.txt", "empty.txt", "legacy.txt"]
    assert "offset 0" in refresh.skipped[2]


def test_a_corpus_without_a_readable_article_leaves_the_index_alone(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    refresh_index(corpus, folder)
    before = bytes_of(folder)
    shutil.rmtree(corpus)
    with pytest.raises(SanadError, match="is not a folder"):
        refresh_index(corpus, folder)
    corpus.mkdir()
    with pytest.raises(SanadError, match="no readable article"):
        refresh_index(corpus, folder)
    assert bytes_of(folder) == before


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_the_last_index_usable(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    folder = tmp_path / "index"
    refresh_index(corpus, folder)
    before = bytes_of(folder)
    (corpus / "three.txt").write_text("A third article about something else.\n")

    def fail(*_: object) -> None:
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(store, "replace", fail)
        with pytest.raises((SanadError, KeyboardInterrupt)) as caught:
            refresh_index(corpus, folder)
    if isinstance(failure, OSError):
        assert "No space left on device; free some space and run it again" in str(caught.value)
    after = bytes_of(folder)
    for name, data in before.items():
        assert after[name].startswith(data) if name.startswith("encoded-") else after[name] == data
    assert len(Index.open(folder).passages) == 2
    assert refresh_index(corpus, folder).encoded == 0  # what was encoded before the failure is not encoded again
    assert len(Index.open(folder).passages) == 3
    assert len(list(folder.glob("data-*"))) == 1


def test_an_interrupted_encoding_leaves_the_last_index_usable(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    refresh_index(corpus, folder)
    before = bytes_of(folder)
    (corpus / "three.txt").write_text("A third article about something else.\n")

    class Interrupted(EmbeddedEncoder):
        def embed_documents(self, texts: object) -> Vectors:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh_index(corpus, folder, Interrupted())
    assert bytes_of(folder) == before


def test_two_writers_do_not_meet(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    with FileLock(folder / ".lock"), pytest.raises(SanadError, match="another sanad index is writing"):
        refresh_index(corpus, folder)


def test_what_does_not_match_is_refused_with_the_command_that_mends_it(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with pytest.raises(IndexUnusable, match=r"there is no index at .*; run: sanad index"):
        Index.open(folder)
    refresh_index(corpus, folder)
    manifest = folder / "manifest.json"
    good = manifest.read_text(encoding="utf-8")

    manifest.write_text(json.dumps(json.loads(good) | {"format": 99}), encoding="utf-8")
    with pytest.raises(IndexUnusable, match="format 99, this version reads 6; run: sanad index"):
        Index.open(folder)
    manifest.write_text(good[: len(good) // 2], encoding="utf-8")
    with pytest.raises(IndexUnusable, match="cannot be read"):
        Index.open(folder)
    manifest.write_text(good, encoding="utf-8")
    with pytest.raises(IndexUnusable, match="was made with intfloat/multilingual-e5-small"):
        Index.open(folder, SentenceTransformerEncoder("another-model"))
    for name in json.loads(good)["files"]:
        damaged = next(folder.glob("data-*")) / name
        data = damaged.read_bytes()
        damaged.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(IndexUnusable, match=f"{name} is damaged; run: sanad index .*corpus"):
            Index.open(folder)
        damaged.write_bytes(data)
    assert Index.open(folder).corpus == corpus


def test_indexing_again_mends_a_damaged_index(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    refresh_index(corpus, folder)
    damaged = next(folder.glob("data-*")) / "lexical.terms"
    damaged.write_bytes(b"x" + damaged.read_bytes()[1:])
    with pytest.raises(IndexUnusable, match=r"lexical\.terms is damaged"):
        Index.open(folder)
    refresh_index(corpus, folder)
    assert Index.open(folder).search("storm", 1)


def test_no_file_of_an_index_is_a_pickle(corpus_index: Path) -> None:
    for path in corpus_index.rglob("*"):
        if path.is_file():
            assert not path.read_bytes().startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")), path
    for path in corpus_index.rglob("*.np[yz]"):
        np.load(path, allow_pickle=False)


def test_hits_stand_where_they_say_and_come_in_a_stable_order(index: Index) -> None:
    for question in ("What does the minerals deal include?", "ماذا تشمل صفقة المعادن؟", "2026", "Trump"):
        hits = index.search(question, 50)
        assert [(-hit.score, hit.passage.id) for hit in hits] == sorted((-hit.score, hit.passage.id) for hit in hits)
        assert hits == index.search(question, 50)
        for hit in hits:
            text = (CORPUS / hit.passage.path).read_text(encoding="utf-8")
            assert text[hit.passage.start : hit.passage.end] == hit.passage.text


def test_english_questions_find_arabic_lines(index: Index) -> None:
    def first(question: str) -> tuple[str, int]:
        passage = index.search(question, 1)[0].passage
        return passage.path, passage.line

    assert first("By when will Japan raise its defence spending?") == (ALLIANCE, 23)
    assert first("How many Japanese did North Korea admit to abducting?") == (TOKYO, 34)


@pytest.mark.parametrize("question", ["", "  \n", "؟!…", "x" * 100_000, "\ud800 broken"])
def test_questions_that_cannot_be_asked(index: Index, question: str) -> None:
    with pytest.raises(UsageError):
        index.search(question)


def test_lexical_evidence_counts_only_within_a_language() -> None:
    cosine = np.asarray([0.5, 0.5, 0.5], dtype=np.float32)
    lexical = np.asarray([10.0, 0.0, 0.0], dtype=np.float32)
    same = np.asarray([True, True, False])
    matching, silent, foreign = fuse(
        cosine, lexical, same, np.zeros(3, dtype=np.uint8), 10.0, np.zeros(3, dtype=np.float32)
    )
    assert matching > foreign == 0.5 > silent


def test_shared_names_count_only_across_languages() -> None:
    cosine, nothing = np.full(3, 0.5, dtype=np.float32), np.zeros(3, dtype=np.float32)
    names = np.asarray([5.0, 5.0, 0.0], dtype=np.float32)
    within, across, without = fuse(
        cosine, nothing, np.asarray([True, False, False]), np.zeros(3, dtype=np.uint8), 0.0, names
    )
    assert across > within == without == 0.5


def test_the_mean_of_a_small_collection_is_shrunk_towards_the_prior() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(5, EmbeddedEncoder.dimension)).astype(np.float32)
    means = language_means(vectors, ["ar"] * 5, EmbeddedEncoder.name)
    prior = language_means(vectors[:0], [], EmbeddedEncoder.name)
    assert np.linalg.norm(means.passage["ar"] - prior.passage["ar"]) < 0.1 * np.linalg.norm(vectors.mean(axis=0))
    many = np.repeat(vectors, 2000, axis=0)
    assert np.allclose(
        language_means(many, ["ar"] * len(many), EmbeddedEncoder.name).passage["ar"], vectors.mean(axis=0), atol=0.02
    )


def test_langchain_sees_a_retriever_and_embeddings(index: Index) -> None:
    from index.langchain import HybridRetriever, SanadEmbeddings

    documents = HybridRetriever(index=index, k=3).invoke("What does the minerals deal include?")
    assert len(documents) == 3
    for document in documents:
        text = (CORPUS / document.metadata["path"]).read_text(encoding="utf-8")
        assert text[document.metadata["start"] : document.metadata["end"]] == document.page_content
    assert len(SanadEmbeddings(EmbeddedEncoder()).embed_query("text")) == EmbeddedEncoder.dimension


def test_who_posted_a_post_is_found_as_well_as_the_post(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text(
        "قال الوزير إن الجسر الجديد سيفتتح غداً أمام حركة السير بعد سنتين من العمل المتواصل.\n"
        "The bridge opens to traffic tomorrow morning.\n— City Hall (@cityhall) May 3, 2031\n"
        "وأضاف أن كلفة العمل بلغت ثلاثة ملايين دينار دفعت البلدية نصفها.\n",
        encoding="utf-8",
    )
    refresh_index(tmp_path / "corpus", tmp_path / "index")
    hits = {hit.passage.line: hit for hit in Index.open(tmp_path / "index").search("Who says when the traffic starts?")}
    assert hits[2].fused == hits[3].fused
    assert hits[2].score > hits[3].score > hits[4].score
    assert hits[2].passage.heading == hits[3].passage.text
