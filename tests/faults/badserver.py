"""A server of the OpenAI protocol that misbehaves in the way it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """Counts what it was asked and ends whatever hangs when it is closed."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour
        self.asked: list[dict[str, Any]] = []
        self.closing = threading.Event()

    def handle_error(self, *_: object) -> None:
        """A client that went away is part of the experiment."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        self.server.asked.append(
            {"path": self.path, "headers": dict(self.headers), "body": self.rfile.read(size).decode()}
        )
        self.server.behaviour(self)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def send(self, body: bytes, status: int = 200, kind: str = "application/json", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Server]:
    server = Server(behaviour)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def completion(text: Any, finish: str = "stop", **extra: Any) -> bytes:
    """A reply of the protocol with this text."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    whole = {"id": "x", "object": "chat.completion", "created": 1, "model": "bad", "choices": [choice], "usage": usage}
    return json.dumps(whole | extra).encode()


def says(text: Any, finish: str = "stop", **extra: Any) -> Behaviour:
    return lambda handler: handler.send(completion(text, finish, **extra))


def answers(body: bytes, status: int = 200, kind: str = "application/json") -> Behaviour:
    return lambda handler: handler.send(body, status, kind)


def hangs(handler: Handler) -> None:
    """Takes the request and says nothing."""
    handler.server.closing.wait(120)


def drips(handler: Handler) -> None:
    """Sends a byte now and then: no single read of the client takes long."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while not handler.server.closing.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def drops(handler: Handler) -> None:
    """Half of a reply, then nothing: the server was killed."""
    body = completion("Japan will raise its defense spending to 2% of GDP by March 2026.")
    handler.send(body[: len(body) // 2], length=len(body))
    handler.connection.close()


def drops_stream(handler: Handler) -> None:
    """A stream that ends in the middle of an event."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    event = b'data: {"choices": [{"index": 0, "delta": {"content": "Japan will ra'
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
    handler.wfile.flush()
    time.sleep(0.05)
    handler.connection.close()
