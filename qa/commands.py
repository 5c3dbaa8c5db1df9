"""The commands that make an index, ask it, and check what it answered."""

from __future__ import annotations

import datetime
import functools
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from index import Index, SanadError, UsageError
from index.analyse import fold
from index.article import Kind, Passage
from index.encoders import EMBEDDED, open_encoder
from index.filters import KINDS, Filter
from index.place import Place
from index.reranker import EMBEDDED as EMBEDDED_RERANKER
from index.search import checked_question
from qa.answer import Answer, Citation, Claim, search_dict
from qa.jsonl import numbered_lines
from qa.options import CORPUS, INDEX
from qa.plain import printable

_RERANKER = click.option(
    "--reranker", default=EMBEDDED_RERANKER, show_default=True,
    help="'embedded', 'none', a sentence-transformers CrossEncoder's name or folder, or a file of adapters.",
)  # fmt: skip
_DAY = click.DateTime(formats=["%Y-%m-%d"])


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which passages may be found; the command gets them as one `Filter` or None, named `only`."""

    @functools.wraps(command)
    def filtered(
        *,
        sources: tuple[str, ...], since: datetime.datetime | None, until: datetime.datetime | None, languages: tuple[str, ...],
        kinds: tuple[Kind, ...], heading: str, **others: Any,
    ) -> None:  # fmt: skip
        only = Filter(sources, since and since.date(), until and until.date(), languages, kinds, heading)
        command(only=None if only == Filter() else only, **others)

    for option in (
        click.option("--heading", default="", help="Only lines under a heading that holds this."),
        click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only lines of this kind."),
        click.option("--language", "languages", multiple=True, help="Only lines in this language (ar, en, …)."),
        click.option("--until", type=_DAY, help="Only articles of this day (YYYY-MM-DD) or earlier."),
        click.option("--since", type=_DAY, help="Only articles of this day (YYYY-MM-DD) or later."),
        click.option("--source", "sources", multiple=True, help="Only articles whose path matches (* and ? allowed)."),
    ):
        filtered = option(filtered)
    return filtered


_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
_QUESTIONS = click.option(
    "--questions", type=click.Path(path_type=Path), help='JSON Lines with "id" and "question": one answer a line.'
)
_IN_ENGLISH = {
    "refused": "The sources do not say.", "missing": "The sources do not say", "read as": "read as",
    "differ": "The sources differ", "place": "where", "date": "when", "number": "how many", "person": "who",
    "polarity": "whether",
}  # fmt: skip
_IN_ARABIC = {
    "refused": "المصادر لا تذكر ذلك.", "missing": "لا تذكر المصادر", "read as": "فُهم السؤال هكذا", "differ": "تختلف المصادر",
    "place": "المكان", "date": "التاريخ", "number": "العدد", "person": "الشخص", "polarity": "الإثبات والنفي",
}  # fmt: skip
Question = tuple[str | int | None, str]  # id and text


@click.command("index")
@click.argument("corpus", type=click.Path(path_type=Path), default=Path("corpus"))
@INDEX
@click.option(
    "--encoder",
    help="'embedded', or a sentence-transformers name or folder.  [default: the index's own, else embedded]",
)
@click.option(
    "--ray", "ray_address", metavar="ADDRESS",
    help="Read and encode on Ray: 'local' (the cores of this machine), 'auto', or HOST:PORT of a cluster's head.",
)  # fmt: skip
def index_command(corpus: Path, index_dir: Place, encoder: str | None, ray_address: str | None) -> None:
    """Build or refresh the index of the articles below CORPUS; only what changed is read again."""
    from index.build import refresh_index
    from index.on_ray import ray_workers
    from index.workers import HERE

    began = time.perf_counter()
    with click.progressbar(length=1, label="encoding", file=sys.stderr, hidden=not sys.stderr.isatty(),
                           show_pos=True, show_eta=True, item_show_func=lambda rate: rate) as bar:  # fmt: skip

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos, f"{done / (time.perf_counter() - began):.1f} texts a second")

        with ray_workers(ray_address) if ray_address else nullcontext(HERE) as workers:
            refresh = refresh_index(corpus, index_dir, open_encoder(encoder) if encoder else None, progress, workers)
    for reason in refresh.skipped:
        click.echo(f"sanad: skipped {printable(reason)}", err=True)
    for note in refresh.notes:
        click.echo(f"sanad: {printable(note)}", err=True)
    changes = (
        f"{refresh.added} added, {refresh.changed} changed, {refresh.removed} removed, {refresh.unchanged} unchanged"
    )
    click.echo(f"{index_dir}: {changes}; {refresh.passages} passages, {refresh.encoded} encoded")


@click.command()
@click.argument("question", required=False)
@_QUESTIONS
@click.option("-k", "k", type=click.IntRange(min=1), default=10, show_default=True, help="How many lines to show.")
@_filters
@INDEX
@CORPUS
@_RERANKER
@_JSON
def search(
    question: str | None,
    questions: Path | None,
    k: int,
    only: Filter | None,
    index_dir: Place,
    corpus: Path | None,
    reranker: str,
    as_json: bool,
) -> None:
    """Find the lines nearest to QUESTION, in any language."""
    asked = _asked(question, questions)
    opened = Index.open(index_dir, corpus=corpus, reranker=reranker)
    for id_, text in asked:
        hits = opened.search(text, k, only)
        if as_json:
            _print_json(search_dict(text, hits, id_))
        else:
            _heading_if_many(asked, text)
            for rank, hit in enumerate(hits, 1):
                click.echo(f"{rank:>3}. {_where(opened.corpus, hit.passage)}  {hit.score:.3f}")
                click.echo(f"     {printable(hit.passage.text)}")


@click.command()
@click.argument("question", required=False)
@_QUESTIONS
@INDEX
@CORPUS
@click.option(
    "--llm", default=EMBEDDED, show_default=True,
    help="'embedded', 'none' (quotes only), 'gguf:FILE', or LangChain's 'provider:model' (ollama:…, openai:…, anthropic:…).",
)  # fmt: skip
@click.option(
    "--follow-up-to", type=click.Path(path_type=Path), help="An answer of --json that QUESTION follows up: 'and when?'."
)
@click.option("--quotes", is_flag=True, help="Show the cited line below each written sentence.")
@_filters
@_RERANKER
@_JSON
def ask(
    question: str | None,
    questions: Path | None,
    only: Filter | None,
    index_dir: Place,
    corpus: Path | None,
    reranker: str,
    llm: str,
    follow_up_to: Path | None,
    quotes: bool,
    as_json: bool,
) -> None:
    """Answer QUESTION; each sentence with the line it rests on."""
    from qa.chat import announcement
    from qa.conversation import complete
    from qa.sanad import Sanad

    asked = _asked(question, questions)
    if follow_up_to and questions:
        raise UsageError("--follow-up-to takes one QUESTION, not --questions; ask it alone")
    previous = _previous(follow_up_to) if follow_up_to else ""
    sanad = Sanad.open(index_dir, llm, corpus, reranker=reranker)
    if told := announcement(llm):
        click.echo(printable(told), err=True)
    for id_, text in asked:
        answer = sanad.ask(text, id=id_, asked_as=complete(text, previous), only=only)
        if as_json:
            _print_json(answer.to_dict())
        else:
            _heading_if_many(asked, text)
            _print_answer(answer, sanad.index.corpus, quotes)


@click.command()
@click.option("--pairs", type=click.Path(path_type=Path), required=True, help='JSON Lines with "claim" and "source".')
@_JSON
def verify(pairs: Path, as_json: bool) -> None:
    """Say for each claim whether its source supports it."""
    from qa.verify import Verifier

    rows = list(_json_lines(pairs, ("claim", "source")))
    verdicts = Verifier().check_many([(row["claim"], row["source"]) for row in rows])
    for row, support in zip(rows, verdicts, strict=True):
        if as_json:
            _print_json({**({"id": row["id"]} if "id" in row else {}), **support.to_dict()})
        else:
            verdict = "supported" if support.supported else "not supported"
            because = f": {'; '.join(support.reasons)}" if support.reasons else ""
            click.echo(f"{support.score:.2f}  {verdict}{because}\n      {row['claim']}")


@click.command()
@click.argument("answer", type=click.Path(path_type=Path))
@CORPUS
def check(answer: Path, corpus: Path | None) -> None:
    """Re-check every citation of ANSWER (what `sanad ask --json` wrote) against the files."""
    from qa.check import check_answer, citations_of, read_answers

    answers = read_answers(answer)
    problems = [problem for one in answers for problem in check_answer(one, corpus or Path(one["index"]["corpus"]))]
    total = sum(len(citations_of(one)) for one in answers)
    for problem in problems:
        click.echo(printable(problem), err=True)
    if problems:
        raise SanadError(f"{total} citations checked, {len(problems)} problems found; run sanad index and ask again")
    click.echo(f"all {total} citations resolve")


def _previous(path: Path) -> str:
    """The question that an answer's file was about, as it was read."""
    from qa.check import read_answers

    last = read_answers(path)[-1]
    return str(last.get("asked_as") or last.get("question", ""))


