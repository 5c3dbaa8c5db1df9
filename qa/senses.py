"""Which of its meanings an Arabic word has in its sentence.

A conditional logit (McFadden 1974) over every meaning of every reading of the word: how near it is to the word and to the sentence,
how common its English words are, and how the reading is built. It is fitted to human translations by `benchmarks/fit_senses.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.encoders import universal_pieces
from qa.glosses import Meaning

if TYPE_CHECKING:
    from qa.verify.encoder import CentredEncoder, Vectors

MODEL_FILE = Path(__file__).parent / "data" / "senses.json"
FIGURES = ("word", "sentence", "common", "words", "particle", "glued particle", "glued behind", "you and me")
_YOU_AND_ME = frozenset("my me our us your you".split())


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a word, with the reading that has it, and how likely it is: those of a word have 1 together."""

    text: str
    reading: Meaning
    likelihood: float


def senses(word: str, readings: Sequence[Meaning], sentence: Vectors, encoder: CentredEncoder) -> list[Sense]:
    """The meanings of the word's readings, at least one, the likeliest first, each text once; `sentence` is the sentence's vector
    (512,)."""
    weights = [_model()[figure] for figure in FIGURES]
    utility = figures(word, readings, sentence, encoder) @ weights
    odds = np.exp(utility - utility.max())
    return ranked(readings, odds / odds.sum())


def ranked(readings: Sequence[Meaning], likelihoods: Vectors) -> list[Sense]:
    """The meanings of the readings whose entries have these likelihoods, the likeliest first, each text once: of two readings that
    say the same the likelier one, with what both have."""
    found: dict[str, Sense] = {}
    meant = entries(readings)
    for at in np.argsort(-likelihoods, kind="stable"):
        text, reading = meant[at]
        known = found.get(text, Sense(text, reading, 0.0))
        found[text] = replace(known, likelihood=known.likelihood + float(likelihoods[at]))
    return sorted(found.values(), key=lambda sense: -sense.likelihood)


def figures(word: str, readings: Sequence[Meaning], sentence: Vectors, encoder: CentredEncoder) -> Vectors:
    """(meanings, FIGURES) what is known of each meaning of each reading, in their order: its cosines with the word alone and with
    the sentence, the log-probability of its rarest word, how many words it has, whether it is a particle's, and a particle's to
    which something is glued, how many words are glued behind it, and whether one of these is of the first or second person."""
    texts, built = zip(*entries(readings), strict=True)
    vectors = encoder.centred(texts, "en", "word")
    alone = encoder.centred([word], "ar", "word")[0]
    return np.column_stack(
        [
            vectors @ alone,
            vectors @ sentence,
            [_commonness(text) for text in texts],
            [len(text.split()) for text in texts],
            [reading.particle for reading in built],
            [reading.particle and bool(reading.spoken) for reading in built],
            [len(reading.after) for reading in built],
            [not _YOU_AND_ME.isdisjoint(" ".join(reading.after).split()) for reading in built],
        ]
    ).astype(np.float32)


def entries(readings: Sequence[Meaning]) -> list[tuple[str, Meaning]]:
    """Each meaning of each reading, in their order."""
    return [(text, reading) for reading in readings for text in reading.meanings]


@lru_cache(maxsize=20_000)
def _commonness(text: str) -> float:
    """The log-probability, in nats, of the rarest word of an English text, by the unigrams of the encoder's SentencePiece."""
    pieces = universal_pieces()
    words = re.findall(r"[a-z]+", text.lower()) or [text]
    return min(float(sum(map(pieces.GetScore, pieces.EncodeAsIds(word)))) for word in words)


@cache
def _model() -> dict[str, Any]:
    model: dict[str, Any] = json.loads(MODEL_FILE.read_text(encoding="utf-8"))["weights"]
    return model
