"""Giving up a question stops the language model and leaves it free for the next one."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from qa import Cancelled, Sanad
from qa.streamed import THREAD

SHARE = "By when will Japan raise its defence spending, and to what share of GDP?"


def model_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == THREAD]


def test_a_stopped_question_ends_with_cancelled(corpus_index: Path) -> None:
    stop = threading.Event()
    steps = Sanad.open(corpus_index, "none").stream(SHARE, stop=stop)
    assert next(steps).nearest
    stop.set()
    with pytest.raises(Cancelled):
        next(steps)


def test_an_async_stream_gives_the_evidence_first(corpus_index: Path) -> None:
    async def run() -> list[int]:
        return [len(step.claims) async for step in Sanad.open(corpus_index, "none").astream(SHARE)]

    counts = asyncio.run(run())
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert counts[-1] > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_cancelling_the_task_stops_the_model(model_path: Path, corpus_index: Path) -> None:
    sanad = Sanad.open(corpus_index)
    for step in sanad.stream(SHARE):  # the prompt's opening is read once, and kept
        if step.claims:
            break

    async def give_up(after: float) -> None:
        task = asyncio.create_task(sanad.aask(SHARE))
        while not model_threads():
            await asyncio.sleep(0.02)
        await asyncio.sleep(after)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    for after in (0.0, 1.0):
        asyncio.run(give_up(after))
        began = time.perf_counter()
        while model_threads() and time.perf_counter() - began < 20:  # one may not have begun: it cannot be joined yet
            time.sleep(0.02)
        # One batch of a prompt takes a second or two, the whole answer up to twenty.
        assert time.perf_counter() - began < 10
    assert sanad.ask("ما مهمة مجموعة الاستجابة السريعة؟").answered
    assert any(step.claims for step in sanad.stream(SHARE))
