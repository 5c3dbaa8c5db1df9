"""Texts as pieces of the embedded encoder's vocabulary, ready at once: a few short texts do not wait for a tokenizer.

The library's tokenizer (index.e5) takes over half a second to build its tables of a quarter of a million pieces, and a
thousandth of that for a text; here building takes a tenth. Both find the most probable pieces (unigram language model:
Kudo 2018, arXiv:1804.10959) of the text as SentencePiece normalises it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from index.e5 import e5_weights

_UNKNOWN_PENALTY = 10.0  # nats below the least probable piece, as in SentencePiece


def piece_ids(text: str) -> list[int]:
    """Numbers in the encoder's vocabulary, no special tokens among them."""
    table = _table()
    numbers, scores, unknown = table.numbers, table.scores, table.unknown
    data = _normalizer().normalize(text).encode("utf-8")
    starts = [at for at, byte in enumerate(data) if byte & 0xC0 != 0x80] + [len(data)]  # of the characters, and the end
    count = len(starts) - 1
    best = [0.0] + [float("-inf")] * count  # log-probability of what stands before each character …
    reached = [(0, unknown)] * (count + 1)  # … which ends with this piece, from this character on
    for first, start in enumerate(starts[:-1]):
        so_far = best[first]
        for last in range(first + 1, min(first + table.longest, count) + 1):
            piece = numbers.get(data[start : starts[last]])
            if piece is not None and so_far + scores[piece] > best[last]:
                best[last], reached[last] = so_far + scores[piece], (first, piece)
        if so_far + table.unknown_score > best[first + 1]:
            best[first + 1], reached[first + 1] = so_far + table.unknown_score, (first, unknown)
    ids = []
    at = count
    while at:
        at, piece = reached[at]
        ids.append(piece)
    return ids[::-1]


@dataclass(frozen=True, slots=True)
class _Table:
    numbers: dict[bytes, int]  # of the pieces but the special ones
    scores: list[float]  # log-probability by number
    longest: int  # characters of the longest piece
    unknown: int
    unknown_score: float


@cache
def _table() -> _Table:
    weights = e5_weights()
    pieces = weights.pieces()
    numbers = dict(zip(pieces, range(len(pieces)), strict=True))
    for special in (weights.bos, weights.eos, weights.pad, weights.unknown):
        del numbers[pieces[special]]
    starts = (np.frombuffer(weights.piece_bytes, dtype=np.uint8) & 0xC0) != 0x80
    longest = int(np.diff(np.append(0, np.cumsum(starts))[weights.bounds]).max())
    return _Table(
        numbers, weights.scores.tolist(), longest, weights.unknown, float(weights.scores.min()) - _UNKNOWN_PENALTY
    )


@cache
def _normalizer() -> Any:
    from sentencepiece import SentencePieceNormalizer

    return SentencePieceNormalizer(
        rule_name="nmt_nfkc", add_dummy_prefix=True, escape_whitespaces=True, remove_extra_whitespaces=True
    )
