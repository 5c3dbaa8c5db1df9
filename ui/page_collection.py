"""The collection: articles added, listed, read and removed, and the index brought up to date."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from index.formats import SUFFIXES
from index.manifest import ArticleEntry
from ui import shared, uploads
from ui.indexing import watch
from ui.markup import render, visible
from ui.reading import read
from ui.session import Session
from ui.shared import Options
from ui.slots import slot
from ui.texts import Texts

_MEGABYTES = uploads.MAX_BYTES // 1_000_000


def show(session: Session, options: Options) -> None:
    t = session.t
    manifest = shared.manifest(options)
    entries = manifest.articles if manifest else ()
    room = st.container(key="room")
    with room.container(key="talk"):
        st.html(render("room_head", title=t("page_collection"), intro=t("collection_intro"), small=False))
        _adding(session, options)
        _listing(t, entries)
        progress = st.container(key="indexing")
    with room.container(key="pane"):
        entry = next((one for one in entries if one.path == session.article), None)
        slot(_pane(session, options, entry) if entry else "")
    if session.removing:
        _confirm(session, options, entries)
    with progress:
        watch(session)


def _adding(session: Session, options: Options) -> None:
    t = session.t
    kinds = ", ".join(suffix.removeprefix(".").upper() for suffix in SUFFIXES)
    with st.form("adding", clear_on_submit=True, border=True):
        files = st.file_uploader(
            t("upload_heading"), [suffix.removeprefix(".") for suffix in SUFFIXES], accept_multiple_files=True,
            key="files",
        )  # fmt: skip
        st.caption(t("upload_hint", kinds=kinds, size=_MEGABYTES, files=uploads.MAX_FILES))
        with st.container(horizontal=True):
            adding = st.form_submit_button(t("upload_button"), type="primary")
            refreshing = st.form_submit_button(t("refresh"), help=t("refresh_help"))
    if adding and files:
        session.added = tuple(uploads.add(options.articles, ((file.name, file.getvalue()) for file in files)))
    elif adding or refreshing:
        session.added = ()
    if refreshing or (adding and any(one.problem is None for one in session.added)):
        shared.start_indexing(options)
        session.indexed = True
    _told(t, session.added, kinds)


def _told(t: Texts, added: tuple[uploads.Added, ...], kinds: str) -> None:
    """What became of the files, each that was not added with its reason."""
    good = sum(one.problem is None for one in added)
    bad = [
        (one.name, t(f"problem_{one.problem}", kinds=kinds, size=_MEGABYTES, files=uploads.MAX_FILES), one.detail)
        for one in added
        if one.problem
    ]
    if good:
        st.html(render("report", bad=False, heading=t("uploaded", n=good), items=[]))
    if bad:
        st.html(render("report", bad=True, heading=t("not_added", n=len(bad)), items=bad))


def _listing(t: Texts, entries: tuple[ArticleEntry, ...]) -> None:
    st.html(render("room_head", title=t("articles_heading"), intro=t("collection_size", n=len(entries)), small=True))
    st.html(render("articles", t=t, entries=entries))


def _pane(session: Session, options: Options, entry: ArticleEntry) -> str:
    """An article that is read for itself."""
    return render(
        "reading",
        t=session.t,
        token=session.reveal if session.reveal.startswith("pane-") else "",
        reading=read(options.articles, entry),
        turn=0,
        total=0,
        claim=None,
        quote="",
    )


def _confirm(session: Session, options: Options, entries: tuple[ArticleEntry, ...]) -> None:
    t = session.t
    entry = next((one for one in entries if one.path == session.removing), None)

    def keep() -> None:
        session.removing = ""

    def confirmed() -> None:
        session.removing = ""
        if entry:
            session.added = ()
            try:
                uploads.remove(options.articles, entry.path)
            except (OSError, ValueError):
                session.added = (uploads.Added(entry.path, "move"),)
                return
            shared.start_indexing(options)
            session.indexed = True

    if entry is None:
        keep()
        return
    _dialog(t, t("remove_heading"), keep, lambda: _asked(t, options, entry, len(entries) == 1, confirmed, keep))


def _dialog(t: Texts, title: str, dismissed: Callable[[], None], body: Callable[[], None]) -> None:
    st.dialog(title, on_dismiss=dismissed)(body)()


def _asked(
    t: Texts, options: Options, entry: ArticleEntry, last: bool, yes: Callable[[], None], no: Callable[[], None]
) -> None:
    folder = str(options.articles / uploads.REMOVED)
    text = t("remove_last") if last else t("remove_text", folder=folder)
    st.html(render("removing", entry=entry, text=visible(text)))
    with st.container(horizontal=True):
        removing = not last and st.button(t("remove_yes"), type="primary", key="remove-yes", on_click=yes)
        keeping = st.button(t("remove_no"), key="remove-no", on_click=no)
    if removing or keeping:
        st.rerun()  # the whole page: a dialog alone is run again by its buttons
