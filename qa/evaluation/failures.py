"""What is wrong with one answer, in words a reader of the report can check."""

from __future__ import annotations

from collections.abc import Sequence

from qa.answer import Answer
from qa.evaluation.gold import GoldQuestion
from qa.evaluation.judge import Judged
from qa.evaluation.measures import CUTOFFS, Place, place

KINDS = {
    "refused": "The sources answer, and the system refused.",
    "answered": "The sources do not say, and the system answered.",
    "not found": "No line of the fact is among the first 10.",
    "not covered": "A line of the fact was found and is not cited.",
    "not supported": "The verifier does not accept the claim against what it cites.",
    "beside the facts": "The claim cites no gold line.",
    "unresolved": "A citation does not stand where it says.",
}


def failures(
    question: GoldQuestion,
    answer: Answer,
    judged: Sequence[Judged],
    unresolved: Sequence[int],
    ranking: Sequence[Place],
) -> list[dict[str, str]]:
    """One object with `kind` and `what` per failure; per claim of the answer there is one value of the two sequences."""
    found: list[tuple[str, str]] = []
    if question.answerable and not answer.answered:
        found.append(("refused", ""))
    if answer.answered and not question.answerable:
        found.append(("answered", ""))
    cited = {place(citation) for claim in answer.claims for citation in claim.citations}
    for fact in question.facts:
        if fact.places.isdisjoint(ranking[: max(CUTOFFS)]):
            found.append(("not found", fact.fact))
        elif answer.answered and fact.places.isdisjoint(cited):
            found.append(("not covered", fact.fact))
    for number, (claim, one, lost) in enumerate(zip(answer.claims, judged, unresolved, strict=True), 1):
        if lost:
            found.append(("unresolved", f"claim {number}"))
        if not one.support.supported:
            found.append(("not supported", f"claim {number}: {'; '.join(one.support.reasons)}"))
        if question.answerable and all(place(citation) not in question.places for citation in claim.citations):
            found.append(("beside the facts", f"claim {number}"))
    return [{"kind": kind, "what": what} for kind, what in found]
