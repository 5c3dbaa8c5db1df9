"""The embedded language model, run by ik_llama.cpp: what sanad itself asks of it, read 1.7 times as fast as by llama.cpp.

ik_llama.cpp is a fork of llama.cpp with matrix products of its own for CPUs. Its wheel holds the bare library
(`qa.ik_library`), so this file does what else llama.cpp's server does (`qa.gguf`): chats of one model family, answered
greedily, one after the other.
"""

from __future__ import annotations

import codecs
import ctypes
import os
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import ModelUnavailable, UsageError
from qa.cancel import check_stop, current_stop
from qa.gguf import CONTEXT, check_file, loaded, threads, too_long
from qa.ik_library import PACKAGE, library, structures
from qa.plain import as_plain_text
from qa.prefixes import Prefixes
from qa.streamed import STOP_SEEN, Emit, Event, events_of

_BATCH = 64  # tokens of a prompt between which a request can be given up: a second or two of two cores
_TAKEN = {"messages", "temperature", "max_tokens", "logprobs", "top_logprobs", "grammar"}
_OPENINGS = 8  # the latest ones, in memory: some 30 kB a token
_MESSAGE, _ROLES = {"role", "content"}, {"system", "user", "assistant"}
_MOST_ALTERNATIVES = 20  # of the OpenAI protocol
_DEFAULT_SYSTEM = (
    "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."  # of the file's own chat template
)
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data
_SEQUENCE = 0  # the only one: what it holds is one chat


def takes(request: dict[str, Any]) -> bool:
    """Whether this runtime answers such an OpenAI "chat completion": greedily, in plain text. llama.cpp takes any, or tells what is
    wrong with it."""
    messages, most, alternatives = request["messages"], request.get("max_tokens"), request.get("top_logprobs")
    return (
        request.keys() <= _TAKEN
        and bool(messages)
        and all(
            message.keys() == _MESSAGE and message["role"] in _ROLES and isinstance(message["content"], str)
            for message in messages
        )
        and messages[-1]["role"] != "assistant"  # a reply that is to be gone on with
        and request.get("temperature", 0) == 0
        and (most is None or (isinstance(most, int) and most > 0))
        and bool(request.get("logprobs")) == (alternatives is not None)
        and (alternatives is None or (isinstance(alternatives, int) and 1 <= alternatives <= _MOST_ALTERNATIVES))
        and isinstance(request.get("grammar") or "", str)
    )


