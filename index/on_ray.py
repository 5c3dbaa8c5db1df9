"""Workers on Ray (Moritz et al. 2018, arXiv:1712.05889): the cores of this machine, or the nodes of a cluster.

Articles are prepared by tasks, which hold nothing; texts are encoded by actors, each of which loads the model once. Both
get what they work on from this process and give it back, so the nodes need no sight of the corpus or the index. Ray's own
retries are for tasks. An actor is not restarted by Ray, which would let its texts wait for it: what it had goes to the others.

Not Ray Data: it forms batches anew from its blocks, and the last digits of a vector depend on the batch.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from index.encoders import Encoder, SentenceTransformerEncoder, Vectors
from index.errors import SanadError, UsageError
from index.prepared import Found, Outcome, outcome
from index.reader import Source
from index.workers import Batch

LOCAL, AUTO = "local", "auto"
_OBJECT_STORE = 512_000_000  # bytes, of a Ray that is started here
_TASK_BYTES, _TASK_ARTICLES = 2_000_000, 64  # as much as is handed over at once
_TASKS_AHEAD = 2  # for each core: one at work, one that waits
_RETRIES = 3  # deaths of workers over the same task or batch
_ANSWERS_WITHIN = 5.0  # seconds, of an address
_STARTS_WITHIN = 600.0  # seconds, of the first worker
_PORT = 6379


@contextmanager
def ray_workers(address: str) -> Iterator[RayWorkers]:
    """Workers of the Ray at `address`: "local" starts one for this run, "auto" finds the one this machine is a node of,
    HOST:PORT names its head. Raises SanadError when Ray is not installed or does not answer."""
    if address == LOCAL:
        # Read when Ray is imported. It would report to its makers, and leave a token in the home folder.
        os.environ |= {
            "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32),
        }  # fmt: skip
    try:
        import ray
    except ImportError as error:
        raise SanadError("Ray is not installed; run: pip install 'sanad[ray]'") from error
    try:
        if address == LOCAL:
            ray.init(
                LOCAL, num_cpus=os.cpu_count(), object_store_memory=_OBJECT_STORE, include_dashboard=False,
                log_to_driver=False, logging_level="error",
            )  # fmt: skip
        else:
            ray.init(_checked(address), log_to_driver=False, logging_level="error")
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise _unreachable(address, error) from error
    try:
        yield RayWorkers()
    finally:
        ray.shutdown()


class RayWorkers:
    """The nodes of the Ray that this process is connected to, as `Workers`."""

    def prepare(self, found: Iterable[Found]) -> Iterator[Outcome]:
        import ray

        task = ray.remote(_outcomes).options(num_cpus=1, max_retries=_RETRIES)
        at_once = _TASKS_AHEAD * _slots("CPU")
        pending: deque[tuple[list[Found], Any]] = deque()
        for portion in _portions(found):
            pending.append((portion, task.remote(portion) if any(isinstance(one, Source) for one in portion) else None))
            if len(pending) > at_once:
                yield from _prepared(*pending.popleft())
        while pending:
            yield from _prepared(*pending.popleft())

    def encode(self, encoder: Encoder, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Vectors]]:
        on_gpus = isinstance(encoder, SentenceTransformerEncoder) and _slots("GPU") > 0
        return _Crew(encoder, on_gpus).encode(iter(batches))


class _Encoding:
    """An actor: the process that holds an encoder."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def load(self) -> None:
        self._encoder.embed_documents(["x"])

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.embed_documents(texts)


@dataclass(frozen=True, slots=True)
class _Order:
    """What an actor was told to do: to encode a batch, or to load its model."""

    actor: Any
    batch: Batch | None


