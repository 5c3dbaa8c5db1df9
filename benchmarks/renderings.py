"""What of the embedded language model's English over Arabic lines may be shown: its sentences, judged by hand.

    python benchmarks/renderings.py --data DIR [--write N | --again]

renderings.jsonl, beside this file, holds what the model answered to English questions from the one Arabic line that answers them:
`sentence`, `certainty` (mean log-probability of its tokens) and `right`: whether a strict bilingual reader finds all of it stated.
The questions are those of LAReQA XQuAD-R (CC BY-SA 4.0; DIR holds xquad_r_ar_en.jsonl), by their `id`, of which what neither could
become a claim nor a reading aid was not judged for all; and our own about a line each of news (DIR/antcorpus, as in news.py), all
judged, whose `id` is the article's and the line's number. Printed, for all and for either: how well figures tell right from wrong,
and what of it would be shown. --write has the model answer N more questions of XQuAD-R, to be judged; --again those that were,
with `right` as it was where the sentence is the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from news import as_lines
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
    parser.add_argument("--again", action="store_true", help="the judged questions anew, to standard output")
    arguments = parser.parse_args()
    questions = dict(asked(arguments.data / "xquad_r_ar_en.jsonl"))
    judged = [json.loads(line) for line in JUDGED.open(encoding="utf-8")]
    of_news = {row["id"]: row["question"] for row in judged if "question" in row}
    if arguments.write:
        new = [id for id in sorted(questions) if id not in {row["id"] for row in judged}]
        write({id: questions[id] for id in new[:: max(1, len(new) // arguments.write)][: arguments.write]}, [])
        return
    questions |= asked_of_news(of_news, arguments.data / "antcorpus" / "articles.jsonl")
    if arguments.again:
        write({row["id"]: questions[row["id"]] for row in judged}, judged)
    else:
        verifier = Verifier()
        rows = [(row, support(verifier, row["sentence"], *questions[row["id"]])) for row in judged]
        report("all", rows)
        report("XQuAD-R", [(row, found) for row, found in rows if row["id"] not in of_news])
        report("news", [(row, found) for row, found in rows if row["id"] in of_news])


def asked(path: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each English question that one Arabic sentence answers, with that sentence, by its id."""
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    texts = {row["id"]: row["text"] for row in rows if row["type"] == "sentence"}
    for row in rows:
        if row["type"] == "query" and row["lang"] == "en" and len(row["gold"]["ar"]) == 1:
            yield row["id"], (row["question"], texts[row["gold"]["ar"][0]])


def asked_of_news(questions: dict[str, str], path: Path) -> dict[str, tuple[str, str]]:
    """Each question about a line of an article with that line, by its id."""
    places = {id: id.rsplit(":", 1) for id in questions}
    articles = {article for article, _ in places.values()}
    rows = (json.loads(line) for line in path.open(encoding="utf-8"))
    lines = {row["id"]: as_lines(row) for row in rows if row["id"] in articles}
    return {id: (questions[id], lines[article][int(number) - 1]) for id, (article, number) in places.items()}


def write(questions: dict[str, tuple[str, str]], judged: list[dict[str, Any]]) -> None:
    known = {row["id"]: row for row in judged}
    composer = Composer(EMBEDDED, required=True)
    for id, (question, line) in questions.items():
        names = spellings(line, "en", proper_names(question))
        said = composer.sentence(question, "en", Passage("", 1, 0, len(line), line, "ar", "prose", ""), names)
        before = known.get(id, {})
        right = before["right"] if before.get("sentence") == said.sentence else None
        row = before | {"id": id, "sentence": said.sentence, "certainty": said.certainty, "right": right}
        json.dump(row, sys.stdout, ensure_ascii=False)
        print(flush=True)


def report(name: str, rows: list[tuple[dict[str, Any], Support]]) -> None:
    right = [row["right"] for row, _ in rows]
    told = {"certainty": [row["certainty"] for row, _ in rows], "verifier's score": [found.score for _, found in rows]}
    areas = ", ".join(f"{figure} {roc_auc_score(right, values):.2f}" for figure, values in told.items())
    print(f"{name}: {len(right)} sentences, {sum(right)} right; AUC of {areas}")
    shown = [(row["right"], kind(Written(row["sentence"], row["certainty"]), found)) for row, found in rows]
    for what in ("claim", "reading aid"):
        these = [is_right for is_right, kind_ in shown if kind_ == what]
        print(f"  {what}s: {sum(these)} right of {len(these)}")


def kind(written: Written, found: Support) -> str:
    """What a sentence is shown as, "" where it is not."""
    return "claim" if written.vouched_for(found) else "reading aid" if written.helps(found) else ""


def support(verifier: Verifier, sentence: str, question: str, line: str) -> Support:
    given = " ".join((question, *spellings(line, "en", proper_names(question)).values()))
    return verifier.check(sentence, line, claim_language="en", source_language="ar", given=given)


if __name__ == "__main__":
    main()
