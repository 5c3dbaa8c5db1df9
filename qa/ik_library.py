"""The library of ik_llama.cpp, as its wheel brings it: whether it runs here, its functions and structures."""

from __future__ import annotations

import ctypes
import platform
from contextlib import suppress
from functools import cache
from typing import Any

from qa.gguf import let_openmp_sleep

PACKAGE = "ik-llama-cpp-python"
# What the wheel is compiled for and does not look at itself.
_INSTRUCTIONS = {"avx2", "bmi2", "f16c", "fma"}
_LOG = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_SILENT = _LOG(lambda level, text, data: None)


@cache
def runs_here() -> bool:
    """Whether the library is installed and made for this processor. Elsewhere llama.cpp does the same, more slowly."""
    if platform.system() != "Linux" or platform.machine() != "x86_64" or _INSTRUCTIONS - _instructions():
        return False
    try:
        library()
    except (ImportError, OSError, AttributeError):
        return False
    return True


def _instructions() -> set[str]:
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        return next((set(line.split()) for line in file if line.startswith("flags")), set())
    return set()


def structures() -> Any:
    """The library's structures in memory, as its wheel declares them."""
    from ik_llama_cpp import _ctypes_api

    return _ctypes_api


@cache
def library() -> ctypes.CDLL:
    """The library's functions. The wheel declares most of them; these are the others. Raises ImportError, OSError or
    AttributeError where it is not installed, cannot be loaded, or is another one."""
    let_openmp_sleep()
    functions: ctypes.CDLL = structures()._lib
    pointer, integer, size = ctypes.c_void_p, ctypes.c_int32, ctypes.c_size_t
    text, state = ctypes.c_char_p, ctypes.c_char_p
    for name, arguments, result in (
        ("llama_log_set", [_LOG, pointer], None),
        ("llama_kv_cache_seq_rm", [pointer, integer, integer, integer], ctypes.c_bool),
        ("llama_state_seq_get_size", [pointer, integer, ctypes.c_uint32], size),
        ("llama_state_seq_get_data", [pointer, state, size, integer, ctypes.c_uint32], size),
        ("llama_state_seq_set_data", [pointer, state, size, integer, ctypes.c_uint32], size),
        ("llama_sampler_init_grammar", [pointer, text, text], pointer),
        ("llama_grammar_sample", [pointer, pointer, pointer], None),
        ("llama_grammar_accept_token", [pointer, pointer, integer], None),
        ("llama_grammar_free", [pointer], None),
    ):
        function = getattr(functions, name)
        function.argtypes, function.restype = arguments, result
    functions.llama_log_set(_SILENT, None)
    return functions
