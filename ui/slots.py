"""Places on the page that are sent on every run, filled or empty."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def slot(html: str) -> DeltaGenerator:
    """A place with that content, or an empty one.

    What a run does not send stays on the page until the run ends, which may be a whole answer later. And a place that is
    sent empty and then filled flickers, so the content is sent first.
    """
    return st.html(html) if html else st.empty()
