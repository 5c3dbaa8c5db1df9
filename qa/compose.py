"""Written claims, in the question's language, each kept only if the verifier accepts it against the lines it cites.

Line by line, for the embedded model across languages: it is shown exactly one line and asked to say what it says, so the citation
is right by construction and all that can be wrong is the wording. All lines at once, for every other model, and for the embedded
one in English over English: it says which line states each of its sentences (`qa.numbered`). What does not pass is replaced by the
line itself, with the wording beneath it as an unverified reading aid when it is likelier right than wrong and nothing in it
disagrees with the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from statistics import fmean
from typing import TYPE_CHECKING, Any

from index.article import Passage
from index.errors import ModelFailed, ModelUnavailable
from index.language import shares_language
from qa import numbered, reading, wording
from qa.answer import Claim, quote, valued
from qa.chat import EMBEDDED, Chat
from qa.demands import names as proper_names
from qa.lines import as_line, as_lines, how_many_within, in_units
from qa.spellings import known_names, spellings
from qa.together import Composition, claim_of, claims_of
from qa.values import the_value
from qa.verify.numbers import is_value, stands_in
from qa.wordwise import word_by_word
from qa.written import Written, whole_sentence

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from qa.verify import Support, Verifier

MAX_TOKENS = 120  # of the embedded model
_MAX_REPLY = 1000  # characters a sentence: a longer one is no short sentence, and reading it would take its time
_SENTENCES = 3  # of the embedded model about several lines
_WRITTEN_WELL = frozenset({"en"})  # by the embedded model, from lines in that language (docs/answers.md)
# Lines that the embedded model puts into words, the best ones, and their characters in all, but for the first whatever its length:
# 150 take two to five seconds of two cores.
_PHRASED, _PHRASED_CHARACTERS = 3, 300


class Composer:
    """Writes answers from passages. The models are loaded when they are first needed."""

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
        self._chat = Chat(spec, model)
        self.required = required
        self._collection = collection
        self._openings: dict[wording.Pair, list[tuple[str, str]]] = {}
        self._given_verifier = verifier

    def raises(self, error: ModelUnavailable) -> bool:
        """Whether an answer ends with this error; else it goes on with quotes. A model that was chosen by name must be
        there; that it fails on the way is told beside the quotes."""
        return self.required or not (self.spec == EMBEDDED or isinstance(error, ModelFailed))

    @property
    def spec(self) -> str:
        return self._chat.spec

    @property
    def decides(self) -> bool:
        """Whether the model that writes also says that no line answers; the embedded one is asked on its own (`stated`)."""
        return self.spec != EMBEDDED

    def reads_together(self, language: str, chosen: Sequence[Passage]) -> bool:
        """Whether the answer to a question in this language, for which these lines were chosen, is written from all lines at
        once. The embedded model does so in English over English; of a list it would leave items out."""
        own = language in _WRITTEN_WELL and all(passage.language == language for passage in chosen)
        return self.decides or (own and sum(passage.kind == "bullet" for passage in chosen) < 2)

    def together(self, question: str, language: str, passages: Sequence[Passage]) -> Composition:
        """What the model answers from all passages at once, verified. Raises ModelUnavailable."""
        names = self._names(question, language, passages)
        options: dict[str, Any] = {}
        if self.spec == EMBEDDED:
            rules = numbered.grammar(len(passages), _SENTENCES)
            options = {"max_tokens": MAX_TOKENS, "grammar": rules, "logprobs": True, "top_logprobs": 1}
        request = numbered.request(question, [as_line(passage) for passage in passages], names)
        reply = self._chat.reply(numbered.opening(language), request, options, afresh=True)
        said = numbered.said(str(reply.text))
        breaks_off = reply.response_metadata.get("finish_reason") == "length"
        if breaks_off:
            said = said.rpartition("\n")[0]  # whole sentences stand
        if len(said) > numbered.MOST_CHARACTERS:
            return Composition(left_out=1)
        if numbered.says_nothing(said):
            return Composition(nothing=True)
        sentences, left_out = numbered.sentences(said, len(passages))
        written = [(self._said(sentence, reply, language, passages), sentence.of(passages)) for sentence in sentences]
        claims = claims_of(written, passages, language, partial(self._support, question, language))
        return Composition(claims, left_out=left_out + breaks_off)

    def _said(self, sentence: numbered.Sentence, reply: Any, language: str, passages: Sequence[Passage]) -> Written:
        """A sentence of a reply, nothing when it is none, or when the embedded model rests it on another line than the first one
        shown: where the model and the search differed it was right in 10 of 16 answers, else in 114 of 122 (docs/answers.md)."""
        if self.spec == EMBEDDED and sentence.lines != (1,):
            return Written("")
        source = " ".join(passage.text for passage in sentence.of(passages))
        return Written(whole_sentence(sentence.text, language, source), self._certainty(reply))

    def write(
        self, question: str, language: str, passages: Sequence[Passage], *, leading: bool = True
    ) -> Iterator[Claim]:
        """One claim per passage, in order, the first few written from that line alone, each as soon as it is ready; `leading` says
        that the first is the answer's first line. Raises ModelUnavailable."""
        # One after the other: on a laptop's cores the embedded model gains nothing from writing several at once, and
        # alone it writes the same words every time.
        validates = partial(self._verifier.validates, claim_language=language)
        checked = [passage for passage in passages if validates(source_language=passage.language)]
        phrased = checked[:_PHRASED]
        phrased = phrased[: how_many_within(_PHRASED_CHARACTERS, (len(passage.text) for passage in phrased))]
        for number, passage in enumerate(passages):
            first = leading and number == 0
            yield self._claim(question, language, passage, first=first) if passage in phrased else quote(passage)

    def stated(self, question: str, passages: Sequence[Passage]) -> float | None:
        """The log-odds that the passages together state the answer (`qa.reading`), None of a model for which they were not
        calibrated or that gave none. Raises ModelUnavailable."""
        return None if self.decides else self._read(question, passages, afresh=True)

    def _read(self, question: str, passages: Sequence[Passage], *, afresh: bool = False) -> float | None:
        lines = as_lines(passages[: reading.READ])
        options = {"max_tokens": 1, "logprobs": True, "top_logprobs": reading.ALTERNATIVES}
        reply = self._chat.reply(reading.opening(), reading.request(question, lines), options, afresh=afresh)
        tokens = (reply.response_metadata.get("logprobs") or {}).get("content")
        return reading.log_odds(tokens[0]["top_logprobs"]) if tokens else None

    def that_state(
        self,
        question: str,
        language: str,
        passages: Sequence[Passage],
        scores: Mapping[tuple[str, int], float],
        limit: int,
    ) -> list[Passage]:
        """Those of the passages that state the answer, in their order; the best, `limit` at most but for whole lists.

        Each is read alone, a list as one, and a post with who posted it; long ones behind the first few are left out
        (`reading.ALONE_CHARACTERS`). None of a model that says nothing about them. `scores` are the search's, by passage; what it
        did not find stands for the best. Raises ModelUnavailable."""
        units = in_units(passages)
        if len(units) == 1:
            return list(passages)
        lengths = [max(len(passage.text) for passage in unit) for unit in units]
        units = units[: how_many_within(reading.ALONE_CHARACTERS, lengths, least=reading.ALONE_AT_LEAST)]
        said = [log_odds for unit in units if (log_odds := self._read(question, unit)) is not None]
        if not said or len(said) < len(units):
            return []
        highest = max(scores.values(), default=0.0)
        found = [max(scores.get(passage.id, highest) for passage in unit) for unit in units]
        across = [not shares_language(language, unit[0].language) for unit in units]
        kept: list[Passage] = []
        for at in reading.that_state(said, found, across):
            kept += units[at] if len(kept) < limit else []
        return [passage for passage in passages if passage in kept]

    def _claim(self, question: str, language: str, passage: Passage, *, first: bool) -> Claim:
        written = self.sentence(question, language, passage, self._names(question, language, [passage]))
        claim = claim_of(written, [passage], language, partial(self._support, question, language))[0]
        # Of lines behind the first the model gives a value as readily where it is none that was asked for.
        if not (first and claim.origin == "quote" and written.is_sure):
            return claim
        value = the_value(question, passage.text, language)
        # Its words may be wrong ("on October 9, 2022"); that it takes the value of the line for the answer tells that the line
        # answers (docs/answers.md).
        agrees = stands_in(value, the_value(question, written.sentence, language))
        return valued(claim, value, language) if agrees and is_value(value) else claim

    def _support(self, question: str, language: str, sentence: str, passages: Sequence[Passage]) -> Support:
        """The verdict on a sentence that cites passages: by all of one language together, and of several languages the worst."""
        by_language: dict[str, list[Passage]] = {}
        for passage in passages:
            by_language.setdefault(passage.language, []).append(passage)
        supports = [
            self._verifier.check(
                sentence,
                " ".join(passage.text for passage in lines),
                claim_language=language,
                source_language=source_language,
                context=" ".join(dict.fromkeys(passage.heading for passage in lines)),
                given=" ".join((question, *self._names(question, language, lines).values())),
            )
            for source_language, lines in by_language.items()
        ]
        return min(supports, key=lambda support: (support.supported, support.score))

    def _names(self, question: str, language: str, passages: Sequence[Passage]) -> dict[str, str]:
        """How the names of foreign passages are spelled in the language of the question."""
        text = "\n".join(passage.text for passage in passages if passage.language != language)
        return spellings(text, language, (*proper_names(question), *self._latin_names)) if text else {}

    def sentence(self, question: str, language: str, passage: Passage, names: Mapping[str, str]) -> Written:
        """What the model makes of one line, nothing when that is not one whole sentence in the question's language."""
        pair = passage.language, language
        request = wording.request(question, passage.text, names, self._words(pair, passage.text, names))
        options = {"max_tokens": MAX_TOKENS, "logprobs": True, "top_logprobs": 1}
        reply = self._chat.reply(self._opening(pair), request, options)
        if reply.response_metadata.get("finish_reason") == "length" or len(str(reply.text)) > _MAX_REPLY:
            return Written("")
        sentence = whole_sentence(str(reply.text), language, passage.text)
        if not sentence:
            return Written("")
        return Written(sentence, self._certainty(reply))

    def _certainty(self, reply: Any) -> float | None:
        """How sure the embedded model was of its reply, in nats a token; None of another one."""
        tokens = (reply.response_metadata.get("logprobs") or {}).get("content") if self.spec == EMBEDDED else None
        return fmean(token["logprob"] for token in tokens) if tokens else None

    def _opening(self, pair: wording.Pair) -> list[tuple[str, str]]:
        """What all lines of two languages share, made once."""
        if pair not in self._openings:
            self._openings[pair] = wording.opening(pair, partial(self._words, pair))
        return self._openings[pair]

    def _words(self, pair: wording.Pair, line: str, names: Mapping[str, str]) -> str:
        """The line word by word, "" for another pair than the dictionary's and where there is none."""
        return word_by_word(line, names, self._verifier.encoder) if pair == ("ar", "en") else ""

    @cached_property
    def _latin_names(self) -> tuple[str, ...]:
        return known_names(self._collection)

    @cached_property
    def _verifier(self) -> Verifier:
        if self._given_verifier is not None:
            return self._given_verifier
        from qa.verify import Verifier

        return Verifier()
