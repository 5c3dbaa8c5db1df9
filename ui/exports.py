"""An answer to take away: Markdown, one self-contained web page, plain text for the clipboard, and the JSON receipt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from qa.answer import Answer, Citation
from ui.markup import literal, render, visible
from ui.references import Reference, Shelf, claim_references, conflict_references, nearest_references
from ui.texts import Texts


def receipt(answer: Answer) -> str:
    """The JSON of the answer, which `sanad check` reads."""
    return json.dumps(answer.to_dict(), ensure_ascii=False, indent=1) + "\n"


def plain(answer: Answer, t: Texts, shelf: Shelf) -> str:
    """Question, claims with the numbers of their citations, and the cited lines: for the clipboard."""
    return "\n".join(visible(line) for line in _lines(answer, t, shelf))


def markdown(answer: Answer, t: Texts, shelf: Shelf) -> str:
    """The same as Markdown, in which every text of question, answer and article is literal."""
    parts = [f"# {_inline(answer.question)}"]
    if not answer.answered:
        parts.append(f"**{t('refused')}**")
        for reference in nearest_references(answer):
            parts.append(
                _quoted(reference.citation.quote) + f"\n>\n> — {_inline(_place(reference.citation, t, shelf))}"
            )
            if reference.word_by_word:
                parts.append(f"*{t('words')}:* {_inline(reference.word_by_word)}")
        return "\n\n".join(parts) + "\n"
    for claim, references in zip(answer.claims, claim_references(answer), strict=True):
        numbers = "".join(f"[^{reference.number}]" for reference in references)
        parts.append(f"{_inline(claim.text)}{numbers}  \n*{t(claim.verdict)}*")
        if claim.reading_aid:
            parts.append(f"*{t('unverified')}:* {_inline(claim.reading_aid)}")
        if claim.word_by_word:
            parts.append(f"*{t('words')}:* {_inline(claim.word_by_word)}")
    for conflict in answer.conflicts:
        parts.append(f"## {t('conflict_heading')} {t(f'conflict_{conflict.about}')}")
        for side in conflict.sides:
            parts.append(_quoted(side.citation.quote) + f"\n>\n> — {_inline(_place(side.citation, t, shelf))}")
    if answer.missing:
        parts.append(f"**{t('missing_heading')}:** {_inline('; '.join(answer.missing))}")
    for reference in _numbered(answer):
        quote = _inline(reference.citation.quote)
        parts.append(f"[^{reference.number}]: “{quote}” — {_inline(_place(reference.citation, t, shelf))}")
    return "\n\n".join(parts) + "\n"


def web_page(answer: Answer, t: Texts, shelf: Shelf) -> str:
    """One HTML file that needs no other, runs nothing and fetches nothing."""
    return render(
        "export",
        t=t,
        shelf=shelf,
        answer=answer,
        claims=list(zip(answer.claims, claim_references(answer), strict=True)),
        numbered=_numbered(answer),
        conflicts=list(zip(answer.conflicts, conflict_references(answer), strict=True)),
        nearest=nearest_references(answer),
    )


def file_name(answer: Answer, suffix: str) -> str:
    """A file name made of the question's words."""
    words = "-".join(re.findall(r"\w+", answer.question.lower()))
    return f"sanad-{words[:60].strip('-') or 'answer'}.{suffix}"


def _numbered(answer: Answer) -> list[Reference]:
    """The claims' citations, each number once."""
    found: dict[int, Reference] = {}
    for references in claim_references(answer):
        for reference in references:
            found.setdefault(reference.number, reference)
    return list(found.values())


def _lines(answer: Answer, t: Texts, shelf: Shelf) -> Iterable[str]:
    yield answer.question
    yield ""
    if not answer.answered:
        yield t("refused")
        for reference in nearest_references(answer):
            yield f"- {reference.citation.quote} ({_place(reference.citation, t, shelf)})"
            if reference.word_by_word:
                yield f"    {t('words')}: {reference.word_by_word}"
        return
    for claim, references in zip(answer.claims, claim_references(answer), strict=True):
        numbers = "".join(f"[{reference.number}]" for reference in references)
        yield f"{claim.text} {numbers} ({t(claim.verdict)})"
        if claim.reading_aid:
            yield f"    {t('unverified')}: {claim.reading_aid}"
        if claim.word_by_word:
            yield f"    {t('words')}: {claim.word_by_word}"
    for conflict in answer.conflicts:
        yield f"{t('conflict_heading')} {t(f'conflict_{conflict.about}')}:"
        for side in conflict.sides:
            yield f"- {side.citation.quote} ({_place(side.citation, t, shelf)})"
    if answer.missing:
        yield f"{t('missing_heading')}: {'; '.join(answer.missing)}"
    yield ""
    for reference in _numbered(answer):
        yield f"[{reference.number}] “{reference.citation.quote}” {_place(reference.citation, t, shelf)}"


def _place(citation: Citation, t: Texts, shelf: Shelf) -> str:
    title = shelf.title(citation.path)
    named = citation.path if title in citation.path else f"{title}, {citation.path}"
    return f"{named}, {t.place(citation)}"


def _inline(text: str) -> str:
    return literal(" ".join(text.split()))


def _quoted(text: str) -> str:
    return "\n".join(f"> {_inline(line)}" for line in text.splitlines())
