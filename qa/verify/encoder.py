"""Multilingual vectors for words and sentences, centred per language, loaded on first use and remembered.

The encoder is multilingual USE v3 (numpy only). Raw vectors of two languages lie apart; subtracting each language's mean
brings translations together. A claim alone has no population, so the means ship in `data/means.npz`, made by
`benchmarks/fit_verifier.py` from the vocabulary and the sentences of its training documents.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.encoders import universal_encoder

Vectors = NDArray[np.float32]
Unit = Literal["word", "sentence"]
_REMEMBERED = 30_000  # vectors of 1 KB each (half precision)


class TextEncoder(Protocol):
    """What an encoder must offer: texts to an (n, dimension) array."""

    def encode(self, texts: list[str]) -> Any: ...


class CentredEncoder:
    """Unit-length vectors of texts, less the mean of their language and kind; cheap until the first call."""

    def __init__(
        self, encoder: TextEncoder | None = None, means: dict[str, Vectors] | None = None, remember: int = _REMEMBERED
    ) -> None:
        self._remember = remember
        self._encoder = encoder
        self._means = means
        self._memory: OrderedDict[str, NDArray[np.float16]] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, texts: Sequence[str]) -> None:
        """Encodes what is not remembered yet, in one go: a call has a fixed cost, so one large beats many small."""
        self.raw(texts)

    def raw(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) vectors as the model gives them; texts seen before are not encoded again."""
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._memory]
            if new:
                vectors = np.asarray(self._model().encode(new), dtype=np.float16)
                self._memory.update(zip(new, vectors, strict=True))
            for text in texts:
                self._memory.move_to_end(text)
            found = np.stack([self._memory[text] for text in texts]) if texts else np.zeros((0, 512), dtype=np.float16)
            while len(self._memory) > self._remember:
                self._memory.popitem(last=False)
        return found.astype(np.float32)

    def centred(self, texts: Sequence[str], language: str, unit: Unit) -> Vectors:
        """(n, dimension) unit vectors; a language without a shipped mean is only normalised."""
        vectors = self.raw(texts)
        mean = self._mean(f"{unit}.{language}")
        if mean is not None:
            vectors = vectors - mean
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-6), dtype=np.float32)

    def _mean(self, name: str) -> Vectors | None:
        means = _shipped_means() if self._means is None else self._means
        return means.get(name)

    def _model(self) -> TextEncoder:
        if self._encoder is None:
            self._encoder = universal_encoder()
        return self._encoder


@cache
def _shipped_means() -> dict[str, Vectors]:
    with resources.as_file(resources.files("qa.verify") / "data" / "means.npz") as path, np.load(path) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}
