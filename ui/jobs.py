"""Work that a page waits for, done in a thread of its own: a rerun of the page neither repeats it nor loses it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Job(Generic[T]):
    """One piece of work and the newest value that it reported."""

    def __init__(self, work: Callable[[Callable[[T], None]], None], name: str) -> None:
        """`work` is called with a function that takes each value; that function ends the work of a cancelled job."""
        self._work = work
        self._changed = Condition()
        self._latest: T | None = None
        self._count = 0
        self._done = False
        self._cancelled = False
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
        return self._cancelled

    @property
    def error(self) -> BaseException | None:
        """What ended the work early, None for a job that was cancelled."""
        return self._error

    def wait(self, seen: int, seconds: float) -> bool:
        """Wait until more than `seen` values were reported or the work is done; False when the time ran out before."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count > seen or self._done, seconds)

    def cancel(self) -> None:
        """End the work at its next value; what was reported until now stays."""
        with self._changed:
            self._cancelled = self._cancelled or not self._done
            self._done = True
            self._changed.notify_all()

    def _report(self, value: T) -> None:
        with self._changed:
            if self._cancelled:
                raise _Cancelled
            self._latest, self._count = value, self._count + 1
            self._changed.notify_all()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._work(self._report)
        except _Cancelled:
            pass
        except BaseException as raised:  # told to the page, which shows it or raises it
            error = raised
        with self._changed:
            self._error = None if self._cancelled else error
            self._done = True
            self._changed.notify_all()


class _Cancelled(Exception):
    """Unwinds the work of a cancelled job."""
