"""Random input for everything that reads what somebody else wrote: no error but ours, nothing over two seconds, exact offsets."""

from __future__ import annotations

import datetime
import json
import shutil
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS, TOKYO
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from faults.letters import Letters
from faults.strange import encodable, files_like, lines, mutated, texts
from faults.tally import Tally
from index import Filter, Index, Passage, SanadError, refresh_index, store
from index.analyse import content_words, fold, stem, terms, words
from index.asked import wanted_value
from index.dates import find_dates
from index.disk import npy_bytes, sha256_of
from index.filters import KINDS
from index.language import detect_language
from index.layout import read_lines
from index.manifest import json_lines, read_folder_manifest, sealed
from index.names import name_terms
from index.reader import find_articles, parse_article, read_bytes
from index.search import checked_question
from index.segment import segment, sentence_spans
from qa.check import check_answer, read_answers
from qa.commands import _json_lines, _question_lines
from qa.conversation import complete
from qa.demands import holds_value, names, unmet
from qa.evaluation.gold import gold_dict, read_gold
from qa.evaluation.run import read_run
from qa.evaluation.squad import read_squad
from qa.parts import missing_parts, parts
from qa.plain import as_plain_text, printable
from qa.speaker import quotations, speaker_of
from qa.spellings import spellings
from qa.verify.numbers import missing_quantities
from qa.verify.verifier import same_language_failures
from qa.when import find_when

LIMIT = 2.0  # seconds of this thread's processor time for one input: the machine may have other work

Check = Callable[[Any], object]


