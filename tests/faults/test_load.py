"""Fifty askers at once while articles come and go, over the Python API and over the server: no wrong citation, no deadlock,
bounded memory, and what is too much is said at once."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import PATIENCE, events, eventually, served

from faults.soak import ASKERS, QUICK_SECONDS, WHOLE_SECONDS, Collection, judge, soak
from faults.tally import Tally
from qa import Sanad
from qa.opened import opened

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc"),
]


@pytest.fixture
def seconds(tally: Tally, request: pytest.FixtureRequest) -> float:
    asked: float | None = request.config.getoption("--soak", default=None)
    lasting = asked or (WHOLE_SECONDS if tally.whole else QUICK_SECONDS)
    tally.figures["seconds"] = round(lasting)
    return lasting


def test_fifty_askers_while_articles_come_and_go(tmp_path: Path, tally: Tally, seconds: float) -> None:
    tally.about = f"{ASKERS} threads ask over the Python API (quotes) while another adds, changes and removes articles"
    collection = Collection(tmp_path)

    def ask(question: str, _: random.Random) -> dict[str, Any]:
        sanad: Sanad = opened(collection.index, "none")
        return dict(sanad.ask(question).to_dict())

    judge(soak(collection, ask, tally, seconds, os.getpid()), collection, tally)


def test_fifty_clients_of_a_server(tmp_path: Path, tally: Tally, seconds: float) -> None:
    tally.about = (
        f"{ASKERS} clients of `sanad serve` (quotes), a third of them reading events and some of these gone after the first,"
        " while articles come and go"
    )
    collection = Collection(tmp_path)
    own = threading.local()
    with served(tmp_path, "--index", collection.index, "--llm", "none") as server:

        def ask(question: str, draw: random.Random) -> dict[str, Any] | str:
            if not hasattr(own, "client"):
                own.client = httpx.Client(base_url=server.url, timeout=PATIENCE, trust_env=False)
            if draw.random() < 1 / 3:
                return _streamed(own.client, question, gone_early=draw.random() < 0.3)
            response = own.client.post("/ask", json={"question": question})
            return _busy(response) or dict(response.json())

        seen = soak(collection, ask, tally, seconds, server.process.pid)
        judge(seen, collection, tally)
        assert seen.outcomes["told that it is busy"], "more asked than there are places, and nobody was told"
        assert eventually(lambda: server.figure("sanad_requests_inside") == 0), "a place is never given back"
        assert not [line for line in server.log.splitlines() if "Traceback" in line]
        assert server.stop() == 0


def _streamed(client: httpx.Client, question: str, gone_early: bool) -> dict[str, Any] | str:
    with client.stream(
        "POST", "/ask", json={"question": question}, headers={"Accept": "text/event-stream"}
    ) as response:
        if busy := _busy(response):
            return busy
        for name, data in events(response):
            if gone_early:
                return "went away after the first event"
            if name == "answer":
                return dict(data)
    raise AssertionError("a stream ended without its answer")


def _busy(response: httpx.Response) -> str:
    """Why there is no answer: the honest kind only."""
    if response.status_code == 503 and "busy" in response.read().decode() and int(response.headers["Retry-After"]):
        return "told that it is busy"
    response.raise_for_status()
    return ""
