"""An answer as server-sent events (WHATWG HTML, 9.2), in the order in which it grows.

nearest   the nearest lines, and how likely they answer: {"question","asked_as","language","confidence","nearest"}
claim     a sentence: {"number","claim"}; a number that comes again replaces what it said before
answer    the whole answer, as without events; the last event of one that ended well
error     why there is none, as problem details; the last event of one that did not
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from qa.answer import Answer, claim_dict
from qa.serving.problems import problem_of
from qa.serving.service import Run

MEDIA_TYPE = "text/event-stream"
_PING = 15  # seconds of silence after which a comment shows that the connection lives


class AnswerEvents(StreamingResponse):
    """The events of one run. A client that goes away ends the run."""

    media_type = MEDIA_TYPE

    def __init__(self, run: Run[Answer], finished: Callable[[Answer], None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_events(run, finished), headers=headers)
        self._run = run

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._run.cancel()


async def _events(run: Run[Answer], finished: Callable[[Answer], None]) -> AsyncIterator[str]:
    numbers = count(1)
    before: Answer | None = None
    waiting = asyncio.ensure_future(run.next())
    try:
        while True:
            if not (await asyncio.wait({waiting}, timeout=_PING))[0]:
                yield ": waiting\n\n"
                continue
            if (step := waiting.result()) is None:
                break
            waiting = asyncio.ensure_future(run.next())
            for name, data in _new(before, step):
                yield _event(name, data, next(numbers))
            before = step
        if before is not None:
            finished(before)
            yield _event("answer", before.to_dict(), next(numbers))
    except Exception as error:  # the status is sent: what went wrong can only be an event
        yield _event("error", problem_of(error), next(numbers))
    finally:
        if waiting.done() and not waiting.cancelled():
            waiting.exception()  # nobody is left to hear it
        waiting.cancel()


def _new(before: Answer | None, step: Answer) -> Iterator[tuple[str, object]]:
    """What a step brings beyond the one before it."""
    if before is None:
        whole = step.to_dict()
        yield "nearest", {name: whole[name] for name in ("question", "asked_as", "language", "confidence", "nearest")}
    known = before.claims if before else ()
    for at, claim in enumerate(step.claims):
        if at >= len(known) or known[at] != claim:
            yield "claim", {"number": at + 1, "claim": claim_dict(claim)}


def _event(name: str, data: object, number: int) -> str:
    return f"event: {name}\nid: {number}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
