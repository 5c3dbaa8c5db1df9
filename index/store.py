"""An index as a folder: `manifest.json` and the data folder it names.

    DIR/manifest.json          format, encoder, corpus, one entry per article, size and sha256 of every data file, and its own
    DIR/data-<hash>/           passages.jsonl  encoded.npy  dense.faiss  means.npz
                               lexical.npz  lexical.json (its terms)  names.npz  names.json

A change writes a new data folder beside the old one and then replaces the manifest in one step, so a reader sees the old
index or the new one, never a mixture, and a failure at any moment leaves the old one as it was: files and folders are on
the disk before the manifest that names them. No file is a pickle.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from index.article import Passage, is_inside
from index.dense import DenseIndex
from index.encoders import Vectors
from index.errors import IndexUnusable
from index.lexical import LexicalIndex
from index.neutral import LanguageMeans

FORMAT = 3
DEFAULT_INDEX = Path(".sanad")
_NOT_AN_INDEX = (ValueError, TypeError, LookupError, AttributeError, EOFError, RuntimeError, zipfile.BadZipFile)


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
            _sync(staging)
            staging.rename(folder / data)
        _sync(folder)
        _replace(folder / "manifest.json", _sealed(asdict(manifest)))
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
    folder.joinpath("manifest.new").unlink(missing_ok=True)
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
        text = path.read_bytes().decode("utf-8")
        stored = json.loads(text)
    except FileNotFoundError as error:
        raise IndexUnusable(f"there is no index at {folder}; {mend}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise IndexUnusable(f"{path} cannot be read ({error}); {mend}") from error
    found = stored.get("format") if isinstance(stored, dict) else None
    if found != FORMAT:
        raise IndexUnusable(f"the index at {folder} has format {_shown(found)}, this version reads {FORMAT}; {mend}")
    stored.pop("sha256", None)
    if _sealed(stored) != text:
        raise IndexUnusable(f"{path} is damaged; {mend}")
    try:
        articles = tuple(
            ArticleEntry(**{**entry, "languages": tuple(entry["languages"])}) for entry in stored.pop("articles")
        )
        manifest = Manifest(articles=articles, **stored)
        _check_names(manifest)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise IndexUnusable(f"{path} is damaged ({error}); {mend}") from error
    return manifest


def load(folder: Path) -> tuple[Manifest, Contents]:
    """Open the current index, every file checked against the manifest. Raises IndexUnusable."""
    manifest = read_manifest(folder)
    while True:
        try:
            contents = _read_data(folder, manifest)
            _check_contents(contents, manifest)
            return manifest, contents
        except FileNotFoundError as error:
            before, manifest = manifest, read_manifest(folder)
            if manifest == before:  # else a writer replaced the index meanwhile: take the new one
                raise IndexUnusable(f"{error.filename} is missing; {mending_command(folder, manifest)}") from error
        except OSError as error:
            raise IndexUnusable(
                f"{error.filename or folder / manifest.data} cannot be read ({error.strerror or error}); "
                f"make it readable, or {mending_command(folder, manifest)}"
            ) from error
        except _NOT_AN_INDEX as error:  # its files are as its maker left them, and that was not sanad
            raise IndexUnusable(
                f"{folder / manifest.data} does not hold an index; {mending_command(folder, manifest)}"
            ) from error


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
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """A file is on the disk for good only once the folder that names it is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sealed(manifest: dict[str, Any]) -> str:
    """The manifest's file, with its own checksum: of what the file would be without it."""
    body = json.dumps(manifest, ensure_ascii=False, indent=1)
    sha256 = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    return json.dumps(manifest | {"sha256": sha256}, ensure_ascii=False, indent=1) + "\n"


def _check_names(manifest: Manifest) -> None:
    """Raises ValueError for a manifest, from whoever made it, that names what is not inside the folder or the corpus."""
    if not (isinstance(manifest.corpus, str) and isinstance(manifest.encoder, str)):
        raise ValueError("its corpus or its encoder is no name")
    for name in (manifest.data, *manifest.files):
        if name != os.path.basename(name) or name in ("", ".", ".."):
            raise ValueError(f"it names {_shown(name)}, which is no file of an index")
    for entry in manifest.articles:
        if not is_inside(entry.path):
            raise ValueError(f"it names {_shown(entry.path)}, which lies outside the corpus")
        if entry.date is not None:
            datetime.date.fromisoformat(entry.date)


def _check_contents(contents: Contents, manifest: Manifest) -> None:
    """Raises ValueError where the parts disagree: FAISS and NumPy would read beyond their ends, or answers would be wrong."""
    rows = len(contents.passages)
    paths = {entry.path for entry in manifest.articles}
    agree = (
        len(contents.dense) == rows
        and contents.dense.dimension == contents.encoded.shape[1] == manifest.dimension
        and all(
            len(mean) == manifest.dimension
            for mean in (*contents.means.passage.values(), *contents.means.query.values())
        )
        and all(passage.path in paths for passage in contents.passages)
    )
    for lexical in (contents.lexical, contents.names):
        agree = (
            agree and len(lexical.offsets) == len(lexical.vocabulary) + 1 and len(lexical.rows) == len(lexical.weights)
        )
        agree = agree and (not len(lexical.rows) or 0 <= lexical.rows.min() <= lexical.rows.max() < rows)
    if not agree:
        raise ValueError("the parts of the index disagree")


def _shown(value: Any) -> str:
    """A value that somebody else wrote, short and on one line."""
    return ascii(value)[:80] if isinstance(value, str) else str(value)[:80]
