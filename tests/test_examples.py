"""Every example runs as its first lines say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ALLIANCE, ROOT, TOKYO
from serving import served

from index import Index
from index.langchain import HybridRetriever

EXAMPLES = ROOT / "examples"
MINERALS = "What does the minerals deal include?"
DEFENCE = "By when will Japan raise its defence spending, and to what share of GDP?"


def run(*arguments: object, **environment: str) -> str:
    """What a program prints, run from the project's folder as a user would."""
    variables = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_example_is_tried_here() -> None:
    names = {path.name for path in EXAMPLES.iterdir() if not path.name.startswith(("_", "."))}
    assert names == {
        "from_python.py", "notebook.ipynb", "of_a_server.py", "of_tools.py", "own_chain.py", "own_graph.py"
    }  # fmt: skip


def test_from_python(corpus_index: Path) -> None:
    shown = run(EXAMPLES / "from_python.py", DEFENCE, corpus_index)
    assert f"{ALLIANCE}:23  [quoted]" in shown


def test_of_a_server(corpus_index: Path, tmp_path: Path) -> None:
    with served(tmp_path, "--index", corpus_index, "--llm", "none") as server:
        shown = run(EXAMPLES / "of_a_server.py", MINERALS, server.url)
    assert shown.startswith("5 lines are near\n1. ")
    assert f"{ALLIANCE}:16" in shown


def test_of_tools(corpus_index: Path) -> None:
    shown = run(EXAMPLES / "of_tools.py", DEFENCE, corpus_index)
    assert shown.startswith("tools: ask, search, read_line\n")
    assert f"{ALLIANCE}:23  " in shown


def test_own_graph(corpus_index: Path) -> None:
    shown = run(EXAMPLES / "own_graph.py", "What will Japan do with its defence spending?", corpus_index)
    assert shown.startswith("looked in: en")
    assert "all" in shown.partition("\n")[0]  # the lines that answer are Arabic
    assert any(name in shown for name in (ALLIANCE, TOKYO))


@pytest.mark.slow
def test_own_chain(model_path: Path, corpus_index: Path) -> None:
    shown = run(EXAMPLES / "own_chain.py", "By when will Japan raise its defence spending?", corpus_index)
    for sentence in shown.splitlines():  # none is right as well: then nothing it wrote was supported
        assert f"({ALLIANCE}:" in sentence or f"({TOKYO}:" in sentence


def test_the_parts_of_the_chain_keep_what_is_supported(index: Index) -> None:
    """With a model that always says the same: one sentence as its line has it, one with another number, one of no line."""
    from langchain_core.language_models import FakeListChatModel

    sys.path.insert(0, str(EXAMPLES))
    try:
        from own_chain import chain
    finally:
        sys.path.remove(str(EXAMPLES))
    retriever = HybridRetriever(index=index, k=3)
    lines = retriever.invoke(DEFENCE)
    said = f"{lines[0].page_content} [1] Spending will be 77% of GDP. [1] It rains. [9]"
    kept = chain(retriever, FakeListChatModel(responses=[said])).invoke(DEFENCE)
    assert kept == [f"{lines[0].page_content} ({lines[0].metadata['path']}:{lines[0].metadata['line']})"]


def test_the_notebook(corpus_index: Path, tmp_path: Path) -> None:
    """Its cells in order, as one program; the last line of a cell is shown, as a notebook does."""
    notebook = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 3
    assert not any(cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    script = tmp_path / "cells.py"
    script.write_text(f"import ast\nshared = {{}}\nfor cell in {cells!r}:\n" + _RUN_A_CELL, encoding="utf-8")
    shown = run(script, SANAD_INDEX=str(corpus_index))
    assert "China restrict" in shown
    assert ALLIANCE in shown


_RUN_A_CELL = """\
    parsed = ast.parse(cell)
    last = parsed.body.pop() if isinstance(parsed.body[-1], ast.Expr) else None
    exec(compile(parsed, "cell", "exec"), shared)
    if last is not None:
        print(eval(compile(ast.Expression(last.value), "cell", "eval"), shared))
"""
