"""`sanad mcp` as an assistant meets it: the official client over stdin and stdout, and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import CORPUS, ROOT, TOKYO
from mcp import Client, StdioServerParameters
from serving import PATIENCE, served
from test_cli import ask as command_line
from test_cli import validate
from test_serve import MINERALS, TOKEN, assert_problem, without_times

from qa.check import check_answer


def over_stdio(index: Path) -> StdioServerParameters:
    arguments = ["-m", "qa.cli", "mcp", "--index", str(index), "--llm", "none"]
    return StdioServerParameters(command=sys.executable, args=arguments, cwd=ROOT, env=dict(os.environ))


async def session(client: Client, index: Path) -> None:
    """What both transports have to do."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"ask", "search", "read_line"}
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema
        assert tool.annotations
        assert tool.annotations.read_only_hint

    answer = await called(client, "ask", question=MINERALS)
    validate(answer, "answer.schema.json")
    assert without_times(answer) == without_times(command_line(index, MINERALS))
    assert check_answer(answer, CORPUS) == []

    found = await called(client, "search", question=MINERALS, k=2)
    validate(found, "search.schema.json")
    assert len(found["hits"]) == 2

    cited = answer["claims"][0]["citations"][0]
    read = await called(client, "read_line", path=cited["path"], line=cited["line"], around=1)
    assert [line["line"] for line in read["lines"]] == [cited["line"] - 1, cited["line"], cited["line"] + 1]
    at = cited["start"] - read["lines"][1]["start"]
    assert read["lines"][1]["text"][at:].startswith(cited["quote"])

    for name, arguments, said in (
        ("ask", {"question": "?!"}, "ask something in words"),
        ("ask", {"question": ""}, "question"),
        ("read_line", {"path": TOKYO, "line": 999}, "no line 999"),
        ("read_line", {"path": "../pyproject.toml", "line": 1}, "no article"),
        ("read_line", {"path": TOKYO, "line": 0}, "line"),
    ):
        refused = await client.call_tool(name, arguments)
        assert refused.is_error
        assert said in refused.content[0].text
        assert "Traceback" not in refused.content[0].text


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def patiently() -> None:
        async with asyncio.timeout(PATIENCE):
            await work()

    asyncio.run(patiently())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_session_over_stdin_and_stdout(corpus_index: Path, mode: str) -> None:
    async def work() -> None:
        async with Client(over_stdio(corpus_index), mode=mode) as client:
            await session(client, corpus_index)

    run(work)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_session_over_http(corpus_index: Path, tmp_path: Path, mode: str) -> None:
    async def work() -> None:
        async with Client(f"{server.url}/mcp", mode=mode) as client:
            await session(client, corpus_index)

    with served(tmp_path, "--http", "--index", corpus_index, "--llm", "none", command="mcp") as server:
        run(work)
        assert server.stop() == 0
        assert "Traceback" not in server.log


def test_over_http_the_door_is_guarded(corpus_index: Path, tmp_path: Path) -> None:
    how = ("--http", "--index", corpus_index, "--llm", "none")
    with served(tmp_path, *how, command="mcp", SANAD_TOKEN=TOKEN) as server:
        assert_problem(server.client.post("/mcp", json={}), 401)
        allowed = {"Authorization": f"Bearer {TOKEN}"}
        assert_problem(server.client.post("/mcp", json={}, headers=allowed | {"Origin": "https://example.org"}), 403)
        assert_problem(server.client.post("/mcp", json={}, headers=allowed | {"Host": "example.org"}), 403)
        large = httpx.post(f"{server.url}/mcp", content=b"x" * 1_100_000, headers=allowed, timeout=PATIENCE)
        assert_problem(large, 413)
        assert TOKEN not in server.log
