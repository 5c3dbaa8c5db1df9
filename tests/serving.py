"""A real `sanad serve` or `sanad mcp` process on a free port of this machine, for tests to talk to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from conftest import ROOT

PATIENCE = 120  # seconds for what takes one or two on an idle machine


@dataclass
class Served:
    """A running server. `client` speaks to it; `log` is what it has printed until now."""

    process: subprocess.Popen[bytes]
    url: str
    client: httpx.Client
    logged: Path

    @property
    def log(self) -> str:
        return self.logged.read_text(encoding="utf-8")

    def stop(self, sent: int = signal.SIGTERM) -> int:
        """The exit code after a signal."""
        self.process.send_signal(sent)
        return self.process.wait(PATIENCE)

    def figure(self, name: str) -> float:
        """A figure of /metrics."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.client.get("/metrics").text, re.MULTILINE)
        assert found, name
        return float(found[1])


@contextmanager
def served(folder: Path, *arguments: object, command: str = "serve", **environment: str) -> Iterator[Served]:
    """`sanad serve` (or `mcp --http`) with these arguments, ready; ended with the block."""
    logged = folder / f"{command}-{time.monotonic_ns()}.log"
    line = [sys.executable, "-m", "qa.cli", command, "--port", "0", *map(str, arguments)]
    variables = {name: value for name, value in os.environ.items() if name != "SANAD_TOKEN"} | environment
    with logged.open("wb") as log:
        process = subprocess.Popen(line, cwd=ROOT, stdout=log, stderr=log, env=variables)
    try:
        url = _ready(process, logged)
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
            yield Served(process, url, client, logged)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _ready(process: subprocess.Popen[bytes], logged: Path) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(
            r" at (?:the path /mcp, )?(http://\S+)$", logged.read_text(encoding="utf-8"), re.MULTILINE
        ):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {logged.read_text(encoding='utf-8')}")


def events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    """(name, data) of server-sent events, as they come."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def eventually(condition: Any, seconds: float = PATIENCE) -> bool:
    """Whether the condition came true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False
