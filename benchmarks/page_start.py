"""How long after its start the page can be used: until the server answers, until a question can be typed and sent, until
Streamlit has drawn its own box, until examples show.

    python benchmarks/page_start.py [--index DIR] [--runs N]

The browser is open before the server starts and has an empty cache in every run. Beside the time by the clock stands the processor
time of the server, on which other work on the machine bears less.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, default=ROOT / ".sanad")
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(asked.runs):
            load = os.getloadavg()[0]
            measured = ", ".join(
                f"{what} {wall:.2f} s ({cpu:.2f} s)" for what, wall, cpu in _start(browser, asked.index)
            )
            print(f"{measured}, load {load:.1f}", flush=True)
        browser.close()


def _start(browser: Browser, index: Path) -> Iterator[tuple[str, float, float]]:
    """What there is to wait for, with seconds by the clock and of the server's processor time."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = browser.new_page()
    command = [
        sys.executable,
        "-m",
        "qa.cli",
        "ui",
        "--index",
        str(index),
        "--llm",
        "none",
        "--port",
        str(port),
        "--no-browser",
    ]
    began = time.perf_counter()
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(f"http://127.0.0.1:{port}/"):
            time.sleep(0.02)
        yield "server answers", time.perf_counter() - began, _cpu(server.pid)
        page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
        page.locator("#s-first textarea, [data-testid=stChatInputTextArea]").first.fill("a question")
        yield "question box", time.perf_counter() - began, _cpu(server.pid)
        expect(page.get_by_test_id("stChatInputTextArea")).to_have_value("a question")
        yield "drawn", time.perf_counter() - began, _cpu(server.pid)
        page.locator(".s-example").first.wait_for()
        yield "examples", time.perf_counter() - began, _cpu(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        page.close()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()  # proc(5)
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main()
