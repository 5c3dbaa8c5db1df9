"""Where an index is: a folder, or a collection on a Milvus server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from index.errors import UsageError

MANIFEST = "manifest.json"  # the file of an index folder that is replaced last
DEFAULT_INDEX = Path(".sanad")
SCHEME = "milvus://"
_ADDRESS = re.compile(
    r"milvus://(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})/(?P<name>[A-Za-z_]\w{0,199})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection on a Milvus server."""

    host: str
    port: int
    name: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.host}:{self.port}/{self.name}"


Place = Path | Collection


def place(given: str | Place) -> Place:
    """`milvus://host:port/collection`, or else the path of a folder. Raises UsageError for an address that is none."""
    if not isinstance(given, str):
        return given
    if not given.startswith("milvus:"):
        return Path(given)
    found = _ADDRESS.fullmatch(given)
    if found is None or int(found["port"]) > 65535:
        raise UsageError(f"{given!a:.200} is no address of a collection; write milvus://host:port/collection")
    return Collection(found["host"], int(found["port"]), found["name"])


def working_folder(collection: Collection) -> Path:
    """Where the index that is sent to a collection is made, on this machine. Without it the next run encodes everything anew."""
    from platformdirs import user_data_path

    return (
        user_data_path("sanad") / "milvus" / f"{collection.host}-{collection.port}".replace(":", "-") / collection.name
    )
