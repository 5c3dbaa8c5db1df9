"""The command line as programs and people meet it: output, exit codes, one-line errors. Run in this process and outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result
from conftest import ALLIANCE, CORPUS, TOKYO
from referencing import Registry, Resource

from qa.cli import main

SCHEMAS = {
    path.name: json.loads(path.read_text(encoding="utf-8")) for path in (Path(__file__).parent / "schemas").iterdir()
}
REGISTRY: Any = Registry().with_resource("search.schema.json", Resource.from_contents(SCHEMAS["search.schema.json"]))


def sanad(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def validate(value: object, schema: str) -> None:
    jsonschema.Draft202012Validator(SCHEMAS[schema], registry=REGISTRY).validate(value)


def ask(index: Path, question: str, *options: str) -> dict[str, Any]:
    result = sanad("ask", question, "--index", index, "--llm", "none", "--json", *options)
    assert result.exit_code == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    validate(answer, "answer.schema.json")
    return answer


def cited_lines(answer: dict[str, Any]) -> set[tuple[str, int]]:
    return {(citation["path"], citation["line"]) for claim in answer["claims"] for citation in claim["citations"]}


def assert_one_line(result: Result, exit_code: int, *said: str) -> None:
    assert result.exit_code == exit_code
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("sanad: ")
    for words in said:
        assert words in result.stderr
    assert isinstance(result.exception, SystemExit) or result.exception is None


def test_every_citation_resolves_in_both_languages(corpus_index: Path) -> None:
    for question in (
        "What does the minerals deal include?",
        "ماذا تشمل اتفاقية المعادن؟",
        "What is Japan's defence spending target?",
        "من اختطفت كوريا الشمالية؟",
        "What gift did Takaichi give Trump?",
    ):
        answer = ask(corpus_index, question)
        assert answer["answered"]
        for claim in answer["claims"]:
            for citation in claim["citations"]:
                text = (CORPUS / citation["path"]).read_bytes().decode("utf-8")
                assert text[citation["start"] : citation["end"]] == citation["quote"]
                assert text.count("\n", 0, citation["start"]) + 1 == citation["line"]


def test_a_question_about_a_list_gets_the_whole_list(corpus_index: Path) -> None:
    answer = ask(corpus_index, "What does the minerals deal include?")
    assert {(ALLIANCE, line) for line in (16, 17, 18, 19)} <= cited_lines(answer)


@pytest.mark.parametrize(
    "question",
    ["What share of GDP will Japan spend on defence, and by when?", "كم سيبلغ الإنفاق الدفاعي الياباني ومتى؟"],
)
def test_the_defence_spending_question(corpus_index: Path, question: str) -> None:
    answer = ask(corpus_index, question)
    assert (ALLIANCE, 23) in cited_lines(answer)
    quotes = " ".join(citation["quote"] for claim in answer["claims"] for citation in claim["citations"])
    assert "2%" in quotes
    assert "مارس 2026" in quotes


@pytest.mark.parametrize(
    "question", ["Who is the prime minister of France?", "من هو رئيس وزراء فرنسا؟", "ما هي عاصمة البرازيل؟"]
)
def test_what_the_sources_do_not_say_is_refused(corpus_index: Path, question: str) -> None:
    answer = ask(corpus_index, question)
    assert not answer["answered"]
    assert answer["claims"] == []
    assert len(answer["nearest"]) == 5
    shown = sanad("ask", question, "--index", corpus_index, "--llm", "none").stdout
    assert shown.startswith(("The sources do not say.", "المصادر لا تذكر ذلك."))


def test_the_same_question_gives_the_same_answer(corpus_index: Path) -> None:
    first, second = (ask(corpus_index, "What did China restrict?") | {"timings_ms": None} for _ in range(2))
    assert first == second


def test_questions_from_a_file_keep_their_ids(corpus_index: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(
        '{"id": "a", "question": "What did China restrict?"}\n\n{"id": 7, "question": "ما هي عاصمة البرازيل؟"}\n',
        encoding="utf-8",
    )
    for command, schema in (("ask", "answer.schema.json"), ("search", "search.schema.json")):
        options = ["--llm", "none"] if command == "ask" else ["-k", "3"]
        result = sanad(command, "--questions", file, "--index", corpus_index, "--json", *options)
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [row["id"] for row in rows] == ["a", 7]
        for row in rows:
            validate(row, schema)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": 1, "question": "ok?"}\nnot json\n', ":2: not JSON"),
        ('{"id": 1}\n', ":1: needs the texts question"),
        ('{"id": 5, "question": "  "}\n', "id 5: the question is empty"),
        ('{"id": {}, "question": "ok?"}\n', "the id {} is neither"),
        ('{"id": "\\ud800", "question": "ok?"}\n', "is neither a plain text"),
    ],
)
def test_a_bad_line_of_a_question_file_is_named(corpus_index: Path, tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(content, encoding="utf-8")
    assert_one_line(sanad("search", "--questions", file, "--index", corpus_index), 2, said)


@pytest.mark.parametrize("question", ["", "   ", "؟", "x" * 100_000])
def test_questions_of_no_or_too_many_characters(corpus_index: Path, question: str) -> None:
    for command in ("ask", "search"):
        assert_one_line(sanad(command, question, "--index", corpus_index), 2, "question")


def test_asked_wrongly(corpus_index: Path, tmp_path: Path) -> None:
    assert_one_line(sanad("search", "--index", corpus_index), 2, "give one QUESTION, or --questions FILE")
    assert_one_line(sanad("index", tmp_path / "missing", "--index", tmp_path / "i"), 2, "is not a folder")
    assert_one_line(
        sanad("ask", "a question", "--index", tmp_path / "none"), 1, "there is no index at", "run: sanad index"
    )
    assert sanad("ask", "a question", "--nonsense").exit_code == 2


def test_a_model_that_was_chosen_and_is_missing_is_an_error(corpus_index: Path, tmp_path: Path) -> None:
    question = "What does the minerals deal include?"
    missing = tmp_path / "missing.gguf"
    assert_one_line(sanad("ask", question, "--index", corpus_index, "--llm", f"gguf:{missing}"), 1, "missing.gguf")
    assert_one_line(sanad("ask", question, "--index", corpus_index, "--llm", "nonsense"), 2, "names no language model")


def test_check_proves_an_answer_and_fails_when_a_byte_changes(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for name in (ALLIANCE, TOKYO):
        shutil.copy(CORPUS / name, corpus / name)
    assert sanad("index", corpus, "--index", index).exit_code == 0
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(ask(index, "What does the minerals deal include?")), encoding="utf-8")
    good = sanad("check", saved)
    assert good.exit_code == 0
    assert "citations resolve" in good.stdout

    source = corpus / ALLIANCE
    original = source.read_text(encoding="utf-8")
    source.write_text(original.replace("عززت الاتفاقية", "عززت ألاتفاقية"), encoding="utf-8")
    changed = sanad("check", saved)
    assert changed.exit_code == 1
    assert f"{ALLIANCE}:16 does not resolve: the source as it is now does not hold the quote" in changed.stderr
    source.write_text(original + "سطر آخر\n", encoding="utf-8")
    outside = sanad("check", saved)
    assert outside.exit_code == 1
    assert f"{ALLIANCE} is not the file that was indexed" in outside.stderr
    source.write_text("سطر جديد\n" + original, encoding="utf-8")
    assert "the quote stands in line 17 of the source as it is now" in sanad("check", saved).stderr

    # What the index saw is no longer there: nothing of it may be cited until it is indexed again.
    answer = ask(index, "What does the minerals deal include?")
    assert all(path != ALLIANCE for path, _ in cited_lines(answer))
    assert any("changed since it was indexed" in note for note in answer["notes"])


def test_check_refuses_what_is_no_answer(tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    for content in (
        "[]",
        '{"claims": [{"citations": [{}]}]}',
        '{"claims": [], "index": null}',
        "[" * 100_000,
        "nonsense",
    ):
        file.write_text(content, encoding="utf-8")
        assert_one_line(sanad("check", file), 2, "sanad ask --json")


def test_check_sees_a_forged_quote_and_a_claim_without_a_source(corpus_index: Path, tmp_path: Path) -> None:
    answer = ask(corpus_index, "What did China restrict?")
    file = tmp_path / "answer.json"
    for change, said in (({"text": "forged"}, "called a quote"), ({"citations": []}, "cites nothing")):
        file.write_text(json.dumps(answer | {"claims": [answer["claims"][0] | change]}), encoding="utf-8")
        result = sanad("check", file)
        assert result.exit_code == 1
        assert said in result.stderr


def test_articles_that_moved_are_found_again(tmp_path: Path) -> None:
    corpus, index, moved = tmp_path / "corpus", tmp_path / "index", tmp_path / "moved"
    shutil.copytree(CORPUS, corpus)
    assert sanad("index", corpus, "--index", index).exit_code == 0
    corpus.rename(moved)
    question = "كم سيبلغ الإنفاق الدفاعي؟"
    assert_one_line(sanad("ask", question, "--index", index), 1, "articles of this index are not at", "--corpus")
    assert "23" in sanad("ask", question, "--index", index, "--corpus", moved, "--llm", "none").stdout


def test_check_does_not_leave_the_corpus(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "secret.txt").write_text("secret words", encoding="utf-8")
    citation = {"path": "../secret.txt", "line": 1, "start": 0, "end": 6, "quote": "secret", "language": "en"}
    file = tmp_path / "answer.json"
    claim = {"text": "secret", "origin": "quote", "citations": [citation]}
    file.write_text(json.dumps({"claims": [claim], "index": {"corpus": "", "sources": {}}}), encoding="utf-8")
    result = sanad("check", file, "--corpus", tmp_path / "corpus")
    assert result.exit_code == 1
    assert "outside the corpus" in result.stderr


def test_verify_prints_a_verdict_a_line(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    pairs = [
        {"id": "same", "claim": "The club belonged to Shinzo Abe.", "source": "The club belonged to Shinzo Abe."},
        {"id": "number", "claim": "There were 13 victims.", "source": "اعترفت بأنها اختطفت 31 يابانياً."},
    ]
    file.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    rows = [json.loads(line) for line in sanad("verify", "--pairs", file, "--json").stdout.splitlines()]
    assert [(row["id"], row["supported"]) for row in rows] == [("same", True), ("number", False)]
    assert all(0 <= row["score"] <= 1 for row in rows)


def test_search_is_quick_and_imports_nothing_heavy(corpus_index: Path) -> None:
    code = (
        "import sys; from qa.cli import main\n"
        f"main(['search', 'What does the minerals deal include?', '--index', {str(corpus_index)!r}], standalone_mode=False)\n"
        "heavy = {'torch', 'sentence_transformers', 'streamlit', 'langchain', 'langchain_core', 'xllamacpp', 'ik_llama_cpp'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_interrupting_the_indexer_leaves_the_last_index_usable(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "one.txt").write_text("The harbour was closed on Monday because of a storm.\n")
    command = [sys.executable, "-m", "qa.cli", "index", str(corpus), "--index", str(index)]
    subprocess.run(command, check=True, capture_output=True)
    (corpus / "many.txt").write_text("".join(f"Sentence number {n} says something of its own.\n" for n in range(3000)))
    lock = index / ".lock"
    lock.unlink(missing_ok=True)
    running = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background is born deaf to it
    )  # fmt: skip
    while not lock.exists() and running.poll() is None:  # made again by the run that is to be interrupted
        time.sleep(0.1)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said.count("\n") == 1
    assert "interrupted" in said
    assert json.loads(sanad("search", "storm", "--index", index, "--json").stdout)["hits"][0]["path"] == "one.txt"


def test_an_interrupt_that_an_extension_turned_into_an_import_error_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_from(cause: BaseException | None) -> Result:
        @click.command()
        def fails() -> None:
            raise ImportError("initialization failed") from cause

        monkeypatch.setattr(type(main), "get_command", lambda *_: fails)
        return sanad("fails")

    assert_one_line(fails_from(KeyboardInterrupt()), 130, "interrupted")
    assert isinstance(fails_from(None).exception, ImportError)


def test_output_that_nobody_reads_is_no_error(corpus_index: Path) -> None:
    command = f"{sys.executable} -m qa.cli search Trump --index {corpus_index} -k 50 | head -n 1"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "Traceback" not in run.stderr


def test_a_follow_up_is_completed_from_an_answer_and_shown(corpus_index: Path, tmp_path: Path) -> None:
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(ask(corpus_index, "كم يابانياً اختطفت كوريا الشمالية؟")), encoding="utf-8")
    options = ["--follow-up-to", saved, "--index", corpus_index, "--llm", "none"]
    answer = json.loads(sanad("ask", "ومتى؟", *options, "--json").stdout)
    validate(answer, "answer.schema.json")
    assert answer["question"] == "ومتى؟"
    assert answer["asked_as"].startswith("متى ")
    assert "اختطفت كوريا الشمالية" in answer["asked_as"]
    assert answer["asked_as"] in sanad("ask", "ومتى؟", *options).stdout
    assert_one_line(sanad("ask", "--questions", saved, *options), 2, "--follow-up-to takes one QUESTION")


def test_a_receipt_of_another_format_is_read_or_refused(corpus_index: Path, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    answer = ask(corpus_index, "Where did Trump and Takaichi meet?")
    assert answer["conflicts"]
    assert answer["models"]["encoder_sha256"]
    older = {key: value for key, value in answer.items() if key not in ("format", "conflicts", "asked_as", "version")}
    for claim in older["claims"]:
        for citation in claim["citations"]:
            del citation["speaker"], citation["dates"]
    file.write_text(json.dumps(older), encoding="utf-8")
    assert sanad("check", file).exit_code == 0
    file.write_text(json.dumps(answer | {"format": 99}), encoding="utf-8")
    assert_one_line(sanad("check", file), 2, "format 99", "check it with the sanad that wrote it")


def test_check_sees_a_forged_speaker_and_a_forged_side(corpus_index: Path, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    answer = ask(corpus_index, "Where did Trump and Takaichi meet?")
    answer["conflicts"][0]["sides"][0]["citation"]["quote"] = "forged"
    file.write_text(json.dumps(answer), encoding="utf-8")
    assert sanad("check", file).exit_code == 1
    answer = ask(corpus_index, "ماذا أعلن البيت الأبيض؟")
    spoken = next(claim for claim in answer["claims"] if claim["citations"][0]["speaker"])
    spoken["citations"][0]["speaker"]["text"] = "somebody else"
    file.write_text(json.dumps(answer), encoding="utf-8")
    assert "does not stand where the answer says" in sanad("check", file).stderr
