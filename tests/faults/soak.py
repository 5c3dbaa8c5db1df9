"""Many askers at once over a collection that changes under them, and what each citation is held against."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import CORPUS

from faults.tally import Tally
from index import refresh_index
from qa.check import citations_of, resolves

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

Ask = Callable[[str, random.Random], dict[str, Any] | str]  # the JSON of an answer, or in words why there is none


class Collection:
    """Articles that come, change and go, and every text each has ever had, by the sha256 of its bytes."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.index = folder / "corpus", folder / "index"
        self.corpus.mkdir()
        self.texts: dict[str, str] = {}
        for path in CORPUS.glob("*.txt"):
            (self.corpus / path.name).write_bytes(self._kept(path.read_bytes()))
        refresh_index(self.corpus, self.index)

    def change(self, draw: random.Random, number: int) -> None:
        """Add, change or remove one article and bring the index up to date."""
        path = self.corpus / f"ferry-{draw.randrange(6)}.txt"
        if path.exists() and draw.random() < 0.4:
            path.unlink()
        else:
            beside = path.with_suffix(".new")
            beside.write_bytes(self._kept(_ferry(number)))
            beside.replace(path)
        refresh_index(self.corpus, self.index)

    def wrong(self, answer: dict[str, Any]) -> list[str]:
        """Citations that do not stand in the version of the article that the answer says it cites."""
        sources = answer["index"]["sources"]
        return [
            f"{cited['path']}:{cited['line']}" for cited in citations_of(answer)
            if not resolves(
                self.texts[sources[cited["path"]]], line=cited["line"], start=cited["start"], end=cited["end"], quote=cited["quote"]
            )
        ]  # fmt: skip

    def _kept(self, data: bytes) -> bytes:
        self.texts[hashlib.sha256(data).hexdigest()] = data.decode()
        return data


@dataclass
class Soaked:
    """What was seen, from all threads."""

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # of each answer
    memory: list[float] = field(default_factory=list)  # MB, at even steps


def soak(collection: Collection, ask: Ask, tally: Tally, seconds: float, process: int) -> Soaked:
    """ASKERS threads ask for so many seconds while another changes the collection; `process` is the one that answers."""
    ended, seen = threading.Event(), Soaked()

    def asker(number: int) -> None:
        draw = random.Random(tally.seed * ASKERS + number)
        while not ended.is_set():
            began = time.perf_counter()
            try:
                answer = ask(draw.choice(QUESTIONS), draw)
                if isinstance(answer, str):
                    seen.outcomes[answer] += 1
                    ended.wait(0.5 + draw.random())
                    continue
                seen.problems.extend(collection.wrong(answer))
            except Exception as error:
                seen.problems.append(f"{type(error).__name__}: {error}")
                return
            seen.seconds.append(time.perf_counter() - began)
            seen.outcomes["answered" if answer["answered"] else "the sources do not say"] += 1

    def writer() -> None:
        draw, number = random.Random(tally.seed), 0
        while not ended.is_set():
            number += 1
            try:
                collection.change(draw, number)
            except Exception as error:
                seen.problems.append(f"the indexer: {type(error).__name__}: {error}")
                return
            seen.outcomes["changes of the index"] += 1
            ended.wait(0.5)

    threads = [threading.Thread(target=asker, args=(number,)) for number in range(ASKERS)]
    threads.append(threading.Thread(target=writer))
    for thread in threads:
        thread.start()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not seen.problems:
        ended.wait(min(5.0, seconds / 20))
        seen.memory.append(resident(process))
    ended.set()
    waited = time.monotonic()
    for thread in threads:
        thread.join(max(0.0, PATIENCE - (time.monotonic() - waited)))
    assert not [thread.name for thread in threads if thread.is_alive()], "a deadlock, or an answer that took too long"
    return seen


def judge(seen: Soaked, collection: Collection, tally: Tally) -> None:
    """Nothing wrong, the index changed meanwhile, and the memory stayed."""
    assert seen.problems == []
    assert seen.outcomes["changes of the index"] >= 2
    assert seen.outcomes["answered"] > seen.outcomes["the sources do not say"] * 0.5
    assert len(list(collection.index.glob("data-*"))) == 1
    settled = seen.memory[len(seen.memory) // 3 :]  # the first third warms caches up
    half = len(settled) // 2
    first, last = sum(settled[:half]) / half, sum(settled[half:]) / (len(settled) - half)
    ordered = sorted(seen.seconds)
    tally.tries = len(ordered)
    tally.outcomes += seen.outcomes
    tally.figures |= {
        "median answer, s": round(ordered[len(ordered) // 2], 2),
        "99th percentile, s": round(ordered[int(len(ordered) * 0.99)], 2), "slowest, s": round(ordered[-1], 2),
        "memory after warm-up, MB": round(first), "memory at the end, MB": round(last), "articles' versions": len(collection.texts),
    }  # fmt: skip
    if tally.whole:
        assert last < first * 1.05 + 20  # no growth


def resident(process: int) -> float:
    """Megabytes of memory a process holds (Linux)."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _ferry(number: int) -> bytes:
    lines = [f"Ferry {number} carried {number + 300} passengers when it sank in the harbour."]
    lines += [f"Pier {line} was closed by storm {number % 7}." for line in range(number % 5)]
    return ("\n".join(lines) + "\n").encode()
