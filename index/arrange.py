"""The order in which hits are read: what says the same as a better hit behind it, and a list in one piece.

Scores judge each line by itself. A reader of the first few is served badly by a post and then by the line that says who posted
it, and by two items of a list whose other items come ten places later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from index.article import Passage
from index.asked import asks_about_posting, wanted_value
from index.context import names_poster
from index.hit import Hit, best_first
from index.language import shares_language

Article = Callable[[str], Sequence[Passage]]  # by path
MOST_ITEMS = 12  # of a list that is kept together: nobody wants three hundred
# Share of the best score from which another hit still answers (docs/answers.md): in the question's language, where shared words
# spread the scores, and in another, where they lie closer.
WITHIN, ACROSS = 0.75, 0.85
# By this much the line that says who posted a post, and is found as that post, falls behind it (docs/retrieval.md).
POSTER_BEHIND = 0.05


def arranged(question: str, language: str, hits: Sequence[Hit], article: Article) -> list[Hit]:
    """The hits, ranked best first, of a question in a `language`, with scores and in an order that serve who reads the first few.

    The line that says who posted a post falls behind, unless the question asks for that or for a time, which it may add. When two
    items of a list are nearly as good as the best hit, the question is about the list: the others rise to the second one.
    """
    if not (wanted_value(question) == "time" or asks_about_posting(question)):
        hits = [replace(hit, score=hit.score - POSTER_BEHIND) if names_poster(hit.passage) else hit for hit in hits]
    hits = sorted(hits, key=best_first)
    once = cache(article)  # a list's items are of one article, and a store elsewhere is asked for it
    seen: set[tuple[str, int]] = set()
    raised: dict[tuple[str, int], float] = {}
    for hit in hits:
        if hit.passage.kind == "bullet" and nearly_as_good(hit, hits[0], language):
            items = list_around(hit.passage, once(hit.passage.path))
            if items[0].id in seen and 2 < len(items) <= MOST_ITEMS:
                raised = {item.id: hit.score for item in items} | raised
            seen.add(items[0].id)
    return sorted(
        (replace(hit, score=max(hit.score, raised.get(hit.passage.id, hit.score))) for hit in hits), key=best_first
    )


def nearly_as_good(hit: Hit, best: Hit, language: str, within: float | None = None) -> bool:
    """Whether a hit for a question in this language may answer beside the best one; `within` is the share of its score that is
    asked for, whatever the language, in place of WITHIN and ACROSS."""
    share = within
    if share is None:
        share = WITHIN if shares_language(language, hit.passage.language) else ACROSS
    return hit.score >= min(best.score, share * best.score)


def list_around(bullet: Passage, passages: Sequence[Passage]) -> list[Passage]:
    """The bullets of its article on the consecutive lines around one, in order."""
    siblings = [p for p in passages if p.kind == "bullet" and p.heading == bullet.heading]
    lines = {p.line for p in siblings}
    first = last = bullet.line
    while first - 1 in lines:
        first -= 1
    while last + 1 in lines:
        last += 1
    return [p for p in siblings if first <= p.line <= last]
