"""Who may come in, and whose turn it is. What is full says so at once; nobody waits in a queue without an end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from index.errors import SanadError


class Unavailable(SanadError):
    """Not now: the same request may succeed later."""

    retry_after: int | None = None  # seconds after which to try again


class Busy(Unavailable):
    """As many requests as are allowed are inside."""

    def __init__(self, places: int) -> None:
        super().__init__(f"busy: {places} requests are being answered or wait for it; ask again in some seconds")
        self.retry_after = 5


class Stopping(Unavailable):
    """The server was told to stop."""

    def __init__(self) -> None:
        super().__init__("the server is stopping; ask again when it is back")
        self.retry_after = 10


class TooSlow(SanadError):
    """The work did not end in the time it is given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:g} s, so it was given up; ask again when less is asked at once")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes on."""

    at_once: int = 2  # answers that have the language model; on few cores more of them only slow each other down
    waiting: int = 30  # requests beyond those that may be inside
    seconds: float = 300  # from a request's arrival to its end
    grace: float = 10  # seconds in which what is under way may end after the server was told to stop


class Admission:
    """Counts who is inside. For one event loop."""

    def __init__(self, limits: Limits) -> None:
        self.places = limits.at_once + limits.waiting
        self.turns = asyncio.Semaphore(limits.at_once)
        self.inside = 0
        self.stopping = False

    def enter(self) -> None:
        """Raises Busy or Stopping. Who came in calls `leave` once."""
        if self.stopping:
            raise Stopping
        if self.inside >= self.places:
            raise Busy(self.places)
        self.inside += 1

    def leave(self) -> None:
        self.inside -= 1
