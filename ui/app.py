"""The reading room's page: ask, and see every sentence with the line it rests on. Run by `sanad ui`."""

from __future__ import annotations

import argparse
from pathlib import Path

import streamlit as st

from index import SanadError
from index.store import DEFAULT_INDEX
from qa import Answer, Claim, Sanad

# Each paragraph takes its direction from its own first letter, so Arabic and English stand right beside each other.
# Texts of articles and questions go through st.text, which never renders markup.
_STYLE = """<style>
[data-testid="stText"] { unicode-bidi: plaintext; text-align: start; white-space: pre-wrap; font-family: inherit; }
</style>"""


def main() -> None:
    st.set_page_config(page_title="sanad", page_icon="📜", layout="centered")
    st.html(_STYLE)
    st.title("sanad · سند")
    st.caption("Every sentence rests on one exact line of a source. · كل جملة تستند إلى سطر بعينه من مصدر.")
    question = st.text_input("Question · السؤال", max_chars=1000, placeholder="What does the minerals deal include?")
    if question:
        show(question)


def show(question: str) -> None:
    try:
        sanad = opened(_index_dir())
        place = st.empty()
        for answer in sanad.stream(question):
            with place.container():
                show_answer(answer, sanad.index.corpus, done="total" in answer.timings_ms)
    except SanadError as error:
        st.error(str(error), icon="⚠️")


def show_answer(answer: Answer, corpus: Path, *, done: bool) -> None:
    for note in answer.notes:
        st.warning(note)
    for claim in answer.claims:
        show_claim(claim, corpus)
    if done and not answer.answered:
        st.info("The sources do not say. · المصادر لا تذكر ذلك.")
    if not answer.answered and answer.nearest:
        st.subheader("Nearest lines · أقرب السطور")
        for hit in answer.nearest:
            st.text(hit.passage.text)
            st.caption(f"`{corpus / hit.passage.path}` : {hit.passage.line}")


def show_claim(claim: Claim, corpus: Path) -> None:
    with st.container(border=True):
        st.text(claim.text)
        label = "Quote · اقتباس" if claim.origin == "quote" else f"Verified · مُتحقَّق ({claim.support:.2f})"
        for citation in claim.citations:
            st.caption(f"{label} — `{corpus / citation.path}` : {citation.line}")
            if claim.origin == "written":
                st.text(citation.quote)
        if claim.reading_aid:
            st.caption("Unverified machine translation · ترجمة آلية غير متحقَّق منها")
            st.text(claim.reading_aid)


@st.cache_resource(show_spinner="Opening the index…")
def opened(index_dir: str) -> Sanad:
    """One opened index per process, shared by every session; it holds no conversation."""
    return Sanad.open(index_dir)


def _index_dir() -> str:
    parser = argparse.ArgumentParser()
    parser.add_argument("--index", default=str(DEFAULT_INDEX))
    return str(parser.parse_known_args()[0].index)


main()
