"""How far the indexer is, and what it did."""

from __future__ import annotations

import streamlit as st

from index.errors import SanadError
from ui import shared
from ui.failure import failure
from ui.jobs import Job
from ui.markup import render
from ui.session import Session
from ui.shared import Progress
from ui.texts import Texts

_TICK = 0.25  # seconds between two looks at the indexer


def watch(session: Session) -> None:
    """The indexer's progress until it ends, then what it did."""
    t, job = session.t, shared.indexing()
    if job is None:
        return
    if not job.done:
        _progress(t, job)
        st.rerun()  # the list is another now
    if isinstance(job.error, SanadError):
        st.html(failure(t, job.error))
    elif job.error:
        raise job.error
    elif job.latest and job.latest.refresh and session.indexed:
        refresh = job.latest.refresh
        counts = {name: getattr(refresh, name) for name in ("added", "changed", "removed", "unchanged")}
        st.html(render("report", bad=False, heading=t("indexed", **counts), items=[]))
        if refresh.skipped:
            items = [(reason, "", "") for reason in refresh.skipped]
            st.html(render("report", bad=True, heading=t("skipped", n=len(items)), items=items))


def _progress(t: Texts, job: Job[Progress]) -> None:
    bar = st.empty()
    while not job.done:
        seen, now = job.count, job.latest
        if now and now.total:
            bar.progress(now.done / now.total, t("indexing_progress", done=now.done, total=now.total))
        else:
            bar.progress(0.0, t("indexing_reading"))
        job.wait(seen, _TICK)
