"""Example questions that a collection answers: its own gold questions where it has some, else its headings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Event

from index.article import Passage
from qa import Sanad
from qa.sanad import NO_LLM
from ui import LANGUAGES, shared
from ui.jobs import Job
from ui.texts import texts_in, unisolated

WANTED = 4
TRIED = 12  # candidates that are asked at most
_GOLD = "gold.jsonl"  # questions with known answers, beside the articles
_LONGEST = 120  # characters


def suggestions(options: shared.Options, language: str) -> Job[tuple[str, ...]]:
    """Up to WANTED questions, found once for each state of the index."""
    found = shared.manifest(options)
    return _job(options, found.data if found else "", language)


def answered(sanad: Sanad, candidates: Iterable[str]) -> Iterator[str]:
    """Those of the first candidates that get an answer of quotes."""
    return (question for question in islice(candidates, TRIED) if sanad.ask(question).answered)


def candidates(passages: Iterable[Passage], gold: Path, language: str) -> Iterator[str]:
    """Gold questions of the language, then one question about each heading, which is asked in the heading's language."""
    yield from _gold_questions(gold, language)
    headings: dict[str, str] = {}
    for passage in passages:
        if passage.kind == "heading" and passage.language in LANGUAGES and len(passage.text) <= _LONGEST:
            headings.setdefault(passage.text, passage.language)
    in_language = [heading for heading, own in headings.items() if own == language]
    for heading in (*in_language, *(heading for heading in headings if heading not in in_language)):
        asking = texts_in(headings[heading])
        yield unisolated(asking("example_of_heading", heading=heading))  # both are in one language


def _gold_questions(path: Path, language: str) -> Iterator[str]:
    """The answerable questions of a file of gold questions; none where there is no such file or it is another's."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(row, dict) or row.get("answerable") is not True or row.get("language") != language:
            continue
        if isinstance(question := row.get("question"), str) and 0 < len(question) <= _LONGEST:
            yield question


@lru_cache(maxsize=8)
def _job(options: shared.Options, data: str, language: str) -> Job[tuple[str, ...]]:
    def work(report: Callable[[tuple[str, ...]], None], _: Event) -> None:
        sanad = shared.opened(options, NO_LLM)
        every = candidates(sanad.index.passages, sanad.index.corpus / _GOLD, language)
        report(tuple(islice(answered(sanad, every), WANTED)))

    return Job(work, f"examples for {data}")
