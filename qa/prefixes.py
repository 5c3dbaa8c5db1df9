"""What a language model has read of the openings of chats, kept as files from which a later process takes it in milliseconds."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from index.weights import cache_folder

_KEPT = 8  # files, some 30 kB a token


class Prefixes:
    """The files of one model as one version of its runtime reads it. A cache that cannot be used costs time and nothing else."""

    def __init__(self, identity: list[Any]) -> None:
        """`identity` is all that changes what is read, as JSON has it."""
        self.folder = cache_folder() / "prefixes"
        self._identity = identity

    def find(self, opening: Any) -> Path | None:
        """The file of this opening (as JSON has it), if there is one; one that does not have the hash in its name is removed."""
        return self._found(opening)[0]

    def read(self, opening: Any) -> bytes | None:
        """What that file holds."""
        return self._found(opening)[1]

    def _found(self, opening: Any) -> tuple[Path, bytes] | tuple[None, None]:
        key = self._key(opening)
        with suppress(OSError):
            for file in self.folder.glob(f"{key}-*.bin"):
                content = file.read_bytes()
                if file.stem == f"{key}-{hashlib.sha256(content).hexdigest()}":
                    return file, content
                file.unlink()
        return None, None

    def keep(self, opening: Any, save: Callable[[Path], object]) -> None:
        """Keeps what `save` writes into the file that it is given; `save` returns something false when it could not."""
        key = self._key(opening)
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            saving = self.folder / f"{key}.{os.getpid()}.saving"
            try:
                if save(saving):
                    saving.replace(saving.with_name(f"{key}-{hashlib.sha256(saving.read_bytes()).hexdigest()}.bin"))
            finally:
                saving.unlink(missing_ok=True)
            newest_first = sorted(self.folder.glob("*.bin"), key=lambda file: -file.stat().st_mtime_ns)
            for file in newest_first[_KEPT:]:
                file.unlink(missing_ok=True)

    def _key(self, opening: Any) -> str:
        return hashlib.sha256(json.dumps([self._identity, opening]).encode()).hexdigest()
