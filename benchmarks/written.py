"""Answers in the language of the articles: what a language model writes, and whether it cites the sentence that answers.

    python benchmarks/written.py FILE [--language en] [--limit N] [--llm SPEC] [--out FILE]

FILE is as for retrieval.py; of it the sentences of one language are the articles (a paragraph an article, a sentence a line) and
its questions are asked. A cited line is right when it holds the sentence that answers: precision is the share of cited lines that
are, recall the share of answering sentences that are cited, both the mean over questions; an answer holds the reference
when that stands in its claims word for word, which a right one in other words does not. Beside it stands what the same lines quoted
would give, and --out keeps the answers, a JSON line each, for somebody to read.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval import as_articles

from index import refresh_index
from index.analyse import words
from qa import Answer, Sanad
from qa.chat import EMBEDDED
from qa.evaluation.statistics import interval, mean


@dataclass(frozen=True)
class Asked:
    """A question's row, its answer, and the sentence ids of the lines that are cited."""

    row: dict[str, Any]
    answer: Answer
    cited: Sequence[str]

    @property
    def gold(self) -> set[str]:
        return set(self.row["gold"][self.row["lang"]])

    @property
    def precision(self) -> float:
        return sum(id_ in self.gold for id_ in self.cited) / len(self.cited) if self.cited else 0.0

    @property
    def recall(self) -> float:
        return sum(id_ in self.cited for id_ in self.gold) / len(self.gold)

    @property
    def is_written(self) -> bool:
        return any(claim.origin == "written" for claim in self.answer.claims)

    @property
    def holds_reference(self) -> float:
        said = " ".join(words(" ".join(claim.text for claim in self.answer.claims)))
        return float(" ".join(words(self.row["answers"][self.row["lang"]])) in said)

    @property
    def seconds(self) -> float:
        return self.answer.timings_ms["total"] / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--limit", type=int, help="questions, spread over the file")
    parser.add_argument("--llm", default=EMBEDDED)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.file.open(encoding="utf-8")]
    rows = [row for row in rows if row["lang"] == arguments.language]
    questions = [row for row in rows if row["type"] == "query"]
    limit = arguments.limit or len(questions)
    if arguments.out:
        arguments.out.unlink(missing_ok=True)
    questions = questions[:: max(1, len(questions) // limit)][:limit]
    with tempfile.TemporaryDirectory() as work:
        articles = as_articles([row for row in rows if row["type"] == "sentence"], Path(work) / "corpus")
        refresh_index(Path(work) / "corpus", Path(work) / "index")
        asking = {
            name: Sanad.open(Path(work) / "index", llm)
            for name, llm in (("quotes", "none"), ("written", arguments.llm))
        }
        found: dict[str, list[Asked]] = {name: [] for name in asking}
        for row in questions:
            for name, sanad in asking.items():
                answer = sanad.ask(row["question"], id=row["id"])
                cited = dict.fromkeys(articles[line.path][line.line - 1]["id"] for line in answer.citations)
                found[name].append(Asked(row, answer, tuple(cited)))
            if arguments.out:
                keep(arguments.out, found["written"][-1])
    report(found["quotes"], found["written"])


def report(quoted: list[Asked], written: list[Asked]) -> None:
    these = [at for at, asked in enumerate(written) if asked.is_written]
    print(f"{len(written)} questions, {len(these)} answers with written claims")
    for name, answers in (
        ("quotes only, all", quoted),
        ("as answered, all", written),
        ("quotes only, where one is written", [quoted[at] for at in these]),
        ("written", [written[at] for at in these]),
    ):
        values = ((figure, mean_of(answers, of)) for figure, of in FIGURES.items())
        print(f"{name}: " + ", ".join(f"{figure} {value}" for figure, value in values))
    seconds = sorted(asked.seconds for asked in written)
    print(f"seconds: median {seconds[len(seconds) // 2]:.1f}, 95th percentile {seconds[int(0.95 * len(seconds))]:.1f}")


FIGURES: dict[str, Callable[[Asked], float]] = {
    "precision": lambda asked: asked.precision,
    "recall": lambda asked: asked.recall,
    "holds the reference": lambda asked: asked.holds_reference,
}


def mean_of(answers: Sequence[Asked], figure: Callable[[Asked], float]) -> str:
    values = [figure(asked) for asked in answers]
    if not values:
        return "-"
    spread = interval([values], mean, seed=0)
    return f"{sum(values) / len(values):.3f}" + (" [{:.2f}, {:.2f}]".format(*spread) if spread else "")


def keep(path: Path, asked: Asked) -> None:
    kept = {
        "question": asked.row["question"], "reference": asked.row["answers"][asked.row["lang"]], "right": sorted(asked.gold),
        "cited": list(asked.cited), "claims": [[claim.origin, claim.text] for claim in asked.answer.claims],
    }  # fmt: skip
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(kept, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
