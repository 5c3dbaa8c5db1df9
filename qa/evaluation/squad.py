"""SQuAD-format files (SQuAD 1.1 and 2.0, XQuAD, ARCD) as a folder of articles and a gold file of line-level facts.

Rajpurkar et al. 2016 and 2018. Contexts are cut into lines at sentence ends, never inside an answer, so that every answer
stands in one line. Line breaks within a context become spaces of the same length: offsets stay those of the file.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from index.errors import UsageError
from index.language import UNKNOWN, detect_language
from index.search import checked_question
from index.segment import sentence_spans
from qa.evaluation.gold import Fact, GoldLine, GoldQuestion, write_gold

Unit = Literal["sentence", "paragraph"]
Wording = tuple[str, tuple[str, ...]]  # a question and its answers
ARTICLES = "articles"  # folder of the articles and file of the questions, below the folder that is written
GOLD = "gold.jsonl"
_BREAKS = re.compile(r"[\r\n\v\f\x00\x1c-\x1e\x85\u2028\u2029]")
_NOT_IN_A_FILE_NAME = re.compile(r"[\s<>:\"/\\|?*\x00-\x1f\x7f-\x9f]+")
_TITLE_IN_NAME = 40  # characters: at four bytes each still a name that every file system takes


@dataclass(frozen=True, slots=True)
class Collection:
    """What a file holds: articles by file name, the questions over them, and what was left out, with the reason."""

    articles: Mapping[str, str]
    questions: tuple[GoldQuestion, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question of the file with the spans of its answers, offsets into its context; no spans: unanswerable."""

    id: str
    question: str
    spans: tuple[tuple[int, int], ...]
    answers: tuple[str, ...]


def read_squad(path: Path, *, unit: Unit = "sentence", questions: Path | None = None) -> Collection:
    """The articles and questions of a SQuAD-format file.

    `questions` is a second file with the same ids in another language (as XQuAD has): its wording is asked over the
    articles of the first, and an answer in either language fits. Raises UsageError when a file is not of the format.
    """
    return squad_collection(_data(path), unit=unit, translated=_wordings(_data(questions)) if questions else None)


def squad_collection(
    data: Sequence[Any], *, unit: Unit = "sentence", translated: Mapping[str, Wording] | None = None
) -> Collection:
    """`read_squad` of what stands under "data". `translated` gives questions and answers by id."""
    articles: dict[str, list[str]] = {}
    asked: list[tuple[_Asked, str, tuple[int, ...]]] = []  # with the article and the lines of the answers
    skipped: list[str] = []
    for number, entry in enumerate(data, 1):
        title = _flat(_text(entry, "title", "")).replace("_", " ").strip()
        name = _file_name(number, title)
        lines = [title, ""] if title else []
        for context, found in _by_context(entry, skipped).items():
            cut = _cut(context, [span for one in found for span in one.spans], unit)
            starts = [start for start, _ in cut]
            first = len(lines) + 1
            lines += [*(context[start:end] for start, end in cut), ""]
            for one in found:
                places = (first + bisect_right(starts, start) - 1 for start, _ in one.spans)
                asked.append((one, name, tuple(dict.fromkeys(places))))
        if any(lines):
            articles[name] = lines
    places_of = _places_of(articles)
    located = [
        (one, name, tuple(place for line in lines for place in places_of[articles[name][line - 1]]))
        for one, name, lines in asked
    ]
    texts = {name: "\n".join(lines) for name, lines in articles.items()}
    return Collection(texts, tuple(_gold(located, translated, skipped)), tuple(skipped))


def _places_of(articles: Mapping[str, Sequence[str]]) -> dict[str, list[GoldLine]]:
    """Where each line stands: paragraphs of one article may overlap, and a line that is repeated supports as well."""
    places: dict[str, list[GoldLine]] = defaultdict(list)
    for name, lines in articles.items():
        for number, line in enumerate(lines, 1):
            places[line].append(GoldLine(name, number, number))
    return places


