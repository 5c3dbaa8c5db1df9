"""Giving up on a question: an event that whoever asked may set, and that the language model looks at between tokens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from index.errors import SanadError

_STOP: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


class Cancelled(SanadError):
    """The question was given up before its answer was whole."""

    def __init__(self) -> None:
        super().__init__("the question was cancelled; ask again")


@contextmanager
def stopping_at(stop: threading.Event | None) -> Iterator[None]:
    """What a language model does in this block ends soon after `stop` is set, with Cancelled."""
    token = _STOP.set(stop)
    try:
        check_stop(stop)
        yield
    finally:
        _STOP.reset(token)


def current_stop() -> threading.Event | None:
    """The event of the block that this code runs in."""
    return _STOP.get()


def check_stop(stop: threading.Event | None) -> None:
    """Raises Cancelled once the event is set."""
    if stop is not None and stop.is_set():
        raise Cancelled
