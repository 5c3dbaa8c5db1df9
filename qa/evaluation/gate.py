"""The gate: bounds that a run must keep, in a file that a run writes.

A floor is the lower end of the GATE_LEVEL bootstrap interval of the run that was measured (for what should be low, the
upper end): a system that is as good passes, and what moves a figure by more than the luck of the questions does not. What
the system claims over its baselines is checked within the run itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import UsageError
from qa.evaluation.figures import figures
from qa.evaluation.measures import METRICS
from qa.evaluation.run import ALL, Figure, Run, Settings
from qa.evaluation.systems import SANAD

DEFAULT_THRESHOLDS = Path("corpus/gate.toml")
GATE_LEVEL = 0.8
ENOUGH = 20  # questions that a language pair needs for bounds of its own
UNGATED = {"support", "question's language", "tokens read", "tokens written"}  # told, not promised
# What the system claims to do better than each baseline.
CLAIMS = (
    ("facts covered", "top-passage"),
    ("refusal F1", "top-passage"),
    ("citation recall", "random-citation"),
    ("cited-line precision", "random-citation"),
    ("necessity", "random-citation"),
    ("groundedness", "unverified"),
    ("citation recall", "unverified"),
    ("question's language", "quotes-only"),
)
_HEADER = f"""\
# What `sanad eval --gate` holds a run to. Written by `sanad eval --write-thresholds`, not by hand: each bound is the end of
# the {GATE_LEVEL:.0%} bootstrap interval of the figure that was measured then ("measured"), on its bad side. A run is held to the
# entry with its own settings; to renew one, run its command with --write-thresholds added. See docs/evaluation.md.
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """One figure of `sanad` and what it may not pass: a floor, a ceiling, or a baseline of the same run."""

    metric: str
    languages: str
    minimum: float | None = None
    maximum: float | None = None
    better_than: str = ""

    def broken_by(self, run: Run) -> str:
        """What is wrong, with value and bound; "" when the bound holds."""
        found = run.figure(self.metric, SANAD, self.languages)
        if found is None:
            return f"{self._name}: the run has no such figure"
        value = found.value
        if self.minimum is not None and value < self.minimum:
            return f"{self._name}: {value:.4f}, at least {self.minimum:.4f} is asked for"
        if self.maximum is not None and value > self.maximum:
            return f"{self._name}: {value:.4f}, at most {self.maximum:.4f} is asked for"
        if self.better_than:
            baseline = run.figure(self.metric, self.better_than, self.languages)
            if baseline is None or value <= baseline.value:
                other = "missing" if baseline is None else f"{baseline.value:.4f}"
                return f"{self._name}: {value:.4f} does not beat {self.better_than} ({other})"
        return ""

    @property
    def _name(self) -> str:
        return f"{self.metric} ({self.languages})"


def failing(run: Run, path: Path) -> list[str]:
    """One line per bound that the run breaks. Raises UsageError when the file has none for the run's settings and gold."""
    entries = _read(path)
    renew = f"run: {run.settings.command()} --write-thresholds --thresholds {path}"
    entry = next((one for one in entries if one["settings"] == _settings(run.settings)), None)
    if entry is None:
        known = "; ".join(one["command"] for one in entries)
        raise UsageError(f"{path} has no thresholds for this run, only for: {known or 'nothing'}; {renew}")
    if entry["gold_sha256"] != run.collection["gold_sha256"]:
        raise UsageError(f"the thresholds of {path} were measured on another gold file; {renew}")
    bounds = (_bound(row) for row in entry["bounds"])
    return [broken for bound in bounds if (broken := bound.broken_by(run))]


def write_thresholds(run: Run, path: Path) -> int:
    """Write the bounds of this run into the file, in place of those for the same settings; how many there are."""
    kept = [one for one in _read(path) if one["settings"] != _settings(run.settings)] if path.exists() else []
    entry = {
        "command": run.settings.command(),
        "commit": run.made["commit"],
        "gold_sha256": run.collection["gold_sha256"],
        "settings": _settings(run.settings),
        "bounds": bounds_of(run),
    }
    entries = sorted([*kept, entry], key=lambda one: str(one["command"]))
    path.write_text(_HEADER + "".join(_entry_text(one) for one in entries), encoding="utf-8")
    return len(entry["bounds"])


def bounds_of(run: Run) -> list[dict[str, Any]]:
    """The rows of an entry: metric, languages, and `min`, `max` or `better_than`."""
    rows: list[dict[str, Any]] = []
    measured = figures(run.questions, run.load_bearing, run.settings.seed, level=GATE_LEVEL)
    for one in measured:
        if one.system == SANAD and one.metric not in UNGATED and (one.languages == ALL or one.count >= ENOUGH):
            rows.append(
                {"metric": one.metric, "languages": one.languages} | _side(one) | {"measured": _rounded(one.value)}
            )
    kept = (claim for claim in _claims(run) if not claim.broken_by(run))
    return rows + [{"metric": one.metric, "languages": ALL, "better_than": one.better_than} for one in kept]


def unkept_claims(run: Run) -> list[str]:
    """What the system claims over a baseline and this run does not show; no bound is written for it."""
    return [broken for claim in _claims(run) if (broken := claim.broken_by(run))]


def _claims(run: Run) -> list[Bound]:
    return [Bound(metric, ALL, better_than=baseline) for metric, baseline in CLAIMS if run.figure(metric, baseline)]


def _side(one: Figure) -> dict[str, float]:
    if METRICS[one.metric].lower_is_better:
        return {"max": _rounded(one.value if one.high is None else one.high, up=True)}
    return {"min": _rounded(one.value if one.low is None else one.low)}


def _rounded(value: float, *, up: bool = False) -> float:
    """Four digits, away from the value so that equality passes."""
    scaled = int(value * 10_000)
    return (scaled + (up and scaled < value * 10_000)) / 10_000


def _settings(settings: Settings) -> dict[str, Any]:
    return asdict(settings) | {"systems": list(settings.systems)}


def _bound(row: dict[str, Any]) -> Bound:
    return Bound(row["metric"], row["languages"], row.get("min"), row.get("max"), row.get("better_than", ""))


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("run", [])
        for entry in entries:
            _ = entry["command"], entry["gold_sha256"], entry["settings"], [_bound(row) for row in entry["bounds"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is no file of thresholds ({error}); write one with: sanad eval --write-thresholds --thresholds {path}"
        ) from error
    return list(entries)


def _entry_text(entry: dict[str, Any]) -> str:
    rows = "".join(f"  {_toml(row)},\n" for row in entry["bounds"])
    texts = "".join(f"{name} = {_toml(entry[name])}\n" for name in ("command", "commit", "gold_sha256", "settings"))
    return f"\n[[run]]\n{texts}bounds = [\n{rows}]\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
