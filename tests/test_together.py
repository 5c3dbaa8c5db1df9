"""Answers written from several numbered lines at once: by a remote model over HTTP, and by the embedded one in English."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ALLIANCE, CORPUS
from faults.badserver import Behaviour, completion, serving

from index import refresh_index
from index.article import Passage
from qa import Answer, Sanad
from qa.chat import Chat
from qa.check import check_answer
from qa.compose import Composer
from qa.numbered import Sentence, grammar, opening, said, says_nothing, sentences
from qa.together import claims_of
from qa.verify.verifier import Support
from qa.written import Written

DEFENCE = "What share of GDP will Japan's defence spending reach, and by when?"
RIGHT = "Japan will raise its defense spending to 2% of GDP by March 2026."
LINE = re.compile(r"^\[(\d+)\] (.*)$", re.M)


def replies(write: Callable[[Callable[[str], int]], str]) -> Behaviour:
    """A model that says what `write` makes of a function from words of a line to the number under which it was shown."""

    def behave(handler: object) -> None:
        asked = json.loads(handler.server.asked[-1]["body"])["messages"][-1]["content"]  # type: ignore[attr-defined]
        shown = LINE.findall(asked)
        handler.send(completion(write(lambda words: next(int(number) for number, line in shown if words in line))))  # type: ignore[attr-defined]

    return behave


@pytest.fixture
def ask(corpus_index: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Answer, int]]:
    """The answer of a model that replies so, and how often it was asked."""

    def ask(question: str, write: Callable[[Callable[[str], int]], str]) -> tuple[Answer, int]:
        with serving(replies(write)) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
            monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
            answer = Sanad.open(corpus_index, "openai:any").ask(question)
            assert check_answer(answer.to_dict(), CORPUS) == []
            return answer, len(server.asked)

    return ask


def lines(answer: Answer) -> list[tuple[str, list[int]]]:
    return [(claim.origin, [citation.line for citation in claim.citations]) for claim in answer.claims]


def test_a_remote_model_is_asked_once_and_its_right_sentence_cites_its_line(
    ask: Callable[..., tuple[Answer, int]],
) -> None:
    answer, asked = ask(DEFENCE, lambda number: f"{RIGHT} [{number('مارس')}]")
    assert asked == 1
    assert lines(answer) == [("written", [23])]
    assert answer.claims[0].text == RIGHT
    assert answer.claims[0].citations[0].path == ALLIANCE
    assert answer.models["llm"] == answer.models["reader"] == "openai:any"
    assert answer.models["runtime"] is None
    assert answer.notes == ()


def test_a_wrong_sentence_is_replaced_by_the_line_it_names(ask: Callable[..., tuple[Answer, int]]) -> None:
    answer, _ = ask(DEFENCE, lambda number: f"Japan will spend 3% of GDP on defense by March 2026. [{number('مارس')}]")
    assert lines(answer) == [("quote", [23])]


def test_a_sentence_that_names_no_line_is_left_out_and_counted(ask: Callable[..., tuple[Answer, int]]) -> None:
    answer, _ = ask(DEFENCE, lambda number: f"{RIGHT} [{number('مارس')}]\nEverybody knows it. [99]\nIt is certain.")
    assert lines(answer) == [("written", [23])]
    assert answer.notes == (
        "sentences that openai:any wrote are left out, as they name none of the lines shown or break off: 2",
    )
    answer, _ = ask(DEFENCE, lambda _: "It is certain.")
    assert {claim.origin for claim in answer.claims} == {"quote"}  # what search chose
    assert answer.models["reader"] is None


def test_a_remote_model_that_finds_nothing_refuses(ask: Callable[..., tuple[Answer, int]]) -> None:
    given, _ = ask(DEFENCE, lambda number: f"{RIGHT} [{number('مارس')}]")
    answer, asked = ask(DEFENCE, lambda _: "None.")
    assert asked == 1
    assert not answer.answered
    assert answer.confidence < given.confidence
    assert answer.notes == ("openai:any read the 12 nearest lines and says that none of them answers",)
    assert answer.models["reader"] == "openai:any"


@pytest.mark.parametrize(("year", "origin"), [(2026, "written"), (2027, "quote")])
def test_arabic_over_arabic_is_verified_in_the_same_way(
    ask: Callable[..., tuple[Answer, int]], year: int, origin: str
) -> None:
    line = (CORPUS / ALLIANCE).read_text(encoding="utf-8").splitlines()[22].strip()
    said = line.replace("2026", str(year))
    answer, _ = ask("متى سيبلغ الإنفاق الدفاعي الياباني 2%؟", lambda number: f"{said} [{number('مارس')}]")
    assert lines(answer) == [(origin, [23])]
    assert answer.claims[0].text == line


@pytest.mark.parametrize(
    ("reply", "found", "left_out"),
    [
        ("One fact. [2]", [Sentence("One fact.", (2,))], 0),
        ("One fact [2].", [Sentence("One fact", (2,))], 0),
        ("One fact. [1] Another. [2]", [Sentence("One fact.", (1,)), Sentence("Another.", (2,))], 0),
        ("One [1] and two [2]. Three. [3] It is certain.", [Sentence("One and two", (1, 2)), Sentence("Three.", (3,))], 1),
        ("All. [1-3]\nTwo. [1; 2]\nOne.【3】", [Sentence("All.", (1, 2, 3)), Sentence("Two.", (1, 2)), Sentence("One.", (3,))], 0),
        (f"A fact. [{'9' * 5000}]", [], 1),
        ("A fact. [1-9999]", [Sentence("A fact.", (1, 2, 3))], 0),
        ("Two lines say so. [1][3]", [Sentence("Two lines say so.", (1, 3))], 0),
        ("Two lines say so. [3, 1] [3]", [Sentence("Two lines say so.", (3, 1))], 0),
        ("- One [1]\n2) Two [٢]\n\n* Three [٣، ١]", [Sentence("One", (1,)), Sentence("Two", (2,)), Sentence("Three", (3, 1))], 0),
        ("No line. \nOther. [4]\nNought. [0]\n[1]", [], 3),
        ("One of them is shown. [9][1]", [Sentence("One of them is shown.", (1,))], 0),
        ("", [], 0),
        ("[1" * 4000, [], 1),
    ],
)  # fmt: skip
def test_replies_are_read(reply: str, found: list[Sentence], left_out: int) -> None:
    assert sentences(reply, 3) == (found, left_out)


def test_nothing_is_the_whole_reply() -> None:
    assert says_nothing(" None.\n")
    for reply in (
        "None",
        "**None**",
        "None [1]",
        "None of the lines states it. [1][2]",
        "None of the twelve lines says so.",
    ):
        assert says_nothing(reply), reply
    assert not says_nothing("None of them went. [1]")
    assert not says_nothing("")
    assert said("<think>\nLine [2] says so.\n</think>\n\nNone") == "None"
    assert said("<think> It is long and breaks off [1]") == ""
    assert len(opening("fr")) == 1
    assert "French" in opening("fr")[0][1]


def passage(line: int, text: str, kind: str = "prose", language: str = "en") -> Passage:
    return Passage(
        "a.txt", line, 100 * line, 100 * line + len(text), text, language, kind, "The agreement provides for"
    )  # type: ignore[arg-type]


def test_of_a_list_no_item_is_lost() -> None:
    """Nor is a line quoted that a written claim cites."""
    items = [passage(line, f"Item {line} of the list.", "bullet") for line in range(1, 5)]
    said = [(Written("There is item 1 and item 2."), items[:2]), (Written("Item 2 is wrong."), items[1:2])]

    def check(sentence: str, _: object) -> Support:
        right = "wrong" not in sentence
        return Support(float(right), right, (), True)

    claims = claims_of(said, items, "en", check)
    assert [(claim.origin, [line.line for line in claim.citations]) for claim in claims] == [
        ("written", [1, 2]),
        ("quote", [3]),
        ("quote", [4]),
    ]
    wrong = [(Written(text), [passage(7, "نص", language="ar")]) for text in ("It is wrong.", "It is very wrong.")]
    assert len(claims_of(wrong, [passage(7, "نص", language="ar")], "en", check)) == 1
    assert len(claims_of([(Written("There is item 1."), items[:1])], items, "en", check)) == 1


BANK = """The bank of Leeds
2026-03-02

