"""JSON Lines files as people hand them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.errors import UsageError


def numbered_lines(path: Path, wanted: str) -> Iterator[tuple[int, str]]:
    """The lines that hold something, each with its number from 1. Raises UsageError that asks to name `wanted`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}); name {wanted}") from error
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
