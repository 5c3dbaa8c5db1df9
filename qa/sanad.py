"""The question answerer: retrieve, select, phrase, verify."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import Index
from index.article import Passage
from index.errors import IndexUnusable, ModelUnavailable, UnreadableArticle
from index.language import UNKNOWN, detect_language
from index.reader import decode, read_bytes
from index.search import checked_question
from index.store import DEFAULT_INDEX, mending_command
from qa.answer import Answer, Claim, quote
from qa.check import resolves
from qa.compose import EMBEDDED, Composer
from qa.confidence import confidence
from qa.select import select

if TYPE_CHECKING:
    from index.langchain import SanadRetriever

NO_LLM = "none"
DEPTH = 50  # hits that selection and confidence look at
NEAREST = 5  # lines offered beside an answer, or instead of one


class Sanad:
    """Answers questions over one index. Models are loaded when the first question needs them and kept."""

    def __init__(self, index: Index, composer: Composer | None) -> None:
        self.index = index
        self._composer = composer

    @classmethod
    def open(
        cls, index_dir: Path | str = DEFAULT_INDEX, llm: str = EMBEDDED, corpus: Path | str | None = None
    ) -> Sanad:
        """Open an index folder. `llm` is "embedded", "none" (quotes only), "gguf:FILE" or LangChain's "provider:model";
        `corpus` says where the articles are when they were moved since they were indexed.

        Raises IndexUnusable when there is no usable index or its articles are gone, UsageError or ModelUnavailable for an
        `llm` that cannot be; a model is loaded when it is first needed.
        """
        index = Index.open(Path(index_dir), corpus=Path(corpus) if corpus else None)
        if not index.corpus.is_dir():
            raise IndexUnusable(
                f"the articles of this index are not at {index.corpus}; name their folder with --corpus, "
                f"or run: sanad index CORPUS --index {index_dir}"
            )
        composer = None if llm == NO_LLM else Composer(llm, index.passages, required=llm != EMBEDDED)
        return cls(index, composer)

    @property
    def retriever(self) -> SanadRetriever:
        """The index as a LangChain retriever."""
        from index.langchain import SanadRetriever

        return SanadRetriever(index=self.index)

    def ask(self, question: str, *, id: str | int | None = None) -> Answer:
        """The whole answer. Raises UsageError for a question that cannot be asked, ModelUnavailable for a chosen model."""
        *_, answer = self.stream(question, id=id)
        return answer

    async def aask(self, question: str, *, id: str | int | None = None) -> Answer:
        """`ask` without blocking the event loop."""
        return await asyncio.to_thread(self.ask, question, id=id)

    def stream(self, question: str, *, id: str | int | None = None) -> Iterator[Answer]:
        """The answer as it grows: first the nearest lines, then one more claim each time; the last one is whole."""
        began = time.perf_counter()
        question = checked_question(question)
        language = detect_language(question)
        hits = self.index.search(question, DEPTH)
        sources = _Sources(self.index)
        standing = [hit for hit in hits if sources.still_holds(hit.passage)]
        judged = confidence(question, standing)
        retrieved = time.perf_counter()
        answer = Answer(
            question=question,
            language="en" if language == UNKNOWN else language,
            confidence=judged.probability,
            claims=(),
            nearest=tuple(standing[:NEAREST]),
            models={"encoder": self.index.manifest.encoder, "llm": None},
            index=self._described(),
            timings_ms={"retrieve": 1000 * (retrieved - began)},
            notes=(*sources.notes, *(f"no line near the question mentions {absent}" for absent in judged.unmet)),
            id=id,
        )
        yield answer
        chosen = select(standing, self.index.passages) if judged.answers else []
        chosen = [passage for passage in chosen if sources.still_holds(passage)]
        for claim, notes in self._claims(answer, chosen):
            answer = replace(answer, claims=(*answer.claims, claim), notes=(*answer.notes, *notes))
            yield answer
        ended = time.perf_counter()
        yield replace(
            answer,
            models=dict(answer.models) | {"llm": self._writer(answer.claims)},
            index=dict(answer.index) | {"sources": sources.hashes(answer.claims)},
            timings_ms=dict(answer.timings_ms)
            | {"claims": 1000 * (ended - retrieved), "total": 1000 * (ended - began)},
        )

    def _claims(self, answer: Answer, passages: Sequence[Passage]) -> Iterator[tuple[Claim, tuple[str, ...]]]:
        """Each passage's claim in order, with what a reader should know about it."""
        foreign = [passage for passage in passages if passage.language != answer.language]
        written = self._composer.write(answer.question, answer.language, foreign) if self._composer else iter(())
        notes: tuple[str, ...] = ()
        for passage in passages:
            claim = None
            if passage.language != answer.language:
                try:
                    claim = next(written, None)
                except ModelUnavailable as error:
                    if self._composer and self._composer.required:
                        raise
                    notes = (f"answered with quotes only: {error}",)
            yield claim or quote(passage), notes
            notes = ()

    def _writer(self, claims: Sequence[Claim]) -> str | None:
        """The language model whose words are in the claims."""
        wrote = any(claim.origin == "written" or claim.reading_aid for claim in claims)
        return self._composer.spec if self._composer and wrote else None

    def _described(self) -> dict[str, Any]:
        manifest = self.index.manifest
        return {
            "folder": str(self.index.folder.resolve()),
            "corpus": str(self.index.corpus.resolve()),
            "data": manifest.data,
            "articles": len(manifest.articles),
            "passages": len(self.index.passages),
        }


class _Sources:
    """The files behind an answer as they are now: a line that no longer stands where the index saw it is not shown."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._texts: dict[str, str] = {}
        self._sha256 = {entry.path: entry.sha256 for entry in index.manifest.articles}
        self.notes: list[str] = []

    def still_holds(self, passage: Passage) -> bool:
        if passage.path not in self._texts:
            self._texts[passage.path] = self._read(passage.path)
        text = self._texts[passage.path]
        return resolves(text, line=passage.line, start=passage.start, end=passage.end, quote=passage.text)

    def hashes(self, claims: Sequence[Claim]) -> dict[str, str]:
        """sha256 of every cited file, as it was indexed."""
        paths = sorted({citation.path for claim in claims for citation in claim.citations})
        return {path: self._sha256[path] for path in paths}

    def _read(self, path: str) -> str:
        corpus = self._index.corpus
        try:
            data = read_bytes(corpus, path)
            text = decode(path, data)
        except UnreadableArticle as error:
            self.notes.append(str(error))
            return ""
        if hashlib.sha256(data).hexdigest() != self._sha256[path]:
            self.notes.append(
                f"{path} changed since it was indexed; {mending_command(self._index.folder, self._index.manifest)}"
            )
        return text
