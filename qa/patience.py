"""Waiting for somebody else's model: no longer than promised, and no longer than the question is wanted."""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from qa.cancel import check_stop, current_stop

_STOP_SEEN = 0.1  # seconds within which a set stop is seen
Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What the call returns. Raises what it raises, TimeoutError when it takes longer, Cancelled when the question was given up.

    A time limit of a client is for one read: a server that sends a byte now and then would be waited for without end. So the
    call has a thread of its own, which is left to its client's limit when time is up and keeps no process from ending.
    """
    done: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put((call(), None))
        except BaseException as error:  # raised again where it is waited for
            done.put((None, error))

    threading.Thread(target=contextvars.copy_context().run, args=(run,), name="chat model", daemon=True).start()
    ends, stop = time.monotonic() + seconds, current_stop()
    while True:
        check_stop(stop)
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"nothing within {seconds:g} seconds")
        try:
            result, error = done.get(timeout=left if stop is None else min(left, _STOP_SEEN))
        except queue.Empty:
            continue
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]
