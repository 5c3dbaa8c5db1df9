"""Written claims: one sentence from one cited passage, in the question's language, kept only if the verifier accepts it.

Cite first: the model is shown exactly one line and asked to say what it says, so the citation is right by construction
and all that can be wrong is the wording, which is checked. When it does not pass, the line itself stands, with the wording
beneath it as an unverified reading aid when it is likelier right than wrong and nothing in it disagrees with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from index.article import Passage
from index.errors import ModelFailed, ModelUnavailable, SanadError, UsageError
from index.language import detect_language
from index.segment import sentence_spans
from qa import reading, wording
from qa.answer import Citation, Claim, quote
from qa.demands import names as proper_names
from qa.patience import within
from qa.plain import printable
from qa.redact import reason
from qa.spellings import known_names, spellings
from qa.wordwise import CHOICE, word_by_word

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from qa.verify import Support, Verifier

EMBEDDED = "embedded"  # the specification of the language model that is installed with sanad
MAX_TOKENS = 120
_MAX_REPLY = 1000  # characters: a longer one is no short sentence, and reading it would take its time
_REPLY_SECONDS = 120.0  # for one line, the provider's own retries included; a large model may have to be loaded first
# Of the embedded model's sentences, by 98 that were judged by hand (benchmarks/renderings.py): how sure the model must be of them,
# in nats a token, and the support they need, to be a claim, where none was wrong, and to be a reading aid, where one in seven was.
_CLAIM_CERTAINTY, _CLAIM_SUPPORT = -0.2, 0.7
_AID_CERTAINTY, _AID_SUPPORT = -0.25, 0.5
_PHRASED = 3  # lines that the embedded model puts into words, the best ones: some four seconds each of two cores
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence of a language model, and how sure the embedded one was of it: the mean log-probability of its tokens."""

    sentence: str
    certainty: float | None = None

    def vouched_for(self, support: Support) -> bool:
        """Whether it may be shown as a claim. The embedded model's words pass the verifier's score too easily, being the
        line's and the question's own: there its certainty decides (docs/answers.md)."""
        if self.certainty is None or not support.checked:
            return support.supported
        sound = not (support.contradicted or support.doubted)
        return sound and support.score >= _CLAIM_SUPPORT and self.certainty >= _CLAIM_CERTAINTY

    def helps(self, support: Support) -> bool:
        """Whether it may stand below the quote as an unverified reading aid."""
        likely = self.certainty is None or self.certainty >= _AID_CERTAINTY
        return likely and support.score >= _AID_SUPPORT and not support.contradicted


