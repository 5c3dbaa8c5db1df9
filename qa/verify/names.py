"""Proper names across scripts: is "Takaichi" written somewhere in an Arabic line, and "Abe" not?

Both sides are romanised (anyascii), brought to one consonant skeleton in which the sounds that the two scripts cannot
keep apart are merged (p/b, v/f, ch/sh, g/j/gh, k/q/c), and compared with rapidfuzz.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio

# Longest first. Applied to the romanised lower-case word before vowels go.
_SOUNDS = [
    ("tsch", "S"), ("tch", "S"), ("tsh", "S"), ("sch", "S"), ("ch", "S"), ("sh", "S"), ("ph", "f"), ("th", "t"), ("dh", "d"),
    ("kh", "k"), ("gh", "g"), ("ck", "k"), ("qu", "k"), ("dj", "g"), ("ts", "s"), ("tz", "s"), ("x", "ks"),
    ("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("q", "k"), ("j", "g"), ("v", "f"), ("p", "b"), ("z", "s"),
]  # fmt: skip
_ARTICLE = re.compile(r"^(?:[وفبلك]{0,2}ال|لل)(?=\w{2})")
_CLITIC = re.compile(r"^[وفبلك](?=\w{3})")
_VOWELS = str.maketrans("", "", "aeiouywh'`’")


def name_similarity(name: str, word: str) -> float:
    """0 to 1: how well a word of either script spells the name of the other; clitics of Arabic words are tried off."""
    return max((_spelling(name, form) for form in _forms(word)), default=0.0)


def best_name_match(name: str, source_words: tuple[str, ...]) -> float:
    """The best `name_similarity` over the words of a source; 0.0 when there are none."""
    return max((name_similarity(name, word) for word in source_words), default=0.0)


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """The merged consonants of a word, doubled ones once: Takaichi and تاكايتشي give "tkS"."""
    text = _sounds(word)
    return re.sub(r"(.)\1+", r"\1", text.translate(_VOWELS))


@lru_cache(maxsize=65536)
def _sounds(word: str) -> str:
    text = re.sub(r"[^a-z]", "", anyascii(word).lower())
    for written, sound in _SOUNDS:
        text = text.replace(written, sound)
    return text


@lru_cache(maxsize=262144)
def _spelling(name: str, form: str) -> float:
    left, right = skeleton(name), skeleton(form)
    if not left or not right:
        return 0.0
    consonants = Levenshtein.normalized_similarity(left, right)
    # Arabic leaves short vowels out and romanisation drops its long a, so vowels only lower the score where the
    # consonants alone are too few to tell one name from another.
    if min(len(left), len(right)) >= 3:
        return float(consonants)
    return float(consonants) * (0.5 + 0.5 * ratio(_long_vowels(name), _long_vowels(form)) / 100)


def _long_vowels(word: str) -> str:
    text = re.sub("[اآأإىعء]", "a", word)
    text = _sounds(text)
    return re.sub(r"(.)\1+", r"\1", text.translate(str.maketrans("eoyw", "iuiu")))


def _forms(word: str) -> tuple[str, ...]:
    forms = [word, _ARTICLE.sub("", word), _CLITIC.sub("", word)]
    return tuple(dict.fromkeys(form for form in forms if form))
