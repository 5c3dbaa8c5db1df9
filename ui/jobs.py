"""Work that a page waits for, done in a thread of its own: a rerun of the page neither repeats it nor loses it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Job(Generic[T]):
    """One piece of work and the newest value that it reported."""

    def __init__(self, work: Callable[[Callable[[T], None], Event], None], name: str) -> None:
        """`work` is called with a function that takes each value, and an event that is set when the job is cancelled."""
        self._work = work
        self._stop = Event()
        self._changed = Condition()
        self._latest: T | None = None
        self._count = 0
        self._done = False
        self._error: BaseException | None = None
        Thread(target=self._run, name=name, daemon=True).start()

    @property
    def latest(self) -> T | None:
        return self._latest

    @property
    def count(self) -> int:
        """How many values were reported."""
        return self._count

    @property
    def done(self) -> bool:
        return self._done

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    @property
    def error(self) -> BaseException | None:
        """What ended the work early, None for a job that was cancelled."""
        return self._error

    def wait(self, seen: int, seconds: float) -> bool:
        """Wait until more than `seen` values were reported or the work is done; False when the time ran out before."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count > seen or self._done, seconds)

    def cancel(self) -> None:
        """Have the work end soon; what was reported until now stays."""
        with self._changed:
            if not self._done:
                self._stop.set()
            self._done = True
            self._changed.notify_all()

    def _report(self, value: T) -> None:
        with self._changed:
            if self._stop.is_set():
                raise _Cancelled
            self._latest, self._count = value, self._count + 1
            self._changed.notify_all()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._work(self._report, self._stop)
        except _Cancelled:
            pass
        except BaseException as raised:  # told to the page, which shows it or raises it
            error = raised
        with self._changed:
            self._error = None if self._stop.is_set() else error
            self._done = True
            self._changed.notify_all()


class _Cancelled(Exception):
    """Unwinds the work of a cancelled job."""