class Composer:
    """Phrases passages in another language than their own. The models are loaded when they are first needed."""

    def __init__(
        self,
        spec: str,
        collection: Sequence[Passage] = (),
        *,
        required: bool = False,
        model: BaseChatModel | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        """`spec` is what `qa.llm.open_chat_model` takes; the collection tells how its names are spelled; `required` tells
        callers that quotes alone will not do, whatever happens; `model` and `verifier` stand in for the ones that would be
        opened. Raises UsageError or ModelUnavailable for a spec that cannot be."""
        _check_spec(spec)
        self.spec = spec
        self.required = required
        self._collection = collection
        self._openings: dict[wording.Pair, list[tuple[str, str]]] = {}
        self._given_model = model
        self._given_verifier = verifier

    def raises(self, error: ModelUnavailable) -> bool:
        """Whether an answer ends with this error; else it goes on with quotes. A model that was chosen by name must be
        there; that it fails on the way is told beside the quotes."""
        return self.required or not (self.spec == EMBEDDED or isinstance(error, ModelFailed))

    def write(self, question: str, language: str, passages: Sequence[Passage]) -> Iterator[Claim]:
        """One claim per passage, in order, each as soon as it is ready. Raises ModelUnavailable."""
        # One after the other: on a laptop's cores the embedded model gains nothing from writing several at once, and
        # alone it writes the same words every time.
        phrased = _PHRASED if self.spec == EMBEDDED else len(passages)
        for passage in passages[:phrased]:
            yield self._claim(question, language, passage)
        yield from map(quote, passages[phrased:])

    def stated(self, question: str, passages: Sequence[Passage]) -> float | None:
        """The log-odds that the passages state the answer (`qa.reading`), None of a model for which they were not calibrated
        or that gave none. Raises ModelUnavailable."""
        if self.spec != EMBEDDED:
            return None
        lines = [_SPACES.sub(" ", passage.text) for passage in passages[: reading.READ]]
        options = {"max_tokens": 1, "logprobs": True, "top_logprobs": reading.ALTERNATIVES}
        reply = self._replied(reading.opening(), reading.request(question, lines), options)
        tokens = (reply.response_metadata.get("logprobs") or {}).get("content")
        return reading.log_odds(tokens[0]["top_logprobs"]) if tokens else None

    def _claim(self, question: str, language: str, passage: Passage) -> Claim:
        if not self._verifier.validates(claim_language=language, source_language=passage.language):
            return quote(passage)
        names = spellings(passage.text, language, (*proper_names(question), *self._latin_names))
        written = self.sentence(question, language, passage, names)
        if not written.sentence:
            return quote(passage)
        support = self._verifier.check(
            written.sentence,
            passage.text,
            claim_language=language,
            source_language=passage.language,
            context=passage.heading,
            given=" ".join((question, *names.values())),
        )
        if written.vouched_for(support):
            return Claim(written.sentence, language, "written", support.score, (Citation.of(passage),))
        return quote(passage, reading_aid=written.sentence if written.helps(support) else "")

    def sentence(self, question: str, language: str, passage: Passage, names: Mapping[str, str]) -> Written:
        """What the model makes of one line, nothing when that is not one whole sentence in the question's language."""
        pair = passage.language, language
        request = wording.request(question, passage.text, names, self._words(pair, passage.text, names))
        options = {"max_tokens": MAX_TOKENS, "logprobs": True, "top_logprobs": 1}
        reply = self._replied(self._opening(pair), request, options)
        if reply.response_metadata.get("finish_reason") == "length" or len(str(reply.text)) > _MAX_REPLY:
            return Written("")
        sentence = _SPACES.sub(" ", printable(str(reply.text))).strip(' "“”«»')
        whole = len(sentence_spans(sentence, language)) == 1
        undecided = CHOICE in sentence and CHOICE not in passage.text  # "objects/materials", as the words were given
        if not whole or undecided or detect_language(sentence) != language:
            return Written("")
        tokens = (reply.response_metadata.get("logprobs") or {}).get("content") if self.spec == EMBEDDED else None
        return Written(sentence, fmean(token["logprob"] for token in tokens) if tokens else None)

    def _opening(self, pair: wording.Pair) -> list[tuple[str, str]]:
        """What all lines of two languages share, made once."""
        if pair not in self._openings:
            self._openings[pair] = wording.opening(pair, partial(self._words, pair))
        return self._openings[pair]

    def _words(self, pair: wording.Pair, line: str, names: Mapping[str, str]) -> str:
        """The line word by word, "" where there is no dictionary or where the model may read the language itself."""
        helps = self.spec == EMBEDDED and pair == ("ar", "en")
        return word_by_word(line, names, self._verifier.encoder) if helps else ""

    def _replied(self, prefix: list[tuple[str, str]], request: str, embedded_options: dict[str, Any]) -> Any:
        """The model's message; a provider's own defaults hold where the runtime is not the embedded one, as which options it
        takes differs from one to the next."""
        try:
            options: dict[str, Any] = {}
            if hasattr(self._model, "prime"):  # the embedded runtime keeps what it has read of a prefix, also on disk
                self._model.prime(prefix)
                options = embedded_options
            return self._asked([*prefix, ("human", request)], options)
        except SanadError:
            raise
        except Exception as error:  # every provider has its own: no connection, no credit, no such model
            raise ModelFailed(
                f"{self.spec} does not answer ({reason(error)}); check its server and key, or ask with --llm none"
            ) from error

    def _asked(self, messages: list[tuple[str, str]], options: dict[str, Any]) -> Any:
        from langsmith import tracing_context

        with tracing_context(enabled=False):  # else LangChain sends every prompt away where LANGSMITH_TRACING is set
            if not is_elsewhere(self.spec):
                return self._model.invoke(messages, **options)
            return within(_REPLY_SECONDS, lambda: self._model.invoke(messages, **options))

    @cached_property
    def _latin_names(self) -> tuple[str, ...]:
        return known_names(self._collection)

    @cached_property
    def _model(self) -> BaseChatModel:
        if self._given_model is not None:
            return self._given_model
        from qa.llm import open_chat_model  # LangChain's model classes: only when something is to be written

        return open_chat_model(self.spec)

    @cached_property
    def _verifier(self) -> Verifier:
        if self._given_verifier is not None:
            return self._given_verifier
        from qa.verify import Verifier

        return Verifier()


def is_elsewhere(spec: str) -> bool:
    """Whether a model of this specification runs in another program, to which questions and lines of articles are sent."""
    return spec not in ("", EMBEDDED, "none") and spec.partition(":")[0] != "gguf"


def announcement(*specs: str) -> str:
    """What a user is told before anything is sent; "" when nothing will be."""
    elsewhere = [spec for spec in dict.fromkeys(specs) if is_elsewhere(spec)]
    return f"sanad: questions and lines of articles are sent to {' and '.join(elsewhere)}" if elsewhere else ""


def _check_spec(spec: str) -> None:
    """What can be known of a specification before anything heavy is imported."""
    provider, _, name = spec.partition(":")
    if spec != EMBEDDED and not (provider and name):
        raise UsageError(
            f"{spec!r} names no language model; give embedded, none, gguf:FILE or provider:model, such as ollama:qwen3"
        )
    if provider == "gguf":
        from qa.gguf import check_file

        check_file(Path(name).expanduser())
