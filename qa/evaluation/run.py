"""What an evaluation found, as one value that is JSON all through. docs/evaluation.md describes the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from index.errors import UsageError
from qa.evaluation.statistics import Bin
from qa.evaluation.systems import SANAD

FORMAT = 1
RUN_FILE = "run.json"
ALL = "all"  # every question, whatever its languages


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked to do. Equal settings over equal files give equal figures."""

    llm: str = "none"
    judge: str = ""  # specification of a chat model that judges beside the verifier, "" for none
    systems: tuple[str, ...] = ()  # all that can be, when empty
    split: str = ""
    limit: int = 0  # questions, 0 for all
    load_bearing: int = 20  # claims that are tested, per system
    seed: int = 0

    def command(self) -> str:
        """The call of `sanad eval` that asks for this, what is as by default left out."""
        asked = ((field.name, getattr(self, field.name)) for field in fields(self))
        options = [
            f"--{name.replace('_', '-')} {','.join(value) if isinstance(value, tuple) else value}"
            for name, value in asked
            if value != getattr(Settings(), name)
        ]
        return " ".join(["sanad eval", *options])


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the report, with its bootstrap interval where it has one."""

    system: str
    languages: str  # "en→ar": question to gold lines; "all"
    metric: str
    value: float
    low: float | None
    high: float | None
    count: int  # questions (for load-bearing: claims) it stands on


@dataclass(frozen=True, slots=True)
class Run:
    """Everything an evaluation found (docs/evaluation.md says what is in it). All of it but `made` and `latency_ms`
    repeats when the run is repeated."""

    settings: Settings
    made: Mapping[str, Any]  # at, commit, versions, seconds
    collection: Mapping[str, Any]  # gold file and index, each with its fingerprint
    figures: tuple[Figure, ...]
    reliability: tuple[Bin, ...]  # of the confidence of `sanad`
    latency_ms: Mapping[str, Mapping[str, float]]  # of `sanad`: stage -> median, p95
    questions: tuple[Mapping[str, Any], ...]
    load_bearing: tuple[Mapping[str, Any], ...]
    lines: Mapping[str, Mapping[str, str]]  # path -> line number -> text, for every line named anywhere above
    format: int = FORMAT

    def figure(self, metric: str, system: str = SANAD, languages: str = ALL) -> Figure | None:
        wanted = (system, languages, metric)
        return next((one for one in self.figures if (one.system, one.languages, one.metric) == wanted), None)

    @property
    def systems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.system for one in self.figures))

    @property
    def language_pairs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.languages for one in self.figures))

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def read_run(path: Path) -> Run:
    """A run from its file, or from the folder of its report. Raises UsageError for what is none."""
    file = path / RUN_FILE if path.is_dir() else path
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        if stored["format"] != FORMAT:
            raise UsageError(f"{file} has format {stored['format']}, this version reads {FORMAT}; run sanad eval anew")
        settings = stored["settings"] | {"systems": tuple(stored["settings"]["systems"])}
        return Run(
            **stored
            | {
                "settings": Settings(**settings),
                "figures": tuple(Figure(**one) for one in stored["figures"]),
                "reliability": tuple(Bin(**one) for one in stored["reliability"]),
                "questions": tuple(stored["questions"]),
                "load_bearing": tuple(stored["load_bearing"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{file} is no run of sanad eval ({error}); name a report folder or its {RUN_FILE}") from error
