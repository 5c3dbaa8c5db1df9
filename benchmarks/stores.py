"""The same collection in a folder and on a Milvus server: time to index, memory, disk, time to search, and whether they agree.

    python benchmarks/stores.py ARTICLES [--lines 10000] [--encoded INDEX | --stand-in] [--out docs]

The first articles of the folder ARTICLES are taken until they hold so many lines; where all of them hold fewer, lines of words
drawn from them (`synthetic.drawn`) make up the rest. --encoded names an index folder whose encoded texts are used again; what
it lacks is encoded. --stand-in gives each text a vector of its words instead (random projections),
so that a hundred thousand lines need not be encoded for hours: what is timed here does not depend on what the numbers say.
Questions are pieces of the lines, encoded before the clock starts. A `milvus-lite server` is started for the run. Writes
OUT/stores.json and the table in OUT/stores.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from synthetic import PER_ARTICLE, FixedEncoder, WordCounts, drawn, real_lines

from index import Index, refresh_index
from index.encoders import EmbeddedEncoder, Encoder, Vectors
from index.place import Collection, working_folder
from index.reranker import NONE

ASKED = 40  # questions
_VECTORS = {"encoded": "", "stand-ins": "Its vectors are stand-ins that count words. "}
WORDS = 6  # of a line that a question has
BEGIN, END = "<!-- figures of benchmarks/stores.py -->", "<!-- end of the figures -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--encoded", type=Path)
    parser.add_argument("--stand-in", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("docs"))
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(searched(*arguments.child)))
        return
    path = arguments.out / "stores.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    with tempfile.TemporaryDirectory(prefix="stores-") as work:
        encoder = WordCounts() if arguments.stand_in else EmbeddedEncoder()
        results[str(arguments.lines)] = measured(
            arguments.articles, arguments.lines, encoder, arguments.encoded, Path(work)
        )
    path.write_text(json.dumps(results, indent=1), encoding="utf-8")
    page = arguments.out / "stores.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def measured(articles: Path, lines: int, encoder: Encoder, encoded: Path | None, work: Path) -> dict[str, Any]:
    from speed import machine  # not at the top: a process that only searches is measured without what this imports

    about = machine()
    corpus = taken(articles, lines, work / "corpus")
    folder = work / "index"
    folder.mkdir()
    for file in encoded.glob("encoded-*.bin") if encoded else ():
        shutil.copy(file, folder)
    began = time.perf_counter()
    refresh = refresh_index(corpus, folder, encoder)
    made = time.perf_counter() - began
    index = Index.open(folder, reranker=NONE)
    asked = questions(index, encoder)
    np.savez(work / "asked.npz", texts=np.asarray(list(asked)), vectors=np.stack(list(asked.values())))
    of_folder = apart(str(folder), work)
    in_folder = {
        "index_s": made,
        "encoded": refresh.encoded,
        "disk_mb": size(folder / index.manifest.data) / 1e6,
        "server_mb": None,
        **of_folder,
    }
    os.environ["XDG_DATA_HOME"] = str(work / "data")
    with lite(work / "milvus") as (process, port):
        where = f"milvus://127.0.0.1:{port}/bench"
        own = working_folder(Collection("127.0.0.1", port, "bench"))
        own.parent.mkdir(parents=True)
        shutil.copytree(folder, own)
        began = time.perf_counter()
        refresh_index(corpus, where, encoder)
        sent = time.perf_counter() - began
        on_server = {
            "index_s": sent,
            "encoded": 0,
            "disk_mb": size(work / "milvus") / 1e6,
            **apart(where, work),
            "server_mb": memory(process.pid),
        }
        change = next(path for path in sorted(corpus.iterdir()) if path.is_file())
        change.write_text(change.read_text(encoding="utf-8") + "\nسطر جديد في آخر المقال.\n", encoding="utf-8")
        began = time.perf_counter()
        refresh_index(corpus, where, encoder)
        on_server["refresh_s"] = time.perf_counter() - began
        began = time.perf_counter()
        refresh_index(corpus, folder, encoder)
        in_folder["refresh_s"] = time.perf_counter() - began
    shared = [
        len({*map(tuple, a)} & {*map(tuple, b)}) / len(a)
        for a, b in zip(in_folder["found"], on_server["found"], strict=True)
    ]
    same = [a == b for a, b in zip(in_folder["found"], on_server["found"], strict=True)]
    for one in (in_folder, on_server):
        del one["found"]
    return {
        "articles": len(index.manifest.articles),
        "passages": len(index.passages),
        "overlap": statistics.mean(shared),
        "identical": statistics.mean(same),
        "folder": in_folder,
        "milvus": on_server,
        "vectors": "stand-ins" if isinstance(encoder, WordCounts) else "encoded",
        "machine": about | {"load": os.getloadavg()[0]},
    }


def taken(articles: Path, lines: int, into: Path) -> Path:
    """A folder with the first articles, by path, that hold so many lines, and with drawn ones for the lines they lack."""
    into.mkdir()
    held = 0
    for number, path in enumerate(sorted(articles.rglob("*.txt"))):
        if held >= lines:
            break
        text = path.read_text(encoding="utf-8")
        held += sum(bool(line.strip()) for line in text.split("\n"))
        (into / f"{number:06}-{path.name}").write_text(text, encoding="utf-8")
    lacking = drawn(real_lines(articles), max(0, lines - held))
    for start in range(0, len(lacking), PER_ARTICLE):
        said = [" ".join(lacking.of(line)) for line in range(start, min(start + PER_ARTICLE, len(lacking)))]
        (into / f"drawn-{start:06}.txt").write_text("\n".join(said) + "\n", encoding="utf-8")
    return into


def questions(index: Index, encoder: Encoder) -> dict[str, Vectors]:
    """Words in a row out of lines that were drawn, with their vectors."""
    chance = random.Random(7)
    texts: list[str] = []
    while len(texts) < ASKED:
        words = index.passages[chance.randrange(len(index.passages))].text.split()
        if len(words) >= WORDS:
            start = chance.randrange(len(words) - WORDS + 1)
            texts.append(" ".join(words[start : start + WORDS]))
    texts = list(dict.fromkeys(texts))
    return dict(zip(texts, encoder.embed_queries(texts), strict=True))


def apart(where: str, work: Path) -> dict[str, Any]:
    """`searched` in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "-",
        "--child",
        where,
        str(work / "asked.npz"),
        str(Path(__file__).parent.parent),
    ]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(run.stdout.splitlines()[-1]))


