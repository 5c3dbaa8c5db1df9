"""What of the embedded language model's English over Arabic lines may be shown: its sentences, judged by hand.

    python benchmarks/renderings.py --data DIR [--write N]

renderings.jsonl, beside this file, holds what the model answered to English questions of LAReQA XQuAD-R (CC BY-SA 4.0; DIR holds
xquad_r_ar_en.jsonl) from the one Arabic sentence that answers them: `id` of the question, `sentence`, `certainty` (mean
log-probability of its tokens) and `right`: whether a strict bilingual reader, with the English original beside it, finds all of
it stated. What neither could become a claim nor a reading aid was not judged for all. Printed: how well figures tell right from
wrong, and what of it would be shown. --write has the model answer N more questions, to be judged.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sklearn.metrics import roc_auc_score

from index.article import Passage
from qa.chat import EMBEDDED
from qa.compose import Composer
from qa.demands import names as proper_names
from qa.spellings import spellings
from qa.verify import Support, Verifier
from qa.written import Written

JUDGED = Path(__file__).parent / "renderings.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--write", type=int, default=0, metavar="N", help="more questions to answer instead, to standard output"
    )
    arguments = parser.parse_args()
    questions = dict(asked(arguments.data / "xquad_r_ar_en.jsonl"))
    judged = [json.loads(line) for line in JUDGED.open(encoding="utf-8")]
    if arguments.write:
        new = [id for id in sorted(questions) if id not in {row["id"] for row in judged}]
        write({id: questions[id] for id in new[:: max(1, len(new) // arguments.write)][: arguments.write]})
    else:
        report([(row, *questions[row["id"]]) for row in judged])


def asked(path: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each English question that one Arabic sentence answers, with that sentence, by its id."""
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    texts = {row["id"]: row["text"] for row in rows if row["type"] == "sentence"}
    for row in rows:
        if row["type"] == "query" and row["lang"] == "en" and len(row["gold"]["ar"]) == 1:
            yield row["id"], (row["question"], texts[row["gold"]["ar"][0]])


def write(questions: dict[str, tuple[str, str]]) -> None:
    composer = Composer(EMBEDDED, required=True)
    for id, (question, line) in questions.items():
        names = spellings(line, "en", proper_names(question))
        said = composer.sentence(question, "en", Passage("", 1, 0, len(line), line, "ar", "prose", ""), names)
        row = {"id": id, "sentence": said.sentence, "certainty": said.certainty, "right": None}
        json.dump(row, sys.stdout, ensure_ascii=False)
        print(flush=True)


def report(rows: list[tuple[dict[str, Any], str, str]]) -> None:
    verifier = Verifier()
    checked = [(row, support(verifier, row["sentence"], question, line)) for row, question, line in rows]
    right = [row["right"] for row, _ in checked]
    for name, figures in (
        ("certainty", [row["certainty"] for row, _ in checked]),
        ("verifier's score", [found.score for _, found in checked]),
    ):
        print(f"{name}: AUC {roc_auc_score(right, figures):.2f} over {len(right)} sentences, {sum(right)} right")
    for name, shown in (("claims", Written.vouched_for), ("reading aids", Written.helps)):
        these = [row["right"] for row, found in checked if shown(Written(row["sentence"], row["certainty"]), found)]
        print(f"{name}: {sum(these)} right of {len(these)}")


def support(verifier: Verifier, sentence: str, question: str, line: str) -> Support:
    given = " ".join((question, *spellings(line, "en", proper_names(question)).values()))
    return verifier.check(sentence, line, claim_language="en", source_language="ar", given=given)


if __name__ == "__main__":
    main()
