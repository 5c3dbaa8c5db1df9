"""Questions about Arabic news, written before sanad was asked them, as a set for `sanad eval`.

    python benchmarks/news.py --data DIR --out SET [--beside 300]
    sanad index SET/articles --index SET/index
    sanad eval --gold SET/gold.jsonl --index SET/index [--llm embedded] --report SET/report

news.jsonl, beside this file, holds 101 questions of our own in English and Arabic about 28 articles of the ANT corpus (Jawhara
FM, 2015 to 2017; Apache-2.0, github.com/antcorpus/antcorpus.data), whose articles.jsonl DIR/antcorpus holds. `facts` names the
sentences that answer: for each fact the pieces of text any of which tells its sentence; none where the article does not say. The
articles of the set stand among others of the corpus, a sentence a line. No model was fitted to them; the weight of the search
beside the reading, a bound for lines of another language, and some rules were chosen by looking at the answers (docs/answers.md).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from index.segment import sentence_spans

QUESTIONS = Path(__file__).parent / "news.jsonl"
_SEED = 0
_TELL_IT_TOO = {"JA-sport-1306-20170602"}  # holds a fact that is asked of another article


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--beside", type=int, default=300, help="other articles of the corpus")
    arguments = parser.parse_args()
    questions = [json.loads(line) for line in QUESTIONS.open(encoding="utf-8")]
    rows = [json.loads(line) for line in (arguments.data / "antcorpus" / "articles.jsonl").open(encoding="utf-8")]
    asked = {question["article"] for question in questions}
    free = [row for row in rows if row["id"] not in asked and row["text"]]
    others = random.Random(_SEED).sample(free, arguments.beside)
    taken = [row for row in rows if row["id"] in asked] + [row for row in others if row["id"] not in _TELL_IT_TOO]
    lines = {row["id"]: as_lines(row) for row in taken}
    paths = {row["id"]: f"{published(row):%Y-%m-%d}-{row['id']}.ar.txt" for row in taken}
    articles = arguments.out / "articles"
    articles.mkdir(parents=True, exist_ok=True)
    for id, path in paths.items():
        (articles / path).write_text("".join(f"{line}\n" for line in lines[id]), encoding="utf-8")
    gold = (as_gold(question, paths[question["article"]], lines[question["article"]]) for question in questions)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in gold)
    (arguments.out / "gold.jsonl").write_text(text, encoding="utf-8")


def as_lines(row: dict[str, Any]) -> list[str]:
    """The title and each sentence of the text, an abstract that the text repeats left out."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in row["text"].split("\n"))
    return [
        row["title"],
        *(part[a:b].strip() for part in paragraphs for a, b in sentence_spans(part, "ar") if part[a:b].strip()),
    ]


def published(row: dict[str, Any]) -> datetime:
    time = row["time"]
    return datetime.strptime(time, "%d/%m/%Y") if "/" in time else datetime.fromisoformat(time)


def as_gold(question: dict[str, Any], path: str, lines: Sequence[str]) -> dict[str, Any]:
    facts = []
    for pieces in question["facts"]:
        places = [
            {"path": path, "line": number}
            for number, line in enumerate(lines, 1)
            if any(piece in line for piece in pieces)
        ]
        if not places:
            raise SystemExit(f"{question['id']}: no line of {path} holds any of {pieces}; correct news.jsonl")
        facts.append({"fact": pieces[0], "lines": places})
    row = {key: question[key] for key in ("id", "question", "language")}
    return row | {"answerable": bool(facts), "facts": facts}


if __name__ == "__main__":
    main()
