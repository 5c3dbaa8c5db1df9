"""Put what commands print into the README, between marks: nothing there is typed by hand.

python benchmarks/readme.py transcript     # the answers of `sanad ask` over corpus/
python benchmarks/readme.py figures        # the table of benchmarks/gold.py, quotes only
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
QUESTIONS = (
    "By when will Japan raise its defence spending, and to what share of GDP?",
    "What does the minerals deal include?",
)


def main() -> None:
    what = sys.argv[1] if len(sys.argv) == 2 else ""
    if what == "transcript":
        put(what, "\n".join(transcript(question) for question in QUESTIONS))
    elif what == "figures":
        put(what, run(sys.executable, "benchmarks/gold.py"))
    else:
        sys.exit(__doc__)


def transcript(question: str) -> str:
    printed = run("sanad", "ask", question)
    return "\n".join(f"    {line}" for line in (f'$ sanad ask "{question}"', *printed.splitlines())) + "\n"


def run(*command: str) -> str:
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def put(name: str, text: str, page: Path = README) -> None:
    """Replace what stands between `<!-- name … -->` and `<!-- /name -->`."""
    written = page.read_text(encoding="utf-8")
    marks = re.compile(rf"(<!-- {name}\b[^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marks.search(written):
        sys.exit(f"{page} has no place for {name}; add <!-- {name} --> and <!-- /{name} --> to it")
    page.write_text(marks.sub(lambda found: f"{found[1]}{text.rstrip()}\n{found[2]}", written), encoding="utf-8")


if __name__ == "__main__":
    main()
