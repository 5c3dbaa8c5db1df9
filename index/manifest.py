"""What an index says of itself, wherever it is."""

from __future__ import annotations

from pathlib import Path

from index.place import Place
from index.store import Manifest, corpus_folder
from index.store import read_manifest as read_folder


def read_manifest(where: Place) -> Manifest | None:
    """None while there is no index. Raises IndexUnusable for one that cannot be read."""
    if isinstance(where, Path):
        return read_folder(where) if (where / "manifest.json").exists() else None
    from index.milvus.collection import manifest  # an extra: a folder does not need it

    return manifest(where)


def corpus_of(where: Place, manifest: Manifest) -> Path:
    """Where the articles of an index were when it was made."""
    return corpus_folder(where, manifest) if isinstance(where, Path) else Path(manifest.corpus)
