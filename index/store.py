"""An index as a folder: `manifest.json` and the data folder it names.

    DIR/manifest.json          format, encoder, corpus, one entry per article, size and sha256 of every data file
    DIR/data-<hash>/           passages.jsonl  encoded.npy  dense.faiss  means.npz
                               lexical.npz  lexical.json (its terms)  names.npz  names.json

A change writes a new data folder beside the old one and then replaces the manifest in one step, so a reader sees the old
index or the new one, never a mixture, and a failure at any moment leaves the old one as it was. No file is a pickle.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from index.article import Passage
from index.dense import DenseIndex
from index.encoders import Vectors
from index.errors import IndexUnusable
from index.lexical import LexicalIndex
from index.neutral import LanguageMeans

FORMAT = 2
DEFAULT_INDEX = Path(".sanad")


@dataclass(frozen=True, slots=True)
class ArticleEntry:
    """What the manifest says of one article."""

    path: str
    sha256: str
    title: str
    date: str | None  # ISO 8601
    languages: tuple[str, ...]
    lines: int
    passages: int
    reader: str = ""  # these four as in `Article`
    encoding: str = "utf-8"
    text_sha256: str = ""  # of the extracted text, "" where the text is the file
    url: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    encoder: str
    dimension: int
    corpus: str  # relative to the index folder, so that both can be moved together
    articles: tuple[ArticleEntry, ...]
    data: str  # name of the data folder
    files: dict[str, dict[str, Any]]  # name -> {"bytes": int, "sha256": str}
    format: int = FORMAT


@dataclass(frozen=True)
class Contents:
    """Everything an index holds, in row order."""

    passages: tuple[Passage, ...]
    encoded: Vectors  # raw, as the encoder made them, one row for each of `texts_to_encode(passages)`
    dense: DenseIndex
    lexical: LexicalIndex
    names: LexicalIndex
    means: LanguageMeans


def save(folder: Path, contents: Contents, encoder: str, corpus: Path, articles: tuple[ArticleEntry, ...]) -> Manifest:
    """Write a new index into the folder and make it the current one. The caller holds the folder's lock.

    Raises OSError when the disk fails; the index that was there before is then still current.
    """
    remove_leftovers(folder)
    staging = folder / f"staging-{os.getpid()}"
    staging.mkdir()
    try:
        _write_data(staging, contents)
        files = {path.name: _fingerprint(path) for path in sorted(staging.iterdir())}
        data = "data-" + hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
        dimension = contents.encoded.shape[1]
        manifest = Manifest(encoder, dimension, os.path.relpath(corpus, folder), articles, data, files)
        if not _holds(folder / data, files):
            shutil.rmtree(folder / data, ignore_errors=True)  # a damaged copy of what was just made
            staging.rename(folder / data)
        _replace(folder / "manifest.json", json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    remove_leftovers(folder)
    return manifest


def remove_leftovers(folder: Path) -> None:
    """Delete data folders that no manifest names: what an interrupted or replaced run left behind."""
    try:
        current = read_manifest(folder).data
    except IndexUnusable:
        current = ""  # nothing readable is lost: the index could not be opened anyway
    for path in folder.glob("staging-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob("data-*"):
        if path.name != current:
            shutil.rmtree(path, ignore_errors=True)


def read_manifest(folder: Path) -> Manifest:
    """Raises IndexUnusable, ending with the command that mends it, when there is none or it is of another format."""
    path = folder / "manifest.json"
    mend = f"run: sanad index CORPUS --index {folder}"
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise IndexUnusable(f"there is no index at {folder}; {mend}") from error
    except (OSError, ValueError) as error:
        raise IndexUnusable(f"{path} cannot be read ({error}); {mend}") from error
    found = stored.get("format") if isinstance(stored, dict) else None
    if found != FORMAT:
        raise IndexUnusable(f"the index at {folder} has format {found}, this version reads {FORMAT}; {mend}")
    try:
        articles = tuple(
            ArticleEntry(**{**entry, "languages": tuple(entry["languages"])}) for entry in stored.pop("articles")
        )
        return Manifest(articles=articles, **stored)
    except (KeyError, TypeError) as error:
        raise IndexUnusable(f"{path} is damaged ({error}); {mend}") from error


def load(folder: Path) -> tuple[Manifest, Contents]:
    """Open the current index, every file checked against the manifest. Raises IndexUnusable."""
    manifest = read_manifest(folder)
    try:
        return manifest, _read_data(folder, manifest)
    except FileNotFoundError:
        manifest = read_manifest(folder)  # a writer replaced the index between the two reads: take the new one
        try:
            return manifest, _read_data(folder, manifest)
        except FileNotFoundError as error:
            raise IndexUnusable(f"{error.filename} is missing; {mending_command(folder, manifest)}") from error


def corpus_folder(folder: Path, manifest: Manifest) -> Path:
    """Where the articles of an index are."""
    return Path(os.path.normpath(folder / manifest.corpus))


def mending_command(folder: Path, manifest: Manifest) -> str:
    """Makes the index anew as it was made; without --encoder the indexer keeps the one of the manifest."""
    return f"run: sanad index {corpus_folder(folder, manifest)} --index {folder}"


def _write_data(folder: Path, contents: Contents) -> None:
    lines = (json.dumps(asdict(passage), ensure_ascii=False) + "\n" for passage in contents.passages)
    _write(folder / "passages.jsonl", "".join(lines).encode("utf-8"))
    _write(folder / "encoded.npy", _in_memory(lambda file: np.save(file, contents.encoded, allow_pickle=False)))
    _write(folder / "dense.faiss", contents.dense.to_bytes())
    _write_lexical(folder / "lexical", contents.lexical)
    _write_lexical(folder / "names", contents.names)
    means: dict[str, Any] = {f"passage_{key}": mean for key, mean in contents.means.passage.items()}
    means |= {f"query_{key}": mean for key, mean in contents.means.query.items()}
    _write(folder / "means.npz", _in_memory(lambda file: np.savez(file, allow_pickle=False, **means)))


def _write_lexical(path: Path, lexical: LexicalIndex) -> None:
    terms = json.dumps(list(lexical.vocabulary), ensure_ascii=False)
    _write(path.with_suffix(".json"), terms.encode("utf-8"))
    arrays: dict[str, Any] = {"offsets": lexical.offsets, "rows": lexical.rows, "weights": lexical.weights}
    _write(path.with_suffix(".npz"), _in_memory(lambda file: np.savez(file, allow_pickle=False, **arrays)))


def _read_lexical(path: Path, size: int) -> LexicalIndex:
    vocabulary = {term: t for t, term in enumerate(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))}
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as stored:
        return LexicalIndex(vocabulary, stored["offsets"], stored["rows"], stored["weights"], size)


def _read_data(folder: Path, manifest: Manifest) -> Contents:
    data = folder / manifest.data
    for name, expected in manifest.files.items():
        if _fingerprint(data / name) != expected:
            raise IndexUnusable(f"{data / name} is damaged; {mending_command(folder, manifest)}")
    with (data / "passages.jsonl").open(encoding="utf-8", newline="\n") as lines:
        passages = tuple(Passage(**json.loads(line)) for line in lines)
    lexical, names = (_read_lexical(data / kind, len(passages)) for kind in ("lexical", "names"))
    with np.load(data / "means.npz", allow_pickle=False) as stored:
        means = {role: _with_prefix(stored, role + "_") for role in ("passage", "query")}
    encoded = np.load(data / "encoded.npy", mmap_mode="r", allow_pickle=False)
    return Contents(passages, encoded, DenseIndex.load(data / "dense.faiss"), lexical, names, LanguageMeans(**means))


def _with_prefix(stored: Any, prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): stored[name] for name in stored.files if name.startswith(prefix)}


def _holds(data: Path, files: dict[str, dict[str, Any]]) -> bool:
    return all((data / name).is_file() and _fingerprint(data / name) == expected for name, expected in files.items())


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _in_memory(save: Callable[[BinaryIO], object]) -> bytes:
    """What NumPy would write. Given a file it writes past Python, where a full disk can go unnoticed."""
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    _write(beside, text.encode("utf-8"))
    os.replace(beside, path)
