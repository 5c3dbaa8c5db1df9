"""Proper names across scripts: is "Takaichi" written somewhere in an Arabic line, and "Abe" not?

Both sides are romanised (anyascii), brought to one consonant skeleton in which the sounds that the two scripts cannot
keep apart are merged (p/b, v/f, ch/sh, g/j/gh, k/q/c), and compared with rapidfuzz. Equal skeletons are search terms that
hold across scripts, as are numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio

from index.analyse import STOPWORDS, fold

# Longest first. Applied to the romanised lower-case word before vowels go.
_SOUNDS = [
    ("tsch", "S"), ("tch", "S"), ("tsh", "S"), ("sch", "S"), ("ch", "S"), ("sh", "S"), ("ph", "f"), ("th", "t"), ("dh", "d"),
    ("kh", "k"), ("gh", "g"), ("ck", "k"), ("qu", "k"), ("dj", "g"), ("ts", "s"), ("tz", "s"), ("x", "ks"),
    ("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("q", "k"), ("j", "g"), ("v", "f"), ("p", "b"), ("z", "s"),
]  # fmt: skip
_ARTICLE = re.compile(r"^(?:[وفبلك]{0,2}ال|لل)(?=\w{2})")
_CLITIC = re.compile(r"^[وفبلك](?=\w{3})")
TELLING = 3  # consonants from which a skeleton alone tells a name
_LATIN_WORD = re.compile(r"[^\W\d_\u0600-\u06ff]+(?:['’-][^\W\d_\u0600-\u06ff]+)*")
_ARABIC_WORD = re.compile(r"[\u0621-\u064a]+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_VOWELS = str.maketrans("", "", "aeiouywh'`’")


def name_terms(text: str) -> list[str]:
    """The search terms of a text that hold across scripts, once each, sorted: its numbers and the skeletons of its names.

    In Arabic, which has no capitals, every word may be a name; so may every Latin word inside an Arabic text.
    """
    folded = fold(text)
    found = {match[0] for match in _NUMBER.finditer(folded)}
    arabic = [word for word in _ARABIC_WORD.findall(folded) if word not in STOPWORDS]
    latin = [
        word for word in _LATIN_WORD.findall(text) if (arabic or word[0].isupper()) and word.lower() not in STOPWORDS
    ]
    skeletons = {skeleton(form) for word in latin + arabic for form in _forms(word)}
    return sorted(found | {one for one in skeletons if len(one) >= TELLING})


def name_similarity(name: str, word: str) -> float:
    """0 to 1: how well a word of either script spells the name of the other; clitics of Arabic words are tried off."""
    return max((_spelling(name, form) for form in _forms(word)), default=0.0)


def best_name_match(name: str, source_words: tuple[str, ...]) -> float:
    """The best `name_similarity` over the words of a source; 0.0 when there are none."""
    return max((name_similarity(name, word) for word in source_words), default=0.0)


def vowels_agree(name: str, word: str) -> float:
    """0 to 1: how alike the two are, vowels included, in the form of the Arabic word that spells the name best. As short vowels are
    not written, it is 0.91 of سلمان and Salman; of قرب (near) and Karibu, whose consonants are the same, 0.67."""
    form = max(_forms(word), key=lambda form: _spelling(name, form))
    return float(ratio(_long_vowels(name), _long_vowels(form))) / 100


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
    if min(len(left), len(right)) >= TELLING:
        return float(consonants)
    return float(consonants) * (0.5 + 0.5 * ratio(_long_vowels(name), _long_vowels(form)) / 100)


def _long_vowels(word: str) -> str:
    text = re.sub("[اآأإىعء]", "a", word)
    text = _sounds(text)
    return re.sub(r"(.)\1+", r"\1", text.translate(str.maketrans("eoyw", "iuiu")))


def _forms(word: str) -> tuple[str, ...]:
    forms = [word, _ARTICLE.sub("", word), _CLITIC.sub("", word)]
    return tuple(dict.fromkeys(form for form in forms if form))
