"""Make the lexicon that ships (index/data/lexicon.npz): which frequent words of Arabic and English translate one another.

    pip install wordfreq && python benchmarks/lexicon.py

The words are wordfreq's (CC BY-SA 4.0), the most frequent of each language; words of one stem are one, with the mean of their
vectors of the second encoder, less their language's mean. A pair is kept when its cosine exceeds the mean of what both
have to their ten nearest of the other language: CSLS above 0 (Conneau et al. 2018, arXiv:1710.04087). Pairs that sound
alike are names, which index.names finds without a table. About five minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from wordfreq import top_n_list

from index.analyse import STOPWORDS, fold, stem
from index.encoders import Vectors, universal_encoder
from index.lexicon import LEXICON_FILE, lexicon, save
from index.names import skeleton
from index.neutral import unit_rows

WORDS = {"ar": (120_000, r"[\u0621-\u064a]{3,}"), "en": (60_000, r"[a-z]{3,}")}
NEIGHBOURS = 10
AT_ONCE = 2000


def main() -> None:
    (arabic, from_arabic), (english, from_english) = vocabulary("ar"), vocabulary("en")
    hub_ar, hub_en = nearness(from_arabic, from_english), nearness(from_english, from_arabic)
    found = [
        (arabic[first + at], english[other])
        for first in range(0, len(arabic), AT_ONCE)
        for at, other in above_zero(from_arabic, hub_ar, slice(first, first + AT_ONCE), from_english, hub_en)
    ]
    pairs = [pair for pair in found if skeleton(pair[0]) != skeleton(pair[1])]
    save(lexicon(pairs, ("ar", "en")), LEXICON_FILE)
    print(f"wrote {LEXICON_FILE.name}: {len(pairs):,} pairs")


def vocabulary(language: str) -> tuple[list[str], Vectors]:
    """The stems of a language's frequent words, and their centred unit vectors."""
    size, letters = WORDS[language]
    folded = dict.fromkeys(fold(word) for word in top_n_list(language, size))
    words = [word for word in folded if re.fullmatch(letters, word) and word not in STOPWORDS]
    encode = universal_encoder().encode
    vectors = unit_rows(np.vstack([encode(words[at : at + AT_ONCE]) for at in range(0, len(words), AT_ONCE)]))
    vectors = unit_rows(vectors - vectors.mean(axis=0))
    stems = [stem(word, language) for word in words]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(stems))}
    sums = np.zeros((len(numbers), vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, [numbers[name] for name in stems], vectors)
    return list(numbers), unit_rows(sums)


def nearness(vectors: Vectors, others: Vectors) -> Vectors:
    """(n,) mean cosine of each to its nearest of the others."""
    means = []
    for first in range(0, len(vectors), AT_ONCE):
        cosine = vectors[first : first + AT_ONCE] @ others.T
        means.append(np.partition(cosine, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:].mean(axis=1))
    return np.concatenate(means)


def above_zero(
    vectors: Vectors, hub: Vectors, rows: slice, others: Vectors, other_hub: Vectors
) -> Iterator[tuple[int, int]]:
    """Numbers within `rows`, and of the others, of the pairs whose CSLS is above 0."""
    near, far = np.nonzero(2 * vectors[rows] @ others.T > hub[rows, None] + other_hub)
    return zip(near.tolist(), far.tolist(), strict=True)


if __name__ == "__main__":
    main()
