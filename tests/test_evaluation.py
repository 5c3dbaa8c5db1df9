"""The evaluation measures what it says: metrics by hand, runs that repeat, and a gate that sees what is broken."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sklearn.metrics import roc_auc_score

from index import Filter, Hit, Index
from qa.answer import Answer, Citation
from qa.cli import main
from qa.evaluation import gate, measures, statistics
from qa.evaluation.compare import compare
from qa.evaluation.evaluate import evaluate
from qa.evaluation.gold import Fact, GoldLine, GoldQuestion, read_gold
from qa.evaluation.report import page, summary, write_report
from qa.evaluation.run import ALL, Run, Settings, read_run
from qa.evaluation.systems import SANAD, Ask, Systems
from qa.evaluation.views import Screened, View
from qa.sanad import Sanad
from qa.verify import Verifier
from tests.conftest import ALLIANCE, CORPUS

GOLD = CORPUS / "gold.jsonl"
FEW = Settings(limit=12, load_bearing=4)
ALL_QUESTIONS = Settings(systems=("top-passage",), load_bearing=0)  # quotes only, and nothing that is slow to judge


def questions_of(index: Index) -> tuple[GoldQuestion, ...]:
    return read_gold(GOLD, {entry.path: entry.lines for entry in index.manifest.articles})


def run_over(index: Index, settings: Settings, replaced: Mapping[str, Ask] | None = None) -> Run:
    return evaluate(index, questions_of(index), settings, GOLD, replaced=replaced)


@pytest.fixture(scope="module")
def few(index: Index) -> Run:
    return run_over(index, FEW)


@pytest.fixture(scope="module")
def whole(index: Index) -> Run:
    return run_over(index, ALL_QUESTIONS)


@pytest.fixture(scope="module")
def shuffled(index: Index) -> Run:
    """The same questions, every citation dealt anew among the passages of the collection."""
    sound = Systems("none", index.passages, 0, Verifier()).named()[SANAD]

    def ask(seen: Index, asked: str) -> Answer:
        answer = sound(seen, asked)
        draw = random.Random(asked)
        dealt = (
            replace(claim, citations=tuple(Citation.of(draw.choice(index.passages)) for _ in claim.citations))
            for claim in answer.claims
        )
        return replace(answer, claims=tuple(dealt))

    return run_over(index, ALL_QUESTIONS, {SANAD: ask})


@pytest.fixture(scope="module")
def thresholds(whole: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gate") / "gate.toml"
    gate.write_thresholds(whole, path)
    return path


def value(run: Run, metric: str, system: str = SANAD, languages: str = ALL) -> float:
    figure = run.figure(metric, system, languages)
    assert figure is not None, metric
    return figure.value


# Metrics by hand


def question(*lines: tuple[int, ...]) -> GoldQuestion:
    """A question whose facts each stand on any of the given lines."""
    facts = tuple(Fact(f"fact {n}", tuple(GoldLine("a", at, at) for at in fact)) for n, fact in enumerate(lines))
    return GoldQuestion("q", "Who signed?", "en", facts)


def test_retrieval_by_hand() -> None:
    asked = question((1, 2), (9,))
    ranking = [("a", 5), ("a", 2), ("a", 1), ("b", 9), ("a", 6), ("a", 7), ("a", 9)]
    (values,) = measures.retrieval([asked], [ranking])
    gain = sum(1 / math.log2(rank + 1) for rank in (2, 3, 7))
    ideal = sum(1 / math.log2(rank + 1) for rank in (1, 2, 3))
    assert values == pytest.approx(
        {"recall@5": 0.5, "recall@10": 1.0, "MRR": 1 / 2, "MAP": (1 / 2 + 2 / 3 + 3 / 7) / 3, "nDCG@10": gain / ideal}
    )
    nothing, unanswerable = measures.retrieval([asked, GoldQuestion("u", "Who?", "en")], [[], ranking])
    assert set(nothing.values()) == {0.0}
    assert unanswerable == {}


@pytest.mark.parametrize(
    ("said", "wanted", "f1"),
    [
        ("The golf club, a gift.", "golf club", 0.8),
        ("nothing of it", "golf club", 0.0),
        ("", "golf club", 0.0),
        ("الاِتّفاقيّة الجديدة", "اتفاقية جديدة", 1.0),
        ("٢٪ من الناتج", "2% من ناتج", 1.0),
    ],
)
def test_token_f1_in_both_languages(said: str, wanted: str, f1: float) -> None:
    assert measures.token_f1(said, wanted) == pytest.approx(f1)


def test_statistics_against_their_definitions() -> None:
    draw = np.random.default_rng(0)
    answerable = draw.integers(0, 2, 60).astype(float)
    confidence = np.round(draw.random(60), 1)  # ties
    assert statistics.auroc(answerable, confidence) == pytest.approx(roc_auc_score(answerable, confidence))
    assert statistics.calibration_error(np.asarray([1.0, 1, 0, 0]), np.asarray([0.95, 0.95, 0.05, 0.95])) == (
        pytest.approx((3 * abs(0.95 - 2 / 3) + 0.05) / 4)
    )
    low, high = statistics.interval([[0.0, 1.0] * 50], statistics.mean, seed=0) or (0, 0)
    assert 0.35 < low < 0.45 < 0.55 < high < 0.65
    assert statistics.interval([[1.0]], statistics.mean, seed=0) is None
    assert statistics.paired_p([0.0] * 12, [1.0] * 12, seed=0) < 0.01
    assert statistics.paired_p([0.0, 1.0] * 6, [1.0, 0.0] * 6, seed=0) > 0.5
    assert statistics.paired_p([0.0], [1.0], seed=0) == 1
    assert statistics.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_refusal_counts_what_was_refused_and_what_should_be() -> None:
    answerable, refused = np.asarray([1.0, 1, 0, 0, 0]), np.asarray([1.0, 0, 1, 0, 0])
    assert statistics.refusal_precision(answerable, refused) == 1 / 2
    assert statistics.refusal_recall(answerable, refused) == pytest.approx(1 / 3)
    assert statistics.refusal_f1(answerable, refused) == pytest.approx(2 / 5)


# Runs


def test_two_runs_give_the_same_figures_and_come_back_from_their_file(index: Index, few: Run, tmp_path: Path) -> None:
    first, second = few, run_over(index, FEW)
    assert first.figures == second.figures
    assert first.questions == second.questions
    assert first.load_bearing == second.load_bearing
    write_report(first, tmp_path)
    again = read_run(tmp_path)
    assert again.figures == first.figures
    assert again.settings == FEW
    assert again.to_json() == first.to_json()
    history = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["made"]["commit"] for line in history] == [first.made["commit"]]


def test_the_baselines_do_what_they_are_named_for(whole: Run, few: Run) -> None:
    assert value(whole, "citation precision", "top-passage") == 1
    assert value(whole, "facts covered") > value(whole, "facts covered", "top-passage")
    assert value(whole, "refusal recall", "top-passage") == 0
    assert value(whole, "unresolved citations") == 0
    assert value(few, "facts covered", "quotes-only") == value(few, "facts covered")
    assert value(few, "citation recall", "random-citation") < 0.5
    assert value(few, "answer patterns", "random-citation") == value(few, "answer patterns")


def test_load_bearing_tells_used_citations_from_random_ones(few: Run) -> None:
    assert value(few, "necessity") > value(few, "necessity", "random-citation")
    assert value(few, "sufficiency") > value(few, "sufficiency", "random-citation")


def test_a_screened_index_shows_nothing_of_what_is_hidden(index: Index) -> None:
    seen = Screened(index, lambda passage: passage.line != 23)
    asked = "كم سيبلغ الإنفاق الدفاعي الياباني؟"
    assert 23 in {hit.passage.line for hit in index.search(asked, 5)}
    assert 23 not in {hit.passage.line for hit in seen.search(asked, 500)}
    assert 23 not in {passage.line for passage in seen.passages}
    assert len(seen.search(asked, 5)) == 5


def test_every_failure_stands_in_the_page_beside_its_line(whole: Run) -> None:
    html = page(whole)
    assert "src=" not in html
    assert "href=" not in html.replace("xlink:href=", "")
    for row in whole.questions:
        assert (f'id="{row["id"]}"' in html) == bool(row["systems"][SANAD]["failures"])
    missed = next(
        row for row in whole.questions if any(f["kind"] == "refused" for f in row["systems"][SANAD]["failures"])
    )
    at = missed["facts"][0]["lines"][0]
    assert whole.lines[at["path"]][str(at["line"])] in html.replace("&#34;", '"')
    assert "| facts covered |" in summary(whole)


def test_nothing_in_the_page_is_read_as_markup(index: Index, whole: Run) -> None:
    row = dict(whole.questions[0]) | {"question": "<script>alert(1)</script>"}
    row["systems"] = {SANAD: dict(row["systems"][SANAD]) | {"failures": [{"kind": "answered", "what": ""}]}}
    assert "<script>alert" not in page(replace(whole, questions=(row,)))


# The gate


class DenseOnly(View):
    """Fusion off: the order of the vectors alone."""

    def search(self, question: str, k: int = 10, only: Filter | None = None) -> list[Hit]:
        hits = self._base.search(question, len(self._base.passages), only)
        return sorted(hits, key=lambda hit: (-hit.cosine, hit.passage.id))[:k]


def broken_metrics(run: Run, thresholds: Path) -> set[str]:
    return {line.split(" (")[0] for line in gate.failing(run, thresholds)}


def test_the_measured_run_passes_its_own_gate(whole: Run, thresholds: Path) -> None:
    assert gate.failing(whole, thresholds) == []


def test_shuffled_citations_fail_the_gate(shuffled: Run, thresholds: Path) -> None:
    broken = broken_metrics(shuffled, thresholds)
    assert {"cited-line precision", "facts covered", "citation recall"} <= broken
    assert not broken & {"recall@5", "MRR", "nDCG@10", "refusal recall", "AUROC"}


def test_fusion_off_fails_the_gate(index: Index, thresholds: Path) -> None:
    run = run_over(DenseOnly(index), ALL_QUESTIONS)
    broken = broken_metrics(run, thresholds)
    assert {"MRR", "nDCG@10"} <= broken
    assert not broken & {"citation recall", "groundedness", "unresolved citations"}


@pytest.mark.slow
@pytest.mark.timeout(600)  # sixteen answers that the language model reads and writes
def test_an_absent_verifier_fails_the_gate(index: Index, tmp_path: Path) -> None:
    settings = Settings(llm="embedded", systems=("unverified",), limit=4, load_bearing=0)
    sound = run_over(index, settings)
    path = tmp_path / "gate.toml"
    gate.write_thresholds(sound, path)
    assert gate.failing(sound, path) == []
    open_hand = Systems("embedded", index.passages, 0, Verifier()).named()["unverified"]
    broken = broken_metrics(run_over(index, settings, {SANAD: open_hand}), path)
    assert {"groundedness", "citation recall"} <= broken
    assert not broken & {"recall@5", "MRR", "facts covered", "cited-line precision"}
    assert value(sound, "groundedness") > value(sound, "groundedness", "unverified")
    assert value(sound, "tokens written") > 0


def test_a_citation_that_does_not_resolve_fails_the_gate(index: Index, thresholds: Path) -> None:
    def ask(seen: Index, asked: str) -> Answer:
        answer = Sanad(seen, None).ask(asked)
        moved = tuple(
            replace(claim, citations=tuple(replace(one, line=one.line + 1) for one in claim.citations))
            for claim in answer.claims
        )
        return replace(answer, claims=moved)

    assert "unresolved citations" in broken_metrics(run_over(index, ALL_QUESTIONS, {SANAD: ask}), thresholds)


def test_thresholds_are_for_their_own_settings_and_gold(whole: Run, thresholds: Path, tmp_path: Path) -> None:
    from index.errors import UsageError

    other = replace(whole, settings=Settings(limit=50))
    with pytest.raises(
        UsageError, match=r"no thresholds for this run, only for: sanad eval .*; run: sanad eval --limit 50"
    ):
        gate.failing(other, thresholds)
    with pytest.raises(UsageError, match="measured on another gold file"):
        gate.failing(replace(whole, collection=dict(whole.collection) | {"gold_sha256": "0"}), thresholds)
    both = tmp_path / "both.toml"
    gate.write_thresholds(whole, both)
    alone = both.read_bytes()
    gate.write_thresholds(other, both)
    gate.write_thresholds(whole, both)
    assert gate.failing(whole, both) == gate.failing(other, both) == []
    assert len(both.read_bytes()) > len(alone)
    both.write_text("[[run]]\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is no file of thresholds"):
        gate.failing(whole, both)


# Comparison


def test_comparison_finds_what_was_broken_and_nothing_else(whole: Run, shuffled: Run) -> None:
    assert not any(change.significant or change.before != change.after for change in compare(whole, whole).changes)
    changed = {change.metric: change for change in compare(whole, shuffled).changes if change.languages == ALL}
    assert changed["facts covered"].significant
    assert changed["facts covered"].after < changed["facts covered"].before
    assert changed["recall@5"].p == 1
    assert compare(whole, shuffled).broken


# The command


def sanad(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_command_from_gold_to_gate(corpus_index: Path, tmp_path: Path) -> None:
    asked = (
        "eval",
        "--gold",
        GOLD,
        "--index",
        corpus_index,
        "--limit",
        12,
        "--load-bearing",
        0,
        "--systems",
        "top-passage",
    )
    path = tmp_path / "gate.toml"
    result = sanad(*asked, "--json", "--report", tmp_path / "a", "--write-thresholds", "--thresholds", path)
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["settings"]["limit"] == 12
    assert {one["metric"] for one in told["figures"]} > {"recall@5", "facts covered", "unresolved citations"}
    for name in ("run.json", "summary.md", "report.html", "history.jsonl"):
        assert (tmp_path / "a" / name).stat().st_size

    kept = sanad(*asked, "--gate", "--thresholds", path)
    assert kept.exit_code == 0
    assert "every bound" in kept.stderr
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('"facts covered", languages = "all", min = 0.', '"facts covered", languages = "all", min = 1.'),
        encoding="utf-8",
    )
    failed = sanad(*asked, "--gate", "--thresholds", path)
    assert failed.exit_code == 1
    assert "gate: facts covered (all): " in failed.stderr
    same = sanad("eval", "--compare", tmp_path / "a", tmp_path / "a" / "run.json")
    assert same.stdout == "No figure differs.\n"


def test_asked_wrongly(corpus_index: Path, tmp_path: Path) -> None:
    def refused(*arguments: object) -> str:
        result = sanad("eval", "--index", corpus_index, *arguments)
        assert result.exit_code == 2
        assert result.stderr.startswith("sanad: ")
        assert result.stderr.count("\n") == 1
        return result.stderr

    wrong = tmp_path / "gold.jsonl"
    row = {"id": "a", "question": "Who?", "language": "en", "answerable": True}
    at = {"path": ALLIANCE, "line": 999}
    wrong.write_text("\n" + json.dumps(row | {"facts": [{"fact": "x", "lines": [at]}]}) + "\n", encoding="utf-8")
    assert f"{wrong}:2: {ALLIANCE} has the lines 1 to" in refused("--gold", wrong)
    assert "'nonsense' is no system" in refused("--systems", "nonsense")
    assert "needs a language model" in refused("--systems", "unverified")
    assert "no question of the split 'nonsense'" in refused("--split", "nonsense")
    assert "is no run of sanad eval" in refused("--compare", tmp_path, tmp_path)