The savings bank of Leeds was founded in 1921 by two brothers.
Its director, Paul Reyes, resigned on Monday after eleven years, for reasons of health.
The board named Anna Lindqvist, until now head of its lending business, to succeed him.
The bank lends to some 40,000 households in the county.
"""


@pytest.mark.timeout(600)
def test_the_embedded_model_answers_english_over_english_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bank.txt").write_text(BANK, encoding="utf-8")
    refresh_index(tmp_path / "corpus", tmp_path / "index")
    answer = Sanad.open(tmp_path / "index").ask("How many households does the bank lend to?")
    assert lines(answer) == [("written", [7])]
    assert "40,000" in answer.claims[0].text
    assert check_answer(answer.to_dict(), tmp_path / "corpus") == []
    assert answer.models["llm"] == "embedded"


@pytest.mark.parametrize(("number", "is_written"), [(1, True), (2, False)])
def test_what_the_embedded_model_rests_on_another_line_than_search_is_not_written(
    monkeypatch: pytest.MonkeyPatch, number: int, is_written: bool
) -> None:
    from langchain_core.messages import AIMessage

    text = "The savings bank lends to some 40,000 households."
    said = AIMessage(f"The bank lends to 40,000 households. [{number}]")
    said.response_metadata["logprobs"] = {"content": [{"logprob": -0.01}]}
    monkeypatch.setattr(Chat, "reply", lambda *_, **__: said)
    lines = [passage(1, text), passage(2, text)]
    together = Composer("embedded").together("How many households does the bank lend to?", "en", lines)
    assert together.is_written is is_written


def test_the_embedded_model_quotes_lists_and_arabic() -> None:
    composer = Composer("embedded")
    items = [passage(line, f"Item {line}.", "bullet") for line in (1, 2)]
    assert composer.reads_together("en", items[:1])
    assert not composer.reads_together("en", items)
    assert not composer.reads_together("ar", [passage(1, "نص", language="ar")])
    assert not composer.reads_together("en", [passage(1, "A line."), passage(2, "نص", language="ar")])
    assert "4" not in grammar(3, 2)
