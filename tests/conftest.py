"""Shared fixtures: the real corpus, indexed once per test run with the embedded encoder."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import Index, refresh_index

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
