"""How fast a collection becomes an index, in one process and on Ray, and what it takes of memory and disk: into docs/scale.md.

python benchmarks/bulk.py ARTICLES [ENCODED [WRITTEN]]

ARTICLES is a folder of text files. The first ENCODED of them (50) are indexed for real, WRITTEN (2,000) of them and a quarter
of those with vectors that cost nothing: how the memory of the writing process grows with the passages.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from readme import put

from index import refresh_index, store
from index.context import views
from index.e5 import e5_tokenizer
from index.encoders import EmbeddedEncoder, Vectors
from index.prepared import prepare
from index.reader import Source, find_sources, read_article
from index.segment import segment

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"
_ROLES = {
    "gcs_server": "Ray's own processes", "raylet": "Ray's own processes", "/ray/": "Ray's own processes",
    "ray::Dash": "Ray's own processes", "ray::Runtime": "Ray's own processes", "ray::IDLE": "Ray's own processes",
    "ray::_Encoding": "an encoding worker", "ray::_outcomes": "a preparing worker",
}  # fmt: skip  # by what stands in a process's title
BATCH = 128  # texts: half as many as usual, for in a small sample each core is to have some
DRIVER = "the process that writes"
SEARCHED, KEPT = "all that a search needs", "encoded-….bin, which only a refresh needs"
LARGEST = 10_000_000  # passages of one index
FLOPS_A_TOKEN = (
    2 * 12 * 12 * 384**2
)  # two for each weight of twelve layers of 12 h² (E5-small: h = 384), attention left out
GPU_FLOPS, GPU_SHARE = (
    8.1e12,
    0.3,
)  # NVIDIA T4, single precision, by its data sheet; the share that is reached is assumed
CORE_PRICE, GPU_PRICE = 0.04, 0.50  # dollars an hour, assumed
_EACH = ("an encoding worker", "a preparing worker")  # of which the largest counts, of the others the sum


@dataclass(frozen=True)
class Watched:
    """A command that ran: what it took and said."""

    seconds: float
    processor: float  # seconds of all cores, of the process itself
    said: str
    memory: Mapping[str, int]  # role -> bytes at its largest moment, without pages of files


@dataclass(frozen=True)
class Costs:
    """What one passage costs here."""

    core_seconds: float  # processor time of one process that does everything
    texts: float
    tokens: float  # of both texts
    writing_seconds: float
    writing_bytes: float  # of memory
    disk_bytes: float  # that a search needs
    kept_bytes: float  # of encoded-….bin


def main() -> None:
    if sys.argv[-1] == "free":  # called by itself, to be watched
        refresh_index(Path(sys.argv[1]), Path(sys.argv[2]), FreeEncoder())
        return
    articles, numbers = Path(sys.argv[1]), [int(number) for number in sys.argv[2:]]
    encoded, written = (numbers + [50, 2000][len(numbers) :])[:2]
    with tempfile.TemporaryDirectory(prefix="bulk-") as work:
        page, costs = measured(sorted(articles.rglob("*.txt")), encoded, written, Path(work))
    put("measured", page, PAGE)
    put("sizes", sizing(costs), PAGE)


class FreeEncoder:
    """Vectors of the embedded encoder's shape that cost nothing."""

    name, dimension = "free", EmbeddedEncoder.dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dimension), np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    embed_queries = embed_documents


