"""From sentences that a model wrote, each naming lines, to claims that were verified against these lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.arrange import list_around
from index.article import Passage
from qa.answer import Citation, Claim, quote
from qa.written import Written

if TYPE_CHECKING:
    from qa.verify import Support

Check = Callable[[str, Sequence[Passage]], "Support"]  # a sentence against the passages it cites


@dataclass(frozen=True, slots=True)
class Composition:
    """What became of a reply. Where there are no claims, `nothing` tells whether the model said that no line answers."""

    claims: tuple[Claim, ...] = ()
    nothing: bool = False
    left_out: int = 0  # sentences that name no line they were shown, or break off

    @property
    def is_written(self) -> bool:
        """Whether any of the model's words may be shown as a claim."""
        return any(claim.origin == "written" for claim in self.claims)


def claims_of(
    said: Sequence[tuple[Written, Sequence[Passage]]], passages: Sequence[Passage], language: str, check: Check
) -> tuple[Claim, ...]:
    """The claims of sentences, each with the lines of `passages` that it names, in order; no line is quoted that a written claim
    cites."""
    claims = [claim for written, named in said for claim in claim_of(written, named, language, check)]
    claims += map(quote, _other_items(passages, {line for claim in claims for line in _lines(claim)}))
    written = {line for claim in claims if claim.origin == "written" for line in _lines(claim)}
    kept: dict[object, Claim] = {}
    for claim in claims:
        line = (claim.citations[0].path, claim.citations[0].start)
        if claim.origin == "written":
            kept[claim] = claim
        elif line not in written and not (line in kept and kept[line].reading_aid):
            kept[line] = claim
    return tuple(kept.values())


def claim_of(written: Written, passages: Sequence[Passage], language: str, check: Check) -> list[Claim]:
    """The sentence as a claim that cites the passages when its check lets it be shown; else each passage as it stands, with the
    sentence as a reading aid beneath the only one when it helps."""
    if not written.sentence:
        return [quote(passage) for passage in passages]
    support = check(written.sentence, passages)
    within = any(passage.language == language for passage in passages)
    if written.vouched_for(support, within=within):
        return [Claim(written.sentence, language, "written", support.score, tuple(map(Citation.of, passages)))]
    if len(passages) > 1 or within or not written.helps(support):
        return [quote(passage) for passage in passages]
    return [quote(passages[0], reading_aid=written.sentence)]


def _other_items(passages: Sequence[Passage], cited: set[tuple[str, int]]) -> list[Passage]:
    """The items that were not cited of a list of which several were: half a list misleads."""
    others: dict[Passage, None] = {}
    for passage in passages:
        if passage.kind == "bullet":
            items = list_around(passage, [other for other in passages if other.path == passage.path])
            left = [item for item in items if item.id not in cited]
            others |= dict.fromkeys(left if len(items) - len(left) > 1 else [])
    return list(others)


def _lines(claim: Claim) -> set[tuple[str, int]]:
    return {(citation.path, citation.start) for citation in claim.citations}
