"""The verifier on claims that were written to get past it, and on claims of which nothing was known when its rules were made.

    python benchmarks/pairs.py [--show]

`pairs.jsonl` holds claims with a source and whether the claim is right: `aimed` ones, written with the rules in view and mostly one
word away from what the source says, and `blind` ones, written by somebody who had not seen them. Printed is, for each set, pair of
languages and category, how many wrong claims are supported and how many right ones are, and how many of both a rule rejects;
`--show` prints the wrong ones that are supported and the right ones that a rule rejects.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from support_rows import read

from qa.verify import Support, Verifier

PAIRS = Path(__file__).parent / "pairs.jsonl"


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with what the verifier says of it."""

    set: str
    languages: str
    category: str
    claim: str
    source: str
    right: bool
    support: Support


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print the pairs that are judged wrongly")
    arguments = parser.parse_args()
    judged = list(judge())
    for which in ("aimed", "blind"):
        mine = [pair for pair in judged if pair.set == which]
        report(which, mine)
        for part in (lambda pair: pair.languages, lambda pair: pair.category):
            report_by(part, mine)
    for pair in judged if arguments.show else ():
        if pair.support.supported and not pair.right:
            print(f"wrong, supported: {pair.claim} | {pair.source}")
        elif pair.right and pair.support.contradicted:
            print(f"right, rejected ({'; '.join(pair.support.reasons)}): {pair.claim} | {pair.source}")


def judge() -> Iterator[Judged]:
    rows = read(PAIRS)
    supports = Verifier().check_many([(row["claim"], row["source"]) for row in rows])
    for row, support in zip(rows, supports, strict=True):
        languages = f"{row['claim_language']} over {row['source_language']}"
        yield Judged(row["set"], languages, row["category"], row["claim"], row["source"], row["right"], support)


def report_by(part: Callable[[Judged], str], pairs: list[Judged]) -> None:
    for name in sorted({part(pair) for pair in pairs}):
        report(f"  {name}", [pair for pair in pairs if part(pair) == name])


def report(name: str, pairs: list[Judged]) -> None:
    right, wrong = ([pair.support for pair in pairs if pair.right is which] for which in (True, False))
    truth = np.array([pair.right for pair in pairs])
    auc = roc_auc_score(truth, [pair.support.score for pair in pairs]) if 0 < truth.sum() < len(truth) else float("nan")
    print(
        f"{name}: AUC {auc:.2f}; wrong {len(wrong)}, supported {sum(one.supported for one in wrong)}, rejected by a rule "
        f"{sum(one.contradicted for one in wrong)}; right {len(right)}, supported {sum(one.supported for one in right)}, "
        f"rejected by a rule {sum(one.contradicted for one in right)}"
    )


if __name__ == "__main__":
    main()
