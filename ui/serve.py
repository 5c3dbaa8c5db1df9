"""Serves the page from this process: `sanad ui` runs this file, with the address and what `ui.shared.options` reads."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from threading import Thread

from starlette.middleware import Middleware
from streamlit.components.v2 import manifest_scanner
from streamlit.web import bootstrap, cli
from streamlit.web.server import Server
from streamlit.web.server.starlette import starlette_app

from index.place import place
from ui.first import FirstBox

_PAGE = Path(__file__).parent / "app.py"


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", required=True)
    parser.add_argument("--headless", choices=["true", "false"], required=True)
    parser.add_argument("--index", required=True)
    own, rest = parser.parse_known_args()
    # Streamlit reads the metadata of every installed package, in search of components that pages may use. This page uses
    # none, and the reading takes as long as all else before the server answers.
    manifest_scanner.scan_component_manifests = lambda max_workers=None: []
    bootstrap._on_server_start = _started
    first = Middleware(FirstBox, index=place(own.index))
    starlette_app.create_streamlit_middleware = lambda: [first, *_streamlits_middleware()]
    arguments = [
        "run", str(_PAGE), "--server.address", "127.0.0.1", "--server.port", own.port, "--server.headless", own.headless,
        "--server.showEmailPrompt", "false", "--browser.gatherUsageStats", "false", "--", "--index", own.index, *rest,
    ]  # fmt: skip
    try:
        cli.main(arguments)
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        # An interpreter that ends in order is brought down by a thread that is still loading a model.
        os._exit(ended.code if isinstance(ended.code, int) else int(bool(ended.code)))


_tell_where = bootstrap._on_server_start
_streamlits_middleware = starlette_app.create_streamlit_middleware


def _started(server: Server) -> None:
    """The page's modules are loaded while the first visitor's browser reads Streamlit's own scripts, which takes longer."""
    Thread(target=load_rooms, daemon=True).start()
    _tell_where(server)


def load_rooms() -> None:
    """Import what draws the page."""
    for room in ("ask", "collection", "evaluation", "settings"):
        import_module(f"ui.page_{room}")


if __name__ == "__main__":
    main()
