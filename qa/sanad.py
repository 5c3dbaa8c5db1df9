"""The question answerer: retrieve, select, phrase, verify."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from index import Index
from index.arrange import nearly_as_good
from index.article import Passage
from index.asked import asks_about_posting
from index.errors import IndexUnusable, ModelUnavailable, UnreadableArticle
from index.filters import Filter
from index.hit import Hit
from index.language import UNKNOWN, detect_language
from index.place import DEFAULT_INDEX, Place
from index.reader import extract, is_current, open_source
from index.reranker import EMBEDDED as EMBEDDED_RERANKER
from index.search import checked_question
from qa import reading
from qa.answer import Answer, Citation, Claim, quote, quoted
from qa.attribution import Attribution
from qa.cancel import check_stop, stopping_at
from qa.chat import EMBEDDED
from qa.check import resolves
from qa.compose import Composer
from qa.confidence import TOP, Confidence, confidence
from qa.conflict import Evidence, conflicts, disagreeing
from qa.corroborate import with_claim
from qa.demands import that_may_answer
from qa.glossed import glossed, in_words
from qa.lines import that_fit
from qa.parts import missing_parts
from qa.receipt import dictionary, encoder_sha256, llm_runtime, llm_sha256
from qa.said import unheard
from qa.select import MAX_PASSAGES, best, select
from qa.together import Composition
from qa.verify.encoder import CentredEncoder
from qa.verify.numbers import is_value

if TYPE_CHECKING:
    from index.langchain import HybridRetriever

T = TypeVar("T")
NO_LLM = "none"
DEPTH = 50  # hits that selection and confidence look at
NEAREST = 5  # lines offered beside an answer, or instead of one
READ = 12  # nearest lines among which a language model that decides by itself may choose
_QUOTES_ONLY = "answered with quotes only"
COMPARED = 8  # best lines among which conflicts are looked for, beside the cited ones


class Sanad:
    """Answers questions over one index. Models are loaded when the first question needs them and kept."""

    def __init__(self, index: Index, composer: Composer | None) -> None:
        self.index = index
        self._composer = composer
        self._attribution = Attribution(index)
        self._words = CentredEncoder()

    @classmethod
    def open(
        cls,
        where: str | Place = DEFAULT_INDEX,
        llm: str = EMBEDDED,
        corpus: Path | str | None = None,
        *,
        reranker: str = EMBEDDED_RERANKER,
    ) -> Sanad:
        """Open an index: a folder or `milvus://host:port/collection`. `llm` is "embedded", "none" (quotes only), "gguf:FILE"
        or LangChain's "provider:model"; `corpus` says where the articles are when they were moved since they were indexed;
        `reranker` is what `index.reranker.open_reranker` takes.

        Raises IndexUnusable when there is no usable index or its articles are gone, UsageError or ModelUnavailable for an
        `llm` that cannot be; a model is loaded when it is first needed.
        """
        index = Index.open(where, corpus=Path(corpus) if corpus else None, reranker=reranker)
        if not index.corpus.is_dir():
            raise IndexUnusable(
                f"the articles of this index are not at {index.corpus}; name their folder with --corpus, "
                f"or run: sanad index CORPUS --index {where}"
            )
        composer = None if llm == NO_LLM else Composer(llm, index.passages)
        return cls(index, composer)

    @property
    def retriever(self) -> HybridRetriever:
        """The index as a LangChain retriever."""
        from index.langchain import HybridRetriever

        return HybridRetriever(index=self.index)

    def ask(
        self, question: str, *, id: str | int | None = None, asked_as: str = "", only: Filter | None = None
    ) -> Answer:
        """The whole answer, from the passages that `only` allows; with quotes alone when the model fails. Raises UsageError
        for a question that cannot be asked, ModelUnavailable for a chosen model that cannot be opened."""
        *_, answer = self.stream(question, id=id, asked_as=asked_as, only=only)
        return answer

    async def aask(
        self, question: str, *, id: str | int | None = None, asked_as: str = "", only: Filter | None = None
    ) -> Answer:
        """`ask` without blocking the event loop; cancelling the task stops the language model."""
        steps = [answer async for answer in self.astream(question, id=id, asked_as=asked_as, only=only)]
        return steps[-1]

    async def astream(
        self, question: str, *, id: str | int | None = None, asked_as: str = "", only: Filter | None = None
    ) -> AsyncGenerator[Answer, None]:
        """`stream` without blocking the event loop; closing it or cancelling its task stops the language model."""
        stop = threading.Event()
        steps = self.stream(question, id=id, asked_as=asked_as, only=only, stop=stop)
        worker = ThreadPoolExecutor(1, thread_name_prefix="sanad answer")
        try:
            while (answer := await asyncio.wrap_future(worker.submit(next, steps, None))) is not None:
                yield answer
        finally:
            stop.set()
            worker.submit(steps.close)  # behind the step that may still be running
            worker.shutdown(wait=False)

    def stream(
        self,
        question: str,
        *,
        id: str | int | None = None,
        asked_as: str = "",
        only: Filter | None = None,
        stop: threading.Event | None = None,
        passages: int = MAX_PASSAGES,
    ) -> Generator[Answer, None, None]:
        """The answer as it grows: first the nearest lines, then one claim more, or one that cites more, each time; the
        last one is whole and has the conflicts and what is missing.

        `asked_as` is the question as a conversation completed it, which is then the one that is answered. Soon after
        another thread sets `stop`, the language model stops and Cancelled is raised. Only what `only` allows is looked at;
        an answer starts from at most so many `passages`.
        """
        began = time.perf_counter()
        asked = question = checked_question(question)
        if asked_as:
            question = checked_question(asked_as)
        language = detect_language(question)
        hits = self.index.search(question, DEPTH, only)
        sources = _Sources(self.index)
        standing = [hit for hit in hits if sources.still_holds(hit.passage)]
        judged = confidence(question, standing)
        nearest = [hit.passage for hit in standing[:TOP]]
        if silent := unheard(question, nearest, self.index.article, self._attribution.speaker):
            judged = judged.refused(f"any words of {silent}")
        retrieved = time.perf_counter()
        answer = Answer(
            question=asked,
            language="en" if language == UNKNOWN else language,
            confidence=judged.probability,
            claims=(),
            nearest=tuple(standing[:NEAREST]),
            models={
                "encoder": self.index.manifest.encoder,
                "encoder_sha256": encoder_sha256(self.index.manifest.encoder),
                "reranker": self.index.reranker.name if self.index.reranker else None,
                "llm": None,
                "llm_sha256": None,
                "dictionary": None,
                "reader": None,
                "reader_sha256": None,
                "runtime": None,
            },
            index=self._described(),
            timings_ms={"retrieve": 1000 * (retrieved - began)},
            notes=(*sources.notes, *(f"no line near the question mentions {absent}" for absent in judged.unmet)),
            id=id,
            asked_as=asked_as,
            settings={
                "llm": self._composer.spec if self._composer else NO_LLM,
                "depth": DEPTH,
                "passages": passages,
                "only": _described_filter(only),
            },
        )
        yield answer
        check_stop(stop)
        # A model that reads may overrule the score, but not what the question demands.
        may_answer = judged.answers or (self._composer is not None and not judged.unmet)
        may_cite = that_may_answer(question, standing) if may_answer else []
        posting = asks_about_posting(question)
        near = partial(select, may_cite, language, self.index.article, posting=posting)
        chosen = sources.that_hold(near(passages))
        judged, reader, notes = self._read(question, judged, chosen, stop)
        if self._composer and reader and judged.answers and passages > 1:
            nearly = near(reading.ALONE, within=reading.WITHIN)
            wider = sources.that_hold(list(dict.fromkeys([*nearly, *chosen])))
            scores = {hit.passage.id: hit.score for hit in standing}
            that_state = partial(self._composer.that_state, question, language, wider, scores, passages)
            stating, notes = self._asked(that_state, judged, stop)
            chosen = stating or chosen
        has_read = time.perf_counter()
        composer = None if notes else self._composer
        claims: Iterator[tuple[Claim, tuple[str, ...]]]
        if composer and chosen and composer.reads_together(language, chosen) and (judged.answers or composer.decides):
            # The embedded model is shown the lines that it has read; any other one may choose among more.
            nearest = best(standing, self.index.article, READ, posting=posting) if composer.decides else chosen
            shown = that_fit(sources.that_hold(nearest))
            together, notes = self._together(composer, question, answer.language, shown, judged, stop)
            if composer.decides and (together.claims or together.nothing):
                judged, reader = judged.after_deciding(bool(together.claims)), composer.spec
            told = together.claims if composer.decides or together.is_written else ()
            claims = ((claim, ()) for claim in told or map(quote, chosen if judged.answers else ()))
        else:
            claims = self._claims(answer, chosen if judged.answers else (), composer, stop)
        answer = replace(
            answer,
            confidence=judged.probability,
            models=dict(answer.models)
            | {"reader": reader, "reader_sha256": llm_sha256(reader), "runtime": llm_runtime(reader)},
            notes=(*answer.notes, *notes),
        )
        for claim, notes in claims:
            claim = glossed(claim, question, answer.language, [hit.passage for hit in standing], self._words)
            told = with_claim(answer.claims, self._attribution.claim(claim))
            answer = replace(answer, claims=told, notes=(*answer.notes, *notes))
            yield answer
        answer = (
            self._compared(answer, question, standing) if answer.claims else self._refused(answer, question, standing)
        )
        ended = time.perf_counter()
        llm = self._writer(answer.claims)
        helped = any(claim.word_by_word for claim in answer.claims) or any(answer.nearest_words)
        yield replace(
            answer,
            models=dict(answer.models)
            | {
                "llm": llm,
                "llm_sha256": llm_sha256(llm),
                "runtime": llm_runtime(llm or reader),
                "dictionary": dictionary() if llm or helped else None,
            },
            index=dict(answer.index) | sources.receipt(answer.citations),
            timings_ms=dict(answer.timings_ms)
            | {
                "read": 1000 * (has_read - retrieved),
                "claims": 1000 * (ended - has_read),
                "total": 1000 * (ended - began),
            },
        )

    def _asked(
        self, ask: Callable[[], T], judged: Confidence, stop: threading.Event | None
    ) -> tuple[T | None, tuple[str, ...]]:
        """What the language model says, nothing when it failed, and then what a reader should know of that."""
        try:
            with stopping_at(stop):
                return ask(), ()
        except ModelUnavailable as error:
            if self._composer is None or self._composer.raises(error):
                raise
            return None, (_without_model(error, judged),)

    def _read(
        self, question: str, judged: Confidence, chosen: Sequence[Passage], stop: threading.Event | None
    ) -> tuple[Confidence, str | None, tuple[str, ...]]:
        """The confidence once the language model has read the chosen lines, the model if it did, and how it failed, which a
        reader should know."""
        if not (self._composer and chosen):
            return judged, None, ()
        log_odds, notes = self._asked(partial(self._composer.stated, question, chosen), judged, stop)
        return (judged, None, notes) if log_odds is None else (judged.after_reading(log_odds), self._composer.spec, ())

    def _together(
        self,
        composer: Composer,
        question: str,
        language: str,
        shown: Sequence[Passage],
        judged: Confidence,
        stop: threading.Event | None,
    ) -> tuple[Composition, tuple[str, ...]]:
        """What the language model answers from the shown lines at once, and what a reader should know about it."""
        together, failed = self._asked(partial(composer.together, question, language, shown), judged, stop)
        if together is None:
            return Composition(), failed
        notes = []
        if together.left_out:
            left_out = (
                f"sentences that {composer.spec} wrote are left out, as they name none of the lines shown or break off"
            )
            notes.append(f"{left_out}: {together.left_out}")
        if composer.decides and together.nothing:
            notes.append(f"{composer.spec} read the {len(shown)} nearest lines and says that none of them answers")
        return together, tuple(notes)

    def _compared(self, answer: Answer, question: str, standing: Sequence[Hit]) -> Answer:
        """The answer with the conflicts of its lines and of those nearly as near, the other side of each, and what none of its
        lines holds."""
        cited = [citation for claim in answer.claims for citation in claim.citations]
        near = [hit.passage for hit in standing if nearly_as_good(hit, standing[0], answer.language)][:COMPARED]
        lines = {(line.path, line.start): line for line in (*cited, *map(self._attribution.cite, near))}
        found = conflicts(question, [Evidence(line, self._attribution.heading(line)) for line in lines.values()])
        others = disagreeing(found, cited)
        found_lines = [hit.passage for hit in standing]
        claims = (glossed(quoted(line), question, answer.language, found_lines, self._words) for line in others)
        missing = missing_parts(question, [*cited, *others])
        return replace(answer, claims=(*answer.claims, *claims), conflicts=found, missing=missing)

    def _refused(self, answer: Answer, question: str, standing: Sequence[Hit]) -> Answer:
        """The answer whose reader has nothing but the nearest lines, with their words."""
        near = [hit.passage for hit in standing]
        lines = [hit.passage for hit in answer.nearest]
        words = (in_words(line.text, line.language, question, answer.language, near, self._words) for line in lines)
        return replace(answer, nearest_words=tuple(words))

    def _claims(
        self,
        answer: Answer,
        passages: Sequence[Passage],
        composer: Composer | None,
        stop: threading.Event | None,
    ) -> Iterator[tuple[Claim, tuple[str, ...]]]:
        """Each passage's claim in order, with what a reader should know about it."""
        foreign = [passage for passage in passages if passage.language != answer.language]
        question = answer.asked_as or answer.question
        leading = foreign[:1] == list(passages[:1])
        written = composer.write(question, answer.language, foreign, leading=leading) if composer else iter(())
        notes: tuple[str, ...] = ()
        for passage in passages:
            claim = None
            if passage.language != answer.language:
                try:
                    with stopping_at(stop):
                        claim = next(written, None)
                except ModelUnavailable as error:
                    if composer and composer.raises(error):
                        raise
                    notes = (f"{_QUOTES_ONLY}: {error}",)
            yield claim or quote(passage), notes
            notes = ()

    def _writer(self, claims: Sequence[Claim]) -> str | None:
        """The language model whose words are in the claims; a mere value is nobody's."""
        wrote = any((claim.origin == "written" and not is_value(claim.text)) or claim.reading_aid for claim in claims)
        return self._composer.spec if self._composer and wrote else None

    def _described(self) -> dict[str, Any]:
        manifest = self.index.manifest
        return {
            "folder": self.index.store.name,
            "corpus": str(self.index.corpus.resolve()),
            "data": manifest.data,
            "articles": len(manifest.articles),
            "passages": len(self.index.passages),
        }


