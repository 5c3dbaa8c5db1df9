"""Letters that tell one of a kind from another: what is said of hepatitis says nothing of "hepatitis C"."""

from __future__ import annotations

import re

from index.analyse import fold

# "Groups A and B", and how Arabic writes the first letters.
_LETTERED = re.compile(
    r"\b(?i:hepatitis|influenza|vitamin|group|type|class|category|grade|plan|zone|area|block|terminal|phase|annex)s?"
    r"[ -]\(?([A-HJ-Z]\b(?:(?:,|,? and|,? or) [A-HJ-Z]\b)*)(?!['’&-])"
)
_ARABIC = {"A": ("ا", "الف"), "B": ("ب", "بي"), "C": ("ج", "سي"), "D": ("د", "دي"), "E": ("ه", "اي")}


def missing_letters(claim: str, source: str, context: str = "") -> tuple[str, ...]:
    """Letters by which the claim tells one of a kind from another ("hepatitis C", "Group B") and that neither the source nor its
    context has, as such or as Arabic writes them."""
    there = f"{source} {context}"
    held, folded = _letters(there), fold(there)
    return tuple(letter for letter in _letters(claim) if letter not in held and not _in_arabic(letter, folded))


def _letters(text: str) -> list[str]:
    return [letter for match in _LETTERED.finditer(text) for letter in re.findall(r"\b[A-Z]\b", match[1])]


def _in_arabic(letter: str, folded: str) -> bool:
    """Whether the letter, or what Arabic writes for it, stands behind an Arabic word."""
    forms = "|".join((letter.lower(), *_ARABIC.get(letter, ())))
    return bool(re.search(rf"[\u0600-\u06ff]\W+(?:{forms})(?!\w)", folded))
