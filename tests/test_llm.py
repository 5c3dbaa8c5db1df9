"""The embedded language model through LangChain, and the same model as an OpenAI server on this machine."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from conftest import empty_cache
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage

from index.errors import ModelUnavailable, UsageError
from qa import gguf
from qa.llm import GGUFChatModel, endpoint, open_chat_model
from qa.streamed import THREAD

CAPITAL = "What is the capital of France? One word."
EXAMPLES: list[BaseMessage] = [
    SystemMessage("Answer with the name of the capital and nothing else, in capital letters."),
    HumanMessage("Japan"),
    AIMessage("TOKYO"),
    HumanMessage("Egypt"),
    AIMessage("CAIRO"),
]

slow = pytest.mark.slow


@pytest.fixture(scope="module")
def cache(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with empty_cache(gguf._runtime.cache_clear, tmp_path_factory.mktemp("cache")) as folder:
        yield folder


@pytest.fixture(scope="module")
def model(model_path: Path, cache: Path) -> GGUFChatModel:
    return GGUFChatModel(model_path=model_path, max_tokens=16)


def listening_ports() -> set[str]:
    """Local addresses on which this process listens over TCP (Linux)."""
    if not Path("/proc/self/net/tcp").exists():
        pytest.skip("needs /proc")
    links = [os.readlink(fd) for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink()]
    own = {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}
    rows = [
        row.split() for file in ("tcp", "tcp6") for row in Path("/proc/self/net", file).read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == "0A" and row[9] in own}


def assert_quiet_and_without_port(model: GGUFChatModel, capfd: pytest.CaptureFixture[str]) -> None:
    before = listening_ports()
    answer = model.invoke(CAPITAL)
    assert "Paris" in answer.text
    assert answer.usage_metadata
    assert answer.usage_metadata["output_tokens"] <= 16
    assert answer.response_metadata["finish_reason"] == "stop"
    assert answer.response_metadata["timings"]["predicted_n"] == answer.usage_metadata["output_tokens"]
    assert listening_ports() == before
    assert capfd.readouterr() == ("", "")


def assert_closing_a_stream_stops_the_generation(model: GGUFChatModel) -> None:
    stream = model.stream("Write a very long story.", max_tokens=2000)
    next(iter(stream))
    (request,) = (thread for thread in threading.enumerate() if thread.name == THREAD)
    stream.close()  # type: ignore[attr-defined]  # an Iterator by its annotation, a generator in fact
    request.join(timeout=20)  # minutes, were it to finish
    assert not request.is_alive()


@slow
def test_invoke_is_quiet_and_opens_no_port(model: GGUFChatModel, capfd: pytest.CaptureFixture[str]) -> None:
    assert_quiet_and_without_port(model, capfd)


@slow
def test_stream_is_invoke_token_by_token(model: GGUFChatModel) -> None:
    question = "Count from one to five in words."
    pieces: list[AIMessageChunk] = []
    times = []
    for chunk in model.stream(question, logprobs=True):
        times.append(time.perf_counter())
        pieces.append(chunk)
    whole = sum(pieces[1:], pieces[0])
    assert whole.text == model.invoke(question).text
    assert "".join(entry["token"] for entry in whole.response_metadata["logprobs"]["content"]).startswith(whole.text)
    assert whole.usage_metadata
    assert sum(later - earlier > 0.001 for earlier, later in pairwise(times)) >= 4  # as made, not at the end


@slow
def test_closing_a_stream_stops_the_generation(model: GGUFChatModel) -> None:
    assert_closing_a_stream_stops_the_generation(model)


@slow
def test_options_of_a_call(model: GGUFChatModel) -> None:
    assert "three" not in model.invoke("Repeat exactly: one two three four", stop=["three"]).text
    assert model.invoke(CAPITAL, max_tokens=1).response_metadata["finish_reason"] == "length"
    assert model.invoke("Is water wet?", grammar='root ::= "perhaps"').text == "perhaps"
    schema = {"type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}}, "required": ["city"]}
    response_format = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}
    assert json.loads(model.invoke(CAPITAL, response_format=response_format).text) == {"city": "Paris"}


@slow
def test_several_choices(model: GGUFChatModel) -> None:
    result = model.generate([[HumanMessage("Name any animal.")]], n=3, temperature=2.0, seed=7, max_tokens=4)
    assert len(result.generations[0]) == 3
    assert all(choice.text for choice in result.generations[0])


@slow
def test_batch_is_generated_together(model: GGUFChatModel) -> None:
    running: list[int] = []

    def watch() -> None:
        while not done.wait(0.01):
            running.append(sum(thread.name == THREAD for thread in threading.enumerate()))

    done = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    answers = model.batch(
        [f"What is the capital of {country}? One word." for country in ("Italy", "Spain", "Egypt", "Iran")]
    )
    done.set()
    watcher.join()
    for answer, capital in zip(answers, ("Rome", "Madrid", "Cairo", "Tehran"), strict=True):
        assert capital in answer.text
    assert max(running) == 4  # and this thread ran meanwhile: the interpreter lock is not held


@slow
def test_an_opening_is_read_once_for_all_slots_and_processes(model: GGUFChatModel, cache: Path) -> None:
    chats: list[LanguageModelInput] = [
        [*EXAMPLES, HumanMessage(country)] for country in ("Italy", "Spain", "Iran", "France")
    ]
    capitals = ["ROME", "MADRID", "TEHRAN", "PARIS"]
    model.prime(EXAMPLES)
    assert_read_once(model.batch(chats), capitals)
    (file,) = (cache / "prefixes").glob("*.bin")

    gguf._runtime.cache_clear()  # as in a later process
    made = file.stat().st_mtime_ns
    model.prime(EXAMPLES)
    assert file.stat().st_mtime_ns == made
    assert_read_once(model.batch(chats[:2]), capitals[:2])

    gguf._runtime.cache_clear()
    file.write_bytes(file.read_bytes()[:-1])
    model.prime(EXAMPLES)
    (mended,) = (cache / "prefixes").glob("*.bin")
    assert mended.stat().st_size > 1_000_000
    assert mended.stat().st_mtime_ns > made


def assert_read_once(answers: list[AIMessage], texts: list[str]) -> None:
    assert [answer.text for answer in answers] == texts
    for answer in answers:
        assert answer.usage_metadata
        assert answer.usage_metadata["input_tokens"] - answer.usage_metadata["input_token_details"]["cache_read"] < 16


@slow
def test_requests_that_are_refused(model: GGUFChatModel) -> None:
    with pytest.raises(UsageError, match="grammar"):
        model.invoke(CAPITAL, grammar="root ::= (")
    with pytest.raises(UsageError, match="temperature"):
        model.invoke(CAPITAL, temperature="hot")
    with pytest.raises(ModelUnavailable, match=rf"takes {gguf.CONTEXT};"):
        model.invoke("word " * 2 * gguf.CONTEXT)
    with pytest.raises(UsageError, match="http=True"):
        endpoint(model)
    assert "Paris" in model.invoke(CAPITAL).text


@slow
def test_over_http_as_any_openai_server(
    model_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    url = endpoint(GGUFChatModel(model_path=model_path, http=True))
    assert url.startswith("http://127.0.0.1:")
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    monkeypatch.setenv("OPENAI_API_KEY", "anything")
    remote = open_chat_model("openai:embedded")
    assert "Paris" in remote.invoke(CAPITAL, max_tokens=16).text
    pieces = [chunk.text for chunk in remote.stream(CAPITAL, max_tokens=16)]
    assert "Paris" in "".join(pieces)
    response = httpx.get(f"{url}/models", headers={"Origin": "http://example.org"})
    assert response.headers.get("access-control-allow-origin", "") == ""  # not for pages in the user's browser
    assert httpx.post(f"{url[:-3]}/slots/0?action=save", json={"filename": "x"}).is_error  # nor for writing files
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("spec", ["", "none", "gpt-5", "gguf:", ":name", "openai:"])
def test_a_spec_that_names_no_model(spec: str) -> None:
    with pytest.raises(UsageError, match="provider:model"):
        open_chat_model(spec)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 not a model"], ids=["missing", "empty", "other"])
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"model\.gguf .*GGUF"):
        open_chat_model(f"gguf:{path}")


def test_a_truncated_model(model_path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "half.gguf"
    with model_path.open("rb") as whole:
        path.write_bytes(whole.read(20_000_000))
    with pytest.raises(ModelUnavailable, match=r"half\.gguf: the file is incomplete"):
        open_chat_model(f"gguf:{path}").invoke(CAPITAL)
    assert capfd.readouterr() == ("", "")


def test_a_provider_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY"):
        open_chat_model("openai:gpt-5")
    with pytest.raises(ModelUnavailable, match="nosuch:model cannot be opened"):
        open_chat_model("nosuch:model")
    with pytest.raises(ModelUnavailable, match=r"run: python -m pip install langchain-cohere$"):
        open_chat_model("cohere:command-r")
