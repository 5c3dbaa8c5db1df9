"""What the calibrated score is computed from. Two fixed lists of figures: one language, and across languages.

Every figure is in [-1, 1] or a small positive number; the order of the names is the order that the trees know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from index.analyse import STOPWORDS, stem, words
from qa.verify.align import Alignment, Word, align, content, gloss_texts, texts_to_encode, word_similarities
from qa.verify.directions import opposites
from qa.verify.encoder import CentredEncoder
from qa.verify.negation import negation_mismatch
from qa.verify.numbers import missing_quantities
from qa.verify.places import missing_places
from qa.wordwise import likeliest_words

Floats = NDArray[np.float64]

SAME_LANGUAGE = (
    "coverage", "sentence_coverage", "window_coverage", "bigram_coverage", "window_bigram_coverage", "longest_run", "meaning_mean",
    "meaning_min", "sentence_cosine", "missing_numbers", "missing_places", "missing_names", "denial_differs",
    "opposites", "log_words", "log_source", "back_mean", "back_unmatched", "words_in_both",
)  # fmt: skip
CROSS_LANGUAGE = (
    "weakest", "mean", "weak_third", "exclusive_mean", "back_mean", "back_weak_third", "sentence_cosine", "log_ratio",
    "names_weakest", "glossed_cosine",
)  # fmt: skip
# In which direction each figure may move the score: 1 up, -1 down, 0 either way.
SAME_DIRECTIONS = (1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0)
CROSS_DIRECTIONS = (1, 1, 1, 1, 1, 1, 1, 0, 1, 1)
_SENTENCE_END = re.compile(r"(?<=[.!?؟…])[\s\"'”»)]*\s+(?!\d+\s)|\n+")
_LONGEST_SENTENCE = 60  # words; longer runs without punctuation are cut
_COMPARABLE = 1.5  # times as long as a claim: what a longer sentence denies may be something else
_LOOKED_AT = 3  # sentences of a long source whose meaning is compared
_UNMATCHED = 0.5  # similarity of a word to any other below which it has no counterpart


@dataclass(frozen=True, slots=True)
class Nearby:
    """The sentences of a source that share most with a claim, best first, as one text each."""

    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    @property
    def best(self) -> str:
        return self.sentences[0] if self.sentences else ""

    def counterpart(self, claim: str) -> str:
        """The best sentence when it is about as long as the claim, so that what it denies is what the claim is about;
        else the claim itself: a long sentence may deny something the claim leaves out."""
        best = self.best or claim
        return best if len(words(best)) <= _COMPARABLE * len(words(claim)) else claim


@lru_cache(maxsize=1024)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text; unpunctuated stretches are cut at 60 words."""
    cut: list[str] = []
    for part in _SENTENCE_END.split(text):
        tokens = part.split()
        cut += [" ".join(tokens[at : at + _LONGEST_SENTENCE]) for at in range(0, len(tokens), _LONGEST_SENTENCE)]
    return tuple(cut)


@lru_cache(maxsize=1024)
def nearby(claim: str, source: str) -> Nearby:
    """The three sentences of the source that cover most of the claim's words, then fewest others."""
    wanted = set(_stems(claim))
    ranked = sorted(sentences(source), key=lambda sentence: -_overlap(wanted, sentence))
    return Nearby(tuple(ranked[:_LOOKED_AT]))


def same_language(claim: str, source: str, language: str, context: str, encoder: CentredEncoder) -> Floats:
    """The figures named in `SAME_LANGUAGE`, shape (19,). Texts without content words give zeros where a share is meant."""
    mine = _stems(claim)
    parts = [_stems(sentence) for sentence in sentences(source)] or [()]
    everything = [word for part in parts for word in part]
    pool = set(everything)
    windows = [list(chain.from_iterable(parts[at : at + 3])) for at in range(max(1, len(parts) - 2))]
    my_pairs = set(pairwise(mine))
    near = nearby(claim, source)
    strengths = _strengths(content(claim), pool, content(near.text), language, encoder)
    capitals = [word for word in content(claim) if word.is_name]
    unseen = missing_names(capitals, source + " " + context)
    in_best, in_claim = set(_stems(near.best)), set(mine)
    back = _strengths(content(near.best), in_claim, content(claim), language, encoder)
    return np.array(
        [
            _share(mine, pool),
            max(_share(mine, set(part)) for part in parts),
            max(_share(mine, set(window)) for window in windows),
            _share(my_pairs, set(pairwise(everything))),
            max(_share(my_pairs, set(pairwise(window))) for window in windows),
            _longest_run(mine, everything) / max(1, len(mine)),
            strengths.mean() if strengths.size else 0.0,
            strengths.min() if strengths.size else 0.0,
            _sentence_cosine(claim, near.sentences, language, language, encoder),
            min(3, len(missing_quantities(claim, source, context))),
            min(3, len(missing_places(claim, source, context))),
            min(3, len(unseen)),
            float(bool(negation_mismatch(claim, near.counterpart(claim)))),
            min(2, len(opposites(claim, near.best))),
            np.log1p(len(mine)),
            np.log1p(len(everything)),
            back.mean() if back.size else 0.0,
            (back < _UNMATCHED).mean() if back.size else 1.0,
            len(in_claim & in_best) / max(1, len(in_claim | in_best)),
        ]
    )


