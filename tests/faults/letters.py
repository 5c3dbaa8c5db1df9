"""An encoder that takes no time: hashed words, summed. It lets an indexer be killed hundreds of times."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from index.encoders import Vectors


class Letters:
    name = "letters"
    dimension = 32

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([_vector(text) for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)


def _vector(text: str) -> Vectors:
    vector = np.ones(Letters.dimension, dtype=np.float32) / 100
    for word in text.split():
        vector += np.frombuffer(hashlib.sha256(word.encode("utf-8", "replace")).digest(), dtype=np.int8) / 128
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
