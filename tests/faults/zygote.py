"""Runs of the indexer as processes of their own that start in milliseconds, with system calls that fail when asked to.

One process has imported everything and forks for each run. Where there is a C compiler it is started with `faulty.c`
preloaded, through which a run's n-th writing system call in the index folder fails.

    python -m faults.zygote       reads a JSON request and, for its end, an empty line; says {"pid": …} and {"status": …}
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

TESTS = Path(__file__).parent.parent
_SOURCE = Path(__file__).parent / "faulty.c"


@dataclass(frozen=True)
class Fault:
    """What goes wrong in the index folder: its `at`-th writing system call, counted from 1."""

    at: int
    errno: int  # 0: a short write, half of what was asked for
    lasting: bool = False  # every later call fails as well, as on a full disk


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit status (negative: the signal that killed it), what it said, writing calls it made."""

    status: int
    said: str
    calls: int


class Zygote:
    """Starts runs, one at a time."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="faults-")
        library = _compiled(Path(self._folder.name))
        self.can_fault = library is not None
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]),
            "OMP_NUM_THREADS": "1",
        }
        if library:
            environment["LD_PRELOAD"] = str(library)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.zygote"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, bufsize=1,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)
        self._folder.cleanup()

    def start(self, corpus: Path, folder: Path, *, fault: Fault | None = None, largest_file: int | None = None) -> int:
        """Begins a run and gives its process id; `finish` must follow."""
        assert self._process.stdin
        request = {
            "corpus": str(corpus), "folder": str(folder), "fault": asdict(fault) if fault else None,
            "largest_file": largest_file,
        }  # fmt: skip
        self._process.stdin.write(json.dumps(request) + "\n")
        return int(self._answer()["pid"])

    def finish(self) -> Outcome:
        """Waits for the run. Until then its process id is nobody else's, however it ended."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        return Outcome(**self._answer())

    def run(self, corpus: Path, folder: Path, **options: Any) -> Outcome:
        self.start(corpus, folder, **options)
        return self.finish()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the zygote died"
        answer: dict[str, Any] = json.loads(line)
        return answer


def _compiled(folder: Path) -> Path | None:
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None or sys.platform != "linux":
        return None
    library = folder / "faulty.so"
    made = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"], capture_output=True, check=False
    )
    return library if made.returncode == 0 else None


def main() -> None:
    """The zygote itself."""
    import rank_bm25  # noqa: F401
    import sentencex  # noqa: F401
    import Stemmer  # noqa: F401

    from faults.letters import Letters
    from index import SanadError, refresh_index

    while line := sys.stdin.readline():
        request = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            os.write(writing, b"+")
            status, said = 1, ""
            control = _control()
            try:
                if request["largest_file"] is not None:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (request["largest_file"],) * 2)
                if control:
                    fault = request["fault"] or {"at": 0, "errno": 0, "lasting": False}
                    control.fault_set(
                        os.fsencode(request["folder"]), fault["at"], fault["errno"], int(fault["lasting"])
                    )
                refresh_index(Path(request["corpus"]), Path(request["folder"]), Letters())
                status = 0
            except SanadError as error:
                said = str(error)
            except BaseException as error:
                status, said = 70, f"{type(error).__name__}: {error}"
            calls = int(control.fault_calls()) if control else 0
            os.write(writing, json.dumps({"said": said, "calls": calls}).encode())
            os._exit(status)
        os.close(writing)
        os.read(reading, 1)  # the run has begun
        print(json.dumps({"pid": pid}), flush=True)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        sys.stdin.readline()
        _, code = os.waitpid(pid, 0)
        answer = json.loads(told) if told else {"said": "", "calls": 0}
        print(json.dumps(answer | {"status": os.waitstatus_to_exitcode(code)}), flush=True)


def _control() -> Any:
    library = ctypes.CDLL(None)
    return library if hasattr(library, "fault_set") else None


if __name__ == "__main__":
    main()
