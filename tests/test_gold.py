"""The gold file: what is read, what is refused and how the mistake is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from index import Index, UsageError
from qa.evaluation.gold import Fact, GoldLine, GoldQuestion, gold_dict, read_gold, write_gold
from tests.conftest import CORPUS

LINES_OF = {"a.txt": 10, "b.txt": 3}
GOOD: dict[str, Any] = {
    "id": "q1",
    "question": "Who signed?",
    "language": "en",
    "answerable": True,
    "facts": [{"fact": "the minister signed", "lines": [{"path": "a.txt", "line": 2, "to": 4}, {"path": "b.txt", "line": 3}]}],
}  # fmt: skip


def write(tmp_path: Path, *rows: Any) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def test_ranges_several_sources_and_defaults(tmp_path: Path) -> None:
    (question,) = read_gold(write(tmp_path, GOOD), LINES_OF)
    fact = Fact("the minister signed", (GoldLine("a.txt", 2, 4), GoldLine("b.txt", 3, 3)))
    assert question == GoldQuestion("q1", "Who signed?", "en", (fact,))
    assert question.answerable
    assert question.places == {("a.txt", 2), ("a.txt", 3), ("a.txt", 4), ("b.txt", 3)}


def test_the_shipped_gold_is_read_and_written_without_loss(index: Index, tmp_path: Path) -> None:
    lines_of = {entry.path: entry.lines for entry in index.manifest.articles}
    questions = read_gold(CORPUS / "gold.jsonl", lines_of)
    languages = [question.language for question in questions]
    assert min(languages.count("en"), languages.count("ar")) >= 40
    assert sum(not question.answerable or bool(question.missing) for question in questions) >= 20
    write_gold(tmp_path / "again.jsonl", questions)
    assert read_gold(tmp_path / "again.jsonl", lines_of) == questions


def test_half_answerable_says_what_is_missing(tmp_path: Path) -> None:
    (question,) = read_gold(write(tmp_path, GOOD | {"answerable": "half", "missing": "when"}), LINES_OF)
    assert question.answerable
    assert question.missing == "when"
    assert gold_dict(question)["missing"] == "when"


def test_a_draft_waits_for_a_person(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD | {"draft": True})
    assert read_gold(path, LINES_OF, drafts=True)[0].draft
    with pytest.raises(UsageError, match=r"gold\.jsonl:1: the question is a draft"):
        read_gold(path, LINES_OF)


def at(**line: Any) -> dict[str, Any]:
    return {"facts": [{"fact": "something", "lines": [{"path": "a.txt", "line": 1} | line]}]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("not json", "not JSON"),
        ("[1]", "a question is [1]"),
        ({"id": 7}, "id is 7; write a text"),
        ({"id": " "}, "write a text"),
        ({"id": "q1"}, "the id 'q1' stands in line 1 too"),
        ({"question": "؟"}, "the question is empty"),
        ({"language": "English"}, "no ISO 639 code"),
        ({"answerable": "yes"}, 'write true, false or "half"'),
        ({"answerable": 1}, 'write true, false or "half"'),
        ({"answerable": False}, "is unanswerable and has facts"),
        ({"answerable": True, "facts": []}, "has no facts"),
        ({"answerable": "half"}, "say in missing"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"facts": {}}, "facts is {}; write a list"),
        ({"facts": [{"fact": "x", "lines": []}]}, 'the fact "x" has no lines'),
        ({"facts": [{"lines": []}]}, "lacks the field fact"),
        (at(path="c.txt"), "the collection has no article c.txt"),
        (at(line=11), "a.txt has the lines 1 to 10, not line 11"),
        (at(line=0), "not line 0"),
        (at(line=4, to=2), "not lines 4 to 2"),
        (at(line=9, to=11), "not lines 9 to 11"),
        (at(line="2"), 'line is "2"; write a whole number'),
        (at(line=True), "line is true; write a whole number"),
        (at(until=3), "unknown field 'until'"),
        ({"answer": ["(unclosed"]}, "is no regular expression"),
        ({"answer": [3]}, "is no text"),
        ({"draft": "no"}, "write true or false"),
    ],
)
def test_a_mistake_is_refused_with_file_and_line(tmp_path: Path, change: Any, said: str) -> None:
    wrong = change if isinstance(change, str) else GOOD | {"id": "q2"} | change
    path = write(tmp_path, GOOD, "", wrong)
    with pytest.raises(UsageError) as refused:
        read_gold(path, LINES_OF)
    assert str(refused.value).startswith(f"{path}:3: ")
    assert said in str(refused.value)


def test_what_is_no_gold_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_gold(tmp_path / "missing.jsonl", LINES_OF)
    with pytest.raises(UsageError, match="holds no question"):
        read_gold(write(tmp_path), LINES_OF)
