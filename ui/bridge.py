"""The one piece of script on the page: language and direction of the document, clicks on our own buttons, scrolling."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from ui.texts import Texts

KEY = "bridge"
MAX_VALUE = 8000  # characters of what a button says: a question at the most
_DATA = Path(__file__).parent / "data"


def mount(t: Texts, reveal: str, acts: Mapping[str, Callable[[str], None]], awaited: bool) -> None:
    """`acts` are called with the `data-value` of a button by its `data-act`, before the page runs again. What has
    `data-focus` equal to `reveal` is scrolled into view once. While the page is `awaited`, "arrive" is called as soon as a
    question can be typed."""

    def act() -> None:
        said: Any = st.session_state[KEY].get("act")
        if not isinstance(said, dict):
            return
        name, value = said.get("name"), said.get("value")
        if isinstance(name, str) and name in acts and isinstance(value, str) and len(value) <= MAX_VALUE:
            acts[name](value)

    component = st.components.v2.component("sanad", js=_file("bridge.js"), isolate_styles=False)
    data = {"language": t.language, "direction": t.direction, "reveal": reveal, "awaited": awaited}
    component(key=KEY, data=data, on_act_change=act)


def style(t: Texts) -> str:
    """The style sheet of the page as an element, with the words that stand for Streamlit's own English ones."""
    words = {"--s-choose": t("upload_choose"), "--s-skip": t("skip")}
    declared = " ".join(f"{name}: {json.dumps(word, ensure_ascii=False)};" for name, word in words.items())
    return f"<style>:root {{ {declared} }}\n{_file('style.css')}</style>"


@cache
def _file(name: str) -> str:
    return (_DATA / name).read_text(encoding="utf-8")
