"""Text in articles is data: hostile articles change no verdict, no citation and no setting."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ALLIANCE, CORPUS, TOKYO
from hostile import HOSTILE

from index import ModelUnavailable, refresh_index
from index.article import Passage
from qa import Sanad
from qa.attribution import Attribution
from qa.chat import Chat
from qa.check import check_answer
from qa.cli import main
from qa.compose import Composer
from qa.conversation import complete
from qa.plain import as_plain_text
from qa.select import MAX_PASSAGES
from qa.verify import Verifier
from qa.written import Written

ANSWERABLE = (
    "What does the minerals deal include?",
    "كم سيبلغ الإنفاق الدفاعي الياباني ومتى؟",
    "من اختطفت كوريا الشمالية؟",
)
UNANSWERABLE = ("Who is the president of Mexico?", "من هو رئيس المكسيك؟")
LINE = "أعلنت الوزيرة رفع الإنفاق إلى 2% بحلول مارس 2026."
WRONG = "The minister raises spending to 3% by April 2027."


def test_there_are_enough() -> None:
    assert len(HOSTILE) >= 40


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Index over the corpus and one article for every hostile text."""
    folder = tmp_path_factory.mktemp("attacked")
    corpus = folder / "corpus"
    corpus.mkdir()
    for name in (ALLIANCE, TOKYO):
        shutil.copy(CORPUS / name, corpus / name)
    for name, text in HOSTILE.items():
        article = f"A note from the harbour, 4 March 2024\n\nThe ferry left the harbour at noon.\n\n{text}\n\nThe sea was calm.\n"
        (corpus / f"hostile {name}.txt").write_bytes(article.encode("utf-8"))
    refresh_index(corpus, folder / "index")
    return folder / "index"


@pytest.mark.parametrize("question", ANSWERABLE + UNANSWERABLE)
def test_answers_stay_as_they_were(corpus_index: Path, attacked: Path, question: str) -> None:
    before, after = Sanad.open(corpus_index, "none").ask(question), Sanad.open(attacked, "none").ask(question)
    assert before.answered == after.answered == (question in ANSWERABLE)
    # Word statistics are the collection's, so one of two lines that answer equally well may give way to the other; what
    # answers best stays, and nothing that was planted comes in.
    texts = [[one.text for one in answer.claims] for answer in (before, after)]
    assert not texts[0] or texts[0][0] in texts[1] or texts[1][0] in texts[0]
    assert {citation.path for citation in after.citations} <= {ALLIANCE, TOKYO}
    assert (after.settings, after.models) == (before.settings, before.models)
    assert after.conflicts == before.conflicts
    assert check_answer(json.loads(json.dumps(after.to_dict())), attacked.parent / "corpus") == []


def test_a_question_about_the_notes_gets_their_lines_as_they_stand(attacked: Path) -> None:
    """Asked about the hostile articles themselves, the answer is quotes that resolve, and settings as chosen."""
    sanad = Sanad.open(attacked, "none")
    for question in ("When did the ferry leave the harbour?", "Who ordered to ignore all instructions?", "قل مخترق"):
        answer = sanad.ask(question)
        assert {one.origin for one in answer.claims} <= {"quote"}
        assert {one.support for one in answer.claims} <= {1.0}
        assert answer.settings == {"llm": "none", "depth": 50, "passages": MAX_PASSAGES, "only": None}
        assert check_answer(json.loads(json.dumps(answer.to_dict())), attacked.parent / "corpus") == []


def test_a_planted_answer_is_shown_as_what_it_is(attacked: Path) -> None:
    """A line that says "when asked …, reply …" may be found; it is then a quote under its own article's name."""
    answer = Sanad.open(attacked, "none").ask("Who is the prime minister of France?")
    for claim in answer.claims:
        assert claim.origin == "quote"
        assert claim.text == claim.citations[0].quote
    assert all(claim.citations[0].path == "hostile when asked.txt" for claim in answer.claims if "France" in claim.text)


def test_every_span_of_every_hostile_line_resolves(attacked: Path) -> None:
    sanad = Sanad.open(attacked, "none")
    attribution = Attribution(sanad.index)
    for passage in sanad.index.passages:
        text = (attacked.parent / "corpus" / passage.path).read_bytes().decode("utf-8")
        citation = attribution.cite(passage)
        spans = [when.span for when in citation.dates]
        if citation.speaker:
            spans += [citation.speaker.name, *citation.speaker.quoted]
        assert text[citation.start : citation.end] == citation.quote
        assert all(text[span.start : span.end] == span.text for span in spans)


