"""An index as a folder: `manifest.json` and the data folder it names.

    DIR/manifest.json          format, encoder, corpus, languages, one entry per article, size of every data file, its own sha256
    DIR/data-<hash>/           passages.jsonl  bounds.npy  languages.npy  kinds.npy  opens.npy  keys.npy (index.table)
                               lexical.terms  lexical.bounds.npy  lexical.offsets.npy  lexical.postings.npy
                               names.… (the same four)  means.npz
                               vectors.f32  codes.0000.faiss … (only where there are many passages)
                               blocks.npy (CRC-32 of every block of the others; its own sha256 is in the manifest)
    DIR/encoded-<hash>.bin     what the encoder made of every text (index.vectors); a search does not need it

A change writes a new data folder beside the old one and then replaces the manifest in one step, so a reader sees the old
index or the new one, never a mixture, and a failure at any moment leaves the old one as it was: files and folders are on
the disk before the manifest that names them. No file is a pickle.
Small files are read and checked when the index is opened, large ones are mapped, very many vectors read, and checked
where they are looked at.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.blocks import BLOCK, Mapped, Rows, Written, block_sums
from index.dense import Codes, DenseIndex
from index.disk import npy_bytes, replace, sha256_of, sync, write, write_parts
from index.encoders import Vectors
from index.errors import IndexUnusable
from index.lexical import LexicalIndex, Terms
from index.manifest import ArticleEntry, FolderManifest, mending_command, read_folder_manifest, text_of
from index.neutral import LanguageMeans
from index.place import MANIFEST
from index.table import KINDS, Table

_NOT_AN_INDEX = (ValueError, TypeError, LookupError, AttributeError, EOFError, RuntimeError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Contents:
    """Everything a search needs, in row order."""

    table: Table
    dense: DenseIndex
    lexical: LexicalIndex
    names: LexicalIndex
    means: LanguageMeans


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A folder for the files of a new index, gone afterwards unless it was published. The caller holds the folder's lock."""
    try:
        current = read_folder_manifest(folder).data
    except IndexUnusable:
        current = ""  # nothing readable is lost: the index could not be opened anyway
    _remove_leftovers(folder, current)
    staged = folder / f"staging-{os.getpid()}"
    staged.mkdir()
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def publish(
    folder: Path,
    staged: Path,
    encoder: str,
    dimension: int,
    corpus: Path,
    languages: tuple[str, ...],
    articles: tuple[ArticleEntry, ...],
) -> FolderManifest:
    """Make what is staged the current index.

    Raises OSError when the disk fails; the index that was there before is then still current.
    """
    sums = _sums(staged, dimension)
    files = {path.name: path.stat().st_size for path in sorted(staged.iterdir())}
    write(staged / _BLOCKS, npy_bytes(sums))
    blocks_sha256 = sha256_of(staged / _BLOCKS)
    data = "data-" + hashlib.sha256(json.dumps([files, blocks_sha256]).encode()).hexdigest()[:16]
    how = (
        "codes of 1 bit a dimension, candidates compared exactly"
        if any(name.startswith(_CODES) for name in files)
        else "exact"
    )
    manifest = FolderManifest(
        encoder, dimension, os.path.relpath(corpus, folder), languages, articles, how, data, files, blocks_sha256
    )
    if not _holds(folder / data, files, sums, dimension):
        shutil.rmtree(folder / data, ignore_errors=True)  # a damaged copy of what was just made
        sync(staged)
        staged.rename(folder / data)
    sync(folder)
    replace(folder / MANIFEST, text_of(manifest))
    _remove_leftovers(folder, data)
    return manifest


