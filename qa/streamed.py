"""Events of work that runs in a thread of its own, so that whoever waits for them can be interrupted, or give up."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from qa.cancel import check_stop, current_stop

Event = dict[str, Any]
Emit = Callable[[Event], None]
THREAD = "language model"
STOP_SEEN = 0.1  # seconds within which a set stop is seen


def events_of(work: Callable[[Emit, threading.Event], None]) -> Iterator[Event]:
    """What `work(emit, stopped)` emits, as it is made. Closing the iterator, or setting the event of
    `qa.cancel.stopping_at`, sets `stopped`, which the work looks at.

    Raises what the work raises, Cancelled when it was stopped.
    """
    events: queue.SimpleQueue[Event | Exception | None] = queue.SimpleQueue()
    stopped, stop = threading.Event(), current_stop()

    def run() -> None:
        try:
            work(events.put, stopped)
        except Exception as error:  # raised where it is waited for
            events.put(error)
        finally:
            events.put(None)

    # Not a daemon: the interpreter must not end under running native code, so it waits until the work has stopped.
    threading.Thread(target=run, name=THREAD).start()
    try:
        while (event := _next(events, stop)) is not None:
            if isinstance(event, Exception):
                raise event
            yield event
    finally:
        stopped.set()


def _next(events: queue.SimpleQueue[Any], stop: threading.Event | None) -> Any:
    """The next event, as soon as it is there. Raises Cancelled."""
    while True:
        check_stop(stop)
        with suppress(queue.Empty):
            return events.get(timeout=None if stop is None else STOP_SEEN)
