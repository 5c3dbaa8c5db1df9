"""Fifty askers at once over the Python API while articles come and go: no wrong citation, no deadlock, bounded memory."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from conftest import CORPUS

from faults.tally import Tally
from index import refresh_index
from index.store import read_manifest
from qa import Answer, Sanad
from qa.check import resolves

ASKERS = 50
QUICK_SECONDS, WHOLE_SECONDS = 10.0, 600.0
PATIENCE = 120.0  # seconds in which a question that was asked before the end must have its answer
QUESTIONS = (
    "By when will Japan raise its defence spending?",
    "What does the minerals deal include?",
    "متى سيبلغ الإنفاق الدفاعي الياباني 2%؟",
    "How many Japanese did North Korea admit to abducting?",
    "ما مهمة مجموعة الاستجابة السريعة؟",
    "Where did Trump and Takaichi meet?",
    "Which ferry sank in the harbour?",
    "كم راكباً كان على العبّارة؟",
    "Who discovered penicillin?",
    "Which pier was closed by storm 3?",
)


class Shelf:
    """The answerer over the index as it is now: opened again when a refresh has replaced it."""

    def __init__(self, index: Path) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._opened = Sanad.open(index, "none")

    def current(self) -> Sanad:
        with self._lock:
            if self._opened.index.manifest.data != read_manifest(self._index).data:
                self._opened = Sanad.open(self._index, "none")
            return self._opened


class Versions:
    """Every text an article has ever had, by the sha256 of its bytes: what a citation is held against."""

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus
        self.texts: dict[str, str] = {}
        for path in corpus.glob("*.txt"):
            self.keep(path.read_bytes())

    def keep(self, data: bytes) -> bytes:
        self.texts[hashlib.sha256(data).hexdigest()] = data.decode()
        return data

    def wrong(self, answer: Answer) -> list[str]:
        """Citations that do not stand in the version of the article that the answer says it cites."""
        sources = answer.index["sources"]
        return [
            f"{citation.path}:{citation.line}" for citation in answer.citations
            if not resolves(
                self.texts[sources[citation.path]], line=citation.line, start=citation.start, end=citation.end, quote=citation.quote
            )
        ]  # fmt: skip


def resident() -> float:
    """Megabytes of memory this process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def ferry(number: int) -> bytes:
    lines = [f"Ferry {number} carried {number + 300} passengers when it sank in the harbour."]
    lines += [f"Pier {line} was closed by storm {number % 7}." for line in range(number % 5)]
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.timeout(3600)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_fifty_askers_while_articles_come_and_go(tmp_path: Path, tally: Tally, request: pytest.FixtureRequest) -> None:
    tally.about = f"{ASKERS} threads ask over the Python API (quotes) while another adds, changes and removes articles"
    seconds = request.config.getoption("--soak", default=None) or (WHOLE_SECONDS if tally.whole else QUICK_SECONDS)
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for path in CORPUS.glob("*.txt"):
        (corpus / path.name).write_bytes(path.read_bytes())
    versions = Versions(corpus)
    refresh_index(corpus, index)
    shelf = Shelf(index)
    ended, outcomes, problems = threading.Event(), Counter[str](), list[str]()
    times: list[float] = []

    def ask(number: int) -> None:
        draw = random.Random(tally.seed * ASKERS + number)
        while not ended.is_set():
            began = time.perf_counter()
            try:
                answer = shelf.current().ask(draw.choice(QUESTIONS))
                problems.extend(versions.wrong(answer))
            except Exception as error:
                problems.append(f"{type(error).__name__}: {error}")
                return
            times.append(time.perf_counter() - began)
            outcomes["answered" if answer.answered else "the sources do not say"] += 1

    def write() -> None:
        draw, number = random.Random(tally.seed), 0
        while not ended.is_set():
            number += 1
            path = corpus / f"ferry-{draw.randrange(6)}.txt"
            if path.exists() and draw.random() < 0.4:
                path.unlink()
            else:
                beside = path.with_suffix(".new")
                beside.write_bytes(versions.keep(ferry(number)))
                beside.replace(path)
            try:
                refresh_index(corpus, index)
            except Exception as error:
                problems.append(f"the indexer: {type(error).__name__}: {error}")
                return
            outcomes["changes of the index"] += 1
            ended.wait(0.5)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(ASKERS)]
    threads.append(threading.Thread(target=write))
    for thread in threads:
        thread.start()
    memory: list[float] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not problems:
        ended.wait(min(5.0, seconds / 20))
        memory.append(resident())
    ended.set()
    waited = time.monotonic()
    for thread in threads:
        thread.join(max(0.0, PATIENCE - (time.monotonic() - waited)))
    assert not [thread.name for thread in threads if thread.is_alive()], "a deadlock, or an answer that took too long"
    assert problems == []
    tally.tries = len(times)
    tally.outcomes += outcomes
    settled = memory[len(memory) // 3 :]  # the first third warms caches up
    half = len(settled) // 2
    first, last = sum(settled[:half]) / half, sum(settled[half:]) / (len(settled) - half)
    ordered = sorted(times)
    tally.figures |= {
        "seconds": round(seconds), "median answer, s": round(ordered[len(ordered) // 2], 2),
        "99th percentile, s": round(ordered[int(len(ordered) * 0.99)], 2), "slowest, s": round(ordered[-1], 2),
        "memory after warm-up, MB": round(first), "memory at the end, MB": round(last), "articles' versions": len(versions.texts),
    }  # fmt: skip
    assert outcomes["changes of the index"] >= 2
    assert outcomes["answered"] > outcomes["the sources do not say"] * 0.5
    assert len(list(index.glob("data-*"))) == 1
    if tally.whole:
        assert last < first * 1.05 + 20  # no growth
