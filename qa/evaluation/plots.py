"""The plots of the report as inline SVG: text stays text, and the same run gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from qa.evaluation.run import ALL, Figure, Run
from qa.evaluation.systems import SANAD

COMPARED = (
    "facts covered",
    "directness",
    "cited-line precision",
    "citation recall",
    "groundedness",
    "refusal F1",
    "necessity",
)
PER_LANGUAGE = ("recall@5", "MRR", "facts covered", "cited-line precision", "answered", "refusal accuracy")
_FEWEST = 5  # questions of a language pair that is worth a mark
_COLOURS = ("#0f6b5c", "#b4552d", "#3d5a98", "#8a6d1d", "#7d3c73", "#555555")
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "sanad", "font.family": "sans-serif", "font.size": 9}


def all_of(run: Run) -> dict[str, str]:
    """Every plot of the report by name."""
    return {"systems": systems_plot(run), "languages": languages_plot(run), "reliability": reliability_plot(run)}


def systems_plot(run: Run) -> str:
    """The system beside its baselines, with intervals."""
    series = {system: [run.figure(metric, system) for metric in COMPARED] for system in run.systems}
    return _dots(series, COMPARED)


def languages_plot(run: Run) -> str:
    """The system by language pair, with intervals."""
    pairs = [pair for pair in run.language_pairs if pair != ALL]
    series = {pair: [run.figure(metric, SANAD, pair) for metric in PER_LANGUAGE] for pair in pairs}
    return _dots({name: one for name, one in series.items() if _enough(one)}, PER_LANGUAGE)


def reliability_plot(run: Run) -> str:
    """Observed share of answerable questions against confidence; the area of a mark is the number of questions."""
    figure, axes = _axes(3.6, 3.4)
    axes.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1, zorder=1)
    for one in run.reliability:
        axes.scatter([one.confidence], [one.answerable], s=30 + 8 * one.count, color=_COLOURS[0], alpha=0.75, zorder=2)
        axes.annotate(
            str(one.count), (one.confidence, one.answerable), ha="center", va="center", fontsize=7, color="white"
        )
    axes.set(xlim=(-0.06, 1.06), ylim=(-0.1, 1.12), xlabel="confidence", ylabel="answerable, observed")
    return _svg(figure)


def _dots(series: dict[str, list[Figure | None]], metrics: Sequence[str]) -> str:
    figure, axes = _axes(7.2, 0.5 + 0.13 * len(metrics) * (len(series) + 2))
    step = 0.8 / max(1, len(series))
    for n, (name, figures) in enumerate(series.items()):
        colour = _COLOURS[n % len(_COLOURS)]
        at = [row - 0.4 + step * (n + 0.5) for row in range(len(metrics))]
        known = [(y, one) for y, one in zip(at, figures, strict=True) if one is not None]
        for y, one in known:
            if one.low is not None and one.high is not None:
                axes.plot([one.low, one.high], [y, y], color=colour, linewidth=1.5, alpha=0.6)
        axes.scatter([one.value for _, one in known], [y for y, _ in known], color=colour, s=22, label=name, zorder=3)
    axes.set_yticks(range(len(metrics)), metrics)
    axes.set(xlim=(-0.03, 1.03), ylim=(len(metrics) - 0.5, -0.5))
    for row in range(1, len(metrics)):
        axes.axhline(row - 0.5, color="#e4e4e4", linewidth=0.8)
    if series:
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return _svg(figure)


def _enough(figures: Sequence[Figure | None]) -> bool:
    return any(one is not None and one.count >= _FEWEST for one in figures)


def _axes(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure as Canvas  # no pyplot: nothing global, no window

    figure = Canvas(figsize=(width, height))
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#eeeeee")
    axes.set_axisbelow(True)
    return figure, axes


def _svg(figure: Any) -> str:
    from matplotlib import rc_context

    file = io.StringIO()
    with rc_context(_STYLE):
        figure.savefig(file, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None})
    svg = file.getvalue()
    return svg[svg.index("<svg") :]
