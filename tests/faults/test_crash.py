"""An indexer that dies, or whose disk does, at any moment: the last good index answers and the next run completes."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults.letters import Letters
from faults.tally import Tally
from faults.zygote import Fault, Outcome, Zygote
from index import Index, SanadError, refresh_index

ARTICLES = 12


class Library:
    """A corpus that changes between two states, and its index."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.index = folder / "corpus", folder / "index"
        self.corpus.mkdir()
        for number in range(ARTICLES):
            lines = (f"Harbour {number} closed pier {line} because of storm {number * line}." for line in range(8))
            (self.corpus / f"{number:02}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        refresh_index(self.corpus, self.index, Letters())
        self.states = {frozenset(self._lines())}
        self.change()
        self.states.add(frozenset(self._lines()))
        self.change()

    def change(self) -> None:
        """An article comes or goes, and another one reads otherwise."""
        late, edited = self.corpus / "late.txt", self.corpus / "00.txt"
        text = edited.read_text(encoding="utf-8")
        if late.exists():
            late.unlink()
            edited.write_text(text.replace("Lighthouse", "Harbour"), encoding="utf-8")
        else:
            late.write_text("The late ferry carried 300 passengers.\n", encoding="utf-8")
            edited.write_text(text.replace("Harbour", "Lighthouse"), encoding="utf-8")

    def check(self) -> str:
        """Opens the index as a reader would: "old" or "new"; anything else is a loss."""
        index = Index.open(self.index, Letters())
        held = frozenset((passage.path, passage.text) for passage in index.passages)
        assert held in self.states, "the index is neither the one before nor the one after"
        hits = index.search("Which pier was closed by the storm?", 5)
        assert len(hits) == 5
        assert {(hit.passage.path, hit.passage.text) for hit in hits} <= held
        return "new" if held == frozenset(self._lines()) else "old"

    def check_completes(self, zygote: Zygote) -> None:
        """The next run does what was to be done and leaves nothing over."""
        done = zygote.run(self.corpus, self.index)
        assert done.status == 0, done.said
        assert self.check() == "new"
        names = sorted(path.name.partition("-")[0] for path in self.index.iterdir())
        assert names == [".lock", "data", "encoded", "manifest.json"], names

    def left(self) -> str:
        """How far a run came, by what lies in the folder."""
        if any(self.index.glob("staging-*")):
            return "killed while it wrote beside"
        if len(list(self.index.glob("data-*"))) > 1:
            return "killed around the swap"
        return "killed while it read" if self.check() == "old" else "killed after the swap"

    def _lines(self) -> list[tuple[str, str]]:
        files = sorted(self.corpus.glob("*.txt"))
        return [(file.name, line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def kill(pid: int, library: Library, zygote: Zygote, tally: Tally) -> None:
    """Kills a run of the indexer: the index is the one before or the one after, and the next run completes."""
    os.kill(pid, signal.SIGKILL)
    ended = zygote.finish()
    assert ended.status in (0, -signal.SIGKILL), ended.said
    tally.saw("ended before the signal" if ended.status == 0 else library.left())
    library.check()
    library.check_completes(zygote)


@pytest.mark.timeout(3600)
def test_killed_at_random_moments(library: Library, zygote: Zygote, tally: Tally) -> None:
    tally.about = "SIGKILL of the indexer at a random moment of its run"
    began = time.perf_counter()
    library.change()
    library.check_completes(zygote)
    usual = time.perf_counter() - began
    for _ in tally.each(200, quick=10):
        library.change()
        pid = zygote.start(library.corpus, library.index)
        time.sleep(tally.random.uniform(0, usual))
        kill(pid, library, zygote, tally)


@pytest.mark.timeout(3600)
def test_killed_while_it_writes(library: Library, zygote: Zygote, tally: Tally) -> None:
    tally.about = "SIGKILL of the indexer at a random moment after it began to write"
    for _ in tally.each(60, quick=6):
        library.change()
        pid = zygote.start(library.corpus, library.index)
        began = time.monotonic()
        while not any(library.index.glob("staging-*")) and time.monotonic() - began < 30:
            time.sleep(0.0002)
        time.sleep(tally.random.uniform(0, 0.05))
        kill(pid, library, zygote, tally)


@pytest.mark.timeout(3600)
def test_killed_with_the_embedded_encoder(tmp_path: Path, tally: Tally) -> None:
    tally.about = "SIGKILL of `sanad index` with the embedded encoder at a random moment"
    if not tally.whole:
        pytest.skip("part of make faults: test_cli interrupts the same command")
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "one.txt").write_text("The harbour was closed on Monday because of a storm.\n", encoding="utf-8")
    command = [sys.executable, "-m", "qa.cli", "index", str(corpus), "--index", str(index)]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    usual = time.perf_counter() - began
    for number in tally.each(10):
        text = "".join(f"Boat {n} of fleet {number} came in.\n" for n in range(40))
        (corpus / f"more{number}.txt").write_text(text, encoding="utf-8")
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(tally.random.uniform(0.3, 1.2) * usual)
        running.kill()
        running.communicate()
        tally.saw("ended before the signal" if running.returncode == 0 else "killed")
        before = len(Index.open(index).passages)
        assert before in (1 + 40 * number, 41 + 40 * number)
        assert Index.open(index).search("Why was the harbour closed?", 1)[0].passage.path == "one.txt"
        subprocess.run(command, check=True, capture_output=True)
        assert len(Index.open(index).passages) == 41 + 40 * number


MODES = {
    "the disk is full from then on": (errno.ENOSPC, True),
    "the disk is full once": (errno.ENOSPC, False),
    "the device fails once": (errno.EIO, False),
    "the device fails from then on": (errno.EIO, True),
    "a short write": (0, False),
}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", MODES)
def test_every_system_call_that_writes_fails(library: Library, zygote: Zygote, tally: Tally, mode: str) -> None:
    code, lasting = MODES[mode]
    tally.about = f"Each call of the indexer that writes (open, write, fsync, mkdir, rename) in turn: {mode}"
    if not zygote.can_fault:
        pytest.skip("needs a C compiler and Linux")
    library.change()
    calls = zygote.run(library.corpus, library.index).calls
    assert calls > 30  # ten files, each opened, written and synced, and their folders
    step = 1 if tally.whole else 23
    for at in range(1, calls + 1, step):
        tally.tries += 1
        library.change()
        ended = zygote.run(library.corpus, library.index, fault=Fault(at, code, lasting))
        _check_told(ended)
        if not code:
            assert ended.status == 0, ended.said
        tally.saw(f"{'completed' if ended.status == 0 else 'refused in one line'}, {library.check()} index")
        library.check_completes(zygote)


@pytest.mark.timeout(3600)
def test_files_may_not_grow(library: Library, zygote: Zygote, tally: Tally) -> None:
    tally.about = "A limit on the size of files (RLIMIT_FSIZE) that some file of the index meets"
    sizes = sorted({path.stat().st_size for path in library.index.rglob("*") if path.is_file()} - {0})
    for _ in tally.each(40, quick=2):
        library.change()
        limit = tally.random.choice(sizes) - tally.random.randrange(2) or 1
        ended = zygote.run(library.corpus, library.index, largest_file=limit)
        _check_told(ended)
        tally.saw(f"{'completed' if ended.status == 0 else 'refused in one line'}, {library.check()} index")
        library.check_completes(zygote)


SMALL_DISK = """
mount -t tmpfs -o size="$1"k none "$2" || exit 77
cp -a "$3"/. "$2"/ || exit 77
exec "$4" -m faults.small_disk "$2" "$5"
"""


@pytest.mark.timeout(3600)
def test_a_disk_that_is_full(library: Library, tmp_path: Path, tally: Tally) -> None:
    tally.about = "An index on a small disk of its own (tmpfs) that the new one does not fit on beside the old one"
    if not shutil.which("unshare"):
        pytest.skip("needs unshare (Linux)")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    library.change()
    used = sum(4096 * (1 + path.stat().st_size // 4096) for path in library.index.rglob("*")) // 1024
    for _ in tally.each(12, quick=1):
        size = used + tally.random.randrange(4, used)
        tests = Path(__file__).parent.parent
        run = subprocess.run(
            ["unshare", "-rm", "sh", "-c", SMALL_DISK, "sh", str(size), str(mounted), str(library.index), sys.executable,
             str(library.corpus)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if run.returncode == 77 or "unshare" in run.stderr:
            pytest.skip(f"this kernel does not let a user mount a disk: {run.stderr.strip()[:100]}")
        assert run.returncode == 0, run.stderr
        told = json.loads(run.stdout.splitlines()[-1])
        assert told["passages"] in {len(state) for state in library.states}
        assert not told["said"] or "free some space and run it again" in told["said"], told["said"]
        tally.saw("refused in one line, old index" if told["said"] else "fitted, new index")


def test_who_holds_the_lock_is_named(library: Library, zygote: Zygote, tally: Tally) -> None:
    tally.about = "A second indexer while one is at it"
    for _ in tally.each(10):
        library.change()
        pid = zygote.start(library.corpus, library.index)
        os.kill(pid, signal.SIGSTOP)
        said = ""
        try:
            refresh_index(library.corpus, library.index, Letters())
        except SanadError as error:
            said = str(error)
        finally:
            os.kill(pid, signal.SIGCONT)
        zygote.finish()
        if not said:
            tally.saw("the first had not taken the lock yet, or was done")
        elif "process" in said:
            tally.saw("refused, the first one named")
            assert f"another sanad index (process {pid} on " in said
        else:
            tally.saw("refused, the first one had not said who it is")
            assert "another sanad index is writing" in said
        assert not said or said.endswith("wait for it to end and run it again")
        library.check_completes(zygote)


def _check_told(ended: Outcome) -> None:
    assert ended.status in (0, 1), ended.said
    if ended.status:
        assert "\n" not in ended.said
        assert ended.said.startswith("cannot write the index at ")
        assert ended.said.endswith("and run it again")
