"""Files that are on the disk for good before anything names them."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write(path: Path, data: bytes | memoryview) -> None:
    """Raises OSError, as all here do, when the disk fails."""
    write_parts(path, [data])


def write_parts(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    with path.open("wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, text: str) -> None:
    """In one step: whoever reads sees the old text or the new one."""
    beside = path.with_suffix(".new")
    write(beside, text.encode("utf-8"))
    os.replace(beside, path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """A file is on the disk for good only once the folder that names it is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def npy_bytes(values: NDArray[Any]) -> bytes:
    """What NumPy would write. Given a file it writes past Python, where a full disk can go unnoticed."""
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return file.getvalue()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
