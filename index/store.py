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

import dataclasses
import datetime
import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.article import is_inside
from index.blocks import BLOCK, Mapped, Rows, Written, block_sums
from index.dense import Codes, DenseIndex
from index.encoders import Vectors
from index.errors import IndexUnusable
from index.formats.extracted import text_sha256
from index.lexical import LexicalIndex, Terms
from index.neutral import LanguageMeans
from index.table import KINDS, Table

FORMAT = 4
_SEAL = re.compile(r'^"sha256": "([0-9a-f]{64})",\n', re.MULTILINE)
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
    """What every index says of itself."""

    encoder: str
    dimension: int
    corpus: str  # of a folder: relative to it, so that both can be moved together
    languages: tuple[str, ...]  # ISO 639-1, of the passages
    articles: tuple[ArticleEntry, ...]  # by path
    dense: str  # how the nearest vectors are found
    data: str  # what it holds now: another name after every change; of a folder: its data folder


@dataclass(frozen=True, slots=True)
class FolderManifest(Manifest):
    files: dict[str, int]  # name -> bytes
    blocks_sha256: str  # of the checksums
    format: int = FORMAT


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
        current = read_manifest(folder).data
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
    _write(staged / _BLOCKS, _npy(sums))
    blocks_sha256 = _sha256(staged / _BLOCKS)
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
        _sync(staged)
        staged.rename(folder / data)
    _sync(folder)
    _replace(folder / "manifest.json", _sealed(_manifest_text(_described(manifest))))
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


def read_manifest(folder: Path) -> FolderManifest:
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
    try:
        if not _is_sealed(text):
            raise IndexUnusable(f"{path} is damaged; {mend}")
        del stored["sha256"]
        articles = tuple(
            ArticleEntry(**{**entry, "languages": tuple(entry["languages"])}) for entry in stored.pop("articles")
        )
        manifest = FolderManifest(articles=articles, languages=tuple(stored.pop("languages")), **stored)
        _check_names(manifest)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise IndexUnusable(f"{path} is damaged ({error}); {mend}") from error
    return manifest


def load(folder: Path) -> tuple[FolderManifest, Contents]:
    """Open the current index. Raises IndexUnusable, also for a small file that is damaged; a large one raises it when
    the damaged place is looked at."""
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


def mending_command(folder: Path, manifest: FolderManifest) -> str:
    """Makes the index anew as it was made; without --encoder the indexer keeps the one of the manifest."""
    return f"run: sanad index {corpus_folder(folder, manifest)} --index {folder}"


_BLOCKS, _CODES, _LINES, _VECTORS, _MEANS = "blocks.npy", "codes.", "passages.jsonl", "vectors.f32", "means.npz"


def write_lines(staged: Path, lines: Iterable[bytes]) -> Mapped:
    """The passages, a JSON object a line, as a table has them."""
    path = staged / _LINES
    _write_parts(path, lines)
    return Mapped(Written(path, path.stat().st_size, block_sums(path), "run sanad index again"))


def write_table(staged: Path, table: Table) -> None:
    """All columns but the lines."""
    for name in _COLUMNS:
        _write(staged / f"{name}.npy", _npy(getattr(table, name)[:]))


def write_lexical(staged: Path, kind: str, lexical: LexicalIndex) -> None:
    """`kind` is "lexical" or "names"."""
    _write(staged / f"{kind}.terms", lexical.terms.text)
    _write(staged / f"{kind}.bounds.npy", _npy(lexical.terms.bounds))
    _write(staged / f"{kind}.offsets.npy", _npy(lexical.offsets))
    _write(staged / f"{kind}.postings.npy", _npy(lexical.postings[:]))


def write_means(staged: Path, means: LanguageMeans) -> None:
    arrays: dict[str, Any] = {f"passage_{key}": mean for key, mean in means.passage.items()}
    arrays |= {f"query_{key}": mean for key, mean in means.query.items()}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    _write(staged / _MEANS, file.getvalue())


def write_vectors(staged: Path, vectors: Iterable[Vectors]) -> None:
    """Passage vectors, a part after the other."""
    _write_parts(staged / _VECTORS, (np.ascontiguousarray(part, dtype="<f4").data for part in vectors))


def write_codes(staged: Path, codes: Codes) -> None:
    for number, shard in enumerate(codes.shards()):
        _write(staged / f"{_CODES}{number:04}.faiss", shard)


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
    if _sha256(data / _BLOCKS) != manifest.blocks_sha256:
        raise IndexUnusable(f"{data / _BLOCKS} is damaged; {mend}")
    sums = np.load(data / _BLOCKS, allow_pickle=False)
    for name, size in manifest.files.items():
        blocks = -(-size // _block(name, manifest.dimension))
        yield name, Written(data / name, size, sums[:blocks], mend)
        sums = sums[blocks:]


def _read_lexical(files: dict[str, Mapped], kind: str, size: int) -> LexicalIndex:
    terms = Terms(files[f"{kind}.terms"].whole(), files[f"{kind}.bounds.npy"].array()[:])
    return LexicalIndex(terms, files[f"{kind}.offsets.npy"].array()[:], files[f"{kind}.postings.npy"].array(), size)


def _described(manifest: FolderManifest) -> dict[str, Any]:
    fields = {field.name: getattr(manifest, field.name) for field in dataclasses.fields(manifest)}
    names = [field.name for field in dataclasses.fields(ArticleEntry)]
    entries = [{name: getattr(entry, name) for name in names} for entry in manifest.articles]
    return fields | {"articles": entries}


def _sealed(text: str) -> str:
    """A manifest's text with a line for its own checksum: of the text without that line."""
    fields, articles, rest = text.partition('\n"articles": [')
    return f'{fields}\n"sha256": "{text_sha256(text)}",{articles}{rest}'


def _is_sealed(text: str) -> bool:
    found = _SEAL.search(text)
    return found is not None and found[1] == text_sha256(text[: found.start()] + text[found.end() :])


def _manifest_text(manifest: dict[str, Any]) -> str:
    """JSON with a line for each field and each article."""
    lines = [f"{_json(name)}: {_json(value)}" for name, value in manifest.items() if name != "articles"]
    articles = ",\n".join(_json(entry) for entry in manifest["articles"])
    return "{\n" + ",\n".join([*lines, f'"articles": [\n{articles}\n]']) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


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
    return np.array_equal(_sums(data, dimension), sums) and (data / _BLOCKS).read_bytes() == _npy(sums)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _npy(values: NDArray[Any]) -> bytes:
    """What NumPy would write. Given a file it writes past Python, where a full disk can go unnoticed."""
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return file.getvalue()


def _write(path: Path, data: bytes | memoryview) -> None:
    _write_parts(path, [data])


def _write_parts(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    with path.open("wb") as file:
        for part in parts:
            file.write(part)
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


def _check_names(manifest: FolderManifest) -> None:
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


def _shown(value: Any) -> str:
    """A value that somebody else wrote, short and on one line."""
    return ascii(value)[:80] if isinstance(value, str) else str(value)[:80]
