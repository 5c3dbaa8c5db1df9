"""The house keeps its shape: who may import whom, and what a cold start must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("index", "qa", "ui")
FILES = sorted(path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# Slow to import. Each is for the one who asks for it, so never at the top of a module that a search passes through.
HEAVY = {
    "torch", "transformers", "sentence_transformers", "langchain", "langchain_core", "streamlit", "xllamacpp", "ik_llama_cpp",
    "scipy", "matplotlib", "jinja2", "ir_measures", "trafilatura", "lxml", "docx", "pdfminer", "defusedxml", "charset_normalizer",
    "fastapi", "mcp", "mcp_types", "opentelemetry", "prometheus_client", "pydantic",
    "ray", "starlette", "uvicorn", "pymilvus", "grpc",
}  # fmt: skip
ONLY_INSIDE_FUNCTIONS = {"torch", "transformers", "sentence_transformers"}  # seconds each: not even in a seam
SEAMS = {
    "index/langchain.py",
    "qa/contract.py",
    "qa/evaluation/tokens.py",
    "qa/llm.py",
    *(file for file in FILES if file.startswith("qa/serving/") and not file.endswith(("__init__.py", "commands.py"))),
}  # imported by nobody at the top; what they exist for may be imported there


class Import(NamedTuple):
    package: str  # top-level name
    line: int
    at_start: bool  # runs when the module is imported: not inside a function, not for type checkers only
    runs: bool  # not for type checkers only


def imports_of(source: str) -> list[Import]:
    return list(_walk(ast.parse(source), inside_function=False, typing_only=False))


def _walk(node: ast.AST, *, inside_function: bool, typing_only: bool) -> Iterator[Import]:
    for package in _imported(node):
        yield Import(package, getattr(node, "lineno", 0), not inside_function and not typing_only, not typing_only)
    if isinstance(node, ast.If) and _is_type_checking(node.test):
        for child in node.body:
            yield from _walk(child, inside_function=inside_function, typing_only=True)
        for child in node.orelse:
            yield from _walk(child, inside_function=inside_function, typing_only=typing_only)
        return
    inside_function = inside_function or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, inside_function=inside_function, typing_only=typing_only)


def _imported(node: ast.AST) -> list[str]:
    """Top-level names that this one node imports; relative imports stay within their package and say nothing here."""
    match node:
        case ast.Import(names=names):
            return [alias.name.partition(".")[0] for alias in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module.partition(".")[0]]
        case ast.Call(
            func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(module)), *_]
        ) if name in {"import_module", "__import__"}:
            return [module.partition(".")[0]]
    return []


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


@cache
def _imports(file: str) -> list[Import]:
    return imports_of((ROOT / file).read_text(encoding="utf-8"))


def _importers(library: str) -> list[str]:
    return [file for file in FILES if any(found.package == library and found.runs for found in _imports(file))]


def test_the_reading_of_imports() -> None:
    source = """
import torch.nn as nn
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from langchain_core.documents import Document
else:
    import click
class Shelf:
    import faiss
def late():
    from streamlit import session_state
    return importlib.import_module("xllamacpp.memory")
from . import sibling
"""
    found = {i.package: (i.at_start, i.runs) for i in imports_of(source)}
    assert found == {
        "torch": (True, True),
        "typing": (True, True),
        "langchain_core": (False, False),
        "click": (True, True),
        "faiss": (True, True),
        "streamlit": (False, True),
        "xllamacpp": (False, True),
    }


@pytest.mark.parametrize(("lower", "upper"), [("index", "qa"), ("index", "ui"), ("qa", "ui")])
def test_knowledge_runs_one_way(lower: str, upper: str) -> None:
    wrong = [
        f"{file}:{found.line}"
        for file in FILES
        if file.startswith(f"{lower}/")
        for found in _imports(file)
        if found.package == upper
    ]
    assert not wrong, f"{lower}/ knows nothing of {upper}/: {', '.join(wrong)}"


@pytest.mark.parametrize("library", ["faiss", "pymilvus", "xllamacpp", "ik_llama_cpp"])
def test_one_file_imports(library: str) -> None:
    files = _importers(library)
    if not files:
        pytest.skip(f"nothing imports {library} yet")
    assert len(files) == 1, f"{library} belongs in one file, not in {', '.join(files)}"


def test_streamlit_stays_in_ui() -> None:
    assert not [file for file in _importers("streamlit") if not file.startswith("ui/")]


@pytest.mark.parametrize("file", FILES)
def test_nothing_heavy_at_the_start(file: str) -> None:
    is_seam = file in SEAMS or file.startswith("ui/")
    wrong = [
        f"{file}:{found.line} {found.package}"
        for found in _imports(file)
        if found.at_start and (found.package in ONLY_INSIDE_FUNCTIONS or (_is_heavy(found.package) and not is_seam))
    ]
    assert not wrong, f"import it inside the function that needs it: {', '.join(wrong)}"


def _is_heavy(package: str) -> bool:
    return package in HEAVY or package.startswith("langchain_")  # langchain_openai and its like


def test_ui_hides_no_other_module() -> None:
    """`streamlit run ui/…` puts ui/ first on sys.path, where each of its modules hides any other of the same name."""
    names = {path.stem if path.is_file() else path.name for path in (ROOT / "ui").iterdir() if _is_module(path)}
    others = {*sys.stdlib_module_names, *packages_distributions(), *PACKAGES}
    assert not (names - {"__init__", "__main__"}) & others


def _is_module(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))


def test_a_cold_start_loads_nothing_heavy() -> None:
    heavy = {*HEAVY, "langchain_openai", "pandas", "sklearn"}
    assert not _loaded_by("import qa.cli, qa.commands; from index import Index, Filter") & heavy


def test_what_comes_before_the_page_loads_no_arrays() -> None:
    assert not _loaded_by("import qa, index, qa.cli, qa.ui_command") & {*HEAVY, "numpy"}


def _loaded_by(code: str) -> set[str]:
    """Names of all modules there are after this ran in a process of its own."""
    line = [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"]
    run = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())