def _remove_leftovers(folder: Path, current: str) -> None:
    """Delete what an interrupted or replaced run left behind: all data folders but the current one."""
    folder.joinpath("manifest.new").unlink(missing_ok=True)
    for path in folder.glob("staging-*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob("data-*"):
        if path.name != current:
            shutil.rmtree(path, ignore_errors=True)


def load(folder: Path) -> tuple[FolderManifest, Contents]:
    """Open the current index. Raises IndexUnusable, also for a small file that is damaged; a large one raises it when
    the damaged place is looked at."""
    manifest = read_folder_manifest(folder)
    while True:
        try:
            contents = _read_data(folder, manifest)
            _check_contents(contents, manifest)
            return manifest, contents
        except FileNotFoundError as error:
            before, manifest = manifest, read_folder_manifest(folder)
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


_BLOCKS, _CODES, _LINES, _VECTORS, _MEANS = "blocks.npy", "codes.", "passages.jsonl", "vectors.f32", "means.npz"


def write_lines(staged: Path, lines: Iterable[bytes]) -> Mapped:
    """The passages, a JSON object a line, as a table has them."""
    path = staged / _LINES
    write_parts(path, lines)
    return Mapped(Written(path, path.stat().st_size, block_sums(path), "run sanad index again"))


def write_table(staged: Path, table: Table) -> None:
    """All columns but the lines."""
    for name in _COLUMNS:
        write(staged / f"{name}.npy", npy_bytes(getattr(table, name)[:]))


def write_lexical(staged: Path, kind: str, lexical: LexicalIndex) -> None:
    """`kind` is "lexical" or "names"."""
    write(staged / f"{kind}.terms", lexical.terms.text)
    write(staged / f"{kind}.bounds.npy", npy_bytes(lexical.terms.bounds))
    write(staged / f"{kind}.offsets.npy", npy_bytes(lexical.offsets))
    write(staged / f"{kind}.postings.npy", npy_bytes(lexical.postings[:]))


def write_means(staged: Path, means: LanguageMeans) -> None:
    arrays: dict[str, Any] = {f"passage_{key}": mean for key, mean in means.passage.items()}
    arrays |= {f"query_{key}": mean for key, mean in means.query.items()}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    write(staged / _MEANS, file.getvalue())


def write_vectors(staged: Path, vectors: Iterable[Vectors]) -> None:
    """Passage vectors, a part after the other."""
    write_parts(staged / _VECTORS, (np.ascontiguousarray(part, dtype="<f4").data for part in vectors))


def write_codes(staged: Path, codes: Codes) -> None:
    for number, shard in enumerate(codes.shards()):
        write(staged / f"{_CODES}{number:04}.faiss", shard)


_COLUMNS = ("bounds", "languages", "kinds", "opens", "keys")


def _read_data(folder: Path, manifest: FolderManifest) -> Contents:
    files = dict(_written(folder, manifest))
    vectors = Rows(files.pop(_VECTORS), manifest.dimension)
    mapped = {name: Mapped(file) for name, file in files.items()}
    columns = {name: mapped[f"{name}.npy"].array() for name in _COLUMNS}
    table = Table(
        lines=mapped[_LINES],
        bounds=columns["bounds"],
        languages=columns["languages"][:],
        kinds=columns["kinds"][:],
        opens=columns["opens"][:],
        keys=columns["keys"],
    )
    shards = [file.whole() for name, file in mapped.items() if name.startswith(_CODES)]
    dense = DenseIndex(vectors, Codes.load(shards, manifest.dimension) if shards else None)
    lexical, names = (_read_lexical(mapped, kind, len(table)) for kind in ("lexical", "names"))
    with np.load(io.BytesIO(mapped[_MEANS].whole()), allow_pickle=False) as stored:
        means = {role: _with_prefix(stored, role + "_") for role in ("passage", "query")}
    return Contents(table, dense, lexical, names, LanguageMeans(**means))


def _written(folder: Path, manifest: FolderManifest) -> Iterator[tuple[str, Written]]:
    """Name and checksums of every data file."""
    data, mend = folder / manifest.data, mending_command(folder, manifest)
    if sha256_of(data / _BLOCKS) != manifest.blocks_sha256:
        raise IndexUnusable(f"{data / _BLOCKS} is damaged; {mend}")
    sums = np.load(data / _BLOCKS, allow_pickle=False)
    for name, size in manifest.files.items():
        blocks = -(-size // _block(name, manifest.dimension))
        yield name, Written(data / name, size, sums[:blocks], mend)
        sums = sums[blocks:]


def _read_lexical(files: dict[str, Mapped], kind: str, size: int) -> LexicalIndex:
    terms = Terms(files[f"{kind}.terms"].whole(), files[f"{kind}.bounds.npy"].array()[:])
    return LexicalIndex(terms, files[f"{kind}.offsets.npy"].array()[:], files[f"{kind}.postings.npy"].array(), size)


def _with_prefix(stored: Any, prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): stored[name] for name in stored.files if name.startswith(prefix)}


def _sums(data: Path, dimension: int) -> NDArray[np.uint32]:
    """The checksums of every file of a data folder, in order of the names."""
    files = [path for path in sorted(data.iterdir()) if path.name != _BLOCKS]
    return np.concatenate([block_sums(path, _block(path.name, dimension)) for path in files])


def _block(name: str, dimension: int) -> int:
    """Bytes that share a checksum."""
    return 4 * dimension if name == _VECTORS else BLOCK


def _holds(data: Path, files: dict[str, int], sums: NDArray[np.uint32], dimension: int) -> bool:
    """Whether a data folder has these files and no other, undamaged."""
    if not data.is_dir() or {path.name for path in data.iterdir()} != {*files, _BLOCKS}:
        return False
    return np.array_equal(_sums(data, dimension), sums) and (data / _BLOCKS).read_bytes() == npy_bytes(sums)


def _check_contents(contents: Contents, manifest: FolderManifest) -> None:
    """Raises ValueError where the parts disagree: FAISS and NumPy would read beyond their ends, or answers would be wrong."""
    table, dense = contents.table, contents.dense
    rows = len(table)
    means = (*contents.means.passage.values(), *contents.means.query.values())
    agree = (
        sum(entry.passages for entry in manifest.articles) == rows == len(dense) == len(table.bounds) - 1
        and dense.agrees
        and all(len(mean) == manifest.dimension for mean in means)
        and len(table.kinds) == len(table.opens) == len(table.keys) == rows
        and (not rows or (table.languages.max() < len(manifest.languages) and table.kinds.max() < len(KINDS)))
        and all(lexical.agrees for lexical in (contents.lexical, contents.names))
    )
    if not agree:
        raise ValueError("the parts of the index disagree")
