"""Who does the work that articles wait for: this process, or others (index.on_ray)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from index.encoders import Encoder, Vectors
from index.prepared import Found, Outcome, outcome
from index.vectors import Keys


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that are encoded together: the last digits of a vector depend on its company, so they stay together."""

    keys: Keys
    texts: list[str]


class Workers(Protocol):
    def prepare(self, found: Iterable[Found]) -> Iterator[Outcome]:
        """What becomes of every article, in the order given."""

    def encode(self, encoder: Encoder, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Vectors]]:
        """Every batch once with its vectors, in any order. Raises ModelUnavailable when the encoder cannot be loaded."""


class _Here:
    """This process, one after the other."""

    def prepare(self, found: Iterable[Found]) -> Iterator[Outcome]:
        return map(outcome, found)

    def encode(self, encoder: Encoder, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Vectors]]:
        return ((batch, encoder.embed_documents(batch.texts)) for batch in batches)


HERE: Workers = _Here()
