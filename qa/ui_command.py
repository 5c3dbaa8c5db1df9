"""`sanad ui`. Nothing here imports NumPy: the page's server answers before anything that draws the page is loaded."""

from __future__ import annotations

import runpy
import socket
import sys
from pathlib import Path

import click

from index.errors import UsageError
from index.place import Place
from qa.options import CORPUS, INDEX


@click.command()
@INDEX
@CORPUS
@click.option(
    "--llm", default="embedded", show_default=True, help="The language model to begin with, named as for sanad ask."
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=Path("eval"),
    show_default=True,
    help="The report folder of sanad eval that the page shows.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the page in a browser.")
def ui(index_dir: Place, corpus: Path | None, llm: str, report: Path, port: int, browser: bool) -> None:
    """Open the reading room in a browser, on this machine only."""
    _check_free(port)
    server = Path(__file__).parent.parent / "ui" / "serve.py"
    sys.argv = [
        str(server), "--port", str(port), "--headless", "false" if browser else "true",
        "--index", str(index_dir), "--llm", llm, "--report", str(report),
        *(("--corpus", str(corpus)) if corpus else ()),
    ]  # fmt: skip
    runpy.run_path(sys.argv[0], run_name="__main__")


def _check_free(port: int) -> None:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from error
