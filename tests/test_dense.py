"""Many passages: codes say which may be near, exact vectors say which are; what was damaged is noticed where it is read."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from index import IndexUnusable
from index.blocks import BLOCK, CHECKED_WHOLE, Mapped, Rows, Written, block_sums
from index.dense import EXACT_UP_TO, Codes, DenseIndex
from index.encoders import Vectors
from index.neutral import unit_rows

DIMENSION = 384


def file_of(path: Path, data: bytes, block: int) -> Written:
    path.write_bytes(data)
    return Written(path, len(data), block_sums(path, block), "run: mend")


def spoiled(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 4]))


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """Clusters of near and less near neighbours, as texts have them."""
    rng = np.random.default_rng(0)
    subjects = rng.normal(size=(500, DIMENSION))
    own = rng.normal(size=(EXACT_UP_TO + 2000, DIMENSION)) * rng.uniform(0.3, 1.2, size=(EXACT_UP_TO + 2000, 1))
    return unit_rows((subjects[rng.integers(500, size=len(own))] + own).astype(np.float32))


@pytest.fixture(scope="module")
def stored(vectors: Vectors, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return file_of(tmp_path_factory.mktemp("vectors") / "vectors.f32", vectors.tobytes(), 4 * DIMENSION)


@pytest.fixture(scope="module")
def dense(vectors: Vectors, stored: Written) -> DenseIndex:
    codes = Codes([], DIMENSION)
    for start in range(0, len(vectors), 5000):
        codes.add(vectors[start : start + 5000])
    return DenseIndex(Rows(stored, DIMENSION), Codes.load([bytes(shard) for shard in codes.shards()], DIMENSION))


def test_codes_find_what_comparing_every_vector_finds(dense: DenseIndex, stored: Written, vectors: Vectors) -> None:
    exact = DenseIndex(Rows(stored, DIMENSION), None)
    rng = np.random.default_rng(1)
    queries = unit_rows(vectors[:50] + 0.5 * unit_rows(rng.normal(size=(50, DIMENSION)).astype(np.float32)))
    shared = 0
    for query in queries:
        found, wanted = dense.search(query, 200), exact.search(query, 200)
        best, truth = ({*near.rows[(near.ranks > 0) & (near.ranks <= 10)]} for near in (found, wanted))
        shared += len(best & truth)
        both = np.intersect1d(found.rows, wanted.rows)
        mine, theirs = (near.cosine[np.isin(near.rows, both)] for near in (found, wanted))
        assert np.allclose(mine, theirs, atol=1e-6)
    assert shared >= 0.98 * 10 * len(queries)


@pytest.mark.parametrize("share", [0.001, 0.5])
def test_a_filter_says_first_what_may_be_found(dense: DenseIndex, vectors: Vectors, share: float) -> None:
    allowed = np.random.default_rng(2).random(len(vectors)) < share
    near = dense.search(vectors[0], 200, allowed)
    assert allowed[near.rows].all()
    best = np.flatnonzero(allowed)[np.argsort(-(vectors[allowed] @ vectors[0]), kind="stable")[:20]]
    assert len({*near.rows} & {*best}) == min(20, allowed.sum())


def test_passages_beside_the_nearest_have_their_cosine_and_no_rank(dense: DenseIndex, vectors: Vectors) -> None:
    far = np.argsort(vectors @ vectors[0])[:3]
    near = dense.search(vectors[0], 5, beside=np.sort(far))
    assert len(near.rows) == 8
    assert {*near.rows[near.ranks == 0]} == {*far}
    assert np.allclose(near.cosine, vectors[near.rows] @ vectors[0], atol=1e-6)


@pytest.mark.parametrize("mapped", [0, 2**30])
def test_a_damaged_vector_is_noticed_when_it_is_read(
    mapped: int, vectors: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.blocks.MAPPED_UP_TO", mapped)
    written = file_of(tmp_path / "vectors.f32", vectors[:100].tobytes(), 4 * DIMENSION)
    rows = Rows(written, DIMENSION)
    spoiled(written.path, 7 * 4 * DIMENSION + 5)
    assert np.array_equal(rows.take(np.asarray([6, 8])), vectors[[6, 8]])
    with pytest.raises(IndexUnusable, match=r"vectors\.f32 is damaged; run: mend"):
        rows.take(np.asarray([7]))
    written.path.write_bytes(b"short")
    with pytest.raises(IndexUnusable):
        Rows(written, DIMENSION)


def test_rows_of_a_large_file_are_read_in_any_order_and_not_past_its_end(
    vectors: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.blocks.MAPPED_UP_TO", 0)
    written = file_of(tmp_path / "vectors.f32", vectors[:100].tobytes(), 4 * DIMENSION)
    rows = Rows(written, DIMENSION)
    for wanted in ([5, 6, 7, 3, 99, 3, 0, 1], [], range(100)):
        assert np.array_equal(rows.take(np.asarray(wanted, dtype=np.int64)), vectors[list(wanted)])
    os.truncate(written.path, 50 * 4 * DIMENSION)
    with pytest.raises(IndexUnusable, match=r"vectors\.f32 is damaged; run: mend"):
        rows.take(np.asarray([48, 49, 50]))


def test_a_large_file_is_checked_where_it_is_looked_at_and_a_small_one_at_once(tmp_path: Path) -> None:
    large = file_of(tmp_path / "large", bytes(CHECKED_WHOLE + 5), BLOCK)
    spoiled(large.path, 3 * BLOCK)
    mapped = Mapped(large)
    assert mapped[0 : 3 * BLOCK] == bytes(3 * BLOCK)
    assert mapped[CHECKED_WHOLE:] == bytes(5)
    for part in (slice(3 * BLOCK - 1, 3 * BLOCK + 1), slice(None)):
        with pytest.raises(IndexUnusable, match="large is damaged"):
            mapped[part]
    small = file_of(tmp_path / "small", bytes(10), BLOCK)
    spoiled(small.path, 9)
    with pytest.raises(IndexUnusable, match="small is damaged"):
        Mapped(small)


def test_codes_without_rows_are_codes_still() -> None:
    codes = Codes([], 64)
    assert codes  # the indexer asks whether there are to be any before it adds the first
    codes.add(np.eye(64, dtype=np.float32))
    assert codes.size == 64
