"""Make or refresh an index: only what changed is read, cut and encoded again, and what was deleted leaves.

The passages are never all in memory: they are written as they are read, and read back when their vectors are due.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from index import store
from index.context import passage_vectors, views
from index.dense import EXACT_UP_TO, Codes
from index.encoders import (
    EMBEDDED,
    EmbeddedEncoder,
    Encoder,
    Vectors,
    open_encoder,
    open_named,
    remember_chosen,
    verify_embedded_weights,
)
from index.errors import IndexUnusable, SanadError
from index.folder import Folder
from index.formats import SUFFIXES
from index.gather import Before, Gathered
from index.manifest import ArticleEntry, read_folder_manifest
from index.neutral import LanguageMeans, LanguageTotal, means_of_totals, unit_rows
from index.place import DEFAULT_INDEX, Place, place, working_folder
from index.table import KINDS, Table
from index.vectors import KEY, Numbers, VectorCache
from index.workers import HERE, Batch, Workers

ENCODING_BATCH = 256  # texts between two steps of the progress bar, and what a killed run loses at most
_BLOCK = 512  # passages whose vectors are worked on at once: what fits the processor's cache
_IN_SECTION = [kind in ("prose", "bullet") for kind in KINDS]

Progress = Callable[[int, int], None]  # texts encoded so far, texts to encode


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a run of the indexer did; the first four are numbers of articles."""

    added: int
    changed: int
    removed: int
    unchanged: int
    passages: int
    encoded: int  # texts
    skipped: tuple[str, ...]  # one line per file or record that could not be read
    notes: tuple[str, ...]  # one line per file that was read now and needs a word: its encoding, what was left out


def refresh_index(
    corpus: Path,
    where: str | Place = DEFAULT_INDEX,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    workers: Workers = HERE,
) -> Refresh:
    """Bring the index, a folder or `milvus://host:port/collection`, up to date with the articles below `corpus`; by default
    with the encoder it has. One on a server is made in `working_folder` and then sent.

    Raises SanadError when nothing can be read, another run holds the folder, or the disk or the server fails; whatever was
    there before is then still usable.
    """
    where = place(where)
    if isinstance(where, Path):
        return _refresh_folder(corpus, where, encoder, progress, workers)
    from index.milvus.send import send  # an extra: a folder does not need it

    folder = working_folder(where)
    made = _refresh_folder(corpus, folder, encoder, progress, workers)
    opened = Folder(folder)
    before = send(opened, str(corpus.resolve()), where)
    return dataclasses.replace(made, **_changes(before, opened.manifest.articles))


def _refresh_folder(
    corpus: Path, folder: Path, encoder: Encoder | None, progress: Progress | None, workers: Workers
) -> Refresh:
    try:
        if encoder:
            remember_chosen(encoder)
        encoder = encoder or _encoder_of(folder)
        if encoder.name == EmbeddedEncoder.name:
            verify_embedded_weights()  # vectors are kept for good: 0.1 s against minutes of encoding anew
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0), _owned(folder / ".owner"):
            return _refresh(corpus, folder, encoder, progress, workers)
    except Timeout as error:
        raise SanadError(
            f"another sanad index{_owner(folder / '.owner')} is writing to {folder}; wait for it to end and run it again"
        ) from error
    except OSError as error:
        need = "; free some space" if error.errno == errno.ENOSPC else "; check the folder"
        raise SanadError(
            f"cannot write the index at {folder}: {error.strerror or error}{need} and run it again"
        ) from error


@contextmanager
def _owned(note: Path) -> Iterator[None]:
    """Says who holds the lock. A note that a killed run left is overwritten: it was only read while the lock is held."""
    note.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}), encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _owner(note: Path) -> str:
    """ " (process 1234 on host)", "" when the other run has not said so yet."""
    try:
        owner = json.loads(note.read_text(encoding="utf-8"))
        return f" (process {int(owner['pid'])} on {ascii(owner['host'])[1:-1][:60]})"
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def _encoder_of(folder: Path) -> Encoder:
    """The encoder the index was made with, the embedded one where there is no index yet."""
    try:
        name = read_folder_manifest(folder).encoder
    except IndexUnusable:
        return open_encoder(EMBEDDED)
    return open_named(name, f"run: sanad index CORPUS --index {folder}")


