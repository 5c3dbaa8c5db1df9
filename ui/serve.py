"""Serves the page from this process: `sanad ui` runs this file, with the address and what `ui.shared.options` reads."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.web import cli

# The page's modules are loaded before the server answers, so that its first visitor does not wait for them.
from ui import page_ask, page_collection, page_evaluation, page_settings  # noqa: F401

_PAGE = Path(__file__).parent / "app.py"


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", required=True)
    parser.add_argument("--headless", choices=["true", "false"], required=True)
    own, rest = parser.parse_known_args()
    # Streamlit reads the metadata of every installed package, in search of components that pages may use. This page uses
    # none, and the reading takes as long as all else before the server answers.
    manifest_scanner.scan_component_manifests = lambda max_workers=None: []
    arguments = [
        "run", str(_PAGE), "--server.address", "127.0.0.1", "--server.port", own.port, "--server.headless", own.headless,
        "--server.showEmailPrompt", "false", "--browser.gatherUsageStats", "false", "--", *rest,
    ]  # fmt: skip
    try:
        cli.main(arguments)
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        # An interpreter that ends in order is brought down by a thread that is still loading a model.
        os._exit(ended.code if isinstance(ended.code, int) else int(bool(ended.code)))


if __name__ == "__main__":
    main()
