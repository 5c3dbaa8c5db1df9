"""Right-to-left text as it is seen, left to right, put back into the order in which it is read.

The rules undo what the bidirectional algorithm (Unicode UAX 9) does to one line for display. That alone is not enough: a
PDF that was drawn without it shows its words letter by letter in the wrong direction, and then the seen order is already the
logical one. Which of the two holds is decided by frequent words and by where the article stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.analyse import fold

Order = Literal["visual", "logical", "unsure"]
_MIN_WORDS = 3  # of evidence
_CLEARLY_MORE = 4.0  # times as many words speak for one order as for the other
_FREQUENT = frozenset(
    map(
        fold,
        "في من على إلى عن مع أن إن التي الذي هذا هذه ذلك بعد قبل كان كانت بين كما لم لن ما قد أو كل حتى حيث خلال عند غير "
        "وقد وفي ومن وقال قال به از که این را است برای آن با تا".split(),
    )
)  # the commonest function words of Arabic and Persian; none is another one read backwards
_ARTICLE = re.compile(r"(?:[وفبك]|)ال\w{3,}$")
_LATIN_LIGATURE = re.compile("[\ufb00-\ufb06]")
_PRESENTATION_FORM = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_OPENING = frozenset("([{«‹")
_CLOSING = frozenset(")]}»›")


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of a document in logical order, and how sure that is."""

    lines: tuple[str, ...]
    order: Order  # in which the lines were given


def is_right_to_left(text: str) -> bool:
    """True when the text has a letter that is read from right to left."""
    return any(_direction(character) == "R" for character in text)


def read_seen(lines: Sequence[str]) -> Reading:
    """Lines as they are seen, each left to right, in logical order; unchanged when it is not sure which that is."""
    plain = [letters_of_forms(line) for line in lines]
    if not any(map(is_right_to_left, plain)):
        return Reading(tuple(plain), "visual")
    letters = "".join(_direction(character) for line in plain for character in line)
    rtl = letters.count("R") > letters.count("L")
    turned = [to_logical(line, rtl=rtl) for line in plain]
    as_turned, as_given = _evidence(turned), _evidence(plain)
    if as_turned >= _MIN_WORDS and as_turned >= _CLEARLY_MORE * as_given:
        unmirrored = [to_logical(line, mirrored=False, rtl=rtl) for line in plain]
        return Reading(tuple(_better_paired(turned, unmirrored)), "visual")
    if as_given >= _MIN_WORDS and as_given >= _CLEARLY_MORE * as_turned:
        return Reading(tuple(plain), "logical")
    return Reading(tuple(plain), "unsure")


def letters_of_forms(text: str) -> str:
    """Presentation forms, which are shapes, as the letters they show; an Arabic ligature as it is seen, left to right."""
    text = _LATIN_LIGATURE.sub(lambda match: _letters(match[0]), text)
    return _PRESENTATION_FORM.sub(lambda match: _letters(match[0])[::-1], text)


def to_logical(seen: str, *, mirrored: bool = True, rtl: bool = False) -> str:
    """One line from seen to logical order.

    `mirrored`: a bracket is given as the shape that is seen, which right-to-left text turns round, and not as the character
    that was meant. `rtl`: a line with letters of both directions, or of none, runs from right to left.
    """
    clusters = _clusters(seen)
    kinds = "".join(_direction(cluster[0]) for cluster in clusters)
    if "R" not in kinds and ("L" in kinds or not rtl):
        return seen
    if rtl or kinds.count("R") >= kinds.count("L"):
        return _turned(clusters, kinds, mirrored)
    pieces: list[str] = []
    end = 0
    for run in re.finditer("R(?:[^L]*R)?", kinds):
        pieces.extend(clusters[end : run.start()])
        pieces.append(_turned(clusters[run.start() : run.end()], run[0], mirrored))
        end = run.end()
    return "".join((*pieces, *clusters[end:]))


def _turned(clusters: Sequence[str], kinds: str, mirrored: bool) -> str:
    """Right to left, but for what is read from left to right: foreign words and numbers."""
    pieces: list[str] = []
    end = len(clusters)
    for run in [*re.finditer("(?:N(?:SN|N)*)?L(?:[^R]*[LN])?|N(?:SN|N)*", kinds)][::-1]:
        pieces.extend(_mirror(cluster, mirrored) for cluster in reversed(clusters[run.end() : end]))
        pieces.extend(clusters[run.start() : run.end()])
        end = run.start()
    pieces.extend(_mirror(cluster, mirrored) for cluster in reversed(clusters[:end]))
    return "".join(pieces)


def _mirror(cluster: str, mirrored: bool) -> str:
    return cluster.translate(_MIRRORED) if mirrored else cluster


def _clusters(text: str) -> list[str]:
    """Characters, each with the marks on it."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.category(character) == "Mn":
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _direction(character: str) -> str:
    """R or L for letters, N for digits, S for what joins digits into one number, - for everything else."""
    kind = unicodedata.bidirectional(character)
    if kind in ("R", "AL"):
        return "R"
    if kind == "L":
        return "L"
    if kind in ("EN", "AN"):
        return "N" if character.isdigit() else "S"  # the Arabic decimal and thousands signs are AN
    return "S" if kind == "CS" else "-"


def _letters(form: str) -> str:
    return "".join(unicodedata.normalize("NFKC", form).split())


def _evidence(lines: Sequence[str]) -> int:
    """How many words are frequent ones or carry the definite article."""
    words = (fold(word) for line in lines for word in re.findall(r"\w+", line))
    return sum(word in _FREQUENT or bool(_ARTICLE.match(word)) for word in words)


def _better_paired(mirrored: Sequence[str], unmirrored: Sequence[str]) -> list[str]:
    """Of two readings of each line the one whose brackets close after they open; where that says nothing, as in most lines."""
    scores = [(_wrong_brackets(one), _wrong_brackets(other)) for one, other in zip(mirrored, unmirrored, strict=True)]
    mostly = sum(one - other for one, other in scores) > 0
    return [
        other if one_wrong > other_wrong or (mostly and one_wrong == other_wrong) else one
        for one, other, (one_wrong, other_wrong) in zip(mirrored, unmirrored, scores, strict=True)
    ]


def _wrong_brackets(line: str) -> int:
    """How many brackets close that were not opened, or stay open."""
    depth = wrong = 0
    for character in line:
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth < 0:
            wrong, depth = wrong + 1, 0
    return wrong + depth
