"""What an index says of itself, wherever it is; of a folder: the file `manifest.json`, which holds its own checksum."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.article import is_inside
from index.errors import IndexUnusable
from index.formats.extracted import text_sha256
from index.place import MANIFEST, Place

FORMAT = 6
_SEAL = re.compile(r'^"sha256": "([0-9a-f]{64})",\n', re.MULTILINE)


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


def read_manifest(where: Place) -> Manifest | None:
    """None while there is no index. Raises IndexUnusable for one that cannot be read."""
    if isinstance(where, Path):
        return read_folder_manifest(where) if (where / MANIFEST).exists() else None
    from index.milvus.collection import manifest  # an extra: a folder does not need it

    return manifest(where)


def corpus_of(where: Place, manifest: Manifest) -> Path:
    """Where the articles of an index were when it was made."""
    return corpus_folder(where, manifest) if isinstance(where, Path) else Path(manifest.corpus)


def read_folder_manifest(folder: Path) -> FolderManifest:
    """Raises IndexUnusable, ending with the command that mends it, when there is none or it is of another format."""
    path = folder / MANIFEST
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


def corpus_folder(folder: Path, manifest: Manifest) -> Path:
    """Where the articles of an index are."""
    return Path(os.path.normpath(folder / manifest.corpus))


def mending_command(folder: Path, manifest: FolderManifest) -> str:
    """Makes the index anew as it was made; without --encoder the indexer keeps the one of the manifest."""
    return f"run: sanad index {corpus_folder(folder, manifest)} --index {folder}"


def text_of(manifest: FolderManifest) -> str:
    """What `read_folder_manifest` reads."""
    return sealed(json_lines(_described(manifest)))


def _described(manifest: FolderManifest) -> dict[str, Any]:
    fields = {field.name: getattr(manifest, field.name) for field in dataclasses.fields(manifest)}
    names = [field.name for field in dataclasses.fields(ArticleEntry)]
    entries = [{name: getattr(entry, name) for name in names} for entry in manifest.articles]
    return fields | {"articles": entries}


def sealed(text: str) -> str:
    """A manifest's text with a line for its own checksum: of the text without that line."""
    fields, articles, rest = text.partition('\n"articles": [')
    return f'{fields}\n"sha256": "{text_sha256(text)}",{articles}{rest}'


def _is_sealed(text: str) -> bool:
    found = _SEAL.search(text)
    return found is not None and found[1] == text_sha256(text[: found.start()] + text[found.end() :])


def json_lines(manifest: dict[str, Any]) -> str:
    """JSON with a line for each field and each article."""
    lines = [f"{_json(name)}: {_json(value)}" for name, value in manifest.items() if name != "articles"]
    articles = ",\n".join(_json(entry) for entry in manifest["articles"])
    return "{\n" + ",\n".join([*lines, f'"articles": [\n{articles}\n]']) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


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


def _shown(value: Any) -> str:
    """A value that somebody else wrote, short and on one line."""
    return ascii(value)[:80] if isinstance(value, str) else str(value)[:80]
