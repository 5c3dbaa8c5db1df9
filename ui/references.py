"""Every line that an answer shows, under a key by which the page can open it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from index.manifest import ArticleEntry
from qa.answer import Answer, Citation, Claim, Side

Kind = Literal["claim", "conflict", "nearest"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A citation and what it stands under: a claim, a side of a conflict, or nothing but being near."""

    kind: Kind
    key: str  # unique within the answer and stable while it grows
    citation: Citation
    claim: Claim | None = None
    number: int = 0  # the claims' citations are numbered from 1, one number for each cited place
    word_by_word: str = ""  # of a nearest line that a refusal shows


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the index says of the articles, by path."""

    entries: Mapping[str, ArticleEntry]

    @classmethod
    def of(cls, entries: Iterable[ArticleEntry]) -> Shelf:
        return cls({entry.path: entry for entry in entries})

    def title(self, path: str) -> str:
        entry = self.entries.get(path)
        return entry.title if entry else path


def claim_references(answer: Answer) -> tuple[tuple[Reference, ...], ...]:
    """One tuple for each claim, in order."""
    numbers: dict[tuple[str, int, int], int] = {}
    return tuple(
        tuple(
            Reference(
                "claim", f"claim-{n}-{m}", citation, claim, numbers.setdefault(_place(citation), len(numbers) + 1)
            )
            for m, citation in enumerate(claim.citations)
        )
        for n, claim in enumerate(answer.claims)
    )


def nearest_references(answer: Answer) -> tuple[Reference, ...]:
    return tuple(
        Reference("nearest", f"nearest-{n}", Citation.of(hit.passage), word_by_word=words)
        for n, (hit, words) in enumerate(answer.nearest_in_words)
    )


def conflict_references(answer: Answer) -> tuple[tuple[Reference, ...], ...]:
    """One tuple for each conflict, in order."""
    return tuple(
        tuple(Reference("conflict", f"conflict-{n}-{m}", side.citation) for m, side in enumerate(conflict.sides))
        for n, conflict in enumerate(answer.conflicts)
    )


def find(answer: Answer, key: str) -> tuple[Reference, tuple[Reference, ...]] | None:
    """The reference of a key with those it is read among, None for a key that the answer does not have."""
    claims = tuple(reference for references in claim_references(answer) for reference in references)
    for among in (claims, *conflict_references(answer), nearest_references(answer)):
        for reference in among:
            if reference.key == key:
                return reference, among
    return None


def sources(claim: Claim) -> int:
    """In how many articles a claim stands."""
    return len({citation.path for citation in claim.citations})


def around_value(side: Side) -> tuple[str, str, str]:
    """The quote of a side as before, the value in which it differs, after. The value is a part of the quote."""
    start, end = side.value.start - side.citation.start, side.value.end - side.citation.start
    quote = side.citation.quote
    return quote[:start], quote[start:end], quote[end:]


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.path, citation.start, citation.end
