"""Make or refresh an index: only what changed is read, cut and encoded again, and what was deleted leaves."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from index import store
from index.analyse import terms
from index.article import Passage
from index.context import contextual_text, passage_vectors, texts_to_encode
from index.dense import DenseIndex
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
from index.errors import IndexUnusable, SanadError, UnreadableArticle
from index.formats import SUFFIXES
from index.formats.extracted import text_sha256
from index.lexical import build_lexical, build_names
from index.names import name_terms
from index.neutral import language_means
from index.reader import Source, find_sources, is_current, read_article
from index.segment import segment

ENCODING_BATCH = 64  # texts between two steps of the progress bar

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
    corpus: Path, folder: Path = store.DEFAULT_INDEX, encoder: Encoder | None = None, progress: Progress | None = None
) -> Refresh:
    """Bring the index in `folder` up to date with the articles below `corpus`; by default with the encoder it has.

    Raises SanadError when nothing can be read, another run holds the folder, or the disk fails; whatever was in the
    folder before is then still usable.
    """
    try:
        if encoder:
            remember_chosen(encoder)
        encoder = encoder or _encoder_of(folder)
        if encoder.name == EmbeddedEncoder.name:
            verify_embedded_weights()  # vectors are kept for good: 0.1 s against minutes of encoding anew
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0), _owned(folder / ".owner"):
            return _refresh(corpus, folder, encoder, progress)
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
        name = store.read_manifest(folder).encoder
    except IndexUnusable:
        return open_encoder(EMBEDDED)
    return open_named(name, f"run: sanad index CORPUS --index {folder}")


def _refresh(corpus: Path, folder: Path, encoder: Encoder, progress: Progress | None) -> Refresh:
    before, known = _previous(folder, encoder)
    passages: list[Passage] = []
    entries: list[store.ArticleEntry] = []
    skipped: list[str] = []
    notes: list[str] = []
    for source in find_sources(corpus):
        try:
            if isinstance(source, UnreadableArticle):
                raise source
            entry, own = before.get(source.path, (None, ()))
            if entry is None or entry.sha256 != source.sha256 or not is_current(source, entry.reader):
                entry, own, said = _read(source)
                notes.extend(said)
        except UnreadableArticle as error:
            skipped.append(str(error))
            continue
        entries.append(entry)
        passages.extend(own)
    if not passages:
        reasons = f" ({'; '.join(skipped[:3])})" if skipped else ""
        raise SanadError(
            f"no readable article in {corpus}{reasons}; add articles ({' '.join(SUFFIXES)}) and run it again"
        )
    texts = texts_to_encode(passages)
    missing = [text for text in texts if text not in known]
    known |= dict(zip(missing, _encode(encoder, missing, progress), strict=True))
    contents = _contents(tuple(passages), {text: known[text] for text in texts}, encoder)
    store.save(folder, contents, encoder.name, corpus, tuple(entries))
    return _report(before, entries, len(passages), len(missing), skipped, notes)


def _previous(
    folder: Path, encoder: Encoder
) -> tuple[dict[str, tuple[store.ArticleEntry, tuple[Passage, ...]]], dict[str, Vectors]]:
    """The articles of the current index with their passages, and the vector of every text that was encoded."""
    try:
        manifest, contents = store.load(folder)
    except IndexUnusable:
        return {}, {}  # none, or not usable: everything is made anew
    if manifest.encoder != encoder.name:
        return {}, {}
    by_path: dict[str, list[Passage]] = {}
    for passage in contents.passages:
        by_path.setdefault(passage.path, []).append(passage)
    articles = {entry.path: (entry, tuple(by_path.get(entry.path, ()))) for entry in manifest.articles}
    vectors = np.array(contents.encoded)  # out of the file that is about to be replaced
    return articles, dict(zip(texts_to_encode(contents.passages), vectors, strict=True))


def _read(source: Source) -> tuple[store.ArticleEntry, tuple[Passage, ...], tuple[str, ...]]:
    """The article of a source with its passages, and what a user should know of how it was read."""
    article = read_article(source)
    passages = segment(article)
    entry = store.ArticleEntry(
        path=source.path,
        sha256=article.sha256,
        title=article.title,
        date=article.date.isoformat() if article.date else None,
        languages=tuple(sorted({passage.language for passage in passages})),
        lines=article.text.count("\n") + (not article.text.endswith("\n")),
        passages=len(passages),
        reader=article.reader,
        encoding=article.encoding,
        text_sha256=text_sha256(article.text) if article.reader else "",
        url=article.url,
    )
    detected = (f"{source.path}: read as {article.encoding}",) if article.encoding != "utf-8" else ()
    return entry, passages, (*detected, *article.notes)


def _encode(encoder: Encoder, texts: Sequence[str], progress: Progress | None) -> Iterable[Vectors]:
    for start in range(0, len(texts), ENCODING_BATCH):
        yield from encoder.embed_documents(texts[start : start + ENCODING_BATCH])
        if progress:
            progress(min(start + ENCODING_BATCH, len(texts)), len(texts))


def _contents(passages: tuple[Passage, ...], encoded: dict[str, Vectors], encoder: Encoder) -> store.Contents:
    """`encoded` holds the vector of each of `texts_to_encode(passages)`, in that order."""
    alone = np.stack([encoded[passage.text] for passage in passages])
    languages = [passage.language for passage in passages]
    means = language_means(alone, languages, encoder.name)
    return store.Contents(
        passages=passages,
        encoded=np.stack(list(encoded.values())),
        dense=DenseIndex.build(passage_vectors(passages, encoded, means)),
        lexical=build_lexical([_lexical_terms(passage) for passage in passages]),
        names=build_names([name_terms(contextual_text(passage)) for passage in passages], languages),
        means=means,
    )


def _lexical_terms(passage: Passage) -> list[str]:
    """A post is also found by who posted it; a heading would repeat itself in every line below it and is left out."""
    who = terms(passage.heading, passage.language) if passage.kind == "post" else []
    return terms(passage.text, passage.language) + who


def _report(
    before: dict[str, tuple[store.ArticleEntry, tuple[Passage, ...]]],
    entries: list[store.ArticleEntry],
    passages: int,
    encoded: int,
    skipped: list[str],
    notes: list[str],
) -> Refresh:
    old = {path: entry.sha256 for path, (entry, _) in before.items()}
    unchanged = sum(old.get(entry.path) == entry.sha256 for entry in entries)
    added = sum(entry.path not in old for entry in entries)
    removed = len(old.keys() - {entry.path for entry in entries})
    changed = len(entries) - unchanged - added
    return Refresh(added, changed, removed, unchanged, passages, encoded, tuple(skipped), tuple(notes))
