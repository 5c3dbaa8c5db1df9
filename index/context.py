"""One vector per passage from three views of it: the sentence alone, the sentence under its heading, and its section.

A sentence of news says "it also speeds up permits"; what "it" is stands in the heading and the neighbours. The figures
that chose this shape are in docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.article import Passage
from index.encoders import Vectors
from index.layout import is_attribution
from index.neutral import unit_rows

SECTION_WEIGHT = 0.4  # of the section's mean vector, beside the passage's own unit vector


def views(passage: Passage) -> tuple[str, str]:
    """The two texts that are encoded of a passage: alone, and as it reads under its heading (a post: under who posted it).

    The line that says who posted a post is read as that post: nobody looks for it but for who said that.
    """
    own, above = (passage.heading, passage.text) if names_poster(passage) else (passage.text, passage.heading)
    return own, f"{above} : {own}" if above else own


def names_poster(passage: Passage) -> bool:
    """Whether it is the line that says who posted the post above it."""
    return passage.kind == "post" and passage.heading != "" and is_attribution(passage.text)


def section_starts(passages: Sequence[Passage]) -> list[bool]:
    """Where a section begins: prose and bullets in a row under one heading are one, any other passage is one by itself."""
    sections = [_section(passage, row) for row, passage in enumerate(passages)]
    return [row == 0 or section != sections[row - 1] for row, section in enumerate(sections)]


def passage_vectors(
    alone: Vectors, in_context: Vectors, opens: NDArray[np.bool_], in_section: NDArray[np.bool_]
) -> Vectors:
    """(n, d) float32 unit rows from the language-neutral vectors of both texts of whole sections in row order. `opens` says
    where one begins; a passage that is not `in_section` has no neighbours to be read with."""
    own = unit_rows(alone + in_context)
    starts = np.flatnonzero(opens)
    sums = unit_rows(np.add.reduceat(alone, starts, axis=0))
    sections = np.repeat(sums, np.diff(np.append(starts, len(alone))), axis=0)
    sections *= np.where(in_section, np.float32(SECTION_WEIGHT), np.float32(0))[:, None]
    return unit_rows(own + sections)


def _section(passage: Passage, row: int) -> tuple[str, str, int]:
    return passage.path, passage.heading, -1 if passage.kind in ("prose", "bullet") else row