class _Crew:
    """Actors that encode batches. One that dies is replaced as soon as a node has room, and its batches go to the others."""

    def __init__(self, encoder: Encoder, on_gpus: bool) -> None:
        import ray

        self._actor_class = ray.remote(_Encoding).options(num_cpus=1, num_gpus=int(on_gpus), max_restarts=0)
        self._encoder = encoder
        self._size = _slots("GPU" if on_gpus else "CPU")
        self._ahead = 2 if on_gpus else 1  # batches at an actor: on a GPU one takes no longer than the way there
        self._orders: dict[Any, _Order] = {}  # by the reference to what comes of it
        self._ready: set[Any] = set()  # actors that have loaded their model
        self._again: deque[Batch] = deque()
        self._deaths: Counter[bytes] = Counter()  # by the first key of a batch; b"" of those that never were ready

    def encode(self, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Vectors]]:
        import ray

        self._again.extend(islice(batches, self._size))
        for _ in self._again:  # no more actors than there is work for
            self._hire()
        while self._assign(batches):
            done, _ = ray.wait(list(self._orders), timeout=None if self._ready else _STARTS_WITHIN)
            if not done:
                raise SanadError(
                    f"no node of Ray had room for a worker within {_STARTS_WITHIN / 60:.0f} minutes; "
                    "see what holds its nodes with: ray status"
                )
            for reference in done:
                order = self._orders.pop(reference)
                try:
                    vectors = ray.get(reference)
                except ray.exceptions.RayTaskError as error:
                    raise _failed(error) from error
                except ray.exceptions.RayError as error:
                    self._lost(order, error)
                else:
                    if order.batch:
                        yield order.batch, vectors
                    else:
                        self._ready.add(order.actor)

    def _hire(self) -> None:
        actor = self._actor_class.remote(self._encoder)
        self._orders[actor.load.remote()] = _Order(actor, None)

    def _assign(self, batches: Iterator[Batch]) -> bool:
        """Give every worker that is ready enough to do. Whether there is a batch to wait for."""
        busy = Counter(order.actor for order in self._orders.values())
        for actor in sorted(self._ready, key=lambda actor: busy[actor]):
            while busy[actor] < self._ahead and (
                batch := self._again.popleft() if self._again else next(batches, None)
            ):
                self._orders[actor.encode.remote(batch.texts)] = _Order(actor, batch)
                busy[actor] += 1
        return bool(self._again) or any(order.batch for order in self._orders.values())

    def _lost(self, order: _Order, error: Exception) -> None:
        """An actor died, or the node that held what it had made."""
        about = bytes(order.batch.keys[0]) if order.batch else b""
        self._deaths[about] += 1
        if self._deaths[about] > _RETRIES * (1 if order.batch else self._size):
            reason = str(error).strip().splitlines()[0]
            raise SanadError(
                f"workers of Ray die again and again ({reason}); see their logs, or give them more memory; "
                "what is encoded is kept, run the same command again"
            ) from error
        if order.batch:
            self._again.append(order.batch)
        if order.actor in self._ready or not order.batch:  # the first that is heard of its death
            self._ready.discard(order.actor)
            self._hire()


def _outcomes(found: Sequence[Found]) -> list[Outcome]:
    return [outcome(one) for one in found]


def _prepared(portion: list[Found], reference: Any) -> Iterator[Outcome]:
    import ray

    if reference is None:
        yield from _outcomes(portion)
        return
    try:
        yield from ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise _failed(error) from error
    except ray.exceptions.RayError as error:
        paths = [one.path for one in portion if isinstance(one, Source)]
        raise SanadError(
            f"workers of Ray die over one of {len(paths)} articles from {paths[0]} on; move it away and run it again"
        ) from error


def _portions(found: Iterable[Found]) -> Iterator[list[Found]]:
    portion: list[Found] = []
    size = 0
    for one in found:
        portion.append(one)
        size += len(one.data) if isinstance(one, Source) else 0
        if size >= _TASK_BYTES or len(portion) == _TASK_ARTICLES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _slots(resource: str) -> int:
    """Workers that fit on the nodes that are there."""
    import ray

    return sum(int(node["Resources"].get(resource, 0)) for node in ray.nodes() if node["Alive"])


def _checked(address: str) -> str:
    """The address, if somebody answers at it: Ray itself would wait a minute to find out."""
    if address == AUTO:
        return address
    host, _, port = address.rpartition(":") if ":" in address else (address, "", str(_PORT))
    if not port.isdigit():
        raise UsageError(f"{address!r} is no address of a Ray; say {LOCAL}, {AUTO} or HOST:PORT")
    with socket.create_connection((host, int(port)), _ANSWERS_WITHIN):
        return f"{host}:{port}"


def _unreachable(address: str, error: Exception) -> SanadError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return SanadError(f"no Ray answers at {address} ({reason}); start one with: ray start --head, or say --ray {LOCAL}")


def _failed(error: Any) -> SanadError:
    """What went wrong in a worker: sanad's own errors as they are."""
    cause = error.cause
    if isinstance(cause, SanadError):
        return cause
    return SanadError(f"a worker of Ray failed ({type(cause).__name__}: {cause}); run the same command again")
