"""Settings: how the next questions of this tab are answered, and with which encoder the index is made."""

from __future__ import annotations

import streamlit as st

from index.arrange import MOST_ITEMS
from index.encoders import EMBEDDED as EMBEDDED_ENCODER
from index.encoders import EmbeddedEncoder
from index.errors import SanadError
from qa.chat import EMBEDDED
from qa.compose import Composer
from qa.sanad import NO_LLM
from ui import shared
from ui.failure import failure
from ui.indexing import watch
from ui.markup import literal, render
from ui.session import Session, Settings
from ui.shared import Options
from ui.texts import Texts


def show(session: Session, options: Options) -> None:
    t = session.t
    with st.container(key="room"), st.container(key="talk"):
        st.html(render("room_head", title=t("page_settings"), intro=t("settings_intro"), small=False))
        _answering(session, t)
        _searching(session, options, t)


def _answering(session: Session, t: Texts) -> None:
    now = session.settings
    st.html(render("room_head", title=t("mode_heading"), intro="", small=True))
    mode = st.radio(
        t("mode_label"), ["verified", "quotes"], index=int(now.llm == NO_LLM), key="mode",
        format_func=lambda one: t(f"mode_{one}"), captions=[t("mode_verified_cost"), t("mode_quotes_cost")],
    )  # fmt: skip
    spec = now.llm
    if mode == "verified":
        spec = _model(now, t)
    passages = st.number_input(t("passages_label"), 1, MOST_ITEMS, now.passages, key="passages", width=320)
    st.caption(t("passages_cost"))
    if st.button(t("apply"), type="primary", key="apply"):
        _apply(session, t, Settings(NO_LLM if mode == "quotes" else spec, passages))


def _model(now: Settings, t: Texts) -> str:
    """The specification of the language model that is chosen."""
    is_other = now.llm not in (NO_LLM, EMBEDDED)
    which = st.radio(
        t("model_label"), ["embedded", "other"], index=int(is_other), key="model",
        format_func=lambda one: t(f"model_{one}"), captions=[t("model_embedded_cost"), t("model_other_cost")],
    )  # fmt: skip
    if which == "embedded":
        return EMBEDDED
    spec = st.text_input(
        t("model_spec"), now.llm if is_other else "", key="model-spec", max_chars=500, help=t("model_spec_help"),
        placeholder="ollama:qwen3",
    )  # fmt: skip
    return str(spec).strip()


def _apply(session: Session, t: Texts, settings: Settings) -> None:
    try:
        if settings.llm != NO_LLM:
            Composer(settings.llm)
    except SanadError as error:
        st.html(failure(t, error, "error_settings"))
        return
    session.settings = settings
    st.html(render("report", bad=False, heading=t("applied"), items=[]))


def _searching(session: Session, options: Options, t: Texts) -> None:
    manifest = shared.manifest(options)
    st.html(render("room_head", title=t("encoder_heading"), intro=t("encoder_shared"), small=True))
    if manifest:
        st.markdown(t("encoder_now", name=literal(manifest.encoder)))
    is_other = manifest is not None and manifest.encoder != EmbeddedEncoder.name
    which = st.radio(
        t("encoder_label"), ["embedded", "other"], index=int(is_other), key="encoder",
        format_func=lambda one: t(f"encoder_{one}"), captions=[t("encoder_embedded_cost"), t("encoder_other_cost")],
    )  # fmt: skip
    spec = EMBEDDED_ENCODER
    if which == "other":
        named = manifest.encoder if manifest and is_other else ""
        typed = st.text_input(
            t("encoder_spec"), named, key="encoder-spec", max_chars=500, placeholder="intfloat/multilingual-e5-large"
        )
        spec = str(typed).strip()
    name = EmbeddedEncoder.name if spec == EMBEDDED_ENCODER else spec
    same = manifest is not None and name == manifest.encoder
    if st.button(t("encoder_change"), key="encode", disabled=same or not spec):
        shared.start_indexing(options, spec)
        session.indexed = True
    with st.container(key="indexing"):
        watch(session)
