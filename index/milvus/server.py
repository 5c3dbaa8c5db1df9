"""The Milvus server: the one file that knows pymilvus. Errors become one line that says what to do."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from index.encoders import Vectors
from index.errors import IndexUnusable, SanadError
from index.place import Collection

TOKEN = "SANAD_MILVUS_TOKEN"  # in the environment: user:password, or an API key
MOST = 16_384  # rows that Milvus gives at once
_READ, _WRITE = 60, 600  # seconds
_PATIENCE = 10  # seconds until a server must answer the first time
_MESSAGE = 8_000_000  # bytes sent at once; Milvus takes 64 MiB
_LONGEST = 65_535  # bytes that Milvus keeps in a text
_CHANNEL = {
    # gRPC servers hang up on a client that asks more often than every five minutes whether they live; pymilvus asks every
    # ten seconds.
    "grpc.keepalive_time_ms": 330_000,
    "grpc.keepalive_permit_without_calls": False,
    "grpc.use_local_subchannel_pool": 1,  # a new connection to a server that is back does not wait with the old one
    "grpc.max_reconnect_backoff_ms": 1000,
}
_GRAPH = {"M": 16, "efConstruction": 200}  # HNSW (Malkov and Yashunin 2018, arXiv:1603.09320)
_LOOKED_AT = 2  # times the vectors wanted that the graph compares; a server's own choice may be fewer than are wanted
_NOT_LOADED = re.compile("released|not loaded", re.IGNORECASE)
_UNAVAILABLE, _NO_COLLECTION = 2, 100  # of Milvus's error codes: it cannot be reached, it has no such collection

Row = dict[str, Any]
T = TypeVar("T")
Type = Literal["key", "number", "small", "text", "numbers", "dense", "sparse"]


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of a collection by name; the first is its key. A dense vector has `dimension` numbers."""

    fields: Mapping[str, Type]
    dimension: int = 2
    indexed: tuple[str, ...] = ()  # numbers that filters ask for


