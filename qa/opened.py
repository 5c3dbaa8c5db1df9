"""The answerer over an index as it is now: opened once per process, and again when the index was refreshed."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from index.place import MANIFEST, Collection, Place
from index.reranker import EMBEDDED as EMBEDDED_RERANKER
from qa.sanad import Sanad

_Key = tuple[Place, str, Path | None, str]
_Stamp = tuple[int, int, int] | str | None
_opening = Lock()
_kept: dict[_Key, tuple[_Stamp, Sanad]] = {}


def opened(index: Place, llm: str, corpus: Path | None = None, reranker: str = EMBEDDED_RERANKER) -> Sanad:
    """What `Sanad.open` gives, kept until the index changes; questions that are being answered keep the one they have.

    Takes seconds the first time. Raises what `Sanad.open` raises.
    """
    key = (index, llm, corpus, reranker)
    with _opening:
        stamp = _stamp(index)
        if key not in _kept or _kept[key][0] != stamp:
            for stale in [other for other, (of, _) in _kept.items() if other[0] == index and of != stamp]:
                del _kept[stale]
            _kept[key] = (stamp, Sanad.open(index, llm, corpus, reranker=reranker))
        return _kept[key][1]


def _stamp(index: Place) -> _Stamp:
    """Tells one manifest from the next, which replaces its file. Reading it would cost a large collection a second."""
    if isinstance(index, Collection):
        from index.milvus.collection import state  # an extra: a folder does not need it

        return state(index)
    try:
        status = (index / MANIFEST).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
