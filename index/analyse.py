"""Text to search terms. The raw text is never changed: what is folded here lives only in the lexical index.

Folding follows the practice of Lucene's ArabicNormalizer (alef, ya and ta marbuta forms unified, diacritics and tatweel
removed) on top of Unicode NFKC and case folding; stemming is Snowball's, chosen by the script of each word so that an
English name inside an Arabic sentence is treated as what it is.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, lru_cache
from typing import Any

from index.language import dominant_script

_FOLD_ARABIC = str.maketrans("آأإٱىةؤئ٫", "ااااي" + "ه" + "وي" + ".", "٬")  # ٫ decimal and ٬ thousands separator
_DIACRITICS_AND_CONTROLS = re.compile(
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]"
)
# A word of letters as it stands in a text, with the marks that it is written with: "المتّحدة" is one word.
LETTERS = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u0655\u0670])*")
_WORD = re.compile(r"\d+(?:[.,:]\d+)+|\w+")  # "3.5" and "10:30" stay one term
_LATIN_SNOWBALL = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian",
    "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "sv": "swedish",
    "tr": "turkish",
}  # fmt: skip
_CONJOINED_ARTICLE = re.compile(r"^[وف](?=[بكل]?ال\w{3}|لل\w{3})")  # "and/so" glued before an article: وال… فال… ولل…

# Words too common to tell one passage from another. Latin: articles, prepositions, pronouns, question words. Arabic: the
# same classes, in folded form (so "إلى" stands as "الي").
STOPWORDS = frozenset(
    (
        "a about an and any are as at be been by can could did do does for from had has have he her his how i in into is it "
        "its me my no not of on or our s she should so t than that the their them there these they this those to under us "
        "was we were what when where which who whom whose why will with would you your "
        "في من الي على علي عن ان او ثم هو هي هم ما ماذا من متي اين كيف لماذا هل كم هذا هذه ذلك تلك التي الذي الذين مع كان كانت قد "
        "كل بين بعد قبل عند حتي لا لم لن كما اي و يا انه انها ايضا غير سوف"
    ).split()
)


def fold(text: str) -> str:
    """Case, width, digits, Arabic letter forms, diacritics, tatweel and invisible controls made alike.

    The result is for comparing, not for showing: its length may differ from the input's.
    """
    text = _DIACRITICS_AND_CONTROLS.sub("", unicodedata.normalize("NFKC", text).casefold())
    return _ascii_digits(text.translate(_FOLD_ARABIC))


def words(text: str) -> list[str]:
    """The folded words and numbers of a text in order, nothing removed."""
    return _WORD.findall(fold(text))


def stem(word: str, language: str = "") -> str:
    """Snowball stem of one folded word; the language matters for Latin words only (English when it is not known)."""
    script = dominant_script(word)
    if script == "ARABIC":
        return _stem_arabic(word)
    if script == "LATIN":
        return _stem(_LATIN_SNOWBALL.get(language, "english"), word)
    if script == "CYRILLIC":
        return _stem("russian", word)
    return word


def content_words(text: str) -> list[str]:
    """The folded words of a text without stopwords, in order."""
    return [word for word in words(text) if word not in STOPWORDS]


def terms(text: str, language: str = "") -> list[str]:
    """The search terms of a text in order: folded, without stopwords, stemmed."""
    return [stem(word, language) for word in content_words(text)]


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


_stemming = threading.Lock()  # a Snowball stemmer keeps the word it works on in itself


def _stem_arabic(word: str) -> str:
    word = _CONJOINED_ARTICLE.sub("", word)
    if len(word) > 3 and word.endswith("ه"):
        word = word[:-1] + "ة"  # folding made them one letter; Snowball strips the ending only when it is spelled ة
    return fold(_stem("arabic", word))


@lru_cache(maxsize=65536)
def _stem(algorithm: str, word: str) -> str:
    with _stemming:
        return str(_stemmer(algorithm).stemWord(word))


@cache
def _stemmer(algorithm: str) -> Any:
    import Stemmer

    return Stemmer.Stemmer(algorithm)
