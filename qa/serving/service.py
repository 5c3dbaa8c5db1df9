"""What the routes and the tools share: one answerer, one way in, one end of patience."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from index.filters import Filter
from index.place import Place
from index.reranker import EMBEDDED as EMBEDDED_RERANKER
from index.search import checked_question
from qa.answer import Answer, search_dict
from qa.cancel import Cancelled
from qa.chat import EMBEDDED
from qa.conversation import complete
from qa.opened import opened
from qa.sanad import Sanad
from qa.serving.admission import Admission, Limits, Stopping, TooSlow
from qa.serving.articles import article_lines, entries
from qa.serving.traces import traced

if TYPE_CHECKING:
    from qa.contract import ArticlesJSON, LinesJSON, SearchJSON, VerdictJSON
    from qa.verify import Verifier

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """What is answered from, as `Sanad.open` takes it."""

    index: Place
    llm: str = EMBEDDED
    corpus: Path | None = None
    reranker: str = EMBEDDED_RERANKER

    def opened(self) -> Sanad:
        """The answerer over the index as it is now."""
        return opened(self.index, self.llm, self.corpus, self.reranker)


class Run(Generic[T]):
    """Work in a task of its own: whoever looks at it may go away without leaving it half undone.

    Iterating gives what it reported, then raises what ended it early.
    """

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self._reported: asyncio.Queue[T | None] = asyncio.Queue()
        self._error: BaseException | None = None

    def report(self, value: T) -> None:
        self._reported.put_nowait(value)

    def end(self, error: BaseException | None) -> None:
        self._error = error
        self._reported.put_nowait(None)

    def cancel(self) -> None:
        """Give the work up; nothing happens when it is done."""
        if self.task is not None:
            self.task.cancel()

    async def next(self) -> T | None:
        """The next value, None at the end. Raises what ended the work early."""
        value = await self._reported.get()
        if value is None and self._error is not None:
            raise self._error
        return value

    async def last(self) -> T:
        """What it reported last; giving up waiting gives up the work."""
        try:
            last = await self.next()
            while (value := await self.next()) is not None:
                last = value
        finally:
            self.cancel()
        assert last is not None  # the first step of an answer is reported before the work can end
        return last


class Service:
    """Everything that can be asked for. Made and used within one event loop.

    Every request raises Busy, Stopping or TooSlow beside what the work itself raises.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.admission = Admission(limits)
        self._runs: set[Run[Answer]] = set()

    def ask(
        self, question: str, *, id: str | int | None = None, follow_up_to: str = "", only: Filter | None = None
    ) -> Run[Answer]:
        """The answer as it grows, as `Sanad.astream` gives it. The nearest lines come at once; what a language model has
        to do waits for its turn. `follow_up_to` is the question before this one. Raises UsageError."""
        question = checked_question(question)
        run: Run[Answer] = Run()

        async def work() -> None:
            with traced("sanad.ask", {"sanad.llm": self.source.llm}) as span:
                sanad = await asyncio.to_thread(self.source.opened)
                asked_as = complete(question, follow_up_to)
                async with aclosing(sanad.astream(question, id=id, asked_as=asked_as, only=only)) as steps:
                    run.report(answer := await anext(steps))
                    async with self.admission.turns:
                        async for answer in steps:
                            run.report(answer)
                span.set_attributes({"sanad.claims": len(answer.claims), "sanad.passages": len(sanad.index.passages)})

        self._start(run, work)
        return run

    async def answer(self, question: str, *, follow_up_to: str = "") -> Answer:
        """As `ask`, when it is whole."""
        return await self.ask(question, follow_up_to=follow_up_to).last()

    async def search(
        self, question: str, k: int, *, id: str | int | None = None, only: Filter | None = None
    ) -> SearchJSON:
        """The k nearest lines."""

        def search() -> SearchJSON:
            with traced("sanad.search", {"sanad.k": k}):
                text = checked_question(question)
                return search_dict(text, self.source.opened().index.search(text, k, only), id)

        return await self._in_thread(search)

    async def verify(self, pairs: Sequence[tuple[str, str]]) -> list[VerdictJSON]:
        """A verdict on each (claim, source)."""
        return await self._in_thread(lambda: [support.to_dict() for support in self._verifier.check_many(pairs)])

    async def articles(self, offset: int, limit: int) -> ArticlesJSON:
        """A part of the list of articles."""
        return await self._in_thread(lambda: entries(self.source.opened().index, offset, limit))

    async def article(self, path: str, first: int, last: int, around: int = 0) -> LinesJSON:
        """Lines `first` to `last` of an article and so many `around` them. Raises UnknownArticle or UnreadableArticle."""
        return await self._in_thread(lambda: article_lines(self.source.opened().index, path, first, last, around))

    def warm(self) -> None:
        """Open the index and load its encoder, so that the first question does not wait for them."""
        self.source.opened().index.search("ready", 1)

    def stop(self) -> None:
        """Let nobody in any more, and give up what has not ended after the grace; at once when called again."""
        if self.admission.stopping:
            self.give_up()
        else:
            self.admission.stopping = True
            asyncio.get_running_loop().call_later(self.limits.grace, self.give_up)

    def give_up(self) -> None:
        """Cancel every answer under way."""
        for run in list(self._runs):
            run.cancel()

    @cached_property
    def _verifier(self) -> Verifier:
        from qa.verify import Verifier

        return Verifier()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        self.admission.enter()
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await asyncio.to_thread(work)
        except TimeoutError as error:
            raise TooSlow(self.limits.seconds) from error
        finally:
            self.admission.leave()

    def _start(self, run: Run[Answer], work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin a run that is inside until its task is done, however that ends."""
        self.admission.enter()

        async def bounded() -> None:
            async with asyncio.timeout(self.limits.seconds):
                await work()

        def done(task: asyncio.Task[None]) -> None:
            self._runs.discard(run)
            self.admission.leave()
            run.end(self._failure(task))

        run.task = asyncio.create_task(bounded())
        self._runs.add(run)
        run.task.add_done_callback(done)

    def _failure(self, task: asyncio.Task[None]) -> BaseException | None:
        """What ended a task early, as whoever asked should hear it."""
        if task.cancelled():
            return Stopping() if self.admission.stopping else Cancelled()
        error = task.exception()
        return TooSlow(self.limits.seconds) if isinstance(error, TimeoutError) else error
