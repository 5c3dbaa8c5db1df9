"""Short answers: the one value of a line in the other language that a question asks for (`qa.values`), against the known answer.

    python benchmarks/short_answers.py --data DIR [--ask]

DIR holds xquad_r_ar_en.jsonl (LAReQA XQuAD-R, CC BY-SA 4.0), in which every question has its answer in both languages. Printed of
the questions that ask for a number, a share or a time: how often the sentence that answers, in the other language, gives one value
and no more, and whether that is the answer. With --ask the embedded language model then answers the English ones from the Arabic
sentences of all articles (some quarter of an hour): how many answers are such a value, and how many of these are right. A value is
right that has a number, month or weekday in common with the answer and none beside those of either ("12 May 1705", "1705").
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from retrieval import as_articles

from index import refresh_index
from index.asked import wanted_value
from qa import Sanad
from qa.values import the_value
from qa.verify.numbers import is_value, values_of

OTHER = {"en": "ar", "ar": "en"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ask", action="store_true", help="have the embedded language model answer, too")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in (arguments.data / "xquad_r_ar_en.jsonl").open(encoding="utf-8")]
    texts = {row["id"]: row["text"] for row in rows if row["type"] == "sentence"}
    asked = [row for row in rows if row["type"] == "query" and wanted_value(row["question"])]
    for language, other in OTHER.items():
        mine = [row for row in asked if row["lang"] == language and len(row["gold"][other]) == 1]
        given = [(row, the_value(row["question"], texts[row["gold"][other][0]], language)) for row in mine]
        report(f"{language} over the answering sentence in {other}", len(mine), [each for each in given if each[1]])
    if arguments.ask:
        english = [row for row in asked if row["lang"] == "en"]
        report("en over all sentences in ar", len(english), answered(english, rows))


def answered(questions: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """The questions whose answer is a value of an Arabic line, with that value."""
    with tempfile.TemporaryDirectory() as work:
        as_articles([row for row in rows if row["type"] == "sentence" and row["lang"] == "ar"], Path(work) / "corpus")
        refresh_index(Path(work) / "corpus", Path(work) / "index")
        sanad = Sanad.open(Path(work) / "index")
        claims = ((row, claim) for row in questions for claim in sanad.ask(row["question"]).claims)
        return [(row, claim.text) for row, claim in claims if claim.origin == "written" and is_value(claim.text)]


def report(what: str, questions: int, given: list[tuple[dict[str, Any], str]]) -> None:
    wrong = [(row, value) for row, value in given if not is_right(value, row["answers"][row["lang"]])]
    print(f"{what}: {questions} questions, {len(given)} short answers, {len(given) - len(wrong)} right")
    for row, value in wrong:
        print(f"  {value}, not {row['answers'][row['lang']]}: {row['question']}")


def is_right(value: str, answer: str) -> bool:
    mine, theirs = values_of(value), values_of(answer)
    return bool(mine & theirs) and (mine <= theirs or theirs <= mine)


if __name__ == "__main__":
    main()
