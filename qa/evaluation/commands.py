"""`sanad eval` on the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from index import Index
from index.errors import SanadError
from index.place import Place
from qa.chat import announcement
from qa.evaluation import gate as gates
from qa.evaluation.run import Run, Settings, read_run
from qa.options import CORPUS, INDEX

_DEFAULT = Settings()
_FILE = click.Path(path_type=Path)


@click.command("eval")
@click.option("--gold", type=_FILE, default=Path("corpus/gold.jsonl"), show_default=True, help="The gold file.")
@INDEX
@CORPUS
@click.option(
    "--llm", default=_DEFAULT.llm, show_default=True,
    help="As for sanad ask. 'none' takes seconds; 'embedded' writes, checks and measures sentences for a quarter of an hour.",
)  # fmt: skip
@click.option(
    "--judge", default="", help="A chat model, named as for --llm, that judges groundedness beside the verifier."
)
@click.option("--systems", default="", help="Baselines to ask beside sanad, separated by commas.  [default: all]")
@click.option("--split", default="", help="Only the questions of this split.")
@click.option("--limit", type=click.IntRange(min=0), default=0, help="Only so many questions, evenly over the file.")
@click.option(
    "--load-bearing", type=click.IntRange(min=0), default=_DEFAULT.load_bearing, show_default=True,
    help="How many claims of a system to test without, and with only, what they cite.",
)  # fmt: skip
@click.option("--seed", type=int, default=_DEFAULT.seed, show_default=True, help="Of everything that is drawn.")
@click.option("--report", type=_FILE, help="Folder for run.json, summary.md, report.html and history.jsonl.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object.")
@click.option("--gate", is_flag=True, help="Exit with 1 when a figure breaks its bound.")
@click.option("--write-thresholds", is_flag=True, help="Write the bounds of --gate from this run.")
@click.option(
    "--thresholds", type=_FILE, default=gates.DEFAULT_THRESHOLDS, show_default=True, help="The bounds of --gate."
)
@click.option("--compare", type=_FILE, nargs=2, help="Show what changed between two runs; nothing is asked.")
def evaluate_command(
    gold: Path,
    index_dir: Place,
    corpus: Path | None,
    llm: str,
    judge: str,
    systems: str,
    split: str,
    limit: int,
    load_bearing: int,
    seed: int,
    report: Path | None,
    as_json: bool,
    gate: bool,
    write_thresholds: bool,
    thresholds: Path,
    compare: tuple[Path, Path] | None,
) -> None:
    """Measure retrieval, citations, grounding, completeness and refusal over a gold file, beside baselines."""
    if compare:
        _compare(*compare, as_json=as_json)
        return
    chosen = tuple(name.strip() for name in systems.split(",") if name.strip())
    if sent := announcement(llm, judge):
        click.echo(sent, err=True)
    run = _run(gold, index_dir, corpus, Settings(llm, judge, chosen, split, limit, load_bearing, seed))
    from qa.evaluation.report import summary, write_report

    if report:
        write_report(run, report)
    if as_json:
        told = asdict(run)
        click.echo(json.dumps({name: told[name] for name in told if name not in _LONG}, ensure_ascii=False))
    else:
        click.echo(summary(run))
        if report:
            click.echo(f"\n{report / 'report.html'} shows every failure beside its source line.")
    if write_thresholds:
        _write(run, thresholds)
    if gate:
        _hold(run, thresholds)


_LONG = ("questions", "load_bearing", "lines")  # in the report's run.json only


def _run(gold: Path, index_dir: Place, corpus: Path | None, settings: Settings) -> Run:
    from qa.evaluation.evaluate import evaluate
    from qa.evaluation.gold import read_gold

    index = Index.open(index_dir, corpus=corpus)
    questions = read_gold(gold, {entry.path: entry.lines for entry in index.manifest.articles})
    with click.progressbar(length=1, label="asking", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        return evaluate(index, questions, settings, gold, progress=progress)


def _write(run: Run, thresholds: Path) -> None:
    count = gates.write_thresholds(run, thresholds)
    for claim in gates.unkept_claims(run):
        click.echo(f"gate: no bound for {claim}", err=True)
    click.echo(f"{thresholds}: {count} bounds for {run.settings.command()}", err=True)


def _hold(run: Run, thresholds: Path) -> None:
    broken = gates.failing(run, thresholds)
    for one in broken:
        click.echo(f"gate: {one}", err=True)
    if broken:
        raise SanadError(
            f"{len(broken)} figures break the bounds of {thresholds}; mend what made them worse, "
            f"or accept it: {run.settings.command()} --write-thresholds"
        )
    click.echo(f"gate: every bound of {thresholds} holds", err=True)


def _compare(before: Path, after: Path, *, as_json: bool) -> None:
    from qa.evaluation.compare import compare, comparison_table

    compared = compare(read_run(before), read_run(after))
    click.echo(json.dumps(asdict(compared), ensure_ascii=False) if as_json else comparison_table(compared))
