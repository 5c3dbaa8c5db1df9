"""Gold and results as other tools read them: TREC files through ir_measures, samples in the fields of ragas."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import ir_measures
import pytest
from click.testing import CliRunner
from click.testing import Result as Called
from conftest import CORPUS
from ir_measures import AP, RR, R, nDCG

from index import Index, UsageError
from qa.cli import main
from qa.evaluation.evaluate import evaluate
from qa.evaluation.gold import Fact, GoldLine, GoldQuestion, read_gold, write_gold
from qa.evaluation.interchange import (
    Evaluated,
    Result,
    Said,
    read_evaluated,
    read_results,
    refusal,
    trec_document,
    write_ragas,
    write_results,
    write_trec,
)
from qa.evaluation.run import RUN_FILE, Run, Settings

ARABIC = "مقال أول.txt"
ENGLISH = "100% sure.txt"
LINES = {
    (ARABIC, 1): "افتُتح الجسر سنة ١٩٢٣.",
    (ARABIC, 2): "يبلغ طوله ٤٥٠ متراً.",
    (ENGLISH, 1): "The bridge is 450 metres long.",
    (ENGLISH, 2): "It was opened in 1923.",
}
QUESTIONS = (
    GoldQuestion(
        "q 1",
        "How long is the bridge, and when was it opened?",
        "en",
        (
            Fact("450 metres", (GoldLine(ARABIC, 2, 2), GoldLine(ENGLISH, 1, 1))),
            Fact("in 1923", (GoldLine(ARABIC, 1, 1), GoldLine(ENGLISH, 2, 2))),
        ),
    ),
    GoldQuestion("س٢", "من صمم الجسر؟", "ar"),
)
RESULTS = (
    Result(
        "q 1",
        QUESTIONS[0].question,
        "sanad",
        (Said("The bridge is 450 metres long.", ((ENGLISH, 1),)), Said("افتُتح الجسر سنة ١٩٢٣.", ((ARABIC, 1),))),
        ((ENGLISH, 1), (ARABIC, 2), (ENGLISH, 1)),
    ),
    Result("س٢", QUESTIONS[1].question, "sanad", (), ((ARABIC, 1),)),
)
EVALUATED = Evaluated(QUESTIONS, RESULTS, LINES)
# The fields of ragas.SingleTurnSample (ragas 0.2 to 0.4) and their types.
RAGAS_TEXTS = {"user_input", "response", "reference"}
RAGAS_LISTS = {"retrieved_contexts", "reference_contexts", "retrieved_context_ids", "reference_context_ids"}


def sanad(*arguments: object) -> Called:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Results, gold and articles on disk."""
    corpus = tmp_path / "articles"
    corpus.mkdir()
    for path in (ARABIC, ENGLISH):
        (corpus / path).write_text("\n".join(text for (name, _), text in LINES.items() if name == path), "utf-8")
    write_gold(tmp_path / "gold.jsonl", QUESTIONS)
    write_results(tmp_path / "results.jsonl", RESULTS)
    return tmp_path / "results.jsonl", tmp_path / "gold.jsonl", corpus


def test_results_survive_the_way_through_a_file(files: tuple[Path, Path, Path]) -> None:
    assert read_results(files[0]) == RESULTS
    assert read_evaluated(*files) == EVALUATED


def test_ir_measures_reads_the_trec_files(tmp_path: Path) -> None:
    write_trec(tmp_path / "trec", EVALUATED)
    qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "trec" / "gold.qrels")))
    run = list(ir_measures.read_trec_run(str(tmp_path / "trec" / "sanad.run")))
    assert {(q.query_id, q.iteration, unquote(q.doc_id), q.relevance) for q in qrels} == {
        ("q%201", "1", f"{ARABIC}:2", 1),
        ("q%201", "1", f"{ENGLISH}:1", 1),
        ("q%201", "2", f"{ARABIC}:1", 1),
        ("q%201", "2", f"{ENGLISH}:2", 1),
    }
    assert [unquote(d.doc_id) for d in run if d.query_id == "q%201"] == [f"{ENGLISH}:1", f"{ARABIC}:2"]
    figures = ir_measures.calc_aggregate([RR, R @ 5, AP, nDCG @ 10], qrels, run)
    assert figures[RR] == 1
    assert figures[R @ 5] == 0.5
    assert figures[AP] == 0.5
    assert figures[nDCG @ 10] == pytest.approx((1 + 0.63093) / (1 + 0.63093 + 0.5 + 0.43068), abs=1e-4)


