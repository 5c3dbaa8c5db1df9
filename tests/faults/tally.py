"""What an experiment tried and what it saw, kept for the report."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

QUICK_PART = 10  # an experiment in the ordinary test suite makes this part of its tries


@dataclass
class Tally:
    """One experiment. A test that fails leaves one loss; it ends at its first."""

    test: str  # as pytest names it
    whole: bool
    seed: int
    about: str = ""
    tries: int = 0
    losses: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    figures: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def times(self, whole: int, quick: int | None = None) -> int:
        """How many tries this run makes of an experiment that makes so many when it is run whole."""
        return whole if self.whole else quick or max(1, whole // QUICK_PART)

    def each(self, whole: int, quick: int | None = None) -> Iterator[int]:
        """The tries, counted as they begin."""
        for number in range(self.times(whole, quick)):
            self.tries += 1
            yield number

    def saw(self, outcome: str) -> None:
        self.outcomes[outcome] += 1

    def write(self, record: Path) -> None:
        row = {
            "test": self.test, "about": self.about, "whole": self.whole, "seed": self.seed, "tries": self.tries,
            "losses": self.losses, "outcomes": dict(sorted(self.outcomes.items())), "figures": self.figures,
            "seconds": round(time.perf_counter() - self.began, 1),
        }  # fmt: skip
        with record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
