"""Put what commands print into the README, between marks: nothing there is typed by hand.

python benchmarks/readme.py transcript     # the answers of `sanad ask` over corpus/
python benchmarks/readme.py figures        # the figures of `sanad eval`, quotes only
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from qa.evaluation.gate import ENOUGH
from qa.evaluation.report import shown
from qa.evaluation.run import ALL, Run, read_run
from qa.evaluation.systems import SANAD

README = Path(__file__).parent.parent / "README.md"
QUESTIONS = (
    "By when will Japan raise its defence spending, and to what share of GDP?",
    "What does the minerals deal include?",
)

SHOWN = (
    "recall@5", "MRR", "nDCG@10", "citation recall", "cited-line precision", "unresolved citations", "groundedness",
    "facts covered", "directness", "answer patterns", "question's language", "answered", "refusal precision",
    "refusal recall", "AUROC", "ECE", "necessity", "sufficiency",
)  # fmt: skip


def main() -> None:
    what = sys.argv[1] if len(sys.argv) == 2 else ""
    if what == "transcript":
        put(what, "\n".join(transcript(question) for question in QUESTIONS))
    elif what == "figures":
        put(what, figures())
    else:
        sys.exit(__doc__)


def transcript(question: str) -> str:
    printed = run("sanad", "ask", question)
    return "\n".join(f"    {line}" for line in (f'$ sanad ask "{question}"', *printed.splitlines())) + "\n"


def figures() -> str:
    """`sanad` by language pair and its baselines beside it, in one table."""
    with tempfile.TemporaryDirectory() as folder:
        run("sanad", "eval", "--report", folder)
        measured = read_run(Path(folder))
    pairs = [pair for pair in measured.language_pairs if pair != ALL and questions(measured, pair) >= ENOUGH]
    baselines = [system for system in measured.systems if system != SANAD]
    columns = [(SANAD, ALL), *((SANAD, pair) for pair in pairs), *((system, ALL) for system in baselines)]
    names = [system if languages == ALL else languages for system, languages in columns]
    rows = [f"| | {' | '.join(names)} |", "| --- |" + " --- |" * len(names)]
    for metric in SHOWN:
        cells = (shown(measured.figure(metric, system, languages)) for system, languages in columns)
        rows.append(f"| {metric} | {' | '.join(cells)} |")
    seconds = measured.latency_ms["total"]["median"] / 1000
    command = f"`{measured.settings.command()}`, {len(measured.questions)} questions, {seconds:.2f} s each"
    return f"{command}; what each row means is in [docs/evaluation.md](docs/evaluation.md):\n\n" + "\n".join(rows)


def questions(measured: Run, pair: str) -> int:
    return sum(row["languages"] == pair for row in measured.questions)


def run(*command: str) -> str:
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def put(name: str, text: str) -> None:
    """Replace what stands between `<!-- name … -->` and `<!-- /name -->`."""
    page = README.read_text(encoding="utf-8")
    marks = re.compile(rf"(<!-- {name}\b[^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marks.search(page):
        sys.exit(f"{README} has no place for {name}; add <!-- {name} --> and <!-- /{name} --> to it")
    README.write_text(marks.sub(lambda found: f"{found[1]}{text.rstrip()}\n{found[2]}", page), encoding="utf-8")


if __name__ == "__main__":
    main()