class Runtime:
    """The loaded model. Any number of threads may call `chunks` at once: one is answered after the other."""

    def __init__(self, path: Path) -> None:
        """Raises ModelUnavailable when there is no usable model at `path`."""
        status = check_file(path)
        self._lib = lib = library()
        for_model = lib.llama_model_default_params()
        for_model.n_gpu_layers = 0
        # Weights in the order in which the products take them: a copy of its own in memory instead of the mapped file.
        for_model.use_mmap, for_model.repack_tensors = False, True
        for_context = lib.llama_context_default_params()
        for_context.n_ctx, for_context.n_batch, for_context.n_ubatch, for_context.n_seq_max = CONTEXT, _BATCH, _BATCH, 1
        for_context.n_threads = for_context.n_threads_batch = threads()
        for_context.flash_attn = False  # its own one fails an assertion, and with it the process, on some processors
        lib.llama_backend_init()
        self._model = lib.llama_model_load_from_file(os.fsencode(path), for_model)
        self._context = lib.llama_init_from_model(self._model, for_context) if self._model else None
        weakref.finalize(self, _give_back, lib, self._context, self._model).atexit = False  # the process frees it all
        if not self._context:
            raise ModelUnavailable(
                f"ik_llama.cpp cannot load {path}: the file is incomplete or damaged, or memory ran out; get the file again, "
                "or free memory"
            )
        self._vocabulary = lib.llama_model_get_vocab(self._model)
        self._prefixes = Prefixes([str(path), status.st_size, status.st_mtime_ns, version(PACKAGE), _BATCH])
        self._openings: dict[tuple[int, ...], bytes] = {}
        self._held: list[int] = []  # tokens that the context has read
        self._turns = threading.Lock()

    def chunks(self, request: dict[str, Any]) -> Iterator[Event]:
        """The events of a streamed OpenAI "chat completion" as they are made, of a request that `takes` accepts. Closing the
        iterator, or setting the event of `qa.cancel.stopping_at`, stops the generation at its next token or the next batch of
        its prompt.

        Raises UsageError for a grammar that is none, ModelUnavailable when the prompt is too long or the library fails,
        Cancelled when it was stopped.
        """
        return events_of(lambda emit, stopped: self._answer(request, emit, stopped))

    def prime(self, messages: Sequence[dict[str, Any]], *, afresh: bool = False) -> None:
        """Reads the opening that many chats share (instructions, worked examples) once.

        What was read is kept as a file in the cache folder, from which a later process takes it in milliseconds. `afresh` has
        the next chat begin from it: what else the memory holds moves the last digits of what follows. Raises what
        `chunks` raises.
        """
        tokens, stop = tuple(self._tokens(messages)), current_stop()
        if len(tokens) >= CONTEXT:
            raise too_long(len(tokens), CONTEXT)
        with self._turn(stop):
            if tokens not in self._openings:
                self._openings[tokens] = self._prefixes.read(tokens) or self._read_now(tokens, stop)
                self._openings = dict(list(self._openings.items())[-_OPENINGS:])
            if afresh:
                self._forget()

    def _answer(self, request: dict[str, Any], emit: Emit, stopped: threading.Event) -> None:
        tokens = [*self._tokens(request["messages"]), *self._tokens_of("<|im_start|>assistant\n", marks=True)]
        room = CONTEXT - len(tokens)
        if room <= 0:
            raise too_long(len(tokens), CONTEXT)
        most = min(request.get("max_tokens") or room, room)
        alternatives = request.get("top_logprobs")
        with self._turn(stopped), self._grammar(request.get("grammar")) as grammar:
            began = time.perf_counter()
            known = self._continue_from(tokens, stopped)
            self._read(tokens, stopped)
            read = time.perf_counter()
            written = 0
            for choice in self._generate(most, grammar, alternatives, stopped):
                emit({"choices": [choice]})
                written += 1
            emit(_ending(len(tokens), known, written, read - began, time.perf_counter() - read))

    def _generate(
        self, most: int, grammar: int | None, alternatives: int | None, stop: threading.Event
    ) -> Iterator[dict[str, Any]]:
        """Behind what is held the likeliest tokens, one by one, as OpenAI's choices; with so many alternatives of each, if any.
        Raises Cancelled."""
        letters = codecs.getincrementaldecoder("utf-8")("replace")  # a token may end within one
        for number in range(1, most + 1):
            check_stop(stop)
            logits = self._logits()
            token = self._likeliest(logits, grammar)
            ends = bool(self._lib.llama_token_is_eog(self._model, token))
            last = ends or number == most
            choice = {"index": 0, "delta": {"content": letters.decode(b"" if ends else self._piece(token), last)}}
            # As llama.cpp has it: of what is written, not of its end; of the first token, which `qa.reading` asks for, in any case.
            if alternatives is not None and (number == 1 or not ends):
                choice["logprobs"] = {"content": [self._log_probabilities(logits, token, alternatives)]}
            if last:
                yield choice | {"finish_reason": "stop" if ends else "length"}
                return
            yield choice
            if grammar:
                self._lib.llama_grammar_accept_token(grammar, self._context, token)
            self._decode([token])

    @contextmanager
    def _turn(self, stop: threading.Event | None) -> Iterator[None]:
        """The context for oneself. Raises Cancelled, also while others have it."""
        while not self._turns.acquire(timeout=STOP_SEEN):
            check_stop(stop)
        try:
            check_stop(stop)
            yield
        finally:
            self._turns.release()

    def _continue_from(self, tokens: Sequence[int], stop: threading.Event) -> int:
        """Brings the context to the longest beginning of the tokens that was read before; how many tokens that is."""
        known = min(_common(self._held, tokens), len(tokens) - 1)  # of the last one the logits are needed
        openings = [opening for opening in self._openings if _common(opening, tokens) == len(opening) < len(tokens)]
        longest = max(openings, key=len, default=())
        if len(longest) > known:
            self._forget()
            self._fill(longest, stop)
            known = len(longest)
        self._lib.llama_kv_cache_seq_rm(self._context, _SEQUENCE, known, -1)
        del self._held[known:]
        return known

    def _read(self, tokens: Sequence[int], stop: threading.Event | None) -> None:
        """Reads on to the end of the tokens. Raises Cancelled."""
        while len(self._held) < len(tokens):
            check_stop(stop)
            self._decode(tokens[len(self._held) : len(self._held) + _BATCH])

    def _decode(self, tokens: Sequence[int]) -> None:
        """Reads some tokens, a batch at most, behind what is held. Raises ModelUnavailable."""
        batch = self._lib.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for at, token in enumerate(tokens):
                batch.token[at], batch.pos[at] = token, len(self._held) + at
                batch.n_seq_id[at], batch.seq_id[at][0] = 1, _SEQUENCE
                batch.logits[at] = at == len(tokens) - 1
            code = self._lib.llama_decode(self._context, batch)
        finally:
            self._lib.llama_batch_free(batch)
        if code:
            self._forget()
            raise ModelUnavailable(f"the language model failed (llama_decode: {code}); ask again")
        self._held += tokens

    def _forget(self) -> None:
        self._held = []  # first: whatever interrupts, nothing is held that was not read
        self._lib.llama_kv_cache_clear(self._context)

    def _read_now(self, tokens: tuple[int, ...], stop: threading.Event | None) -> bytes:
        self._forget()
        self._read(tokens, stop)
        state = ctypes.create_string_buffer(self._lib.llama_state_seq_get_size(self._context, _SEQUENCE, 0))
        size = self._lib.llama_state_seq_get_data(self._context, state, len(state), _SEQUENCE, 0)
        read = state.raw[:size]
        self._prefixes.keep(tokens, lambda saving: saving.write_bytes(read))
        return read

    def _fill(self, opening: tuple[int, ...], stop: threading.Event) -> None:
        state = self._openings[opening]
        if self._lib.llama_state_seq_set_data(self._context, state, len(state), _SEQUENCE, 0):
            self._held = list(opening)
        else:  # the library does not take it
            self._openings[opening] = self._read_now(opening, stop)

    def _tokens(self, messages: Sequence[dict[str, Any]]) -> list[int]:
        """ChatML, as in the file's own template. What the messages say is read as plain text, whatever marks it spells."""
        told = [(message["role"], message["content"]) for message in messages]
        if not told or told[0][0] != "system":
            told = [("system", _DEFAULT_SYSTEM), *told]
        begin, end = self._tokens_of("<|im_start|>", marks=True), self._tokens_of("<|im_end|>\n", marks=True)
        tokens: list[int] = []
        for role, text in told:
            tokens += [*begin, *self._tokens_of(f"{role}\n{as_plain_text(text)}"), *end]
        return tokens

    def _tokens_of(self, text: str, *, marks: bool = False) -> list[int]:
        encoded = text.encode(errors="replace")  # half of a surrogate pair is no text
        tokens = (ctypes.c_int32 * (len(encoded) + 1))()
        count = self._lib.llama_tokenize(self._model, encoded, len(encoded), tokens, len(tokens), False, marks)
        return list(tokens[:count])

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        size = self._lib.llama_token_to_piece(self._model, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(size, 0)]

    def _logits(self) -> npt.NDArray[np.float32]:
        """Of the next token, by token; overwritten by the next batch."""
        pointer = self._lib.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._lib.llama_vocab_n_tokens(self._vocabulary),))

    def _likeliest(self, logits: npt.NDArray[np.float32], grammar: int | None) -> int:
        best = int(logits.argmax())
        if not grammar or np.isfinite(self._allowed(logits, grammar, [best])).all():
            return best
        allowed = self._allowed(logits, grammar, range(len(logits)))
        if not np.isfinite(allowed).any():
            raise UsageError(
                "the language model cannot take this request: its grammar leads to where no token may follow"
            )
        return int(allowed.argmax())

    def _allowed(self, logits: npt.NDArray[np.float32], grammar: int, tokens: Iterable[int]) -> Any:
        """The logits of these tokens, minus infinity where the grammar does not let them follow."""
        ids = np.fromiter(tokens, np.int32)
        candidates = np.zeros(len(ids), _CANDIDATE)
        candidates["id"], candidates["logit"] = ids, logits[ids]
        array = structures().llama_token_data_array()
        array.data = candidates.ctypes.data_as(ctypes.POINTER(structures().llama_token_data))
        array.size, array.selected, array.sorted = len(ids), -1, False
        self._lib.llama_grammar_sample(grammar, self._context, ctypes.byref(array))
        return candidates["logit"]

    def _log_probabilities(self, logits: npt.NDArray[np.float32], token: int, alternatives: int) -> dict[str, Any]:
        """As in the OpenAI protocol: of the token, and of so many likeliest ones."""
        top = np.argpartition(-logits, alternatives)[:alternatives]
        top = top[np.lexsort((top, -logits[top]))]
        exact = logits.astype(np.float64)
        all_of_them = exact.max() + np.log(np.exp(exact - exact.max()).sum())
        pieces = [(each, self._piece(int(each))) for each in (token, *top)]
        named = [
            {
                "token": piece.decode(errors="replace"),
                "logprob": float(exact[each] - all_of_them),
                "bytes": list(piece),
            }
            for each, piece in pieces
        ]
        return named[0] | {"top_logprobs": named[1:]}

    @contextmanager
    def _grammar(self, rules: str | None) -> Iterator[int | None]:
        """llama.cpp's grammar (GBNF) of these rules. Raises UsageError."""
        if not rules:
            yield None
            return
        grammar = self._lib.llama_sampler_init_grammar(self._vocabulary, rules.encode(), b"root")
        if not grammar:
            raise UsageError("the language model cannot take this request: its grammar does not parse")
        try:
            yield grammar
        finally:
            self._lib.llama_grammar_free(grammar)


def runtime(path: Path) -> Runtime:
    """The runtime of the model file, loaded at the first call and kept for the life of the process."""
    return loaded(_runtime, path.absolute())


@cache
def _runtime(path: Path) -> Runtime:
    return Runtime(path)


def _ending(read: int, known: int, written: int, reading: float, writing: float) -> Event:
    """Tokens and seconds of an answer, as llama.cpp's server tells them."""
    return {
        "choices": [],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": known},
        },
        "timings": {
            "cache_n": known,
            "prompt_n": read - known,
            "prompt_ms": reading * 1000,
            "predicted_n": written,
            "predicted_ms": writing * 1000,
        },
    }


def _give_back(lib: Any, context: int | None, model: int | None) -> None:
    if context:
        lib.llama_free(context)
    if model:
        lib.llama_free_model(model)


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many of their first tokens are the same."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