def _asked(question: str | None, questions: Path | None) -> list[Question]:
    """The questions of this call, every one checked before any work begins."""
    if (question is None) == (questions is None):
        raise UsageError("give one QUESTION, or --questions FILE")
    if question is not None:
        return [(None, checked_question(question))]
    assert questions is not None
    return list(_question_lines(questions))


def _question_lines(path: Path) -> Iterator[Question]:
    for row in _json_lines(path, ("question",)):
        id_ = row.get("id")
        if not (id_ is None or (isinstance(id_, str | int) and str(id_).isprintable())):
            raise UsageError(f"{path}: the id {ascii(id_)[:80]} is neither a plain text nor a whole number; change it")
        try:
            yield id_, checked_question(row["question"])
        except UsageError as error:
            raise UsageError(f"{path}, id {id_}: {error}") from error


def _json_lines(path: Path, fields: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file. Raises UsageError naming file and line."""
    for number, line in numbered_lines(path, "a UTF-8 JSON Lines file"):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}:{number}: not JSON ({error}); write one object a line") from error
        if not isinstance(row, dict) or not all(isinstance(row.get(field), str) for field in fields):
            raise UsageError(f"{path}:{number}: needs the texts {', '.join(fields)}; add them")
        yield row


def _print_json(value: Mapping[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def _heading_if_many(asked: list[Question], question: str) -> None:
    if len(asked) > 1:
        click.echo(f"\n# {printable(question)}")


def _where(corpus: Path, place: Passage | Citation) -> str:
    original = f" ({place.place})" if place.place else ""
    return printable(f"{corpus / place.path}:{place.line}{original}")


def _print_answer(answer: Answer, corpus: Path, quotes: bool) -> None:
    say = _IN_ARABIC if answer.language == "ar" else _IN_ENGLISH
    for note in answer.notes:
        click.echo(f"sanad: {printable(note)}", err=True)
    if answer.asked_as:
        click.echo(f"({say['read as']}: {printable(answer.asked_as)})\n")
    if not answer.answered:
        click.echo(say["refused"])
        if answer.nearest:
            click.echo("\nNearest lines:")
        for hit, words in answer.nearest_in_words:
            click.echo(f"  {_where(corpus, hit.passage)}\n  {printable(hit.passage.text)}")
            if words:
                click.echo(f"  (word by word, from a dictionary: {printable(words)})")
        return
    for number, claim in enumerate(answer.claims, 1):
        _print_claim(number, claim, corpus, quotes)
    for conflict in answer.conflicts:
        click.echo(f"\n{say['differ']} ({say[conflict.about]}):")
        for side in conflict.sides:
            click.echo(f"   {printable(side.value.text)}")
            click.echo(f"   {_where(corpus, side.citation)}  {printable(side.citation.quote)}")
    for part in answer.missing:
        click.echo(f"\n{say['missing']}: {printable(part)}")


def _print_claim(number: int, claim: Claim, corpus: Path, quotes: bool) -> None:
    click.echo(f"{number}. {printable(claim.text)}")
    for at, citation in enumerate(claim.citations):
        how = "quoted" if claim.origin == "quote" else f"verified {claim.support:.2f}"
        click.echo(f"   {_where(corpus, citation)}  [{how}]{_attribution(citation)}")
        if at or claim.shows_line or (quotes and claim.origin == "written"):
            click.echo(f"   {printable(citation.quote)}")
    if claim.reading_aid:
        click.echo(f"   (unverified machine translation: {printable(claim.reading_aid)})")
    if claim.word_by_word:
        click.echo(f"   (word by word, from a dictionary: {printable(claim.word_by_word)})")


def _attribution(citation: Citation) -> str:
    """Who says it, and the days that words without a year mean."""
    said = f"  {citation.speaker.speech}: {printable(citation.speaker.name.text)}" if citation.speaker else ""
    relative = [when for when in citation.dates if str(when.first.year) not in fold(when.span.text)]
    days = (f"{printable(when.span.text)} = {_days(when.first, when.last)}" for when in relative)
    return said + "".join(f"  {day}" for day in days)


def _days(first: datetime.date, last: datetime.date) -> str:
    return first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"  # ISO 8601
