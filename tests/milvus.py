"""A real Milvus server for tests: `milvus-lite server` on a free port, or the one that SANAD_TEST_MILVUS names."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from index.milvus.server import Server
from index.place import Collection, place, working_folder

VARIABLE = "SANAD_TEST_MILVUS"  # milvus://host:port/PREFIX: collections whose names begin so are made and dropped
PATIENCE = 120  # seconds for what takes three on an idle machine


@dataclass
class Lite:
    """A `milvus-lite server` that can be killed and started again over the same data."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        command = Path(sys.executable).with_name("milvus-lite")
        line = [str(command), "server", "--data-dir", str(self.data), "--host", "127.0.0.1", "--port", str(self.port)]
        with self.data.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(line, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while not _listens(self.port):
            assert self.process.poll() is None, self.data.with_suffix(".log").read_text(encoding="utf-8")
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@contextmanager
def lite(folder: Path) -> Iterator[Lite]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Lite(folder / "milvus", port)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def prefix(folder: Path) -> Iterator[Collection]:
    """Where collections can be made: on the user's server, else on one that is started."""
    if named := os.environ.get(VARIABLE):
        given = place(named)
        assert isinstance(given, Collection), f"{VARIABLE} is no milvus://host:port/PREFIX"
        yield given
    else:
        with lite(folder) as server:
            yield Collection("127.0.0.1", server.port, "test")


@contextmanager
def collection(of: Collection) -> Iterator[Collection]:
    """A name that nobody has; what was made under it is dropped afterwards, on the server and here."""
    made = Collection(of.host, of.port, f"{of.name}_{uuid.uuid4().hex[:12]}")
    try:
        yield made
    finally:
        drop(made)


def drop(at: Collection) -> None:
    server = Server(at)
    for name in server.names():
        if name.startswith(at.name):
            server.drop(name)
    shutil.rmtree(working_folder(at), ignore_errors=True)


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