def fuzz(tally: Tally, whole: int, strategy: st.SearchStrategy[Any], check: Check) -> None:
    """Runs the check on `whole` inputs (a hundredth of them in the ordinary suite); the first that fails is made small."""

    @seed(tally.seed)
    @settings(
        max_examples=tally.times(whole, quick=whole // 100), deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(strategy)
    def run(value: Any) -> None:
        tally.tries += 1
        said, began = "", time.thread_time()
        try:
            check(value)
        except SanadError as error:
            said = str(error)
            assert said.strip()  # what is expected is no error of ours, but that it says something
        took = time.thread_time() - began
        tally.figures["slowest, ms"] = max(tally.figures.get("slowest, ms", 0), round(1000 * took))
        assert took < LIMIT
        tally.saw("refused with a message" if said else "taken")

    run()


pytestmark = pytest.mark.timeout(7200)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Tables and models are loaded by the first text that needs them, which is not what an input costs."""
    for text in (
        "Der Hund lief 1 May 2020 davon, said Mr. Smith of Egypt.",
        "قال الرئيس أمس إن مصر لم توقع 3 اتفاقيات.",
    ):
        segment(parse_article("a.txt", text.encode()))
        find_when(text, None)
        speaker_of(Passage("a.txt", 1, 0, len(text), text, detect_language(text), "prose", ""))
        terms(text, "de")
        complete(text, text)
        spellings(text, "en", names(text))
        same_language_failures(text, text, text)


def test_articles(tally: Tally) -> None:
    tally.about = "Articles: bytes to lines to passages, every offset exact"

    def check(value: tuple[str | bytes, str]) -> None:
        content, path = value
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        article = parse_article(path, data)
        assert article.text.encode() == data
        end = 0
        for line in article.lines:
            assert end <= line.start < line.end
            assert article.text.count("\n", 0, line.start) + 1 == line.number
            assert "\n" not in article.text[line.start : line.end]
            end = line.end
        end = 0
        for passage in segment(article):
            assert article.text[passage.start : passage.end] == passage.text != ""
            assert end <= passage.start
            assert article.text.count("\n", 0, passage.start) + 1 == passage.line
            end = passage.end

    names_ = st.sampled_from(["a.txt", "a.md", "2020-02-30.MD", "أ.txt"])
    fuzz(tally, 16_000, st.tuples(texts | st.binary(max_size=80), names_), check)


def test_sentences(tally: Tally) -> None:
    tally.about = "Sentence boundaries: every letter and digit in exactly one sentence, in order"

    def check(value: tuple[str, str]) -> None:
        text, language = value
        spans = sentence_spans(text, language)
        kept = [False] * len(text)
        for start, end in spans:
            assert 0 <= start < end <= len(text)
            assert not text[start].isspace()
            assert not text[end - 1].isspace()
            for at in range(start, end):
                assert not kept[at]
                kept[at] = True
        assert spans == sorted(spans)
        assert not [c for c, in_one in zip(text, kept, strict=True) if c.isalnum() and not in_one]

    fuzz(tally, 12_000, st.tuples(texts, st.sampled_from(["ar", "en", "und", "zh", "fr", "xx"])), check)


def test_analysers(tally: Tally) -> None:
    tally.about = "Analysers: folding, words, stems, search terms, names, language, layout"

    def check(text: str) -> None:
        folded = fold(text)
        assert fold(folded) == folded
        assert words(folded) == words(text)
        for word in content_words(text):
            assert stem(word) is not None
        terms(text, "ar")
        name_terms(text)
        assert detect_language(text).isalpha()
        read_lines(text, markdown=True)

    fuzz(tally, 12_000, texts, check)


def test_dates(tally: Tally) -> None:
    tally.about = "Dates: those of an article, and what a line says about time"

    def check(value: tuple[str, datetime.date | None]) -> None:
        text, written = value
        find_dates(text)
        for when in find_when(text, written, offset=5):
            assert text[when.span.start - 5 : when.span.end - 5] == when.span.text
            assert when.first <= when.last

    fuzz(tally, 12_000, st.tuples(texts, st.none() | st.dates()), check)


def test_speakers(tally: Tally) -> None:
    tally.about = "Who says it: reports and quotation marks"

    def check(value: tuple[str, str, str]) -> None:
        text, language, kind = value
        passage = Passage("a.txt", 1, 7, 7 + len(text), text, language, kind, "")  # type: ignore[arg-type]
        spans = [*quotations(text)]
        speaker = speaker_of(passage, [passage])
        for start, end in spans:
            assert 0 <= start <= end <= len(text)
        for span in (speaker.name, *speaker.quoted) if speaker else ():
            assert text[span.start - 7 : span.end - 7] == span.text

    fuzz(tally, 8_000, st.tuples(lines, st.sampled_from(["ar", "en", "fr"]), st.sampled_from(KINDS)), check)


def test_questions(tally: Tally) -> None:
    tally.about = "Questions: checked, taken apart, completed from a conversation"

    def check(value: tuple[str, str]) -> None:
        question, previous = value
        completed = complete(question, previous)
        assert isinstance(completed, str)
        asked = checked_question(completed or question)
        holds_value(previous, wanted_value(asked))
        passage = Passage("a.txt", 1, 0, len(previous), previous, "en", "prose", "")
        unmet(asked, [passage])
        parts(asked)
        missing_parts(asked, [])
        spellings(asked, "en", names(previous))
        for text in (as_plain_text(asked), printable(asked)):
            assert not [c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"]

    fuzz(tally, 10_000, st.tuples(texts, texts), check)


def test_verdicts(tally: Tally) -> None:
    tally.about = "The verifier's rules: numbers, names, places, denials; no text contradicts itself in its numbers"

    def check(value: tuple[str, str, str]) -> None:
        claim, source, context = value
        same_language_failures(claim, source, context)
        assert not missing_quantities(claim, claim)

    fuzz(tally, 6_000, st.tuples(lines, lines, lines), check)


@pytest.fixture(scope="module")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("small")
    refresh_index(CORPUS, folder / "index", Letters())
    return Index.open(folder / "index", Letters())


def test_searches(tally: Tally, small_index: Index) -> None:
    tally.about = "Searches: any question, any filter"
    days = st.none() | st.dates()
    filters = st.builds(
        Filter, sources=st.lists(texts, max_size=2).map(tuple), since=days, until=days,
        languages=st.lists(st.sampled_from(["ar", "en", ""]) | texts, max_size=2).map(tuple),
        kinds=st.lists(st.sampled_from(KINDS), max_size=2).map(tuple), heading=st.just("") | texts,
    )  # fmt: skip

    def check(value: tuple[str, Filter | None, int]) -> None:
        question, only, k = value
        hits = small_index.search(question, k, only)
        assert len(hits) <= k
        if only:
            allowed = only.mask(small_index.store.contents.table, small_index.manifest)
            assert {hit.passage for hit in hits} <= {
                p for p, ok in zip(small_index.passages, allowed, strict=True) if ok
            }

    fuzz(tally, 6_000, st.tuples(texts, st.none() | filters, st.integers(1, 300)), check)


QUESTION = {"id": "q1", "question": "متى؟"}
PAIR = {"id": 1, "claim": "There were 13.", "source": "There were 31."}
GOLD = {
    "id": "a", "question": "When was it?", "language": "en", "answerable": True,
    "facts": [{"fact": "in March", "lines": [{"path": "a.txt", "line": 3}, {"path": "a.txt", "line": [1, 2]}]}],
    "answer": ["March", "2%"], "split": "tune",
}  # fmt: skip
SQUAD = {
    "data": [{"title": "T", "paragraphs": [{"context": "It was in March. It rained.", "qas": [
        {"id": "x", "question": "When?", "answers": [{"text": "March", "answer_start": 10}]},
        {"id": "y", "question": "Why?", "is_impossible": True, "answers": []}]}]}]
}  # fmt: skip


def in_file(path: Path, read: Callable[[Path], object]) -> Check:
    def check(data: bytes) -> None:
        path.write_bytes(data)
        read(path)

    return check


def test_question_files(tally: Tally, tmp_path: Path) -> None:
    tally.about = "Questions files"
    fuzz(tally, 4_000, files_like(QUESTION), in_file(tmp_path / "q.jsonl", lambda path: list(_question_lines(path))))


def test_pair_files(tally: Tally, tmp_path: Path) -> None:
    tally.about = "Files of claims and sources"
    read = in_file(tmp_path / "p.jsonl", lambda path: list(_json_lines(path, ("claim", "source"))))
    fuzz(tally, 2_000, files_like(PAIR), read)


def test_gold_files(tally: Tally, tmp_path: Path) -> None:
    tally.about = "Gold files"

    def read(path: Path) -> None:
        for question in read_gold(path, {"a.txt": 9}, drafts=True):
            json.dumps(gold_dict(question))

    fuzz(tally, 4_000, files_like(GOLD), in_file(tmp_path / "g.jsonl", read))


def test_squad_files(tally: Tally, tmp_path: Path) -> None:
    tally.about = "SQuAD-format files"
    fuzz(tally, 2_000, files_like(SQUAD), in_file(tmp_path / "s.json", read_squad))


def test_run_files(tally: Tally, tmp_path: Path) -> None:
    tally.about = "Runs of an evaluation, as `sanad eval --compare` reads them"
    run = {
        "format": 1, "settings": {"llm": "none", "judge": "", "systems": ["sanad"],
                     "split": "", "limit": 0, "load_bearing": 0, "seed": 0},
        "figures": [], "reliability": [], "questions": [{"id": "a"}], "load_bearing": [],
    }  # fmt: skip
    fuzz(tally, 1_000, files_like(run), in_file(tmp_path / "run.json", read_run))


def test_answers(tally: Tally, tmp_path: Path) -> None:
    tally.about = "Answers, as `sanad check` reads them"
    text = (CORPUS / TOKYO).read_text(encoding="utf-8")
    start = text.index("\n", 200) + 1
    end = text.index("\n", start)
    span = {"start": start, "end": start + 3, "text": text[start : start + 3]}
    citation = {
        "path": TOKYO, "line": text.count("\n", 0, start) + 1, "start": start, "end": end, "quote": text[start:end],
        "language": "ar", "speaker": span | {"speech": "direct", "quoted": [span]}, "dates": [span | {"first": "2025-10-28"}],
    }  # fmt: skip
    answer = {
        "format": 1, "question": "q", "asked_as": "",
        "claims": [{"text": text[start:end], "origin": "quote", "citations": [citation]}],
        "conflicts": [{"about": "date", "sides": [{"value": span, "citation": citation}]}],
        "index": {"corpus": str(CORPUS), "sources": {TOKYO: "0" * 64}},
    }  # fmt: skip
    assert len(check_answer(answer, CORPUS)) == 1  # the invented sum of the file

    def read(path: Path) -> None:
        for one in read_answers(path):
            assert all(isinstance(problem, str) for problem in check_answer(one, CORPUS))

    fuzz(tally, 5_000, files_like(answer), in_file(tmp_path / "a.json", read))


def test_manifests(tally: Tally, tmp_path: Path) -> None:
    tally.about = "Index manifests, damaged or forged with a checksum that fits"
    folder = tmp_path / "index"
    refresh_index(CORPUS, folder, Letters())
    path = folder / "manifest.json"
    good = json.loads(path.read_text(encoding="utf-8"))
    del good["sha256"]

    def check(value: Any) -> None:
        if isinstance(value, bytes):
            path.write_bytes(value)
        else:
            path.write_bytes(sealed(json_lines(value)).encode("utf-8", "surrogatepass"))
        index = Index.open(folder, Letters())
        assert {passage.path for passage in index.passages} <= {entry.path for entry in index.manifest.articles}
        index.search("minerals", 3, Filter(since=datetime.date(2020, 1, 1)))

    fuzz(tally, 3_000, files_like(good) | mutated(good).filter(lambda value: isinstance(value, dict)), check)


def test_forged_indexes(tally: Tally, tmp_path: Path) -> None:
    tally.about = "Index files that somebody forged, with checksums that fit"
    folder = tmp_path / "index"
    refresh_index(CORPUS, folder, Letters())
    manifest = read_folder_manifest(folder)
    kept = tmp_path / "kept"
    shutil.copytree(folder / manifest.data, kept)
    draw = tally.random

    def check(_: int) -> None:
        shutil.rmtree(folder / manifest.data)
        shutil.copytree(kept, folder / manifest.data)
        name = draw.choice(sorted(manifest.files))
        forged = folder / manifest.data / name
        data = bytearray(forged.read_bytes())
        for _ in range(draw.randrange(1, 5)):
            at = draw.randrange(len(data) if draw.random() < 0.5 else min(200, len(data)))
            if draw.random() < 0.5:
                data[at] = draw.randrange(256)
            else:
                del data[at : at + draw.randrange(1, 50)]
        forged.write_bytes(data)
        stored = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        stored.pop("sha256")
        stored["files"][name] = forged.stat().st_size
        (folder / manifest.data / "blocks.npy").write_bytes(
            npy_bytes(store._sums(folder / manifest.data, manifest.dimension))
        )
        stored["blocks_sha256"] = sha256_of(folder / manifest.data / "blocks.npy")
        (folder / "manifest.json").write_text(sealed(json_lines(stored)), encoding="utf-8")
        index = Index.open(folder, Letters())
        for hit in index.search("What about the minerals?", 5):
            assert hit.passage in index.passages

    fuzz(tally, 2_000, st.integers(), check)


def test_file_names(tally: Tally, tmp_path: Path) -> None:
    tally.about = "Names of files in the corpus, and paths that lead out of it"
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")

    def check(name: str) -> None:
        try:
            data = read_bytes(corpus, name)
        except ValueError as error:  # the system's own: a NUL in a name
            raise AssertionError(f"{name!a}") from error
        assert data != b"secret"

    odd = st.sampled_from(
        [
            "../secret.txt",
            "a/../../secret.txt",
            "/etc/hostname",
            "",
            ".",
            "..",
            "a" * 5000,
            "a\nb",
            "\u202etxt.a",
            "\0",
            "//",
        ]
    )
    fuzz(tally, 1_000, odd | texts, check)
    good = encodable.filter(lambda name: 0 < len(name.encode()) < 200 and not set("/\0") & set(name))

    def lists(name: str) -> None:
        file = corpus / f"{name}.txt"
        file.write_text("A line.\n", encoding="utf-8")
        try:
            for path in find_articles(corpus):
                read_bytes(corpus, path)
        finally:
            file.unlink()

    fuzz(tally, 1_000, good, lists)
