"""Was a citation used, or does it merely agree? Ask again without the cited passage, and with nothing else.

A citation bears the claim when the claim does not come out without it (necessity) and comes out of it alone
(sufficiency); compare Wallat et al. 2024 on correctness against faithfulness of citations.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from index import Index, Passage
from index.analyse import fold
from qa.answer import Answer, Claim
from qa.evaluation.systems import Ask
from qa.evaluation.views import Screened
from qa.verify import Verifier


@dataclass(frozen=True, slots=True)
class Tested:
    """One claim of one answer."""

    question: int  # row of the question in the run
    claim: int  # its place in the answer, from 0
    necessary: bool
    sufficient: bool


def sample(answers: Sequence[Answer], size: int, seed: int) -> list[tuple[int, int]]:
    """Question and claim of so many claims, drawn without replacement and put in order."""
    claims = [(row, n) for row, answer in enumerate(answers) for n in range(len(answer.claims))]
    return sorted(random.Random(seed).sample(claims, min(size, len(claims))))


def bears_load(
    ask: Ask, index: Index, answers: Sequence[Answer], drawn: Sequence[tuple[int, int]], verifier: Verifier
) -> list[Tested]:
    """Both tests of every drawn claim, the system asked anew each time."""

    def comes_out(question: str, claim: Claim, shown: Callable[[Passage], bool]) -> bool:
        again = ask(Screened(index, shown), question)
        return any(says_the_same(claim, other, verifier) for other in again.claims)

    tested = []
    for row, n in drawn:
        question, claim = answers[row].question, answers[row].claims[n]
        cited = frozenset((citation.path, citation.start) for citation in claim.citations)
        with_others = comes_out(question, claim, partial(_is_outside, cited))
        alone = comes_out(question, claim, partial(_is_inside, cited))
        tested.append(Tested(row, n, necessary=not with_others, sufficient=alone))
    return tested


def _is_inside(cited: frozenset[tuple[str, int]], passage: Passage) -> bool:
    return passage.id in cited


def _is_outside(cited: frozenset[tuple[str, int]], passage: Passage) -> bool:
    return passage.id not in cited


def says_the_same(claim: Claim, other: Claim, verifier: Verifier) -> bool:
    """The same words, or each supports the other where the verifier knows their languages."""
    if fold(claim.text) == fold(other.text):
        return True
    return all(
        verifier.check(a.text, b.text, claim_language=a.language, source_language=b.language).supported
        for a, b in ((claim, other), (other, claim))
    )