def write_collection(collection: Collection, folder: Path) -> None:
    """Writes folder/articles/ and folder/gold.jsonl. Raises UsageError when the folder holds something already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already; name a new folder")
    (folder / ARTICLES).mkdir(parents=True, exist_ok=True)
    for name, text in collection.articles.items():
        (folder / ARTICLES / name).write_text(text, encoding="utf-8", newline="\n")
    write_gold(folder / GOLD, collection.questions)


def _data(path: Path) -> list[Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as JSON ({error}); name a SQuAD-format file") from error
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        raise UsageError(f'{path} is not in the SQuAD format (no list "data"); name a SQuAD-format file')
    try:
        data["data"] = [entry for entry in data["data"] if _well_formed(entry)]
    except _Malformed as error:
        raise UsageError(f"{path}: {error}; correct the file") from error
    found: list[Any] = data["data"]
    return found


class _Malformed(Exception):
    """What is not of the SQuAD format, and where."""


def _well_formed(entry: Any) -> bool:
    """True, or _Malformed naming the place: checked once, so that what follows can read without asking."""
    for paragraph in _list(entry, "paragraphs", "an article"):
        _text(paragraph, "context")
        for question in _list(paragraph, "qas", "a paragraph"):
            _text(question, "question")
            if not isinstance(question.get("id"), str | int):
                raise _Malformed(f"the question {question['question'][:60]!r} has no id")
            for answer in _list(question, "answers", f"the question {question['id']}", optional=True):
                _text(answer, "text")
                if not isinstance(answer.get("answer_start"), int):
                    raise _Malformed(f"an answer of the question {question['id']} has no whole number answer_start")
    _text(entry, "title", "")
    return True


def _list(value: Any, field: str, what: str, *, optional: bool = False) -> list[Any]:
    items = value.get(field, [] if optional else None) if isinstance(value, dict) else None
    if not isinstance(items, list):
        raise _Malformed(f"{what} has no list {field!r}")
    return items


def _text(value: Any, field: str, otherwise: str | None = None) -> str:
    text = value.get(field, otherwise) if isinstance(value, dict) else None
    if not isinstance(text, str):
        raise _Malformed(f"{field!r} is missing or no text")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _Malformed(f"{field!r} is not valid Unicode at character {error.start}: {text[:40]!a}") from error
    return text


def _by_context(entry: Mapping[str, Any], skipped: list[str]) -> dict[str, list[_Asked]]:
    """The questions of an article by flattened context, each context once, in order."""
    contexts: dict[str, list[_Asked]] = {}
    for paragraph in entry["paragraphs"]:
        found = contexts.setdefault(_flat(paragraph["context"]), [])
        for question in paragraph["qas"]:
            one = _asked(question, _flat(paragraph["context"]))
            if isinstance(one, _Asked):
                found.append(one)
            else:
                skipped.append(one)
    return contexts


def _asked(question: Mapping[str, Any], context: str) -> _Asked | str:
    """The question with its answers located, or why it cannot be used."""
    id_ = str(question["id"])
    try:
        text = checked_question(_flat(question["question"]))
    except UsageError as error:
        return f"question {id_}: {error}"
    if question.get("is_impossible"):
        return _Asked(id_, text, (), ())
    spans = [_span(answer, context) for answer in question.get("answers", ())]
    located = tuple(span for span in spans if span is not None)
    if not located:
        return f"question {id_}: no answer of it stands in its context; correct answers and answer_start"
    return _Asked(id_, text, located, tuple(context[start:end] for start, end in located))


def _span(answer: Mapping[str, Any], context: str) -> tuple[int, int] | None:
    """Where the answer stands: at its offset, else at the nearest place that differs in white space alone."""
    words = _flat(answer["text"]).split()
    if not words:
        return None
    begin = int(answer["answer_start"])
    found = list(re.compile(r"\s+".join(map(re.escape, words))).finditer(context))
    best = min(found, key=lambda match: (abs(match.start() - begin), match.start()), default=None)
    return best.span() if best else None


def _cut(context: str, answers: Iterable[tuple[int, int]], unit: Unit) -> list[tuple[int, int]]:
    """Spans of the lines of a context, outer white space left out; no cut lies inside an answer."""
    answers = sorted(set(answers))
    sentences = sentence_spans(context, detect_language(context)) if unit == "sentence" else []
    cuts = [at for at, _ in sentences if not any(start < at < end for start, end in answers)]
    edges = sorted({0, *cuts, len(context)})
    spans = (_without_white_space(context, start, end) for start, end in pairwise(edges))
    return [(start, end) for start, end in spans if start < end]


def _without_white_space(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _wordings(data: Sequence[Any]) -> dict[str, Wording]:
    """By id; a question that cannot be asked is left out, and so named when its id is looked for."""
    questions = (question for entry in data for paragraph in entry["paragraphs"] for question in paragraph["qas"])
    return {
        str(question["id"]): (text, tuple(answer["text"] for answer in question.get("answers", ())))
        for question in questions
        if any(map(str.isalnum, text := _flat(question["question"]).strip()))
    }


def _gold(
    asked: Sequence[tuple[_Asked, str, tuple[GoldLine, ...]]],
    translated: Mapping[str, Wording] | None,
    skipped: list[str],
) -> Iterator[GoldQuestion]:
    wordings = {one.id: (one.question, one.answers) for one, *_ in asked} if translated is None else translated
    together: dict[str, list[str]] = defaultdict(list)  # one question is too short to know a language for sure
    for one, name, _ in asked:
        together[name].append(wordings.get(one.id, ("", ()))[0])
    languages = {name: detect_language(" ".join(questions)) for name, questions in together.items()}
    seen: set[str] = set()
    for one, name, lines in asked:
        if one.id in seen or one.id not in wordings:
            why = "its id stands twice" if one.id in seen else "the file of the questions does not ask it"
            skipped.append(f"question {one.id}: {why}")
            continue
        seen.add(one.id)
        question, answers = wordings[one.id]
        yield GoldQuestion(
            id=one.id,
            question=question,
            language="en" if languages[name] == UNKNOWN else languages[name],
            facts=(Fact(Counter(one.answers).most_common(1)[0][0], lines),) if lines else (),
            answer_patterns=(_pattern((*one.answers, *answers)),) if lines else (),
        )


def _pattern(answers: Iterable[str]) -> str:
    """A regular expression that any one of the answers matches, however its words are spaced."""
    spelled = dict.fromkeys(r"\s+".join(map(re.escape, answer.split())) for answer in answers if answer.strip())
    return "|".join(spelled)


def _flat(text: str) -> str:
    """The text on one line, at the same length."""
    return _BREAKS.sub(" ", text)


def _file_name(number: int, title: str) -> str:
    """A name that keeps the order of the file and is unique whatever the title."""
    words = _NOT_IN_A_FILE_NAME.sub("-", title)[:_TITLE_IN_NAME].strip("-.")
    return f"{number:04}-{words}.txt" if words else f"{number:04}.txt"