def _refresh(corpus: Path, folder: Path, encoder: Encoder, progress: Progress | None, workers: Workers) -> Refresh:
    before = Before.of(folder, encoder)
    with store.staging(folder) as staged:
        gathered = Gathered(before, workers)
        lines = store.write_lines(staged, gathered.lines(corpus))
        if not len(lines):
            reasons = f" ({'; '.join(gathered.skipped[:3])})" if gathered.skipped else ""
            raise SanadError(
                f"no readable article in {corpus}{reasons}; add articles ({' '.join(SUFFIXES)}) and run it again"
            )
        table, languages = gathered.table(lines)
        cache = VectorCache(folder, encoder.name, before.manifest.dimension if before else encoder.dimension)
        encoded = _encode_missing(table, encoder, cache, progress, workers)
        numbers = cache.find(table.keys[:].view(KEY)).reshape(-1, 2)  # of each passage alone and in context
        means = _means(table, languages, cache, numbers[:, 0], encoder.name)
        store.write_table(staged, table)
        store.write_means(staged, means)
        store.write_lexical(staged, "lexical", gathered.lexical())
        store.write_lexical(staged, "names", gathered.names(table))
        codes = Codes([], cache.dimension) if len(table) > EXACT_UP_TO else None
        store.write_vectors(staged, _vectors(table, languages, cache, numbers, means, codes))
        if codes:
            store.write_codes(staged, codes)
        entries = tuple(gathered.entries)
        store.publish(folder, staged, encoder.name, cache.dimension, corpus, languages, entries)
        cache.keep(numbers)
    return _report(before.manifest.articles if before else (), gathered, len(table), encoded)


def _encode_missing(
    table: Table, encoder: Encoder, cache: VectorCache, progress: Progress | None, workers: Workers
) -> int:
    """Encode every text that never was, a batch at a time, each kept at once. Gives how many."""
    keys, places = np.unique(table.keys[:].view(KEY), return_index=True)
    missing = np.sort(places[cache.find(keys) < 0])  # in the order of the passages
    done = 0
    for batch, vectors in workers.encode(encoder, _batches(table, missing)):
        cache.add(batch.keys, vectors)
        done += len(batch.keys)
        if progress:
            progress(done, len(missing))
    if len(missing):
        cache.refresh()
    return len(missing)


def _batches(table: Table, missing: NDArray[np.int64]) -> Iterator[Batch]:
    for start in range(0, len(missing), ENCODING_BATCH):
        places = missing[start : start + ENCODING_BATCH]
        passages = [table.passages[place // 2] for place in places.tolist()]
        texts = [views(passage)[place % 2] for passage, place in zip(passages, places.tolist(), strict=True)]
        yield Batch(table.keys[:].view(KEY)[places], texts)


def _means(
    table: Table, languages: tuple[str, ...], cache: VectorCache, numbers: Numbers, encoder_name: str
) -> LanguageMeans:
    totals: dict[str, LanguageTotal] = {}
    for start in range(0, len(table), _BLOCK):
        vectors = cache.take(numbers[start : start + _BLOCK])
        codes = table.languages[start : start + _BLOCK]
        for code in np.unique(codes).tolist():
            own = LanguageTotal.of(vectors[codes == code])
            totals[languages[code]] = totals[languages[code]] + own if languages[code] in totals else own
    return means_of_totals(totals, encoder_name)


def _vectors(
    table: Table,
    languages: tuple[str, ...],
    cache: VectorCache,
    numbers: NDArray[np.int64],
    means: LanguageMeans,
    codes: Codes | None,
) -> Iterator[Vectors]:
    """Passage vectors in row order, a block at a time; a block ends where a section does. Each is also added to the codes."""
    by_number = np.asarray([means.passage[language] for language in languages])
    in_section = np.asarray(_IN_SECTION)[table.kinds]
    starts = np.flatnonzero(table.opens)
    bounds = [*np.unique(starts[np.searchsorted(starts, range(0, int(starts[-1]) + 1, _BLOCK))]).tolist(), len(table)]
    for start, end in pairwise(bounds):
        rows = slice(start, end)
        mean = by_number[table.languages[rows]]
        alone, in_context = (unit_rows(cache.take(numbers[rows, view]) - mean) for view in (0, 1))
        vectors = passage_vectors(alone, in_context, table.opens[rows], in_section[rows])
        if codes:
            codes.add(vectors)
        yield vectors


def _report(before: tuple[ArticleEntry, ...], gathered: Gathered, passages: int, encoded: int) -> Refresh:
    return Refresh(
        **_changes(before, gathered.entries),
        passages=passages,
        encoded=encoded,
        skipped=tuple(gathered.skipped),
        notes=tuple(gathered.notes),
    )


def _changes(before: Sequence[ArticleEntry], after: Sequence[ArticleEntry]) -> dict[str, Any]:
    """The first four of a Refresh."""
    old = {entry.path: entry.sha256 for entry in before}
    unchanged = sum(old.get(entry.path) == entry.sha256 for entry in after)
    added = sum(entry.path not in old for entry in after)
    removed = len(old.keys() - {entry.path for entry in after})
    return {"added": added, "changed": len(after) - unchanged - added, "removed": removed, "unchanged": unchanged}
