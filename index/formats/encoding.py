"""Bytes to text: UTF-8 first and unguessed, a byte order mark as it says, anything else only where one reading is sure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

from index.errors import UnreadableArticle

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000  # bytes that the detection looks at
_MAX_MESS = 0.1  # share of suspicious characters in a reading
_MIN_COHERENCE = 0.4  # how much a reading's letters are distributed as in a known language
_CLEARLY_LESS = 0.2  # of coherence: another reading that far behind is no rival
_IANA = re.compile(r"(?:cp|windows[-_])(12\d\d)$|iso8859[-_](\d+)$")


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    encoding: str  # IANA name
    detected: bool = False  # by statistics, not by UTF-8 or a byte order mark


def decode(path: str, data: bytes, declared: str = "") -> Decoded:
    """The text of a file, character for character; `declared` is the encoding that the file itself names.

    Raises UnreadableArticle, naming file and offset, when the bytes are no text or could be more than one.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(_as(path, data, encoding), encoding)
    if (nul := data.find(b"\0")) >= 0:
        raise UnreadableArticle(
            f"{path}: binary data at offset {nul}; text must be UTF-8, or UTF-16 with a byte order mark: save it so, "
            "or move it out of the corpus"
        )
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        where = f"{path}: not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start})"
    if declared:
        return Decoded(_as(path, data, declared), declared)
    return _detected(where, data)


@cache
def detector() -> str:
    """What detects encodings, with its version; "" where it is not installed."""
    try:
        return f"charset-normalizer {metadata.version('charset-normalizer')}"
    except metadata.PackageNotFoundError:
        return ""


def _as(path: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise UnreadableArticle(
            f"{path}: says it is {encoding!a}, which is no known encoding; save it as UTF-8"
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableArticle(
            f"{path}: not the {encoding.upper()} it says it is (offset {error.start}); save it as UTF-8"
        ) from error


def _detected(where: str, data: bytes) -> Decoded:
    advice = "save it as UTF-8 and run sanad index again"
    try:
        from charset_normalizer import from_bytes
    except ImportError as error:
        raise UnreadableArticle(
            f"{where}; {advice}, or have its encoding detected: pip install 'sanad[readers]'"
        ) from error
    sample = data[:_SAMPLE]
    readings = list(from_bytes(sample))
    best = readings[0] if readings else None
    if best is None or best.percent_chaos > 100 * _MAX_MESS or best.coherence < _MIN_COHERENCE:
        raise UnreadableArticle(f"{where}, and no other encoding is sure; {advice}")
    rivals = [other.encoding for other in readings[1:] if _rivals(best, other)]
    if rivals:
        raise UnreadableArticle(f"{where}; it could be {', '.join(map(_iana, (best.encoding, *rivals[:2])))}; {advice}")
    encoding = _iana(best.encoding)
    return Decoded(_as(where, data, best.encoding), encoding, detected=True)


def _rivals(best: Any, other: Any) -> bool:
    """True for another reading of the bytes that gives other text and is about as good as the best."""
    return str(other) != str(best) and other.coherence > best.coherence - _CLEARLY_LESS


def _iana(codec: str) -> str:
    match = _IANA.match(codec)
    if not match:
        return codec.replace("_", "-")
    return f"windows-{match[1]}" if match[1] else f"iso-8859-{match[2]}"
