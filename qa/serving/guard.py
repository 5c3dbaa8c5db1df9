"""The door of the server: who may speak to it, how much, how often."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.serving.problems import problem, problem_response

MAX_BODY = 1_000_000  # bytes
BODY_SECONDS = 30  # in which a request's body must be here
OPEN = "/health"  # for those who watch over servers; it tells nothing of the collection
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_CLIENTS = 10_000  # whose last minute is remembered


@dataclass(frozen=True, slots=True)
class Door:
    """How the server is open to others."""

    host: str = "127.0.0.1"
    token: str = field(default="", repr=False)  # "": none is asked for
    per_minute: int = 0  # requests of one address; 0: any number
    max_body: int = MAX_BODY

    @property
    def is_local(self) -> bool:
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether only this machine can speak to an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """ASGI middleware that lets through what the door allows and answers the rest with a problem."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door
        self._rate = Rate(door.per_minute, time.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is None:
            await self._app(scope, _bounded(receive, self._door.max_body), send)
            return
        status, detail, headers = refused
        await problem_response(problem(status, detail), headers)(scope, receive, send)

    def _refused(self, scope: Scope) -> tuple[int, str, dict[str, str]] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        # A page of another site, or one that calls itself by this machine's address (DNS rebinding), is not to read here.
        if self._door.is_local and not _names_this_machine(host, self._door.host):
            return 403, "this server answers to the names of this machine alone; ask http://127.0.0.1", {}
        if (origin := headers.get("origin")) is not None and _netloc(origin) != host:
            return 403, "pages of other sites may not ask here; ask from a program", {}
        if not self._knows(headers) and scope["path"] != OPEN:
            return 401, "a token is needed; send it as Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"}
        client = scope.get("client")
        if wait := self._rate.wait(client[0] if client else ""):
            return 429, f"more than {self._door.per_minute} requests a minute; wait", {"Retry-After": str(wait)}
        if _length(headers) > self._door.max_body:
            return 413, f"a request may have {self._door.max_body:,} bytes; send less at once", {"Connection": "close"}
        return None

    def _knows(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        token = self._door.token
        right = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())
        return not token or (right and scheme.lower() == "bearer")


class Rate:
    """How often each address came in the last minutes: a bucket that fills evenly and lets a whole minute's worth through at
    once."""

    def __init__(self, per_minute: int, now: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address -> (requests left, at this moment)

    def wait(self, client: str) -> int:
        """0 and one request counted, or the seconds until the next one is allowed."""
        if not self._per_minute:
            return 0
        now = self._now()
        left, then = self._left.pop(client, (float(self._per_minute), now))
        left = min(self._per_minute, left + (now - then) * self._per_minute / 60)
        self._left[client] = (left - 1 if left >= 1 else left, now)
        while len(self._left) > _CLIENTS:
            self._left.popitem(last=False)
        return 0 if left >= 1 else math.ceil((1 - left) * 60 / self._per_minute)


def _bounded(receive: Receive, most: int) -> Receive:
    """The body of a request, as long as it is short enough and comes in time."""
    size, whole = 0, False

    async def bounded() -> Message:
        nonlocal size, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, f"the request was not here within {BODY_SECONDS} s; send it at once") from error
        size += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if size > most:
            raise HTTPException(413, f"a request may have {most:,} bytes; send less at once")
        return message

    return bounded


def _length(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _names_this_machine(host: str, bound: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name in (*_LOOPBACK_NAMES, bound)


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