def test_ir_measures_finds_the_facts_as_subtopics(tmp_path: Path) -> None:
    """Both lines found are about the first fact: intent-aware measures see that the second is missing."""
    write_trec(tmp_path / "trec", EVALUATED)
    qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "trec" / "gold.qrels")))
    assert {int(qrel.iteration) for qrel in qrels} == {1, 2}
    of_facts = {
        fact: {unquote(qrel.doc_id) for qrel in qrels if qrel.iteration == fact and qrel.query_id == "q%201"}
        for fact in ("1", "2")
    }
    found = {f"{path}:{line}" for path, line in RESULTS[0].ranking}
    assert found <= of_facts["1"]
    assert not found & of_facts["2"]


def test_equal_scores_cannot_change_the_order(tmp_path: Path) -> None:
    write_trec(tmp_path / "trec", EVALUATED)
    rows = [line.split() for line in (tmp_path / "trec" / "sanad.run").read_text(encoding="utf-8").splitlines()]
    assert all(len(row) == 6 for row in rows)
    mine = [(int(rank), float(score)) for query, _, _, rank, score, _ in rows if query == "q%201"]
    assert mine == [(1, -1.0), (2, -2.0)]


@pytest.mark.parametrize("place", [(ARABIC, 3), (ENGLISH, 12), ("a\u00a0b/c:d\t%20.txt", 1)])
def test_a_document_is_one_word_and_can_be_read_back(place: tuple[str, int]) -> None:
    name = trec_document(place)
    assert name.split() == [name]
    path, _, line = unquote(name).rpartition(":")
    assert (path, int(line)) == place


def test_ragas_samples_have_its_fields_and_types(tmp_path: Path) -> None:
    write_ragas(tmp_path / "ragas.jsonl", EVALUATED)
    samples = [json.loads(line) for line in (tmp_path / "ragas.jsonl").read_text(encoding="utf-8").splitlines()]
    for sample in samples:
        assert sample.keys() == RAGAS_TEXTS | RAGAS_LISTS
        assert all(isinstance(sample[field], str) and sample[field] for field in RAGAS_TEXTS)
        assert all(isinstance(one, str) for field in RAGAS_LISTS for one in sample[field])
        assert len(sample["retrieved_contexts"]) == len(sample["retrieved_context_ids"])
        assert len(sample["reference_contexts"]) == len(sample["reference_context_ids"])
    first, second = samples
    assert first["response"] == "The bridge is 450 metres long. افتُتح الجسر سنة ١٩٢٣."
    assert first["reference"] == "450 metres. in 1923"
    assert first["retrieved_contexts"] == [LINES[ENGLISH, 1], LINES[ARABIC, 2], LINES[ARABIC, 1]]  # the cited one last
    assert first["reference_contexts"] == [LINES[place] for place in sorted(QUESTIONS[0].places)]
    assert second["response"] == second["reference"] == "المصادر لا تذكر ذلك."
    assert second["reference_contexts"] == []


@pytest.mark.parametrize("form", ["ragas", "trec", "results"])
def test_export_of_another_systems_results(files: tuple[Path, Path, Path], tmp_path: Path, form: str) -> None:
    results, gold, corpus = files
    out = tmp_path / "out"
    called = sanad("gold", "export", f"--{form}", results, out, "--gold", gold, "--corpus", corpus)
    assert called.exit_code == 0, called.output
    assert "2 questions" in called.output
    assert out.exists()
    again = sanad("gold", "export", f"--{form}", results, out, "--gold", gold, "--corpus", corpus)
    assert again.exit_code == 2
    assert "is there already" in again.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "results.jsonl:1: no result"),
        ('{"id": "1", "question": "q", "system": "s", "claims": []}', "ranking"),
        ('{"id": 1, "question": "q", "system": "s", "claims": [], "ranking": []}', "1 is no text"),
        (
            '{"id": "1", "question": "q", "system": "s", "claims": [], "ranking": [{"path": "a", "line": "1"}]}',
            "'1' is no whole number",
        ),
    ],
)
def test_malformed_results_are_refused_with_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_results(path)
    assert said in str(caught.value)
    assert "results.jsonl:1" in str(caught.value)


