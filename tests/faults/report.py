"""docs/faults.md from what the experiments recorded.

python -m faults.report RECORD.jsonl docs/faults.md
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HEAD = """# What was tried to break it

`make faults` runs every experiment of `tests/faults/` at its whole count and writes this page (two hours on two idle cores). The
same experiments run with a tenth of the tries, or fewer, in the ordinary tests; a row marked "quick" was recorded at that count.
An experiment ends at its first loss, so a loss can be no more than one; what held each of them is in [threats.md](threats.md).

A **try** is one injury: a kill, a failing system call, a flipped bit, an input, a hostile reply. A **loss** is a wrong answer, a
lost or mixed index, a traceback, a hang, or a next run that does not complete.
"""
FILES = {
    "test_crash.py": "Crashes and full disks",
    "test_corruption.py": "Corruption",
    "test_fuzz.py": "Random input",
    "test_pathological.py": "Documents and folders made to hurt",
    "test_model_failures.py": "Chat models that fail",
    "test_load.py": "Load",
    "test_closed.py": "Nothing in, nothing out",
}


def report(rows: list[dict[str, Any]]) -> str:
    """The page; of an experiment that was run twice, the later run."""
    latest = {row["test"]: row for row in rows}
    tries, losses = (sum(row[name] for row in latest.values()) for name in ("tries", "losses"))
    parts = [HEAD, f"{tries:,} tries in {len(latest)} experiments, **{losses} losses**.\n"]
    for file, title in FILES.items():
        own = [row for test, row in latest.items() if f"/{file}::" in test]
        if own:
            parts.append(_section(file, title, own))
    return "\n".join(parts)


def _section(file: str, title: str, rows: list[dict[str, Any]]) -> str:
    lines = [
        f"## {title}\n",
        "| experiment | tries | losses | what was seen | seconds |",
        "| --- | --: | --: | --- | --: |",
    ]
    for row in rows:
        about = _cell(row["about"]) + ("" if row["whole"] else " (quick)")
        lines.append(f"| {about} | {row['tries']:,} | {row['losses']} | {_cell(_seen(row))} | {row['seconds']:,.0f} |")
    lines.append(f'\nAgain: `make faults ARGS="tests/faults/{file}"`; one of them: add `-k` and a word of its name:')
    names = dict.fromkeys(row["test"].partition("::")[2].partition("[")[0] for row in rows)
    lines.append(", ".join(f"`{name}`" for name in names) + ".\n")
    return "\n".join(lines)


def _seen(row: dict[str, Any]) -> str:
    said = [f"{count:,} {outcome}" for outcome, count in row["outcomes"].items()]
    said += [
        f"{name}: {value:,}" if isinstance(value, int | float) else f"{name}: {value}"
        for name, value in row["figures"].items()
    ]
    return "; ".join(said)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    record, page = map(Path, sys.argv[1:])
    lines = record.read_text(encoding="utf-8").splitlines()
    page.write_text(report([json.loads(line) for line in lines]), encoding="utf-8")
