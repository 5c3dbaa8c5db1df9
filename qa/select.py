"""From ranked hits to the few passages an answer is made of."""

from __future__ import annotations

from collections.abc import Sequence

from index.arrange import MOST_ITEMS, Article, list_around, nearly_as_good
from index.article import Passage
from index.context import names_poster
from index.hit import Hit

MAX_PASSAGES = 4


def select(
    hits: Sequence[Hit],
    language: str,
    article: Article,
    limit: int = MAX_PASSAGES,
    *,
    posting: bool = False,
    within: float | None = None,
) -> list[Passage]:
    """The passages to answer a question in a `language` with, best first: every hit nearly as good as the best, and whole lists.

    `hits` are ranked best first; `article` gives the passages of an article in order. When two items of one list are
    selected, or one and another is nearly as good, the question is about the list and its other items (up to MOST_ITEMS) are
    added: half a list misleads.
    A heading says what its lines are about and answers only where nothing else is near; who posted a post stands for the
    post, and beside it when the question asks about `posting`. `within` is as in `nearly_as_good`.
    """
    hits = _lines(hits)
    near = _once([hit for hit in hits if nearly_as_good(hit, hits[0], language, within)], article, posting)
    return _with_whole_lists(near[:limit], near, article)


def best(hits: Sequence[Hit], article: Article, limit: int, *, posting: bool = False) -> list[Passage]:
    """So many passages however good, with whole lists as in `select`: for a model that is shown more than it cites."""
    chosen = _once(_lines(hits), article, posting)[:limit]
    return _with_whole_lists(chosen, chosen, article)


def _once(hits: Sequence[Hit], article: Article, posting: bool) -> list[Passage]:
    lines: dict[Passage, None] = {}
    for hit in hits:
        lines[_posted(hit.passage, article)] = None
        if posting:
            lines[hit.passage] = None
    return list(lines)


def _lines(hits: Sequence[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.passage.kind != "heading"] or list(hits)


def _posted(passage: Passage, article: Article) -> Passage:
    """The post above the line that says who posted it; any other passage as it is."""
    if not names_poster(passage):
        return passage
    above = [other for other in article(passage.path) if other.text == passage.heading and other.line < passage.line]
    return above[-1] if above else passage


def _with_whole_lists(chosen: list[Passage], near: list[Passage], article: Article) -> list[Passage]:
    """The chosen ones, and the other items of a list of which two are near, though not both among those."""
    complete: list[Passage] = []
    for passage in chosen:
        if passage in complete:
            continue
        items = list_around(passage, article(passage.path)) if passage.kind == "bullet" else [passage]
        together = sum(item in near for item in items) > 1
        complete.extend(items if together and len(items) <= MOST_ITEMS else [passage])
    return complete
