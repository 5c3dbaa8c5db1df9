"""Does what is cited support what is claimed? The verifier's word, and that of a chat model where one is chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index import Hit, Passage
from index.language import UNKNOWN
from qa.answer import Citation, Claim
from qa.verify import Verifier
from qa.verify.verifier import Support

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_YES = re.compile(r"\W*yes\b", re.IGNORECASE)
_ASKED = (
    "Source: {source}\n\nClaim: {claim}\n\n"
    "Does the source alone support everything the claim says? They may be in different languages. Answer yes or no."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One claim against what it cites."""

    support: Support  # by all its citations together
    grounded: Support  # the best of that and of each of the nearest lines alone
    precise: tuple[bool, ...]  # per citation: is it needed, or does it support the claim alone? (ALCE)
    judge: float | None  # 1 supported, 0 not, by the chat model; None when none was chosen


class Judge:
    """Judges claims; every question is asked once."""

    def __init__(self, passages: Sequence[Passage], verifier: Verifier, model: BaseChatModel | None = None) -> None:
        """`passages` of the collection tell the heading a citation stands under, which may vouch for names."""
        self._headings: Mapping[tuple[str, int], str] = {passage.id: passage.heading for passage in passages}
        self._verifier = verifier
        self._model = model
        self._supports: dict[tuple[str, str, tuple[Citation, ...]], Support] = {}
        self._words: dict[tuple[str, str], float] = {}

    def judged(self, claim: Claim, nearest: Sequence[Hit]) -> Judged:
        """`nearest` are the lines that were found for the question, whether or not the claim cites them."""
        cited = claim.citations
        together = self.support(claim.text, claim.language, cited)
        grounded = together
        for hit in nearest:
            if not grounded.supported:
                found = self.support(claim.text, claim.language, (Citation.of(hit.passage),))
                grounded = max(grounded, found, key=lambda one: (one.supported, one.score))
        precise = tuple(self._precise(claim, i, together) for i in range(len(cited)))
        return Judged(together, grounded, precise, self._judge(claim))

    def support(self, text: str, language: str, citations: Sequence[Citation]) -> Support:
        """The verifier's verdict on a text against the cited quotes, one after the other."""
        key = (text, language, tuple(citations))
        if key not in self._supports:
            headings = dict.fromkeys(self._headings.get((one.path, one.start), "") for one in citations)
            self._supports[key] = self._verifier.check(
                text,
                _source(citations),
                claim_language=_known(language),
                source_language=_known(citations[0].language) if citations else None,
                context=" ".join(headings),
            )
        return self._supports[key]

    def _precise(self, claim: Claim, i: int, together: Support) -> bool:
        """ALCE: a citation counts when all citations support the claim, and it does so alone or the others do not."""
        if not together.supported or len(claim.citations) == 1:
            return together.supported
        others = claim.citations[:i] + claim.citations[i + 1 :]
        alone = self.support(claim.text, claim.language, claim.citations[i : i + 1])
        return alone.supported or not self.support(claim.text, claim.language, others).supported

    def _judge(self, claim: Claim) -> float | None:
        if self._model is None:
            return None
        key = (claim.text, _source(claim.citations))
        if key not in self._words:
            reply = self._model.invoke([("human", _ASKED.format(claim=key[0], source=key[1]))])
            self._words[key] = float(bool(_YES.match(str(reply.text))))
        return self._words[key]


def _source(citations: Sequence[Citation]) -> str:
    return " ".join(citation.quote for citation in citations)


def _known(language: str) -> str | None:
    return None if language == UNKNOWN else language
