"""The reading room's page: ask, and see every sentence with the line it rests on. Run by `sanad ui`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import streamlit as st

from index import SanadError
from index.store import DEFAULT_INDEX, read_manifest
from qa import Answer, Claim, Conflict, Sanad

# Each paragraph takes its direction from its own first letter, so Arabic and English stand right beside each other.
# Texts of articles and questions go through st.text, which never renders markup.
_STYLE = """<style>
[data-testid="stText"], [data-testid="stText"] > span {
  display: block; unicode-bidi: plaintext; text-align: start; white-space: pre-wrap; font-family: inherit;
}
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
    """Evidence at once, then each claim in its final place as it passes."""
    try:
        sanad = opened(_index_dir(), read_manifest(Path(_index_dir())).data)
        notes, claims, nearest = st.container(), st.container(), st.empty()
        answer = None
        for step in sanad.stream(question):
            if answer is None:
                with nearest.container():
                    show_nearest(step, sanad.index.corpus)
            for claim in step.claims[len(answer.claims) if answer else 0 :]:
                nearest.empty()
                with claims:
                    show_claim(claim, sanad.index.corpus)
            answer = step
    except SanadError as error:
        st.error(literal(str(error)), icon="⚠️")
        return
    with notes:
        for note in answer.notes if answer else ():
            st.warning(literal(note))
        for conflict in answer.conflicts if answer else ():
            show_conflict(conflict, sanad.index.corpus)
        for part in answer.missing if answer else ():
            st.info(f"The sources do not say · المصادر لا تذكر: {literal(part)}")
        if answer and not answer.answered:
            st.info("The sources do not say. · المصادر لا تذكر ذلك.")


def show_nearest(answer: Answer, corpus: Path) -> None:
    st.subheader("Nearest lines · أقرب السطور")
    for hit in answer.nearest:
        st.text(hit.passage.text, width="stretch")
        st.caption(literal(f"{corpus / hit.passage.path} : {hit.passage.line}"))


def show_claim(claim: Claim, corpus: Path) -> None:
    with st.container(border=True):
        st.text(claim.text, width="stretch")
        label = "Quote · اقتباس" if claim.origin == "quote" else f"Verified · مُتحقَّق ({claim.support:.2f})"
        for citation in claim.citations:
            if citation.speaker:
                st.caption(literal(f"According to · بحسب: {citation.speaker.name.text}"))
            st.caption(literal(f"{label} — {corpus / citation.path} : {citation.line}"))
            if claim.origin == "written":
                st.text(citation.quote, width="stretch")
        if claim.reading_aid:
            st.caption("Unverified machine translation · ترجمة آلية غير متحقَّق منها")
            st.text(claim.reading_aid, width="stretch")


def show_conflict(conflict: Conflict, corpus: Path) -> None:
    """The lines that disagree, side by side."""
    st.warning("The sources differ. · تختلف المصادر.")
    for column, side in zip(st.columns(len(conflict.sides)), conflict.sides, strict=True):
        with column:
            st.text(side.citation.quote, width="stretch")
            st.caption(literal(f"{side.value.text} — {corpus / side.citation.path} : {side.citation.line}"))


@st.cache_resource(show_spinner="Opening the index…", max_entries=1)
def opened(index_dir: str, data: str) -> Sanad:
    """One opened index per process, shared by every session, opened again when it was refreshed; holds no conversation."""
    return Sanad.open(index_dir)


def literal(text: str) -> str:
    """Text that Markdown shows as it is: file names and messages are nobody's markup."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)  # ASCII punctuation: what Markdown lets be escaped


def _index_dir() -> str:
    parser = argparse.ArgumentParser()
    parser.add_argument("--index", default=str(DEFAULT_INDEX))
    return str(parser.parse_known_args()[0].index)


main()