def same_language_texts(claim: str, source: str) -> list[str]:
    """The texts `same_language` will need vectors of."""
    near = nearby(claim, source)
    found = [claim, *near.sentences]
    if unmatched := _unseen(claim, source):
        found += texts_to_encode(unmatched, content(near.text), pairs=False)
    if left_over := _unseen(near.best, claim):
        found += texts_to_encode(content(claim), left_over, pairs=False)
    return found


def cross_language_texts(claim: str, source: str) -> list[str]:
    """The texts `cross_language` will need vectors of."""
    mine, theirs = content(claim), content(source)
    return [claim, source, *texts_to_encode(mine, theirs), *gloss_texts(mine), *gloss_texts(theirs)]


def cross_language(
    claim: str, source: str, languages: tuple[str, str], encoder: CentredEncoder
) -> tuple[Floats, Alignment]:
    """The figures named in `CROSS_LANGUAGE`, shape (10,), and the alignment they rest on. `languages`: claim, source."""
    alignment = align(claim, source, *languages, encoder)
    strength = np.sort(alignment.strength) if alignment.words else np.zeros(1)
    exclusive = alignment.exclusive if alignment.words else np.zeros(1)
    back = np.sort(alignment.back) if alignment.back.size else np.zeros(1)
    names = [value for value, word in zip(alignment.strength, alignment.words, strict=True) if word.is_spelled]
    cosine = _sentence_cosine(claim, [source], *languages, encoder)
    figures = np.array(
        [
            strength[0],
            strength.mean(),
            _lowest_third(strength),
            exclusive.mean(),
            back.mean(),
            _lowest_third(back),
            cosine,
            np.log1p(len(alignment.words)) - np.log1p(len(alignment.back)),
            min(names, default=1.0),
            _glossed_cosine(claim, source, languages, encoder, otherwise=cosine),
        ]
    )
    return figures, alignment


def missing_names(names: Sequence[Word], source: str) -> tuple[str, ...]:
    """Names of a claim that a source of the same language does not hold, forgiving endings and one-letter slips."""
    there = {_stem(word) for word in words(source)}
    joined = " ".join(words(source))
    return tuple(name.text for name in names if not all(_stem(w) in there or w in joined for w in words(name.text)))


def _strengths(
    wanted: tuple[Word, ...], seen: set[str], others: tuple[Word, ...], language: str, encoder: CentredEncoder
) -> Floats:
    """Per wanted word: 1.0 when its stem is seen, else its best cosine to one of the others."""
    unmatched = [at for at, word in enumerate(wanted) if not _is_seen(word, seen)]
    strengths = np.ones(len(wanted))
    if unmatched and others:
        words_left = tuple(wanted[at] for at in unmatched)
        strengths[unmatched] = word_similarities(words_left, others, language, language, encoder, with_pairs=False).max(
            axis=1
        )
    elif unmatched:
        strengths[unmatched] = 0.0
    return strengths


def _unseen(text: str, other: str) -> tuple[Word, ...]:
    """The content words of a text whose stems the other one does not hold."""
    seen = set(_stems(other))
    return tuple(word for word in content(text) if not _is_seen(word, seen))


def _is_seen(word: Word, pool: set[str]) -> bool:
    return word.vouched or all(part in pool for part in _stems(word.text))


def _sentence_cosine(
    claim: str, candidates: Sequence[str], claim_language: str, source_language: str, encoder: CentredEncoder
) -> float:
    if not claim.strip() or not candidates:
        return 0.0
    mine = encoder.centred([claim], claim_language, "sentence")
    theirs = encoder.centred(list(candidates), source_language, "sentence")
    return float((mine @ theirs.T).max())


def _glossed_cosine(
    claim: str, source: str, languages: tuple[str, str], encoder: CentredEncoder, otherwise: float
) -> float:
    """Of both in English, the Arabic one word by word; `otherwise` for other languages and without the dictionary."""
    if set(languages) != {"ar", "en"}:
        return otherwise
    mine, theirs = (
        likeliest_words(text, encoder) if language == "ar" else text
        for text, language in zip((claim, source), languages, strict=True)
    )
    return _sentence_cosine(mine, [theirs], "en", "en", encoder) if mine and theirs else otherwise


@lru_cache(maxsize=8192)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(_stem(word) for word in words(text) if word not in STOPWORDS)


_stem = lru_cache(maxsize=65536)(stem)


def _overlap(wanted: set[str], sentence: str) -> float:
    there = _stems(sentence)
    return len(wanted.intersection(there)) - 0.001 * len(there)


def _share(wanted: Sequence[object] | set[tuple[str, str]], there: set[str] | set[tuple[str, str]]) -> float:
    return sum(item in there for item in wanted) / len(wanted) if wanted else 0.0


def _longest_run(mine: tuple[str, ...], theirs: list[str]) -> int:
    """Length of the longest run of claim stems that stands in the source in the same order, uninterrupted."""
    best = 0
    before = [0] * (len(theirs) + 1)
    for word in mine:
        row = [0] * (len(theirs) + 1)
        for at, other in enumerate(theirs, 1):
            if word == other:
                row[at] = before[at - 1] + 1
                best = max(best, row[at])
        before = row
    return best


def _lowest_third(values: NDArray[np.floating]) -> float:
    return float(values[: max(1, len(values) // 3)].mean())
