"""The last evaluation: its figures as charts and as a table, and the questions that failed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from index.errors import UsageError
from qa.evaluation.run import RUN_FILE, Run, read_run
from ui import evaluated, shared
from ui.failure import failure
from ui.markup import render
from ui.references import Shelf
from ui.session import Session
from ui.shared import Options
from ui.texts import Texts

MAX_BYTES = 200_000_000  # of a report
_CHART_HEAD, _BAR = 150, 16  # pixels: axis and legend, and one bar


def show(session: Session, options: Options) -> None:
    t = session.t
    with st.container(key="room"), st.container(key="talk"):
        st.html(render("room_head", title=t("page_evaluation"), intro=t("evaluation_intro"), small=False))
        file = options.report / RUN_FILE
        if not file.is_file():
            st.markdown(t("evaluation_none"))
            st.code(f"sanad eval --report {options.report}", language=None)
            return
        try:
            run = _read(str(file), file.stat().st_mtime_ns, file.stat().st_size)
        except UsageError as error:
            st.html(failure(t, error, "error_report"))
            return
        manifest = shared.manifest(options)
        _summary(run, t)
        _charts(run, t)
        _figures(run, t)
        _failing(run, t, Shelf.of(manifest.articles if manifest else ()))


@st.cache_resource(max_entries=2, show_spinner=False)
def _read(file: str, changed: int, size: int) -> Run:
    """A run, read again when its file is another."""
    from pathlib import Path

    if size > MAX_BYTES:
        raise UsageError(f"{file} has {size:,} bytes, at most {MAX_BYTES:,} are read; evaluate fewer questions")
    return read_run(Path(file))


def _summary(run: Run, t: Texts) -> None:
    text = t(
        "evaluation_of",
        questions=t("questions_counted", n=len(run.questions)),
        date=t.date(evaluated.made_on(run)),
        articles=t("collection_size", n=len(run.collection.get("sources", {}))),
    )
    st.html(render("report", bad=False, heading=text, items=[]))


def _charts(run: Run, t: Texts) -> None:
    for name, metrics in evaluated.CHARTS.items():
        heading = t(f"chart_{name}")
        columns = evaluated.columns(run, metrics, t)
        if not columns["metric"]:
            continue
        st.html(render("room_head", title=heading, intro="", small=True))
        st.vega_lite_chart(columns, _bars(t, len(columns["metric"])), alt=t("chart_alt", heading=heading))


def _bars(t: Texts, count: int) -> dict[str, Any]:
    """The Vega-Lite specification of bars grouped by metric, with a legend that a phone has room for."""
    languages = {"field": "languages", "type": "nominal", "sort": None, "title": t("column_languages_pair")}
    metric = {"field": "metric", "type": "nominal", "sort": None, "title": t("column_measure")}
    value = {"field": "value", "type": "quantitative", "title": t("chart_share")}
    return {
        "mark": "bar",
        "height": _CHART_HEAD + _BAR * count,
        "encoding": {
            "y": metric | {"title": None, "axis": {"labelLimit": 220}},
            "yOffset": languages,
            "x": value | {"scale": {"domain": [0, 1]}},
            "color": languages | {"legend": {"orient": "bottom", "columns": 2, "labelLimit": 300}},
            "tooltip": [metric, languages, value],
        },
    }


def _figures(run: Run, t: Texts) -> None:
    rows = [
        {
            "measure": evaluated.measure(one.metric, t),
            "languages": evaluated.pair(one.languages, t),
            "value": t.number(one.value, 2),
            "interval": ""
            if one.low is None or one.high is None
            else f"{t.number(one.low, 2)} – {t.number(one.high, 2)}",
            "count": one.count,
        }
        for one in evaluated.figures(run)
    ]
    with st.expander(t("figures_table")):
        st.html(render("figures", t=t, rows=rows))


def _failing(run: Run, t: Texts, shelf: Shelf) -> None:
    questions = evaluated.failing(run)
    st.html(render("room_head", title=t("failing_heading", n=len(questions)), intro="", small=True))
    if not questions:
        st.markdown(t("failing_none"))
        return
    kinds = evaluated.kinds(questions)
    kind = st.selectbox(
        t("show_kind"), ["", *kinds], key="failing-kind",
        format_func=lambda one: t(f"failure_{one.replace(' ', '_')}") if one else t("show_all"),
    )  # fmt: skip
    chosen = [one for one in questions if not kind or kind in {failure.kind for failure in one.failures}]
    st.html(render("failing", t=t, shelf=shelf, questions=chosen, pair=evaluated.pair))
