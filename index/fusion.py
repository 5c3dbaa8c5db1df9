"""One score from two kinds of evidence, right whether or not question and passage share a language.

Lexical evidence exists only where question and passage share a language. There a passage is compared with the best
lexical match the question has: matching as well as the best is evidence for it, matching no word is evidence against it.
A passage in another language could not have matched, so nothing is concluded from words that it lacks: there, names, numbers and
words translated by a lexicon that both hold are evidence for it, and nothing is evidence against it.
Plain reciprocal rank fusion lacks that distinction and lifts every same-language passage over the line that answers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.table import KINDS

# Chosen on the XQuAD-R development fold (docs/retrieval.md): cosine units.
LEXICAL_WEIGHT = 0.2
ACROSS_WEIGHT = 0.012  # per nat of inverse document frequency that both hold across languages
EXPECTED_MATCH = 0.8  # share of the best lexical score that a relevant same-language passage is expected to reach

# Lines that are not the article's prose may answer, but do not compete with a prose line that answers as well.
KIND_OFFSET = {"prose": 0.0, "bullet": 0.0, "heading": -0.1, "post": -0.1, "furniture": -1.0}
_OFFSETS = np.asarray([KIND_OFFSET[kind] for kind in KINDS], dtype=np.float32)


def fuse(
    cosine: NDArray[np.float32],
    lexical: NDArray[np.float32],
    same_language: NDArray[np.bool_],
    kinds: NDArray[np.uint8],
    best_lexical: float,
    across: NDArray[np.float32],
) -> NDArray[np.float32]:
    """(n,) scores of n candidates, whose `kinds` are numbers in KINDS. `best_lexical` is the question's best BM25 over all
    same-language passages, `across` the nats of the names, numbers and translated words that question and passage hold."""
    within = LEXICAL_WEIGHT * (lexical / best_lexical - EXPECTED_MATCH) if best_lexical > 0 else np.zeros_like(cosine)
    return (cosine + _OFFSETS[kinds] + np.where(same_language, within, ACROSS_WEIGHT * across)).astype(np.float32)
