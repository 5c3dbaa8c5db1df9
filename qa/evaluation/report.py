"""What a run leaves for its readers: run.json, summary.md, report.html and a line of history.jsonl."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from qa.evaluation.failures import KINDS
from qa.evaluation.measures import METRICS, Metric
from qa.evaluation.run import ALL, RUN_FILE, Figure, Run
from qa.evaluation.systems import ABOUT, SANAD

_TEMPLATES = Path(__file__).parent.parent / "data"


def write_report(run: Run, folder: Path) -> None:
    """Write the report of a run into a folder; only the history keeps what an earlier run left there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN_FILE).write_text(run.to_json(), encoding="utf-8")
    (folder / "summary.md").write_text(summary(run) + "\n", encoding="utf-8")
    (folder / "report.html").write_text(page(run), encoding="utf-8")
    kept = {"settings": asdict(run.settings), "made": run.made, "collection": run.collection}
    line = kept | {"figures": [asdict(one) for one in run.figures]}
    with (folder / "history.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps(line, ensure_ascii=False) + "\n")


def summary(run: Run) -> str:
    """Markdown: what ran, the system by language pair and beside its baselines, time, and how often what failed."""
    time = ", ".join(f"{stage} {one['median']:.0f} ({one['p95']:.0f})" for stage, one in run.latency_ms.items())
    kinds = Counter(one["kind"] for row in run.questions for one in row["systems"][SANAD]["failures"])
    failed = ", ".join(f"{kind} {kinds[kind]}" for kind in KINDS if kinds[kind]) or "none"
    return "\n\n".join(
        [
            f"`{run.settings.command()}`, {len(run.questions)} questions, commit {run.made['commit'] or 'unknown'}:",
            _markdown(languages_table(run)),
            _markdown(systems_table(run)),
            f"Milliseconds a question, median (95th percentile): {time}. Failures: {failed}.",
        ]
    )


Table = tuple[list[str], list[tuple[Metric, list[Figure | None]]]]  # names of the columns, rows in the order of METRICS


def languages_table(run: Run) -> Table:
    """`sanad` by language pair."""
    columns = [pair for pair in run.language_pairs if pair != ALL] + [ALL]
    return columns, _rows([[run.figure(metric, SANAD, pair) for pair in columns] for metric in METRICS])


def systems_table(run: Run) -> Table:
    """`sanad` beside the baselines, over all questions; what only `sanad` has is left to the other table."""
    columns = list(run.systems)
    rows = _rows([[run.figure(metric, system) for system in columns] for metric in METRICS])
    return columns, [(metric, figures) for metric, figures in rows if any(figures[1:])]


def page(run: Run) -> str:
    """The report as one HTML page that needs nothing beside it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from qa.evaluation import plots

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["figure"] = shown
    environment.filters["interval"] = _interval
    failing = [row for row in run.questions if row["systems"][SANAD]["failures"]]
    return environment.get_template("report.html.jinja").render(
        run=run,
        system=SANAD,
        about={name: ABOUT.get(name, "") for name in run.systems},
        languages=languages_table(run),
        systems=systems_table(run),
        plots=plots.all_of(run),
        kinds=KINDS,
        counts=Counter(kind for row in failing for kind in {one["kind"] for one in row["systems"][SANAD]["failures"]}),
        failing=failing,
        unborne=[one for one in run.load_bearing if one["system"] == SANAD and not (one["necessary"] and one["sufficient"])],
        ranks={row["id"]: {tuple(place): rank for rank, place in enumerate(row["ranking"], 1)} for row in run.questions},
    )  # fmt: skip


def shown(figure: Figure | None) -> str:
    """A figure in as many digits as it deserves."""
    if figure is None:
        return "–"
    counted = METRICS[figure.metric].summed or METRICS[figure.metric].group == "Cost"
    return f"{figure.value:.0f}" if counted else f"{figure.value:.2f}"


def _interval(figure: Figure | None) -> str:
    return "" if figure is None or figure.low is None or figure.high is None else f"{figure.low:.2f}–{figure.high:.2f}"


def _rows(figures: Sequence[list[Figure | None]]) -> list[tuple[Metric, list[Figure | None]]]:
    return [(metric, row) for metric, row in zip(METRICS.values(), figures, strict=True) if any(row)]


def _markdown(table: Table) -> str:
    columns, rows = table
    lines = [f"| | {' | '.join(columns)} |", "| --- |" + " --- |" * len(columns)]
    for metric, figures in rows:
        cells = (f"{shown(one)} ({_interval(one)})" if _interval(one) else shown(one) for one in figures)
        lines.append(f"| {metric.name} | {' | '.join(cells)} |")
    return "\n".join(lines)
