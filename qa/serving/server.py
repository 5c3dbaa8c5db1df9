"""Runs an application on one socket until it is told to stop, and then lets what is under way end."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click
import uvicorn
from starlette.types import ASGIApp

from index.errors import SanadError, UsageError
from qa.serving.guard import Door
from qa.serving.service import Service

MAX_CONNECTIONS = 200
_MIN_TOKEN = 16  # characters
_AFTER_GRACE = 5  # seconds in which what was given up says so to its client


def run(make: Callable[[], tuple[Service, ASGIApp]], door: Door, port: int, said: str) -> None:
    """Serve until SIGTERM or SIGINT. `said` is printed with the address once it answers; port 0 takes a free one.

    Raises SanadError for an address that cannot be had.
    """
    listening = _listen(door.host, port)

    async def serve() -> None:
        service, app = make()
        await asyncio.to_thread(service.warm)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, ws="none", proxy_headers=False, server_header=False,
            limit_concurrency=MAX_CONNECTIONS, timeout_graceful_shutdown=int(service.limits.grace) + _AFTER_GRACE,
        )  # fmt: skip
        host, bound = listening.getsockname()[:2]
        click.echo(f"sanad: {said} at http://{f'[{host}]' if ':' in host else host}:{bound}", err=True)
        await _Server(config, service).serve(sockets=[listening])

    with listening:
        asyncio.run(serve())
    _leave_hanging_calls()


def token_of(file: Path | None) -> str:
    """The token of a file, else of SANAD_TOKEN, "" when there is none. Raises UsageError, which never repeats it."""
    try:
        token = file.read_text(encoding="utf-8").strip() if file else os.environ.get("SANAD_TOKEN", "").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the token file {file} cannot be read; name a text file with one token in it") from error
    if file and not token:
        raise UsageError(f"the token file {file} is empty; write {_MIN_TOKEN} or more characters into it")
    if token and (len(token) < _MIN_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        raise UsageError(
            f"the token has to be {_MIN_TOKEN} or more ASCII characters without spaces; make one with: openssl rand -hex 32"
        )
    return token


def checked(door: Door) -> Door:
    """Raises UsageError for a door that is open to other machines and asks for no token."""
    if not door.is_local and not door.token:
        raise UsageError(
            f"{door.host} is open to other machines, which needs a token; set SANAD_TOKEN or name a --token-file"
        )
    return door


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen()
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise SanadError(
            f"cannot listen on {host}:{port} ({error.strerror or error}); choose another --port"
        ) from error
    return listening


def _leave_hanging_calls() -> None:
    """A call to a provider that does not answer cannot be interrupted, and a Python process does not end before its threads."""
    until = time.monotonic() + _AFTER_GRACE
    others = [
        thread for thread in threading.enumerate() if thread is not threading.current_thread() and not thread.daemon
    ]
    for thread in others:
        thread.join(max(0, until - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        sys.stderr.flush()
        os._exit(0)


class _Server(uvicorn.Server):
    """Tells the service when a signal comes. A signal that was heeded is no failure: the process ends with 0."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._service.stop)
