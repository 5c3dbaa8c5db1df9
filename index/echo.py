"""A passage that says in another language what a good hit says is as relevant: it rises with that hit.

Pseudo-relevance feedback (Rocchio 1971; on dense vectors, Li et al. 2021, arXiv:2108.11044), across languages only: sentences
agree across languages far better than questions agree with sentences. A collection, or a filter, of one language is ranked
as without it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoders import Vectors

# Chosen on the XQuAD-R development fold (docs/retrieval.md).
ECHO_WEIGHT = 0.5  # per unit of cosine above SAME_MATTER
SAME_MATTER = 0.5  # cosine of two passages from which they say the same; merely related ones stay below it
ECHOED = 3  # best hits of the other languages
_NEARLY_BEST = 0.02  # score below the best at which a hit is echoed e times less


def echo(
    scores: NDArray[np.float32], vectors: Vectors, languages: NDArray[Any], best: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(n,) what to add to the scores of n candidates, whose unit vectors are (n, d); `languages` are names or
    numbers, (n,). `best` are their places, best first."""
    added = np.zeros_like(scores)
    for language in np.unique(languages):
        mine = languages == language
        others = best[~mine[best]][:ECHOED]
        if len(others):
            weights = np.exp((scores[others] - scores[best[0]]) / _NEARLY_BEST)
            weights /= max(float(weights.sum()), 1.0)  # when all are far below the best, little is echoed
            alike = np.maximum(vectors[mine] @ vectors[others].T - SAME_MATTER, 0)
            added[mine] = ECHO_WEIGHT * (alike @ weights)
    return added
