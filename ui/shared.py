"""What all sessions of the page share: the index and the models, loaded once per process, and how it was started."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

from index import Refresh, refresh_index
from index.encoders import open_encoder
from index.errors import IndexUnusable
from index.manifest import Manifest, corpus_of, read_manifest
from index.place import DEFAULT_INDEX, Place, place
from qa import Sanad
from qa.chat import EMBEDDED
from qa.opened import opened as opened_now
from ui.jobs import Job

DEFAULT_CORPUS = Path("corpus")
DEFAULT_REPORT = Path("eval")
_indexing = Lock()
_jobs: list[Job[Progress]] = []  # the last run of the indexer, none before the first


@dataclass(frozen=True, slots=True)
class Options:
    """What `sanad ui` was called with."""

    index: Place
    corpus: Path | None
    llm: str
    report: Path

    @property
    def articles(self) -> Path:
        """The folder of the articles: as named, else that of the index, else the usual one."""
        if self.corpus is not None:
            return self.corpus
        try:
            found = read_manifest(self.index)
        except IndexUnusable:
            return DEFAULT_CORPUS
        return corpus_of(self.index, found) if found else DEFAULT_CORPUS


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run of the indexer is: texts encoded and to encode, and at the end what it did."""

    done: int = 0
    total: int = 0
    refresh: Refresh | None = None


def options() -> Options:
    """The arguments of the script that Streamlit runs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--index", type=place, default=DEFAULT_INDEX)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--llm", default=EMBEDDED)
    parser.add_argument("--report", type=Path, default=DEFAULT_REPORT)
    return Options(**vars(parser.parse_known_args()[0]))


def manifest(chosen: Options) -> Manifest | None:
    """What the index says of itself, None while there is none. Raises IndexUnusable for one that cannot be read."""
    return read_manifest(chosen.index)


def opened(chosen: Options, llm: str) -> Sanad:
    """The answerer over the index as it is now; opened once for each `llm` until the index is refreshed.

    Takes seconds the first time: call it in a job. Raises SanadError.
    """
    return opened_now(chosen.index, llm, chosen.corpus)


def start_indexing(chosen: Options, encoder: str | None = None) -> Job[Progress]:
    """Refresh the index in a thread; a run that is under way is joined instead. Watched by all sessions."""
    with _indexing:
        if not _jobs or _jobs[-1].done:

            def work(report: Callable[[Progress], None], _: Event) -> None:
                _refresh(chosen, encoder, report)

            _jobs[:] = [Job(work, "indexing")]
        return _jobs[-1]


def indexing() -> Job[Progress] | None:
    """The last run of the indexer in this process."""
    return _jobs[-1] if _jobs else None


def _refresh(chosen: Options, encoder: str | None, report: Callable[[Progress], None]) -> None:
    report(Progress())
    refresh = refresh_index(
        chosen.articles,
        chosen.index,
        open_encoder(encoder) if encoder else None,
        lambda done, total: report(Progress(done, total)),
    )
    report(Progress(refresh.encoded, refresh.encoded, refresh))
