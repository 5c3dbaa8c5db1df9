"""Which language a piece of text is written in, as an ISO 639-1 code.

The script decides where it can, which costs nothing; a statistical identifier (py3langid) is loaded only for the
scripts that many languages share and only when the text does not already show common English words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from typing import Any

UNKNOWN = "und"  # ISO 639-2 "undetermined": a text without letters

# Scripts written by (nearly) one language only. Latin, Arabic and Cyrillic are shared and are looked at more closely.
_SCRIPT_LANGUAGE = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "HEBREW": "he", "GREEK": "el", "THAI": "th",
    "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te", "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip

_ENGLISH_FUNCTION_WORDS = frozenset(
    "a about an and any are as at be been by can could did do does for from had has have he her his how i in into is it "
    "its many more much not of on or our over say said she should than that the their them there they this to under us "
    "was we were what when where which who whom whose why will with would you your".split()
)
_LETTERS_OUTSIDE_ARABIC = re.compile("[پچژگکیےہھٹڈڑں]")  # Persian, Urdu, Pashto …
_LATIN_WORD = re.compile(r"[^\W\d_]+")
_NOT_PROSE = re.compile(r"https?://\S+|pic\.twitter\.com/\S+|[@#]\w+")
_MIN_CONFIDENCE = 0.9  # below it the script's commonest language stands; the identifier's own normalised probability


def script_of(character: str) -> str:
    """First word of the character's Unicode name ("ARABIC", "LATIN", …), "" for what is not a letter."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").split(" ", 1)[0]


def dominant_script(text: str) -> str:
    """The script most letters of the text are written in; ties go to the alphabetically first, "" without letters."""
    counts = Counter(script for script in map(_cached_script, text) if script)
    return min(counts, key=lambda script: (-counts[script], script)) if counts else ""


def shares_language(asked: str, language: str) -> bool:
    """Whether a question in the language `asked` is one in this language: a question without letters is of every one."""
    return asked in (language, UNKNOWN)


def detect_language(text: str) -> str:
    """ISO 639-1 code of the text's dominant language, `UNKNOWN` when it holds no letters.

    Links, handles and hashtags say nothing about the language of a text and are passed over when there is more.
    """
    prose = _NOT_PROSE.sub(" ", text)
    script = dominant_script(prose) or dominant_script(text)
    if not script:
        return UNKNOWN
    if script == "CJK" and any(_cached_script(c) in ("HIRAGANA", "KATAKANA") for c in text):
        return "ja"
    if script in _SCRIPT_LANGUAGE:
        return _SCRIPT_LANGUAGE[script]
    if script == "ARABIC":
        return _identify(prose, default="ar") if _LETTERS_OUTSIDE_ARABIC.search(prose) else "ar"
    if script == "LATIN":
        return "en" if _looks_english(prose) else _identify(prose, default="en")
    return _identify(prose, default=UNKNOWN)


_cached_script = lru_cache(maxsize=4096)(script_of)


def _looks_english(text: str) -> bool:
    words = [word.lower() for word in _LATIN_WORD.findall(text)]
    return 5 * sum(word in _ENGLISH_FUNCTION_WORDS for word in words) >= len(words)


@lru_cache(maxsize=4096)
def _identify(text: str, default: str) -> str:
    language, probability = _identifier().classify(text[:2000])
    return language if probability >= _MIN_CONFIDENCE else default


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second: only when it is needed

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
