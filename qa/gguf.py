"""A GGUF language model inside this process, run by llama.cpp through xllamacpp."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from index.errors import ModelUnavailable, SanadError, UsageError
from qa.plain import as_plain_text
from qa.prefixes import Prefixes
from qa.streamed import Emit, Event, events_of

SLOTS = 4  # requests that are generated together; more wait their turn
CONTEXT = 8192  # tokens, shared by the slots: one long request may use what the others leave
# A request can be abandoned between batches of its prompt: smaller is prompter and reads slower. Of 64 tokens, two cores read
# one in a second or two and a prompt 3% slower than in batches of 512; of 32, 15% slower.
_BATCH = 64
_MAGIC = b"GGUF"
_CONTROL_TIMEOUT = 600  # seconds: a slot is saved or filled once the request in it has ended

_loading = threading.Lock()
T = TypeVar("T")


class Runtime:
    """One loaded model. Any number of threads may call `chunks` at once.

    It opens no port unless `http` is set: then it also answers the OpenAI protocol on a port of 127.0.0.1, for every
    program on this machine.
    """

    def __init__(self, path: Path, *, http: bool) -> None:
        """Raises ModelUnavailable when there is no usable model at `path`, or no llama.cpp."""
        status = check_file(path)
        xllamacpp = _xllamacpp()
        self._prefixes = Prefixes([str(path), status.st_size, status.st_mtime_ns, xllamacpp.__version__, _BATCH])
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = CONTEXT
        params.n_parallel = SLOTS
        params.kv_unified = True
        params.n_batch = _BATCH
        params.no_extra_bufts = True  # a second copy of the weights in another layout: 600 MB, and no faster with AVX2
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads()
        params.verbosity = -1  # nothing on stdout or stderr
        params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
        params.cors_origins = ""  # a web page in the user's browser is not to talk to it
        # A cache of prompts in memory would hand one chat's state to another under load (llama.cpp issue 27148).
        params.cache_ram_mib = 0
        params.cache_idle_slots = False
        # llama.cpp always opens its HTTP server. A name that ends with .sock makes that a Unix socket, which lies here
        # in a folder that only this user can enter.
        private = tempfile.mkdtemp(prefix="sanad-")
        weakref.finalize(self, shutil.rmtree, private, ignore_errors=True)
        self._socket = f"{private}/llm.sock"
        if http:
            params.hostnames = ["127.0.0.1"]
        else:
            params.hostnames = [self._socket]
            params.slot_save_path = f"{self._prefixes.folder}/"
        try:
            self._server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise ModelUnavailable(
                f"llama.cpp cannot load {path}: the file is incomplete or damaged, its architecture is unknown, or "
                "memory ran out; get the file again or choose another model with --llm"
            ) from error
        self.endpoint: str | None = f"{self._server.listening_address}/v1" if http else None
        self._primed: list[dict[str, Any]] = []
        self._running = 0
        self._counting = threading.Lock()
        self._priming = threading.Lock()

    def chunks(self, request: dict[str, Any]) -> Iterator[Event]:
        """The parsed events of a streamed OpenAI "chat completion" as they are made, among them llama.cpp's progress of
        the prompt. Closing the iterator, or setting the event of `qa.cancel.stopping_at`, stops the generation at its
        next token or the next batch of its prompt.

        Raises UsageError for a request that llama.cpp refuses, ModelUnavailable when the prompt is too long or it fails,
        Cancelled when it was stopped.
        """
        request = {
            **request,
            "messages": _plain(request["messages"]),
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,
        }
        self._count(1)
        try:
            for event in events_of(lambda emit, stopped: self._answer(request, emit, stopped)):
                if "error" in event:
                    raise _refusal(event["error"])
                yield event
        finally:
            self._count(-1)

    def _answer(self, request: dict[str, Any], emit: Emit, stopped: threading.Event) -> None:
        def receive(event: Event) -> bool:
            emit(event)
            return stopped.is_set()  # True: llama.cpp gives the request up

        try:
            self._server.handle_chat_completions(request, receive)
        except (ValueError, TypeError) as error:  # what its own checks of a request raise
            raise UsageError(f"the language model cannot take this request: {error}") from error
        except RuntimeError as error:
            raise ModelUnavailable(f"the language model failed: {error}; start again") from error

    def prime(self, messages: Sequence[dict[str, Any]], *, afresh: bool = False) -> None:
        """Reads the opening that many chats share (instructions, worked examples) once and puts it into every slot.

        Without it each slot reads the opening for itself. What was read is kept as a file in the cache folder, from
        which a later process takes it in milliseconds; a file that does not have the hash in its name is not used.

        What a slot holds beside the opening moves the last digits of all that follows (log-odds by a tenth). `afresh` brings
        every slot to the state of its first use, so that the same chats that follow get the same numbers; not while others run.
        Raises what `chunks` raises.
        """
        opening = list(messages)
        with self._priming:
            if opening == self._primed and not (afresh and not self._running):
                return
            if not self._fill_slots(opening):
                whole = {"id_slot": 0, "cache_prompt": False}  # the same numbers whatever the slot held before
                for _ in self.chunks({"messages": opening, "max_tokens": 1, **whole}):
                    pass
                self._prefixes.keep(opening, lambda saving: self._slot(0, "save", saving.name))
                self._fill_slots(opening)
            self._primed = opening

    def _count(self, more: int) -> None:
        with self._counting:
            self._running += more

    def _fill_slots(self, opening: list[dict[str, Any]]) -> bool:
        file = self._prefixes.find(opening)
        return file is not None and all(self._slot(slot, "restore", file.name) for slot in range(SLOTS))

    def _slot(self, slot: int, action: str, filename: str) -> bool:
        """Whether llama.cpp could "save" the slot's state to, or "restore" it from, a file in the folder of prefixes."""
        if self.endpoint is not None:  # whoever can reach the port could write files as well: switched off there
            return False
        connection = _UnixConnection(self._socket)
        try:
            body = json.dumps({"filename": filename})
            connection.request("POST", f"/slots/{slot}?action={action}", body, {"Content-Type": "application/json"})
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _plain(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with nothing in their texts that could end one and begin another."""
    return [
        {**message, "content": as_plain_text(message["content"])}
        if isinstance(message.get("content"), str)
        else message
        for message in messages
    ]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_CONTROL_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def runtime(path: Path, *, http: bool = False) -> Runtime:
    """The runtime of a model file, loaded at the first call and kept for the life of the process."""
    return loaded(_runtime, path.absolute(), http)


def loaded(load: Callable[..., T], *arguments: Any) -> T:
    """What `load` gives, one model after the other."""
    # In another thread, where no Ctrl-C can raise: a server that is dropped right after its making hangs in its own end.
    with _loading, ThreadPoolExecutor(1) as loader:
        return loader.submit(load, *arguments).result()


@cache
def _runtime(path: Path, http: bool) -> Runtime:
    return Runtime(path, http=http)


def let_openmp_sleep() -> None:
    """To be called before the OpenMP library is loaded, which looks at it once."""
    # OpenMP's threads wait for each other hundreds of times a token. Spinning meanwhile gains 6% on two idle cores, and
    # with one of them busy it waits for a thread that is not running: 1.0 tokens a second, against 5.5 when they sleep.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def _xllamacpp() -> Any:
    let_openmp_sleep()
    try:
        import xllamacpp
    except ImportError as error:
        if "libgomp" in str(error):
            raise ModelUnavailable(
                "the language model needs the OpenMP library libgomp; run: apt-get install libgomp1 (Fedora: dnf install libgomp)"
            ) from error
        raise ModelUnavailable(
            f"the language model needs llama.cpp ({error}); run: python -m pip install xllamacpp"
        ) from error
    return xllamacpp


def check_file(path: Path) -> os.stat_result:
    """Raises ModelUnavailable unless the file can be read and begins as a GGUF file does."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
            status = os.stat(file.fileno())
    except OSError as error:
        raise ModelUnavailable(
            f"cannot read the model {path} ({error.strerror or error}); give the path of a GGUF file"
        ) from error
    if magic != _MAGIC:
        raise ModelUnavailable(f"{path} is not a GGUF file; give a model in that format")
    return status


def _refusal(error: dict[str, Any]) -> SanadError:
    if error.get("type") == "exceed_context_size_error":
        return too_long(error.get("n_prompt_tokens"), error.get("n_ctx"))
    message = error.get("message", error)
    if error.get("type") == "invalid_request_error":
        return UsageError(f"the language model cannot take this request: {message}")
    return ModelUnavailable(f"the language model failed: {message}; start again")


def too_long(tokens: object, most: object) -> ModelUnavailable:
    return ModelUnavailable(
        f"the prompt has {tokens} tokens and the language model takes {most}; ask over shorter or fewer lines"
    )


def threads() -> int:
    """Cores this process may use: its affinity, one thread per physical core, within a container's quota."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    cores = {_read(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") or str(cpu) for cpu in allowed}
    threads = len(cores)
    quota, _, period = _read("/sys/fs/cgroup/cpu.max").partition(" ")  # "200000 100000" or "max 100000"
    if quota.isdigit() and period.isdigit():
        threads = min(threads, round(int(quota) / int(period)))
    return max(threads, 1)


def _read(file: str) -> str:
    with suppress(OSError):
        return Path(file).read_text(encoding="ascii").strip()
    return ""
