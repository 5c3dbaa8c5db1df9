"""`sanad serve` and `sanad mcp` on the command line. What they need is an extra, imported when they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from index.errors import SanadError
from index.place import Place
from index.reranker import EMBEDDED as EMBEDDED_RERANKER
from qa.chat import EMBEDDED
from qa.options import CORPUS, INDEX
from qa.serving.admission import Limits

_FILE = click.Path(path_type=Path)
_DEFAULT = Limits()
_PER_MINUTE = 600  # of one address, where others can reach the server
_SOURCE = (
    INDEX,
    CORPUS,
    click.option("--llm", default=EMBEDDED, show_default=True, help="The language model, named as for sanad ask."),
    click.option("--reranker", default=EMBEDDED_RERANKER, show_default=True, help="As for sanad ask."),
)
_LIMITS = (
    click.option("--at-once", type=click.IntRange(1, 64), default=_DEFAULT.at_once, show_default=True,
                 help="Answers that use the language model at the same time."),
    click.option("--waiting", type=click.IntRange(0, 10_000), default=_DEFAULT.waiting, show_default=True,
                 help="Requests beyond those that may be inside; more are told that it is busy."),
    click.option("--timeout", "seconds", type=click.FloatRange(min=0.1), default=_DEFAULT.seconds, show_default=True,
                 help="Seconds from a request to the end of its answer."),
    click.option("--grace", type=click.FloatRange(min=0), default=_DEFAULT.grace, show_default=True,
                 help="Seconds in which answers may end after SIGTERM."),
)  # fmt: skip


def _with(*options: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command("serve")
@_with(*_SOURCE)
@click.option("--host", default="127.0.0.1", show_default=True, help="Another than this machine's own needs a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free.")
@click.option("--token-file", type=_FILE, help="A file with the token that clients send.  [default: SANAD_TOKEN]")
@click.option(
    "--rate", type=click.IntRange(min=0),
    help=f"Requests a minute of one address, 0: any number.  [default: {_PER_MINUTE} where others can reach it, else 0]",
)  # fmt: skip
@_with(*_LIMITS)
def serve_command(
    index_dir: Place, corpus: Path | None, llm: str, reranker: str, host: str, port: int, token_file: Path | None,
    rate: int | None, at_once: int, waiting: int, seconds: float, grace: float,
) -> None:  # fmt: skip
    """Answer other programs over HTTP: /ask, /search, /verify, /articles, /health, /metrics, /openapi.json."""
    with _extra("serve"):
        from qa.serving.app import make_app
        from qa.serving.guard import Door, is_loopback
        from qa.serving.server import checked, run, token_of
        from qa.serving.service import Service, Source
    per_minute = rate if rate is not None else 0 if is_loopback(host) else _PER_MINUTE
    door = checked(Door(host, token_of(token_file), per_minute))
    source, limits = Source(index_dir, llm, corpus, reranker), Limits(at_once, waiting, seconds, grace)
    source.opened()  # what is wrong with it is said before anybody asks

    def make() -> tuple[Service, Any]:
        service = Service(source, limits)
        return service, make_app(service, door)

    run(make, door, port, f"answering from {index_dir}")


@click.command("mcp")
@_with(*_SOURCE)
@click.option("--http", is_flag=True, help="Streamable HTTP on this machine, at /mcp, instead of stdin and stdout.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="For --http; 0: any.")
@click.option("--token-file", type=_FILE, help="For --http, as for sanad serve.  [default: SANAD_TOKEN]")
@_with(*_LIMITS)
def mcp_command(
    index_dir: Place, corpus: Path | None, llm: str, reranker: str, http: bool, port: int, token_file: Path | None,
    at_once: int, waiting: int, seconds: float, grace: float,
) -> None:  # fmt: skip
    """Offer the tools ask, search and read_line to assistants (Model Context Protocol)."""
    with _extra("mcp"):
        from qa.serving.service import Service, Source
        from qa.serving.tools import make_tools, run_over_stdio
    source, limits = Source(index_dir, llm, corpus, reranker), Limits(at_once, waiting, seconds, grace)
    source.opened()
    if not http:
        run_over_stdio(source, limits)
        return
    with _extra("mcp"):
        from qa.serving.guard import Door, Guard
        from qa.serving.server import run, token_of
    door = Door(token=token_of(token_file))

    def make() -> tuple[Service, Any]:
        service = Service(source, limits)
        return service, Guard(make_tools(service).streamable_http_app(), door)

    run(make, door, port, f"tools over {index_dir}, at the path /mcp,")


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Says what to install when a library of an extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        raise SanadError(
            f"sanad {name} needs {library}, which is not installed; run: python -m pip install 'sanad[{name}]'"
        ) from error
