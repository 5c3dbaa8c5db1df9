"""From ranked hits to the few passages an answer is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.article import Passage
from index.hit import Hit

Article = Callable[[str], Sequence[Passage]]  # by path
MAX_PASSAGES = 4
MAX_LIST = 12  # a longer list is answered with its selected items: nobody wants three hundred
NEARLY_AS_GOOD = 0.8  # share of the best score from which another hit still answers (docs/answers.md)


def select(hits: Sequence[Hit], article: Article, limit: int = MAX_PASSAGES) -> list[Passage]:
    """The passages to answer with, best first: every hit nearly as good as the best, and whole lists.

    `hits` are ranked best first; `article` gives the passages of an article in order. When two items of one list are
    selected, the question is about the list and its other items (up to MAX_LIST) are added: half a list misleads.
    """
    if not hits:
        return []
    bar = min(hits[0].score, NEARLY_AS_GOOD * hits[0].score)
    chosen = [hit.passage for hit in hits if hit.score >= bar][:limit]
    return _with_whole_lists(chosen, article)


def _with_whole_lists(chosen: list[Passage], article: Article) -> list[Passage]:
    complete: list[Passage] = []
    for passage in chosen:
        if passage in complete:
            continue
        items = _list_around(passage, article(passage.path)) if passage.kind == "bullet" else [passage]
        together = sum(item in chosen for item in items) > 1
        complete.extend(items if together and len(items) <= MAX_LIST else [passage])
    return complete


def _list_around(bullet: Passage, passages: Sequence[Passage]) -> list[Passage]:
    """The bullets of its article on the consecutive lines around one, in order."""
    siblings = [p for p in passages if p.kind == "bullet" and p.heading == bullet.heading]
    lines = {p.line for p in siblings}
    first = last = bullet.line
    while first - 1 in lines:
        first -= 1
    while last + 1 in lines:
        last += 1
    return [p for p in siblings if first <= p.line <= last]
