"""One vector per passage from three views of it: the sentence alone, the sentence under its heading, and its section.

A sentence of news says "it also speeds up permits"; what "it" is stands in the heading and the neighbours. The figures
that chose this shape are in docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from index.article import Passage
from index.encoders import Vectors
from index.neutral import LanguageMeans, unit_rows

SECTION_WEIGHT = 0.4  # of the section's mean vector, beside the passage's own unit vector


def contextual_text(passage: Passage) -> str:
    """The sentence as it reads under its heading (for a post: beside who posted it)."""
    return f"{passage.heading} : {passage.text}" if passage.heading else passage.text


def texts_to_encode(passages: Sequence[Passage]) -> list[str]:
    """Every text whose vector is needed, once each, in a stable order."""
    return sorted({text for passage in passages for text in (passage.text, contextual_text(passage))})


def passage_vectors(passages: Sequence[Passage], encoded: Mapping[str, Vectors], means: LanguageMeans) -> Vectors:
    """(n, d) float32 unit rows, language-neutral. `encoded` holds the raw vector of each of `texts_to_encode`."""
    languages = [passage.language for passage in passages]
    alone = means.neutral_passages(np.stack([encoded[passage.text] for passage in passages]), languages)
    in_context = means.neutral_passages(
        np.stack([encoded[contextual_text(passage)] for passage in passages]), languages
    )
    own = unit_rows(alone + in_context)
    return unit_rows(own + SECTION_WEIGHT * _section_means(passages, alone))


def _section_means(passages: Sequence[Passage], vectors: Vectors) -> Vectors:
    """Each row's section mean, as a unit row: neighbours under one heading; a post or a heading is a section of its own."""
    means = np.zeros_like(vectors)
    for (_, _, alone), rows in groupby(range(len(passages)), key=lambda row: _section(passages[row], row)):
        members = list(rows)
        if alone < 0:
            means[members] = vectors[members].mean(axis=0)
    return unit_rows(means)


def _section(passage: Passage, row: int) -> tuple[str, str, int]:
    in_section = passage.kind in ("prose", "bullet")
    return passage.path, passage.heading, -1 if in_section else row