def test_what_does_not_belong_together_is_refused(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    results, gold, corpus = files
    export = ("gold", "export", "--ragas", results, tmp_path / "out")
    for arguments, said in (
        (export, "name --gold FILE and --corpus DIR"),
        ((*export, "--gold", gold, "--corpus", corpus, "--system", "other"), "choose from sanad"),
        (("gold", "export", results, tmp_path / "out"), "say what to write"),
    ):
        called = sanad(*arguments)
        assert called.exit_code == 2
        assert said in called.stderr
        assert called.stderr.count("\n") == 1
    write_results(results, RESULTS[:1])
    called = sanad(*export, "--gold", gold, "--corpus", corpus)
    assert called.exit_code == 2
    assert "do not agree about question س٢" in called.stderr
    stray = Result("q 1", "Q?", "sanad", (), ((ENGLISH, 9),))
    write_results(results, (stray, RESULTS[1]))
    called = sanad(*export, "--gold", gold, "--corpus", corpus)
    assert called.exit_code == 2
    assert "100% sure.txt has no line 9" in called.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def run(index: Index) -> Run:
    """A real run over the corpus, quotes only."""
    lines_of = {path.name: path.read_text(encoding="utf-8").count("\n") + 1 for path in CORPUS.glob("*.txt")}
    gold = CORPUS / "gold.jsonl"
    settings = Settings(systems=("quotes-only",), limit=12, load_bearing=0)
    return evaluate(index, read_gold(gold, lines_of), settings, gold)


@pytest.fixture
def report(run: Run, tmp_path: Path) -> Path:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / RUN_FILE).write_text(run.to_json(), encoding="utf-8")
    return tmp_path / "report"


def test_exported_retrieval_gives_the_figures_of_the_report(run: Run, report: Path) -> None:
    called = sanad("gold", "export", "--trec", report, report / "trec")
    assert called.exit_code == 0, called.output
    qrels = list(ir_measures.read_trec_qrels(str(report / "trec" / "gold.qrels")))
    found = list(ir_measures.read_trec_run(str(report / "trec" / "sanad.run")))
    figures = ir_measures.calc_aggregate([RR, AP, nDCG @ 10], qrels, found)
    for measure, name in ((RR, "MRR"), (AP, "MAP"), (nDCG @ 10, "nDCG@10")):
        reported = run.figure(name)
        assert reported
        assert figures[measure] == pytest.approx(reported.value, abs=1e-6)


def test_exported_samples_hold_the_lines_of_the_articles(run: Run, report: Path) -> None:
    called = sanad("gold", "export", "--ragas", report, report / "samples.jsonl", "--system", "quotes-only")
    assert called.exit_code == 0, called.output
    samples = [json.loads(line) for line in (report / "samples.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = {path.name: path.read_text(encoding="utf-8").split("\n") for path in CORPUS.glob("*.txt")}
    assert len(samples) == len(run.questions) == 12
    for sample, row in zip(samples, run.questions, strict=True):
        assert sample["user_input"] == row["question"]
        for kind in ("retrieved", "reference"):
            for text, id_ in zip(sample[f"{kind}_contexts"], sample[f"{kind}_context_ids"], strict=True):
                path, _, line = id_.rpartition(":")
                assert text == texts[path][int(line) - 1].strip()
        quotes = [claim["text"] for claim in row["systems"]["quotes-only"]["claims"]]
        assert all(any(quote in context for context in sample["retrieved_contexts"]) for quote in quotes)
        assert (sample["reference"] == refusal(row["language"])) == (not row["answerable"])
        assert sample["response"] == (" ".join(quotes) or refusal(row["language"]))
    assert {row["answerable"] for row in run.questions} == {True, False}


def test_exported_results_can_be_exported_again(report: Path) -> None:
    first, second = report / "results.jsonl", report / "again.jsonl"
    assert sanad("gold", "export", "--results", report, first).exit_code == 0
    gold = [json.loads(line) for line in (CORPUS / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    asked = {result.id for result in read_results(first)}
    subset = report / "gold.jsonl"
    subset.write_text("".join(json.dumps(row) + "\n" for row in gold if row["id"] in asked), encoding="utf-8")
    called = sanad("gold", "export", "--results", first, second, "--gold", subset, "--corpus", CORPUS)
    assert called.exit_code == 0, called.output
    assert second.read_bytes() == first.read_bytes()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    called = sanad("gold", "export", "--trec", tmp_path / "nowhere", tmp_path / "out")
    assert called.exit_code == 2
    assert "is no run of sanad eval" in called.stderr