def _without_model(error: ModelUnavailable, judged: Confidence) -> str:
    return f"{_QUOTES_ONLY if judged.answers else 'refused by what the search found'}: {error}"


def _described_filter(only: Filter | None) -> dict[str, Any] | None:
    """The fields of a filter that say something."""
    if only is None:
        return None
    days = {name: day.isoformat() for name, day in (("since", only.since), ("until", only.until)) if day}
    fields = {"sources": only.sources, "languages": only.languages, "kinds": only.kinds}
    lists = {name: list(values) for name, values in fields.items() if values}
    return lists | days | ({"heading": only.heading} if only.heading else {})


class _Sources:
    """The files behind an answer as they are now: a line that no longer stands where the index saw it is not shown."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._texts: dict[str, str | None] = {}
        self._entries = {entry.path: entry for entry in index.manifest.articles}
        self.notes: list[str] = []

    def still_holds(self, passage: Passage) -> bool:
        if passage.path not in self._texts:
            self._texts[passage.path] = self._read(passage.path)
        text = self._texts[passage.path]
        return text is None or resolves(
            text, line=passage.line, start=passage.start, end=passage.end, quote=passage.text
        )

    def that_hold(self, passages: Sequence[Passage]) -> list[Passage]:
        return [passage for passage in passages if self.still_holds(passage)]

    def receipt(self, citations: Sequence[Citation]) -> dict[str, Any]:
        """What each cited file was when it was indexed, and how its text was made where it is not the file's own."""
        entries = [self._entries[path] for path in sorted({citation.path for citation in citations})]
        made = {entry.path: {"reader": entry.reader, "sha256": entry.text_sha256} for entry in entries if entry.reader}
        return {"sources": {entry.path: entry.sha256 for entry in entries}} | ({"extracted": made} if made else {})

    def _read(self, path: str) -> str | None:
        """The text of a source; None for a converted one of which neither file nor reader changed: then nor did its text,
        which is a pure function of both."""
        entry = self._entries[path]
        try:
            source = open_source(self._index.corpus, path)
            changed = source.sha256 != entry.sha256
            if entry.reader and not changed and is_current(source, entry.reader):
                return None
            text = extract(source).text
        except UnreadableArticle as error:
            self.notes.append(str(error))
            return ""
        if changed:
            self.notes.append(f"{path} changed since it was indexed; {self._index.store.mend}")
        return text
