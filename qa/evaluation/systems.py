"""What is evaluated: the system and the baselines that a score must beat to mean something.

Each is asked over an index it is given, so that one run shows all of them the same hits and the load-bearing test can
hide a passage from any of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from index import Index, Passage
from index.errors import UsageError
from qa.answer import Answer, Citation, quote
from qa.compose import Composer
from qa.sanad import NO_LLM, Sanad
from qa.verify import Verifier
from qa.verify.verifier import Support

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Ask = Callable[[Index, str], Answer]
SANAD = "sanad"
ABOUT = {
    SANAD: "the system as sanad ask runs it",
    "quotes-only": "the chosen lines as they stand, no language model",
    "unverified": "the language model's words, never checked",
    "top-passage": "the nearest line, always, and nothing else",
    "random-citation": "the system's claims, each citing a line drawn at random",
}
_WRITING = {"unverified"}  # there is nothing of theirs to see without a language model


class Systems:
    """The systems over one language model, which writes each sentence once for all of them."""

    def __init__(self, llm: str, collection: Sequence[Passage], seed: int, verifier: Verifier) -> None:
        """`llm` as for `Sanad.open`; the seed draws the random citations. Raises what opening the model raises."""
        self.llm = llm
        self._collection = collection
        self._seed = seed
        self._composer = self._composed(verifier)

    def named(self, names: Sequence[str] = ()) -> dict[str, Ask]:
        """The systems of these names, all that can be asked by default; `sanad` always, and first.

        Raises UsageError for an unknown name, and for one that needs a language model when there is none.
        """
        able = [name for name in ABOUT if self.llm != NO_LLM or name not in _WRITING]
        for name in names:
            if name not in able:
                why = "needs a language model, give --llm" if name in _WRITING else "is no system"
                raise UsageError(f"{name!r} {why}; choose from {', '.join(able)}")
        return {name: self._asks[name] for name in able if not names or name in (SANAD, *names)}

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens read and written since the beginning; what is remembered counts as if it had been written anew."""
        return self._counter.totals if self.llm != NO_LLM else (0, 0)

    @cached_property
    def _asks(self) -> dict[str, Ask]:
        unverified = self._composed(_Unasked())
        return {
            SANAD: self._sanad,
            "quotes-only": lambda index, question: Sanad(index, None).ask(question),
            "unverified": lambda index, question: Sanad(index, unverified).ask(question),
            "top-passage": _top_passage,
            "random-citation": self._random_citation,
        }

    def _sanad(self, index: Index, question: str) -> Answer:
        return Sanad(index, self._composer).ask(question)

    def _random_citation(self, index: Index, question: str) -> Answer:
        answer = self._sanad(index, question)
        draw = random.Random(f"{self._seed}:{question}")
        claims = tuple(
            replace(claim, citations=tuple(Citation.of(draw.choice(self._collection)) for _ in claim.citations))
            for claim in answer.claims
        )
        return replace(answer, claims=claims)

    def _composed(self, verifier: Verifier) -> Composer | None:
        if self.llm == NO_LLM:
            return None
        return Composer(self.llm, self._collection, required=True, model=self._model, verifier=verifier)

    @cached_property
    def _model(self) -> BaseChatModel:
        from langchain_core.caches import InMemoryCache

        from qa.llm import open_chat_model

        model = open_chat_model(self.llm)
        model.cache = InMemoryCache()
        model.callbacks = [self._counter]
        return model

    @cached_property
    def _counter(self) -> Any:
        from qa.evaluation.tokens import TokenCounter

        return TokenCounter()


class _Unasked(Verifier):
    """Accepts every wording of every language pair: what a system without verification does."""

    def check(
        self,
        claim: str,
        source: str,
        *,
        claim_language: str | None = None,
        source_language: str | None = None,
        context: str = "",
        given: str | None = None,
    ) -> Support:
        return Support(1.0, True, (), checked=False)

    def validates(self, *, claim_language: str, source_language: str) -> bool:
        return True


def _top_passage(index: Index, question: str) -> Answer:
    """The nearest line that is prose or a list's item, with no thought of whether it answers."""
    answer = Sanad(index, None).ask(question)
    claims = tuple(quote(hit.passage) for hit in answer.nearest[:1])
    return replace(answer, claims=claims, confidence=1.0)
