"""Ask and read: the conversation, and the article of the opened citation beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from threading import Event

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from index.manifest import ArticleEntry, Manifest
from index.search import MAX_QUESTION
from qa import Answer, Claim
from qa.conversation import complete
from ui import exports, references, shared
from ui.failure import failure
from ui.jobs import Job
from ui.markup import render, visible
from ui.narrowing import Choices, Narrowing
from ui.reading import read
from ui.references import Reference, Shelf
from ui.session import Session, Turn, accepted
from ui.slots import slot
from ui.suggestions import suggestions
from ui.texts import Texts

_TICK = 0.25  # seconds between two looks at the work, for a click to be heard
_NOTES = {  # the notes of qa.sanad, said in the page's language; what is of another kind stands as it is
    "note_absent": re.compile(r"no line near the question mentions (?P<what>.+)"),
    "note_quotes_only": re.compile(r"answered with quotes only: (?P<what>.+)", re.DOTALL),
    "note_changed": re.compile(r"(?P<what>.+) changed since it was indexed; .+", re.DOTALL),
}


def show(session: Session, options: shared.Options) -> None:
    t = session.t
    manifest = shared.manifest(options)
    if manifest is None:
        st.html(render("welcome", t=t))
        st.info(t("empty_collection", page=t("page_collection")))
        return
    shelf = Shelf.of(manifest.articles)
    room = st.container(key="room")
    talk, pane = room.container(key="talk"), room.container(key="pane")
    with talk:
        slot("" if session.turns else render("welcome", t=t))
        said, box, examples = st.container(key="said"), st.container(key="box"), st.empty()
    with box:
        _question_box(session, options)
        _toolbar(session, t, manifest)
    with pane:
        slot(_pane(session, shelf))
    if not session.turns and session.arrived:
        _examples(session, options, examples)
    with said:
        for turn in session.turns:
            with st.container(key=f"turn-{turn.number}"):
                _turn(session, turn, shelf)


def ask(session: Session, options: shared.Options, question: str) -> None:
    """Begin to answer a question of this session."""
    if not accepted(question):
        return
    entries = manifest.articles if (manifest := shared.manifest(options)) else ()
    only = session.narrowing.filter(entries)
    settings = session.settings
    previous = session.turns[-1].read_as if session.turns else ""

    def work(report: Callable[[Answer], None], stop: Event) -> None:
        completed = complete(question, previous)
        sanad = shared.opened(options, settings.llm)
        for answer in sanad.stream(question, asked_as=completed, stop=stop, only=only, passages=settings.passages):
            report(answer)

    number = session.turns[-1].number + 1 if session.turns else 1
    session.add(Turn(number, question.strip(), Job(work, f"answer {number}"), filtered=only is not None))


def _question_box(session: Session, options: shared.Options) -> None:
    t = session.t

    def asked() -> None:
        ask(session, options, str(st.session_state["question"] or ""))

    placeholder = t("ask_follow_up") if session.turns else t("ask_placeholder")
    st.chat_input(placeholder, key="question", max_chars=MAX_QUESTION, on_submit=asked)


def _toolbar(session: Session, t: Texts, manifest: Manifest) -> None:
    """What is searched, and the way to another conversation."""
    searched = session.narrowing.articles(manifest.articles)
    with st.container(key="toolbar", horizontal=True, vertical_alignment="center"):
        with st.popover(t("filter_summary", articles=t("collection_size", n=searched)), icon=":material/filter_list:"):
            _filters(session, t, manifest)
        if session.turns:
            st.button(t("new_conversation"), key="new", type="tertiary", icon=":material/add:", on_click=session.clear)


def _filters(session: Session, t: Texts, manifest: Manifest) -> None:
    choices = Choices.of(manifest.articles)
    titles = Shelf.of(manifest.articles)
    chosen = session.narrowing
    keys = ("sources", "languages", "since", "until")

    def changed() -> None:
        sources, languages, since, until = (st.session_state[f"filter-{key}"] for key in keys)
        session.narrowing = Narrowing(tuple(sources), since, until, tuple(languages))

    def cleared() -> None:
        session.narrowing = Narrowing()
        for key in keys:
            st.session_state[f"filter-{key}"] = [] if key in ("sources", "languages") else None

    st.caption(t("filter_help"))
    st.multiselect(
        t("filter_sources"), choices.sources, default=[path for path in chosen.sources if path in choices.sources],
        key="filter-sources", placeholder=t("filter_sources_hint"), on_change=changed,
        format_func=lambda path: visible(titles.title(path)),
    )  # fmt: skip
    st.multiselect(
        t("filter_languages"), choices.languages, default=[one for one in chosen.languages if one in choices.languages],
        key="filter-languages", placeholder=t("filter_languages_hint"), on_change=changed,
        format_func=lambda code: t.languages([code]),
    )  # fmt: skip
    since, until = st.columns(2)
    for column, name, value in ((since, "since", chosen.since), (until, "until", chosen.until)):
        column.date_input(
            t(f"filter_{name}"), value, key=f"filter-{name}", format="YYYY-MM-DD", on_change=changed,
            min_value=choices.first, max_value=choices.last,
        )  # fmt: skip
    st.button(t("filter_clear"), on_click=cleared, type="tertiary", disabled=chosen == Narrowing())


def _examples(session: Session, options: shared.Options, place: DeltaGenerator) -> None:
    """Questions that the collection answers, found in a thread: the question box does not wait for them."""
    job = suggestions(options, session.language)
    while not job.done:
        job.wait(0, _TICK)
        place.empty()  # where Streamlit lets another run of the page take over
    if job.latest:
        place.html(render("examples", t=session.t, examples=job.latest))


def _turn(session: Session, turn: Turn, shelf: Shelf) -> None:
    """The parts of a turn stand in one order from its first moment, so that nothing moves when the next one arrives."""
    t = session.t
    opened = session.opened[1] if session.opened and session.opened[0] == turn.number else ""
    drawn = {"t": t, "shelf": shelf, "turn": turn.number, "opened": opened}
    seen, done = turn.job.count, turn.job.done
    question, evidence, claims = slot(_question(turn, t)), slot(_evidence(turn, done, drawn)), st.container()
    cards: list[DeltaGenerator] = []
    closing: DeltaGenerator | None = None
    while True:
        answer = turn.answer
        if answer:
            for n, (claim, own) in enumerate(zip(answer.claims, references.claim_references(answer), strict=True)):
                card = _claim(answer, claim, own, drawn)
                if n < len(cards):
                    cards[n].html(card)  # another source may have come to back it
                else:
                    cards.append(claims.html(card))
        if done:
            break
        message = t("claims_so_far", n=len(cards)) if cards else t("checking" if answer else "searching")
        progress = render("progress", t=t, turn=turn.number, message=message)
        closing = closing.html(progress) if closing else st.html(progress)
        turn.job.wait(seen, _TICK)
        seen, done = turn.job.count, turn.job.done
        question.html(_question(turn, t))
        if found := _evidence(turn, done, drawn):
            evidence.html(found)
        elif done:
            evidence.empty()
    with closing.container() if closing else st.container():
        if turn.error:
            st.html(failure(t, turn.error))
        elif turn.answer:
            _closing(turn, turn.answer, t, shelf, drawn)


def _question(turn: Turn, t: Texts) -> str:
    asked_as = turn.answer.asked_as if turn.answer else ""
    return render("question", t=t, turn=turn.number, question=turn.question, asked_as=asked_as)


def _evidence(turn: Turn, done: bool, drawn: dict[str, object]) -> str:
    """The nearest lines beside an answer; a refusal shows them itself."""
    answer = turn.answer
    if answer is None or not answer.nearest or (done and not answer.claims):
        return ""
    return render("evidence", references=references.nearest_references(answer), **drawn)


def _claim(answer: Answer, claim: Claim, own: tuple[Reference, ...], drawn: dict[str, object]) -> str:
    agreeing = references.sources(claim)
    return render("claim", claim=claim, references=own, sources=agreeing, language=answer.language, **drawn)


def _closing(turn: Turn, answer: Answer, t: Texts, shelf: Shelf, drawn: dict[str, object]) -> None:
    conflicts = []
    for conflict, own in zip(answer.conflicts, references.conflict_references(answer), strict=True):
        sides = []
        for side, reference in zip(conflict.sides, own, strict=True):
            before, value, after = references.around_value(side)
            sides.append({"reference": reference, "before": before, "value": value, "after": after})
        conflicts.append((conflict.about, sides))
    cited = {(one.path, one.line) for claim in answer.claims for one in claim.citations}
    st.html(
        render(
            "closing",
            refused=not answer.answered and not turn.job.cancelled,
            filtered=turn.filtered,
            stopped=turn.job.cancelled,
            nearest=references.nearest_references(answer),
            language=answer.language,
            conflicts=conflicts,
            missing=answer.missing,
            notes=[_note(note, t) for note in answer.notes],
            claims=len(answer.claims),
            lines=len(cited),
            **drawn,
        )
    )
    with st.container(key=f"export-{turn.number}", horizontal=True, vertical_alignment="center"):
        st.html(render("copy", t=t, text=exports.plain(answer, t, shelf)), width="content")
        for suffix, label, mime, made in (
            ("md", "export_markdown", "text/markdown", exports.markdown),
            ("html", "export_html", "text/html", exports.web_page),
            ("json", "export_json", "application/json", lambda answer, *_: exports.receipt(answer)),
        ):
            st.download_button(
                t(label), made(answer, t, shelf), exports.file_name(answer, suffix), mime,
                key=f"save-{turn.number}-{suffix}", on_click="ignore", type="tertiary", icon=":material/download:",
            )  # fmt: skip


def _pane(session: Session, shelf: Shelf) -> str:
    """The article of the opened citation, "" while none is open."""
    turn = session.turn(session.opened[0]) if session.opened else None
    answer = turn.answer if turn else None
    found = references.find(answer, session.opened[1]) if session.opened and answer else None
    if not (turn and answer and found):
        return ""
    reference, among = found
    citation = reference.citation
    entry = shelf.entries.get(citation.path) or ArticleEntry(citation.path, "", citation.path, None, (), 0, 0)
    at = among.index(reference)
    is_quote = reference.claim is None or reference.claim.origin == "quote"
    return render(
        "reading",
        t=session.t,
        token=session.reveal if session.reveal.startswith("pane-") else "",
        reading=read(Path(answer.index["corpus"]), entry, citation),
        turn=turn.number,
        position=at + 1,
        total=len(among),
        previous=among[at - 1].key if at else "",
        next=among[at + 1].key if at + 1 < len(among) else "",
        claim=None if is_quote else reference.claim,
        quote=citation.quote,
        quote_language=citation.language,
        quote_label="the_nearest" if reference.kind == "nearest" else "the_quote" if is_quote else "the_line",
        place=session.t.place(citation),
    )


def _note(note: str, t: Texts) -> str:
    said = ((key, pattern.fullmatch(note)) for key, pattern in _NOTES.items())
    return next((t(key, what=match["what"]) for key, match in said if match), note)
