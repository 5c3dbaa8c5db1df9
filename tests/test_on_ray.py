"""Bulk indexing on a real Ray: a head and two workers, each on an address of its own, and what is left when one dies."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import ROOT

from index import Index, build, refresh_index
from index.encoders import EmbeddedEncoder
from index.manifest import read_folder_manifest
from index.vectors import KEY
from qa.cli import main

ARTICLES, LINES = 40, 8
BATCH = 16  # texts: small, so that there is a middle to kill something in
QUESTIONS = ("Which pier was closed by storm 12?", "أي رصيف أغلقته العاصفة؟", "harbour 7")
RECORD = np.dtype([("key", KEY), ("vector", "<f4", (EmbeddedEncoder.dimension,)), ("sum", "<u4")])
COMMAND = f"import sys, index.build; index.build.ENCODING_BATCH = {BATCH}; import qa.cli; qa.cli.main()"


class Cluster:
    """A Ray of this test alone: nobody without its token can use it, and only its own processes are ended."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="ray-")  # short: it holds sockets, whose paths have a limit
        paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        self.environment = os.environ | token | {"PYTHONPATH": paths}
        with socket.socket() as tried:
            tried.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{tried.getsockname()[1]}"
        port = self.address.partition(":")[2]
        self.nodes: list[subprocess.Popen[bytes]] = []
        self._start(
            "--head", "--node-ip-address=127.0.0.1", f"--port={port}", "--num-cpus=0", f"--temp-dir={self._folder}",
            "--include-dashboard=false",
        )  # fmt: skip
        for number in (2, 3):
            self._start(f"--address={self.address}", f"--node-ip-address=127.0.0.{number}", "--num-cpus=1")

    def index(self, corpus: Path, folder: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, "index", str(corpus), "--index", str(folder), "--ray", self.address],
            env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def close(self) -> None:
        for process in reversed(self.nodes):
            lose(process)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, *arguments: str) -> None:
        """A node, once it is part of the cluster: two that start at once may choose the same port."""
        log = Path(self._folder) / f"{len(self.nodes)}.log"
        with log.open("wb") as said:
            command = [
                Path(sys.executable).with_name("ray"), "start", "--block", "--disable-usage-stats",
                "--object-store-memory=100000000", *arguments,
            ]  # fmt: skip
            self.nodes.append(
                subprocess.Popen(command, env=self.environment, start_new_session=True, stdout=said, stderr=said)
            )
        try:
            until(lambda: b"Ray runtime started" in log.read_bytes(), "a node is there")
        except AssertionError:
            self.close()
            raise


def lose(process: subprocess.Popen[bytes]) -> None:
    """A node with everything on it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(reached: object, what: str, seconds: float = 120) -> None:
    assert callable(reached)
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def encoded(folder: Path) -> list[bytes]:
    """The key of every text whose vector is kept, as often as it is."""
    files = list(folder.glob("encoded-*.bin"))
    return [bytes(key) for file in files for key in np.frombuffer(file.read_bytes()[: _whole(file)], RECORD)["key"]]


def _whole(file: Path) -> int:
    return file.stat().st_size // RECORD.itemsize * RECORD.itemsize


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    for number in range(ARTICLES):
        lines = (f"Harbour {number} closed pier {line} because of storm {number * line}." for line in range(LINES))
        (folder / f"{number:02}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "unreadable.txt").write_bytes(b"\x00\xff\xfe\x81" * 9)
    return folder


@pytest.fixture(scope="module")
def alone(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index as one process makes it."""
    folder = tmp_path_factory.mktemp("alone") / "index"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "ENCODING_BATCH", BATCH)
        refresh_index(corpus, folder)
    return folder


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        yield cluster
    finally:
        cluster.close()