def measured(files: Sequence[Path], encoded: int, written: int, work: Path) -> tuple[str, Costs]:
    load = os.getloadavg()[0]
    corpus = linked(files[:encoded], work / "corpus")
    small_batches = f"import index.build; index.build.ENCODING_BATCH = {BATCH}; import qa.cli; qa.cli.main()"
    index = ["-c", small_batches, "index", str(corpus), "--index"]
    single = watched([*index, str(work / "single")])
    on_ray = watched([*index, str(work / "ray"), "--ray", "local"])
    prepared, seconds = preparing(corpus)
    disk = sizes(work / "single")
    passages = prepared
    texts = int(single.said.split()[-2])
    small, large = (growing(files[:number], work / str(number)) for number in (written // 4, written))
    per_passage = (large[1].memory[DRIVER] - small[1].memory[DRIVER]) / (large[0] - small[0])
    page = [
        f"{os.cpu_count()} cores, load average {load:.1f} when it began (above the number of cores, other work ran beside). "
        f"{encoded} articles, {passages:,} passages, {texts:,} texts to encode, {BATCH} at once.\n",
        "| | one process | `--ray local` |",
        "| --- | --- | --- |",
        f"| seconds, start included | {single.seconds:.0f} | {on_ray.seconds:.0f} |",
        f"| processor seconds | {single.processor:.0f} | |",
        f"| passages a second | {passages / single.seconds:.1f} | {passages / on_ray.seconds:.1f} |",
        f"| texts a second | {texts / single.seconds:.1f} | {texts / on_ray.seconds:.1f} |",
    ]
    for role in sorted({*single.memory, *on_ray.memory}):
        one, other = (megabytes(run.memory[role]) if role in run.memory else "–" for run in (single, on_ray))
        page.append(f"| memory of {role} | {one} | {other} |")
    page += [
        "\nReading, cutting and analysing, one process: "
        f"{passages / seconds:,.0f} passages a second. All but the encoding, one process: "
        f"{large[0] / large[1].processor:,.0f} passages a processor second over {large[0]:,} passages, "
        f"{megabytes(large[1].memory[DRIVER])} at most; from {small[0]:,} passages on, {per_passage:,.0f} bytes more for each.\n",
        "| file | bytes a passage |",
        "| --- | --- |",
        *(f"| {name} | {size / passages:,.0f} |" for name, size in disk.items()),
    ]
    costs = Costs(
        core_seconds=single.processor / passages,
        texts=texts / passages,
        tokens=tokens(corpus) / passages,
        writing_seconds=large[1].processor / large[0],
        writing_bytes=per_passage,
        disk_bytes=disk[SEARCHED] / passages,
        kept_bytes=disk[KEPT] / passages,
    )
    return "\n".join(page), costs


def sizing(costs: Costs) -> str:
    """What larger collections take, by multiplication."""
    gpu = GPU_FLOPS * GPU_SHARE / (FLOPS_A_TOKEN * costs.tokens)  # passages a second
    rows = [
        f"For each passage: {costs.texts:.2f} texts of {costs.tokens / costs.texts:.0f} tokens, {costs.core_seconds:.2f} seconds "
        f"of a core, {1000 * costs.writing_seconds:.1f} ms and {costs.writing_bytes:,.0f} bytes of the writing process, "
        f"{costs.disk_bytes:,.0f} bytes to search and {costs.kept_bytes:,.0f} to refresh. "
        f"A GPU: {GPU_FLOPS / 1e12:.1f} × {GPU_SHARE} TFLOPS over {FLOPS_A_TOKEN / 1e6:.0f} MFLOP × {costs.tokens:.0f} tokens "
        f"= {gpu:,.0f} passages a second.\n",
        "| passages | indexes of 10 M | core-hours | on 64 cores | GPU-hours | hours of one writer | memory of a writer | "
        "disk to search | disk to refresh | cores, $ | GPUs, $ |",
        "| --- |" + " --- |" * 10,
    ]
    for passages in (10**6, 10**8, 10**10):
        indexes = -(-passages // LARGEST)
        cores, gpus = passages * costs.core_seconds / 3600, passages / gpu / 3600
        cells = (
            f"{passages:,}", f"{indexes:,}", f"{cores:,.0f}", f"{cores / 64:,.1f} h", f"{gpus:,.1f}",
            f"{min(passages, LARGEST) * costs.writing_seconds / 3600:,.1f}",
            f"{min(passages, LARGEST) * costs.writing_bytes / 1e9:,.0f} GB", f"{passages * costs.disk_bytes / 1e12:,.3f} TB",
            f"{passages * costs.kept_bytes / 1e12:,.3f} TB", f"{cores * CORE_PRICE:,.0f}", f"{gpus * GPU_PRICE:,.0f}",
        )  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def tokens(corpus: Path) -> int:
    """Of all texts that are encoded."""
    passages = [passage for source in find_sources(corpus) if isinstance(source, Source) for passage in
                segment(read_article(source))]  # fmt: skip
    texts = {text for passage in passages for text in views(passage)}
    return sum(len(one.ids) + 4 for one in e5_tokenizer().encode_batch(list(texts)))  # "passage: " and the ends


def linked(files: Iterable[Path], folder: Path) -> Path:
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder / file.name)
    return folder


def preparing(corpus: Path) -> tuple[int, float]:
    """Passages, and seconds to make them in this process."""
    sources = [source for source in find_sources(corpus) if isinstance(source, Source)]
    prepare(sources[0])  # what is loaded once
    began = time.perf_counter()
    passages = sum(prepare(source).entry.passages for source in sources)
    return passages, time.perf_counter() - began


def growing(files: Sequence[Path], work: Path) -> tuple[int, Watched]:
    """Passages of an index whose vectors cost nothing, and what making it took."""
    work.mkdir()
    corpus = linked(files, work / "corpus")
    run = watched([__file__, str(corpus), str(work / "index"), "free"])
    return sum(entry.passages for entry in store.read_manifest(work / "index").articles), run


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of the files of an index, what belongs together summed."""
    manifest = store.read_manifest(folder)
    groups = {"vectors.f32": "vectors", "passages.jsonl": "passages", "lexical.": "words", "names.": "names"}
    found = {"vectors": 0, "passages": 0, "words": 0, "names": 0, "columns, codes and checksums": 0}
    for name, size in manifest.files.items():
        group = next((group for start, group in groups.items() if name.startswith(start)), None)
        found[group or "columns, codes and checksums"] += size
    found[SEARCHED] = sum(found.values())
    found[KEPT] = sum(file.stat().st_size for file in folder.glob("encoded-*"))
    return found


def watched(arguments: Sequence[str]) -> Watched:
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([sys.executable, *arguments], text=True, stdout=subprocess.PIPE)
    memory: dict[str, int] = {}
    while process.poll() is None:
        for role, size in by_role(process.pid).items():
            memory[role] = max(memory.get(role, 0), size)
        time.sleep(0.3)
    if process.returncode:
        sys.exit(process.returncode)
    assert process.stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Watched(time.perf_counter() - began, processor, process.stdout.read(), memory)


def by_role(root: int) -> dict[str, int]:
    """Bytes in use now, by role, of a process and all that came of it."""
    status = {int(path.name): path for path in Path("/proc").iterdir() if path.name.isdigit()}
    facts = {pid: found for pid, path in status.items() if (found := facts_of(path))}
    found: dict[str, int] = {}
    for pid, (_, title, size) in facts.items():
        if pid != root and root not in ancestors(pid, facts):
            continue
        role = DRIVER if pid == root else next((role for mark, role in _ROLES.items() if mark in title), "others")
        found[role] = max(found.get(role, 0), size) if role in _EACH else found.get(role, 0) + size
    return found


def facts_of(process: Path) -> tuple[int, str, int] | None:
    """Parent, title, and bytes that are not pages of files; None for a process that has ended."""
    try:
        lines = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line)
        title = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        return int(lines["PPid"]), title, 1024 * int(lines["RssAnon"].split()[0])
    except (OSError, KeyError, ValueError):
        return None


def ancestors(pid: int, facts: Mapping[int, tuple[int, str, int]]) -> set[int]:
    found: set[int] = set()
    while pid in facts and pid not in found:
        found.add(pid)
        pid = facts[pid][0]
    return found


def megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


if __name__ == "__main__":
    main()
