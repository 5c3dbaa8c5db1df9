"""`sanad gold`: gold files from public question sets, from drafts, and evaluations for other tools."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from index import Index
from index.errors import UsageError
from index.place import Place
from qa.chat import EMBEDDED, announcement
from qa.evaluation.gold import write_gold
from qa.options import INDEX
from qa.sanad import NO_LLM

_OUT = click.argument("out", type=click.Path(path_type=Path))


@click.group()
def gold() -> None:
    """Make gold files, and hand evaluations on to other tools."""


@gold.command("from-squad")
@click.argument("file", type=click.Path(path_type=Path))
@_OUT
@click.option(
    "--lines", "unit", type=click.Choice(["sentence", "paragraph"]), default="sentence", show_default=True,
    help="What a line of an article is.",
)  # fmt: skip
@click.option(
    "--questions", type=click.Path(path_type=Path),
    help="A second file with the same ids: its questions, in another language, over the articles of the first.",
)  # fmt: skip
def from_squad(file: Path, out: Path, unit: Literal["sentence", "paragraph"], questions: Path | None) -> None:
    """Make a folder of articles and a gold file, both below OUT, of a SQuAD-format FILE (SQuAD, XQuAD, ARCD)."""
    from qa.evaluation.squad import ARTICLES, GOLD, read_squad, write_collection

    collection = read_squad(file, unit=unit, questions=questions)
    for reason in collection.skipped:
        click.echo(f"sanad: skipped {reason}", err=True)
    if not collection.questions:
        raise UsageError(f"{file} has no question that can be used; name another file")
    write_collection(collection, out)
    unanswerable = sum(not question.answerable for question in collection.questions)
    click.echo(
        f"{out}: {len(collection.articles)} articles, {len(collection.questions)} questions, {unanswerable} of them unanswerable"
    )
    click.echo(f"next: sanad index {out / ARTICLES} --index {out / 'index'}")
    click.echo(f"      sanad eval --gold {out / GOLD} --index {out / 'index'}")


@gold.command()
@_OUT
@INDEX
@click.option("--llm", default=EMBEDDED, show_default=True, help="The language model that drafts, as for sanad ask.")
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many questions.")
@click.option("--language", help="ISO 639-1 code of the questions.  [default: that of each line]")
@click.option("--seed", type=int, default=0, show_default=True, help="Which lines are drawn.")
def draft(out: Path, index_dir: Place, llm: str, count: int, language: str | None, seed: int) -> None:
    """Draft questions from the articles of an index into the gold file OUT, for a person to correct."""
    if out.exists():
        raise UsageError(f"{out} is there already; name a new file")
    if llm == NO_LLM:
        raise UsageError("drafting needs a language model; give --llm embedded, gguf:FILE or provider:model")
    opened = Index.open(index_dir)
    from qa.evaluation.draft import draft as drafted
    from qa.llm import open_chat_model

    model = open_chat_model(llm)
    if told := announcement(llm):
        click.echo(told, err=True)
    with click.progressbar(length=count, label="drafting", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        drafts = drafted(
            opened.passages,
            model,
            count,
            language=language,
            seed=seed,
            progress=lambda done, _: bar.update(done - bar.pos),
        )
    if not drafts.questions:
        raise UsageError(
            f"of {drafts.unusable} lines the model made no question; choose another --llm or other articles"
        )
    write_gold(out, drafts.questions)
    click.echo(
        f"{out}: {len(drafts.questions)} drafts, {drafts.unusable} lines gave none; correct each and remove its field draft"
    )


@gold.command()
@click.argument("run", type=click.Path(path_type=Path))
@_OUT
@click.option("--ragas", "form", flag_value="ragas", help="A JSON Lines file for ragas.EvaluationDataset.from_jsonl.")
@click.option("--trec", "form", flag_value="trec", help="A folder of TREC files, for ir_measures and its like.")
@click.option("--results", "form", flag_value="results", help="A JSON Lines file of results (docs/gold.md).")
@click.option("--system", default="sanad", show_default=True, help="Whose answers.")
@click.option("--gold", "gold_file", type=click.Path(path_type=Path),
              help="The gold file, when RUN is a JSON Lines file of results.")  # fmt: skip
@click.option("--corpus", type=click.Path(path_type=Path), help="The articles, when RUN is a file of results.")
def export(run: Path, out: Path, form: str | None, system: str, gold_file: Path | None, corpus: Path | None) -> None:
    """Write what other tools read of RUN: a report folder of sanad eval, or a file of results of any system."""
    from qa.evaluation import interchange

    if form is None:
        raise UsageError("say what to write: --ragas, --trec or --results")
    if out.exists():
        raise UsageError(f"{out} is there already; name a new place")
    evaluated = (
        interchange.read_evaluated(run, gold_file, corpus) if run.suffix == ".jsonl" else interchange.evaluated_run(run)
    )
    chosen = evaluated.of(system)
    if form == "ragas":
        interchange.write_ragas(out, chosen)
    elif form == "trec":
        interchange.write_trec(out, chosen)
    else:
        interchange.write_results(out, chosen.results)
    click.echo(f"{out}: {len(chosen.results)} questions")
