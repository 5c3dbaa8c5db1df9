"""An index seen through something: a memory, or a screen that hides some of its passages."""

from __future__ import annotations

from collections.abc import Callable

from index import Hit, Index, Passage
from index.filters import Filter


class View(Index):
    """An index that searches in another way and is the same in all else."""

    def __init__(self, base: Index) -> None:
        vars(self).update(vars(base))  # an opened index never changes, so sharing its parts is safe
        self._base = base


class Remembered(View):
    """Searches each question once, so that all systems of a run answer from the same hits."""

    def __init__(self, base: Index) -> None:
        super().__init__(base)
        self._found: dict[tuple[str, int, Filter | None], list[Hit]] = {}

    def search(self, question: str, k: int = 10, only: Filter | None = None) -> list[Hit]:
        if (question, k, only) not in self._found:
            self._found[question, k, only] = self._base.search(question, k, only)
        return self._found[question, k, only]


class Screened(View):
    """Shows the passages for which `shown` is true, as if the others had never been found."""

    def __init__(self, base: Index, shown: Callable[[Passage], bool]) -> None:
        super().__init__(base)
        self._shown = shown

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(passage for passage in self._base.passages if self._shown(passage))

    def article(self, path: str) -> tuple[Passage, ...]:
        return tuple(passage for passage in self._base.article(path) if self._shown(passage))

    def search(self, question: str, k: int = 10, only: Filter | None = None) -> list[Hit]:
        hits = self._base.search(question, len(self._base.passages), only)
        return [hit for hit in hits if self._shown(hit.passage)][:k]
