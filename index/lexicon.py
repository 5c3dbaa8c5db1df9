"""Which word of one language may stand for which of another.

The table that ships is made of the second encoder's vectors of frequent words (`benchmarks/lexicon.py`): it has the faults of
that encoder, so a shared word counts as evidence and never as proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.lexical import Terms

LEXICON_FILE = Path(__file__).parent / "data" / "lexicon.npz"

Translations = Mapping[str, Sequence[Sequence[str]]]  # by language, for each word of a text those that may translate it


@dataclass(frozen=True)
class Direction:
    """What the terms of one language may stand for: those of term t are `targets[offsets[t]:offsets[t+1]]`."""

    terms: Terms  # index.analyse
    offsets: NDArray[np.int32]  # (terms + 1,)
    targets: NDArray[np.uint16]  # numbers of terms of the other language

    def find(self, term: str) -> list[int]:
        number = self.terms.find(term)
        return [] if number is None else self.targets[self.offsets[number] : self.offsets[number + 1]].tolist()


@dataclass(frozen=True)
class Lexicon:
    """Both directions of two languages, by ISO 639-1."""

    directions: Mapping[str, Direction]

    def translations(self, terms: Iterable[str], language: str) -> Translations:
        """For each of the terms that has any, in order; nothing for a language that is not here."""
        if language not in self.directions:
            return {}
        (other,) = self.directions.keys() - {language}
        there = self.directions[other].terms
        found = (self.directions[language].find(term) for term in dict.fromkeys(terms))
        return {other: [[there[target].decode() for target in targets] for targets in found if targets]}


def lexicon(pairs: Iterable[tuple[str, str]], languages: tuple[str, str]) -> Lexicon:
    """Of pairs of terms, each in the order of the languages."""
    ordered = sorted(set(pairs))
    words = [sorted({pair[side] for pair in ordered}) for side in (0, 1)]
    numbers = [{word: number for number, word in enumerate(side)} for side in words]
    rows = np.asarray([(numbers[0][one], numbers[1][other]) for one, other in ordered], dtype=np.uint16).reshape(-1, 2)
    return Lexicon({language: _direction(words[side], rows, side) for side, language in enumerate(languages)})


def _direction(words: Sequence[str], rows: NDArray[np.uint16], side: int) -> Direction:
    offsets = np.zeros(len(words) + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows[:, side], minlength=len(words)), out=offsets[1:])
    targets = rows[np.argsort(rows[:, side], kind="stable"), 1 - side]
    return Direction(Terms.of([word.encode() for word in words]), offsets, targets)


@cache
def shipped_lexicon() -> Lexicon:
    with np.load(LEXICON_FILE, allow_pickle=False) as stored:
        return Lexicon({str(language): _read(stored, str(language)) for language in stored["languages"]})


def _read(stored: Mapping[str, NDArray[Any]], language: str) -> Direction:
    text, bounds, offsets, targets = (stored[f"{language}.{part}"] for part in ("text", "bounds", "offsets", "targets"))
    return Direction(Terms(text.tobytes(), bounds.astype(np.int64)), offsets, targets)


def save(lexicon: Lexicon, path: Path) -> None:
    arrays: dict[str, Any] = {"languages": np.asarray(list(lexicon.directions))}
    for language, direction in lexicon.directions.items():
        arrays[f"{language}.text"] = np.frombuffer(direction.terms.text, dtype=np.uint8)
        arrays[f"{language}.bounds"] = direction.terms.bounds.astype(np.int32)
        arrays[f"{language}.offsets"], arrays[f"{language}.targets"] = direction.offsets, direction.targets
    np.savez_compressed(path, **arrays)