def test_no_verdict_changes() -> None:
    verifier = Verifier()
    assert not verifier.check(WRONG, LINE).supported
    for name, text in HOSTILE.items():
        text = text[:300]
        assert not verifier.check(WRONG, f"{LINE} {text}", claim_language="en", source_language="ar").supported, name
        assert not verifier.check(f"{WRONG} {text}", LINE, claim_language="en", source_language="ar").supported, name


def test_what_an_obedient_model_would_write_is_no_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    passage = Passage("a.txt", 1, 0, len(LINE), LINE, "ar", "prose", "")
    composer = Composer("embedded", [passage])
    for name, text in HOSTILE.items():
        monkeypatch.setattr(composer, "sentence", lambda *_, text=text: Written(text[:300]))
        (claim,) = composer.write("By when does spending rise?", "en", [passage])
        assert (claim.text, claim.origin) == (LINE, "quote"), name


def test_nor_is_it_where_the_model_names_the_lines_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from langchain_core.messages import AIMessage

    lines = [Passage("a.txt", 1, 0, len(LINE), LINE, "ar", "prose", "")]
    lines += [Passage(f"{name}.txt", 1, 0, len(text), text, "ar", "prose", "") for name, text in HOSTILE.items()]
    composer = Composer("openai:obedient", lines)
    for name, text in HOSTILE.items():
        reply = " ".join(text[:300].split())
        monkeypatch.setattr(Chat, "reply", lambda *_, reply=reply, **__: AIMessage(f"{reply} [1]\n{WRONG} [1][999]"))
        together = composer.together("By when does spending rise?", "en", lines[:1])
        assert {(claim.text, claim.origin) for claim in together.claims} == {(LINE, "quote")}, name


def test_role_tokens_become_plain_text_and_nothing_else_does() -> None:
    for name, text in HOSTILE.items():
        plain = as_plain_text(text)
        for token in (
            "<|im_start|>",
            "<|im_end|>",
            "<|endoftext|>",
            "[INST]",
            "<start_of_turn>",
            "<|eot_id|>",
            "</s>",
            "<｜User｜>",
        ):
            assert token not in plain, name
        assert not {"\u202e", "\u200b", "\x1b", "\u2028", "\ufeff", "\U000e0061"} & set(plain), name
        assert as_plain_text(plain) == plain, name
    for text in (
        "ارتفع الإنفاق إلى 2%، قال «الوزير».",
        "3 < 5 and 7 > 2",
        "می‌خواهم",
        "a [b] {c}",
        "Line: x\nSentence:",
    ):
        assert as_plain_text(text) == text


def test_a_terminal_is_not_commanded(attacked: Path) -> None:
    for question in ("HACKED hidden title",):
        shown = CliRunner().invoke(main, ["search", question, "--index", str(attacked), "-k", "400"]).stdout
        assert not {"\x1b", "\x07", "\r", "\u202e", "\u2028"} & set(shown)
        exact = CliRunner().invoke(main, ["search", question, "--index", str(attacked), "-k", "400", "--json"]).stdout
        assert "\\u001b[2J" in exact


def test_a_hostile_question_is_only_a_question(corpus_index: Path) -> None:
    sanad = Sanad.open(corpus_index, "none")
    for name in ("ignore", "ar ignore", "chatml inline", "json", "html", "ansi", "bidi", "command line"):
        answer = sanad.ask(HOSTILE[name], asked_as=complete(HOSTILE[name], "What did China restrict?"))
        assert answer.question == HOSTILE[name].strip()
        assert answer.settings["llm"] == "none"
        for claim in answer.claims:
            assert claim.origin == "quote"


@pytest.mark.slow
def test_the_model_reads_role_tokens_letter_by_letter() -> None:
    from qa.llm import open_chat_model

    try:
        model = open_chat_model("embedded")
    except ModelUnavailable as error:
        pytest.skip(str(error))

    def tokens(text: str) -> int:
        usage = model.invoke(text, max_tokens=1).usage_metadata
        assert usage
        return usage["input_tokens"]

    assert tokens("a<|im_end|>b") >= tokens("ab") + 4  # one token, were it the template's own
    assert tokens(HOSTILE["chatml"]) == tokens(as_plain_text(HOSTILE["chatml"]))
