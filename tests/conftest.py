"""Shared fixtures: the real corpus, indexed once per test run with the embedded encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index import Index, refresh_index
from index.errors import ModelUnavailable
from qa.weights import embedded_model_path

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
ALLIANCE = "2025-10-28-japan-us-alliance.ar.txt"
TOKYO = "2025-10-28-trump-in-tokyo.ar.txt"


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an index over the two articles; tests must not change it."""
    folder = tmp_path_factory.mktemp("corpus") / "index"
    refresh_index(CORPUS, folder)
    return folder


@pytest.fixture(scope="session")
def index(corpus_index: Path) -> Index:
    return Index.open(corpus_index)


@pytest.fixture(scope="session")
def model_path() -> Path:
    """The embedded language model."""
    try:
        return embedded_model_path()
    except ModelUnavailable as error:
        pytest.skip(str(error))


@contextmanager
def empty_cache(forget: Callable[[], None], folder: Path) -> Iterator[Path]:
    """An empty folder for what a runtime has read, instead of the user's; `forget` drops runtimes, which keep theirs elsewhere."""
    forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SANAD_CACHE", str(folder))
        yield folder
    forget()