class Server:
    """A connection. Every call raises SanadError in one line when the server refuses or does not answer."""

    def __init__(self, at: Collection) -> None:
        """Raises SanadError when pymilvus is not installed or no server answers."""
        try:
            import pymilvus
        except ModuleNotFoundError as error:
            raise SanadError(
                f"{at} needs {error.name}, which is not installed; run: python -m pip install 'sanad[milvus]'"
            ) from error
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs what it raises, with a traceback
        self._at = at
        self._pymilvus = pymilvus
        uri, token = f"http://{at.host}:{at.port}", os.environ.get(TOKEN, "")
        self._client = self._call(
            lambda: pymilvus.MilvusClient(uri, token=token, timeout=_PATIENCE, grpc_options=_CHANNEL)
        )

    def names(self) -> set[str]:
        """The collections there are."""
        return set(self._call(lambda: self._client.list_collections(timeout=_READ)))

    def create(self, name: str, schema: Schema) -> None:
        """Make a collection that can be searched at once."""
        client, types = self._client, self._pymilvus.DataType
        made = client.create_schema(auto_id=False, enable_dynamic_field=False)
        indexes = client.prepare_index_params()
        for number, (field, kind) in enumerate(schema.fields.items()):
            options: dict[str, Any] = {"is_primary": not number}
            if kind in ("key", "text"):
                options |= {"datatype": types.VARCHAR, "max_length": _LONGEST if kind == "text" else 512}
            elif kind in ("number", "small"):
                options |= {"datatype": types.INT64 if kind == "number" else types.INT8}
            elif kind == "numbers":
                options |= {"datatype": types.ARRAY, "element_type": types.INT64, "max_capacity": 4096}
            elif kind == "dense":
                options |= {"datatype": types.FLOAT_VECTOR, "dim": schema.dimension}
                indexes.add_index(field, index_type="HNSW", metric_type="IP", params=_GRAPH)
            else:
                options |= {"datatype": types.SPARSE_FLOAT_VECTOR}
                indexes.add_index(field, index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
            made.add_field(field, **options)
        for field in schema.indexed:
            indexes.add_index(field, index_type="INVERTED")
        self._call(lambda: client.create_collection(name, schema=made, index_params=indexes, timeout=_WRITE))

    def ensure(self, name: str, schema: Schema) -> None:
        """Make a collection where there is none. Raises IndexUnusable where another program's is."""
        if name not in self.names():
            self.create(name, schema)
            return
        described = self._call(lambda: self._client.describe_collection(name, timeout=_READ))
        if {field["name"] for field in described["fields"]} != set(schema.fields):
            raise IndexUnusable(
                f"the collection {name} at {self._at.host}:{self._at.port} is no index of sanad; choose another name"
            )

    def drop(self, name: str) -> None:
        self._call(lambda: self._client.drop_collection(name, timeout=_WRITE))

    def upsert(self, name: str, rows: Iterable[Row], weight: int) -> None:
        """Write rows of about so many bytes each; one whose key is there is replaced. `flush` makes them quick to find."""
        for batch in _batches(rows, max(1, _MESSAGE // weight)):
            self._call(lambda batch=batch: self._client.upsert(name, batch, timeout=_WRITE))  # type: ignore[misc]

    def delete(self, name: str, only: str) -> None:
        self._call(lambda: self._client.delete(name, filter=only, timeout=_WRITE), name)

    def flush(self, name: str) -> None:
        """What was written is indexed. At most once a run for a collection: Milvus lets itself be asked every ten seconds."""
        self._call(lambda: self._client.flush(name, timeout=_WRITE))

    def query(self, name: str, only: str, fields: Sequence[str], *, now: bool = False) -> list[Row]:
        """Rows in no order, at most MOST. `now`: with everything that was written before, else what was seconds ago."""
        level = {"consistency_level": "Strong"} if now else {}
        return self._call(
            lambda: list(
                self._client.query(name, filter=only, output_fields=list(fields), limit=MOST, timeout=_READ, **level)
            ),
            name,
        )

    def search(
        self, name: str, field: str, query: Vectors | Mapping[int, float], k: int, only: str, fields: Sequence[str]
    ) -> list[Row]:
        """The k rows with the largest inner products, as `query` gives them."""
        how = {"metric_type": "IP", "params": {} if isinstance(query, Mapping) else {"ef": _LOOKED_AT * min(k, MOST)}}
        found = self._call(
            lambda: self._client.search(
                name, [query], anns_field=field, limit=min(k, MOST), filter=only, output_fields=list(fields),
                search_params=how, timeout=_READ,
            ),
            name,
        )  # fmt: skip
        return [hit["entity"] for hit in found[0]]

    def _call(self, ask: Callable[[], T], searched: str = "") -> T:
        """What the server answers. A collection to be `searched` that a restarted server has not loaded yet is loaded first."""
        try:
            return ask()
        except self._pymilvus.MilvusException as error:
            said = " ".join(str(error.message).split())
            if searched and _NOT_LOADED.search(said):
                self._call(lambda: self._client.load_collection(searched, timeout=_WRITE))
                return self._call(ask)
            if error.code == _UNAVAILABLE or "UNAVAILABLE" in said or "DEADLINE_EXCEEDED" in said:
                raise SanadError(
                    f"no Milvus server answers at {self._at.host}:{self._at.port}; start it, or correct --index"
                ) from error
            if error.code == _NO_COLLECTION:
                raise IndexUnusable(
                    f"the index at {self._at} was made anew or removed meanwhile; open it again, "
                    f"or run: sanad index CORPUS --index {self._at}"
                ) from error
            raise SanadError(
                f"{self._at}: the Milvus server refused ({said:.300}); correct that and run it again"
            ) from error


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def one_of(field: str, numbers: Sequence[int]) -> str:
    """A filter for some values of a field."""
    return f"{field} in {list(numbers)}"


def _batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