def searched(where: str, file: str, _: str) -> dict[str, Any]:
    """Every question twice, timed the second time."""
    stored = np.load(file)
    asked = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
    began = time.perf_counter()
    index = Index.open(where, FixedEncoder(asked), reranker=NONE)
    opened = time.perf_counter() - began
    found = [[list(hit.passage.id) for hit in index.search(question, 10)] for question in asked]
    seconds = []
    for question in asked:
        began = time.perf_counter()
        index.search(question, 10)
        seconds.append(time.perf_counter() - began)
    return {"open_s": opened, "search_s": seconds, "process_mb": memory(os.getpid()), "found": found}


@contextmanager
def lite(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = Path(sys.executable).with_name("milvus-lite")
    line = [str(command), "server", "--data-dir", str(data), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with socket.socket() as tried:
                if not tried.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.1)
        yield process, port
    finally:
        process.kill()
        process.wait()


def memory(pid: int) -> float:
    """Peak resident MB of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table(results: dict[str, Any]) -> str:
    lines = [
        "| passages | store | index | refresh, one article changed | search | open | process | server | disk |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for _, one in sorted(results.items(), key=lambda item: int(item[0])):
        for name in ("folder", "milvus"):
            row = one[name]
            times = sorted(1000 * second for second in row["search_s"])
            server = f"{row['server_mb']:.0f} MB" if row["server_mb"] else "–"
            lines.append(
                f"| {one['passages']:,} | {name} | {row['index_s']:.0f} s | {row['refresh_s']:.1f} s | "
                f"{statistics.median(times):.1f} [{times[0]:.1f}, {times[-1]:.1f}] ms | {row['open_s']:.2f} s | "
                f"{row['process_mb']:.0f} MB | {server} | {row['disk_mb']:.0f} MB |"
            )
    for _, one in sorted(results.items(), key=lambda item: int(item[0])):
        about = one["machine"]
        lines += [
            "",
            f"At {one['passages']:,} passages of {one['articles']:,} articles both share {one['overlap']:.4f} of their ten best "
            f"over {len(one['folder']['search_s'])} questions; {one['identical']:.4f} of the lists are the same, in the same "
            f"order. {_VECTORS[one['vectors']]}{about['cores']} cores of {about['processor']}, load average "
            f"{about['load']:.1f} when it ended.",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
