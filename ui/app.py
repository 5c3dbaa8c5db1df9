"""The reading room's page, run by `sanad ui`: its frame, and the way to each of its rooms."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from index.errors import SanadError
from ui import LANGUAGES, bridge, page_ask, page_collection, page_evaluation, page_settings, shared
from ui.failure import failure
from ui.markup import render
from ui.session import Session, session

_ICON = Path(__file__).parent / "static" / "icon.svg"


def main() -> None:
    options = shared.options()
    mine = session(options.llm)
    t = mine.t
    st.set_page_config(page_title=t("brand"), page_icon=str(_ICON), layout="wide")
    st.html(bridge.style(t))
    rooms = {"ask": page_ask, "collection": page_collection, "evaluation": page_evaluation, "settings": page_settings}
    pages = [
        st.Page(
            partial(room.show, mine, options),
            title=f"{t(f'page_{name}')} · {t('brand')}",
            url_path=name,
            default=name == "ask",
        )
        for name, room in rooms.items()
    ]
    chosen = st.navigation(pages, position="hidden")

    def ask(question: str) -> None:
        page_ask.ask(mine, options, question)
        mine.asked = True

    acts = {
        "open": mine.open,
        "read": mine.read,
        "close": mine.close,
        "stop": mine.stop,
        "ask": ask,
        "remove": mine.ask_to_remove,
        "arrive": mine.arrive,
    }
    if mine.asked:
        mine.asked = False
        if chosen.url_path != pages[0].url_path:
            st.switch_page(pages[0])  # asked from another room
    masthead, room = st.container(key="masthead", horizontal=True, vertical_alignment="center"), st.container()

    def show_frame() -> None:
        bridge.mount(t, mine.reveal, acts, awaited=not mine.arrived)
        with masthead:
            st.html(render("brand", t=t), width="content")
            with st.container(key="rooms", horizontal=True, vertical_alignment="center"):
                for name, page in zip(rooms, pages, strict=True):
                    st.page_link(page, label=t(f"page_{name}"))
            st.button(t("other_language"), key="language", type="tertiary", on_click=_switch, args=(mine,))

    def show_room() -> None:
        with room:
            try:
                chosen.run()
            except SanadError as error:
                st.html(failure(t, error))

    # What comes first is drawn first: at the start that is the question box. Later a room may wait for its work.
    for show in (show_frame, show_room) if mine.arrived else (show_room, show_frame):
        show()


def _switch(mine: Session) -> None:
    mine.language = next(language for language in LANGUAGES if language != mine.language)
    st.query_params["lang"] = mine.language


main()
