"""The figures of the README: retrieval and answers over a gold file, as a Markdown table.

    python benchmarks/gold.py [--gold corpus/gold.jsonl] [--index .sanad] [--llm none] [--split aside]

A fact is found when one of its lines is among the first k lines, covered when one is cited. Cited-line precision is the
share of cited lines that some fact of the question names.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from index import Index
from qa import Answer, Sanad

Line = tuple[str, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, default=Path("corpus/gold.jsonl"))
    parser.add_argument("--index", type=Path, default=Path(".sanad"))
    parser.add_argument("--llm", default="none")
    parser.add_argument("--split", choices=["tune", "aside"])
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.gold.open(encoding="utf-8")]
    rows = [row for row in rows if arguments.split in (None, row["split"])]
    sanad = Sanad.open(arguments.index, arguments.llm)
    sanad.ask("warm")
    began = time.perf_counter()
    answers = [sanad.ask(row["question"]) for row in rows]
    seconds = (time.perf_counter() - began) / len(rows)
    languages = sorted({row["language"] for row in rows}, reverse=True)
    columns = {language: figures(language, rows, answers, sanad.index) for language in languages}
    table = [f"| | {' | '.join(languages)} |", "| --- |" + " --- |" * len(languages)]
    table += [
        f"| {name} | {' | '.join(columns[language][name] for language in languages)} |"
        for name in columns[languages[0]]
    ]
    command = f"python benchmarks/gold.py --llm {arguments.llm}" + (
        f" --split {arguments.split}" if arguments.split else ""
    )
    print(f"`{command}`, {len(rows)} questions, {seconds:.2f} s a question:\n")
    print("\n".join(table))


def figures(language: str, rows: list[dict[str, Any]], answers: list[Answer], index: Index) -> dict[str, str]:
    mine = [(row, answer) for row, answer in zip(rows, answers, strict=True) if row["language"] == language]
    answerable = [(row, answer) for row, answer in mine if row["answerable"]]
    places = [fact_places(row, index) for row, _ in answerable]
    claims = [claim for _, answer in mine for claim in answer.claims]
    cited = [(lines_cited(answer), [fact_lines(fact) for fact in row["facts"]]) for row, answer in answerable]
    return {
        "answerable / unanswerable": f"{len(answerable)} / {len(mine) - len(answerable)}",
        "recall@5 of the line": mean([np.mean([place <= 5 for place in one]) for one in places]),
        "recall@10 of the line": mean([np.mean([place <= 10 for place in one]) for one in places]),
        "MRR": mean([1 / min(one) for one in places]),
        "facts covered": mean([np.mean([bool(fact & lines) for fact in facts]) for lines, facts in cited]),
        "cited-line precision": mean(
            [len(lines & set().union(*facts)) / len(lines) for lines, facts in cited if lines]
        ),
        "answerable, answered": mean([answer.answered for _, answer in answerable]),
        "unanswerable, refused": mean([not answer.answered for row, answer in mine if not row["answerable"]]),
        "answer patterns matched": mean(
            [matched(row["answer"], answer) for row, answer in answerable if row["answer"]]
        ),
        "claims in the question's language": mean([claim.language == language for claim in claims]),
    }


def fact_places(row: dict[str, Any], index: Index) -> list[float]:
    """For each fact the place, from 1, of its first line among the distinct lines found; infinite when none is."""
    found = list(dict.fromkeys((hit.passage.path, hit.passage.line) for hit in index.search(row["question"], 50)))
    return [
        min((found.index(line) + 1 for line in fact_lines(fact) if line in found), default=np.inf)
        for fact in row["facts"]
    ]


def fact_lines(fact: dict[str, Any]) -> set[Line]:
    return {(at["path"], n) for at in fact["lines"] for n in range(at["line"], at.get("to", at["line"]) + 1)}


def lines_cited(answer: Answer) -> set[Line]:
    return {(citation.path, citation.line) for claim in answer.claims for citation in claim.citations}


def matched(patterns: list[str], answer: Answer) -> float:
    text = " ".join(claim.text for claim in answer.claims)
    return float(np.mean([bool(re.search(pattern, text, re.IGNORECASE)) for pattern in patterns]))


def mean(values: list[Any]) -> str:
    return f"{np.mean(values):.2f}" if values else "–"


if __name__ == "__main__":
    main()