def check_whole(folder: Path, alone: Path) -> None:
    """Nothing is lost and nothing there twice, and the index is the one that one process makes."""
    assert set(Counter(encoded(folder)).values()) == {1}
    assert sorted(encoded(folder)) == sorted(encoded(alone))
    assert read_folder_manifest(folder).articles == read_folder_manifest(alone).articles
    ours, theirs = (
        {path.name: path.read_bytes() for path in next(index.glob("data-*")).iterdir()} for index in (folder, alone)
    )
    vectors = [np.frombuffer(files.pop("vectors.f32"), dtype="<f4") for files in (ours, theirs)]
    assert np.allclose(*vectors, atol=1e-5)  # the number of threads has a say in the last digits
    for of_vectors in ("blocks.npy", "means.npz"):
        assert ours.pop(of_vectors)
        assert theirs.pop(of_vectors)
    assert ours == theirs
    for question in QUESTIONS:
        one, other = (
            [(hit.passage.path, hit.passage.line) for hit in Index.open(index).search(question, 10)]
            for index in (folder, alone)
        )
        assert one == other
        assert len(one) == 10


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_driver_that_is_killed_goes_on_where_it_was(
    cluster: Cluster, corpus: Path, alone: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    running = cluster.index(corpus, folder)
    until(lambda: len(encoded(folder)) >= 3 * BATCH, "three batches are encoded", 300)
    running.kill()
    running.communicate()
    kept = len(encoded(folder))
    assert 3 * BATCH <= kept < ARTICLES * LINES, "killed too late to say anything"
    again = cluster.index(corpus, folder)
    said, problems = again.communicate(timeout=400)
    assert again.returncode == 0, problems
    assert f"{ARTICLES} added" in said
    assert f"{ARTICLES * LINES} passages, {ARTICLES * LINES - kept} encoded" in said
    assert "skipped unreadable.txt" in problems
    check_whole(folder, alone)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_node_that_is_killed_takes_nothing_along(cluster: Cluster, corpus: Path, alone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    running = cluster.index(corpus, folder)
    until(lambda: len(encoded(folder)) >= 3 * BATCH, "three batches are encoded", 300)
    lose(cluster.nodes[1])
    assert len(encoded(folder)) < ARTICLES * LINES - BATCH, "killed too late to say anything"
    said, problems = running.communicate(timeout=400)
    assert running.returncode == 0, problems
    assert f"{ARTICLES * LINES} passages, {ARTICLES * LINES} encoded" in said
    check_whole(folder, alone)


@pytest.mark.slow
def test_this_machine_alone_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    home, corpus, folder = (tmp_path / name for name in ("home", "corpus", "index"))
    home.mkdir()
    corpus.mkdir()
    (corpus / "one.txt").write_text("The harbour was closed on Monday because of a storm.\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "qa.cli", "index", str(corpus), "--index", str(folder), "--ray", "local"],
        env=os.environ | {"HOME": str(home)}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout == f"{folder}: 1 added, 0 changed, 0 removed, 0 unchanged; 1 passages, 1 encoded\n"
    assert not (home / ".ray").exists()
    assert Index.open(folder).search("Why was the port closed?", 1)[0].passage.path == "one.txt"


def test_an_address_where_nobody_answers_is_one_line(corpus: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else will answer there
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = CliRunner().invoke(main, ["index", str(corpus), "--index", str(tmp_path), "--ray", address])
    assert ran.exit_code == 1
    assert ran.stderr.startswith(f"sanad: no Ray answers at {address} (")
    assert ran.stderr.endswith("start one with: ray start --head, or say --ray local\n")
    ran = CliRunner().invoke(main, ["index", str(corpus), "--index", str(tmp_path), "--ray", "here:there"])
    assert ran.exit_code == 2
    assert ran.stderr == "sanad: 'here:there' is no address of a Ray; say local, auto or HOST:PORT\n"


def test_without_ray_the_extra_is_named(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))  # Ray's settings are made before it is imported
    monkeypatch.setitem(sys.modules, "ray", None)
    ran = CliRunner().invoke(main, ["index", str(corpus), "--index", str(tmp_path), "--ray", "local"])
    assert ran.exit_code == 1
    assert ran.stderr == "sanad: Ray is not installed; run: pip install 'sanad[ray]'\n"
