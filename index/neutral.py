"""Language-neutral vectors: what a vector says about its language is taken out, what it says about its subject stays.

A multilingual encoder places all Arabic texts near each other and all English texts near each other, so an English
question prefers any English line to the Arabic line that answers it. Subtracting each language's mean vector removes most
of that (Yang et al. 2021, "A Simple and Effective Method to Eliminate the Self Language Bias in Multilingual
Representations"). The mean of a small collection is shrunk towards a prior mean, as in a James-Stein estimate:

    mean = (n * collection mean + k * prior mean) / (n + k)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoders import EmbeddedEncoder, Vectors

PRIORS_FILE = Path(__file__).parent / "data" / "language_means.npz"
SHRINKAGE = 100  # passages that the prior counts as (docs/retrieval.md)

Mean = NDArray[np.float32]


@dataclass(frozen=True)
class LanguageMeans:
    """Mean passage vector and mean question vector per language (ISO 639-1), with "" as the mean over everything."""

    passage: Mapping[str, Mean]
    query: Mapping[str, Mean]

    def neutral_passages(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Unit rows without their language's mean, (n, d) from (n, d)."""
        return _centred(vectors, languages, self.passage)

    def neutral_queries(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Unit rows without their language's mean question, (n, d) from (n, d)."""
        return _centred(vectors, languages, self.query)


def language_means(vectors: Vectors, languages: Sequence[str], encoder_name: str) -> LanguageMeans:
    """Estimate the means of a collection from its raw passage vectors, shrunk towards the encoder's priors where it has any.

    A language without a prior is shrunk towards the mean over all; questions of a language without a prior are centred
    like its passages.
    """
    labels = np.asarray(languages)
    totals = {language: LanguageTotal.of(vectors[labels == language]) for language in sorted(set(languages))}
    return means_of_totals(totals, encoder_name)


@dataclass(frozen=True)
class LanguageTotal:
    """The raw vectors of a language, added up."""

    sum: NDArray[np.float64]
    count: int

    @classmethod
    def of(cls, vectors: Vectors) -> LanguageTotal:
        return cls(vectors.sum(axis=0).astype(np.float64), len(vectors))

    def __add__(self, other: LanguageTotal) -> LanguageTotal:
        return LanguageTotal(self.sum + other.sum, self.count + other.count)


def means_of_totals(totals: Mapping[str, LanguageTotal], encoder_name: str) -> LanguageMeans:
    """What `language_means` estimates, from the sums alone."""
    priors = _priors(encoder_name)
    known = [mean for name, mean in priors.items() if name.startswith("passage_")]
    overall = (np.mean(known, axis=0) if known else _mean_of_all(totals)).astype(np.float32)
    passage = {"": overall}
    for language, total in sorted(totals.items()):
        prior = priors.get(f"passage_{language}", overall)
        passage[language] = ((total.sum + SHRINKAGE * prior) / (total.count + SHRINKAGE)).astype(np.float32)
    for name, mean in priors.items():
        role, language = name.split("_")
        if role == "passage":
            passage.setdefault(language, mean)
    query = {language: priors.get(f"query_{language}", mean) for language, mean in passage.items()}
    return LanguageMeans(passage, query)


def _mean_of_all(totals: Mapping[str, LanguageTotal]) -> NDArray[np.float64]:
    first, *others = totals.values()
    total = sum(others, start=first)
    return total.sum / total.count


def _centred(vectors: Vectors, languages: Sequence[str], means: Mapping[str, Mean]) -> Vectors:
    if len(vectors) == 0:
        return vectors
    return unit_rows(vectors - np.stack([means[language if language in means else ""] for language in languages]))


def unit_rows(vectors: Vectors) -> Vectors:
    """Rows of length 1; a zero row stays zero."""
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return np.asarray(vectors / np.where(norms > 0, norms, 1), dtype=np.float32)


@cache
def _priors(encoder_name: str) -> dict[str, Mean]:
    if encoder_name != EmbeddedEncoder.name or not PRIORS_FILE.exists():
        return {}
    with np.load(PRIORS_FILE, allow_pickle=False) as stored:
        return {name: np.asarray(stored[name], dtype=np.float32) for name in stored.files}
