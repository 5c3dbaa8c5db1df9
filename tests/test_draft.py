"""Drafted gold: drawn from lines that say something, kept only when it is a question, and no examination until corrected."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from langchain_core.language_models import FakeListChatModel

from index import Passage, UsageError, refresh_index
from index.language import detect_language
from index.reader import parse_article
from index.segment import segment
from qa.cli import main
from qa.evaluation.draft import draft, drawn
from qa.evaluation.gold import read_gold
from qa.llm import embedded_model_path

MILL = (
    "The mill of Sarda\n\nThe mill of Sarda was built by two brothers in 1888 beside the upper weir. It has three wheels.\n"
    "- Flour from the mill of Sarda was sold in the markets of four towns.\nShort line.\n"
)
SPRING = (
    "عين الغزال\n\nتنبع عين الغزال من سفح جبل الكرمة وتسقي بساتين القرية منذ مئات السنين بلا انقطاع.\n"
    "تملك البلدية عين الغزال منذ عام ١٩٦٢ وتؤجر ماءها للمزارعين كل صيف بسعر زهيد.\n"
)


def sanad(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def passages() -> list[Passage]:
    return [
        passage
        for path, text in (("mill.txt", MILL), ("spring.txt", SPRING))
        for passage in segment(parse_article(path, text.encode()))
    ]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    (tmp_path / "articles").mkdir()
    for name, text in (("mill.txt", MILL), ("spring.txt", SPRING)):
        (tmp_path / "articles" / name).write_text(text, encoding="utf-8")
    refresh_index(tmp_path / "articles", tmp_path / "index")
    return tmp_path / "index"


def test_lines_that_say_something_are_drawn_once_and_articles_take_turns(passages: list[Passage]) -> None:
    order = list(drawn(passages, 0))
    assert [passage.path for passage in order] == ["mill.txt", "spring.txt"] * 2
    assert {(passage.path, passage.line) for passage in order} == {
        ("mill.txt", 3),
        ("mill.txt", 4),
        ("spring.txt", 3),
        ("spring.txt", 4),
    }
    assert list(drawn(list(reversed(passages)), 0)) == order
    assert any(list(drawn(passages, seed)) != order for seed in range(1, 9))


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("Who built the mill of Sarda?", True),
        ('"Who built the mill of Sarda?"\nIt was built by two brothers.', True),
        ("The mill of Sarda was built by two brothers.", False),  # no question
        ("من بنى طاحونة ساردا؟", False),  # another language than was asked for
        ("What is this about?", False),  # would fit any line
        ("What share of the mill of Sarda do the brothers own, in percent?", False),  # the line has no percentage
        ("Who built the mill of Sarda in Portugal?", False),  # a place the line does not name
        ("?", False),
        ("", False),
    ],
)
def test_only_a_question_about_the_line_is_kept(passages: list[Passage], reply: str, kept: bool) -> None:
    mill = [passage for passage in passages if (passage.path, passage.line) == ("mill.txt", 3)]
    drafts = draft(mill, FakeListChatModel(responses=[reply]), 5)
    assert (len(drafts.questions), drafts.unusable) == ((1, 0) if kept else (0, 1))
    for question in drafts.questions:
        assert question.question == "Who built the mill of Sarda?"
        assert question.draft
        assert question.facts[0].fact == mill[0].text
        assert question.places == {("mill.txt", 3)}


def test_as_many_as_were_asked_for(passages: list[Passage]) -> None:
    seen: list[tuple[int, int]] = []
    model = FakeListChatModel(responses=["What water does the municipality of the village own?"])
    drafts = draft(passages, model, 1, language="en", progress=lambda done, wanted: seen.append((done, wanted)))
    assert [question.id for question in drafts.questions] == ["draft-001"]
    assert seen == [(1, 1)]
    with pytest.raises(UsageError, match="'nolanguage' is no language code"):
        draft(passages, model, 1, language="nolanguage")


def test_mistaken_calls_are_one_line(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")  # the discard port: nothing listens there
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    out = tmp_path / "gold.jsonl"
    for arguments, code, said in (
        ((out, "--index", index, "--llm", "none"), 2, "drafting needs a language model"),
        ((out, "--index", tmp_path / "nowhere"), 1, "sanad index"),
        ((tmp_path / "articles", "--index", index), 2, "is there already"),
        ((out, "--index", index, "--llm", "openai:any"), 1, "check its server and key"),
    ):
        called = sanad("gold", "draft", *arguments)
        assert called.exit_code == code, called.output
        assert said in called.stderr
        told = [line for line in called.stderr.splitlines() if "are sent to" not in line]
        assert len(told) == 1
        assert not out.exists()


@pytest.mark.slow
def test_the_embedded_model_drafts_what_eval_refuses_until_it_is_corrected(index: Path, tmp_path: Path) -> None:
    embedded_model_path()
    out = tmp_path / "gold.jsonl"
    called = sanad("gold", "draft", out, "--index", index, "-n", "1")
    assert called.exit_code == 0, called.output
    lines_of = {"mill.txt": 6, "spring.txt": 5}
    questions = read_gold(out, lines_of, drafts=True)
    (question,) = questions
    assert question.draft
    assert question.answerable
    assert detect_language(question.question) == question.language
    with pytest.raises(UsageError, match=r"gold\.jsonl:1: the question is a draft"):
        read_gold(out, lines_of)
