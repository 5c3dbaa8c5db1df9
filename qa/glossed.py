"""An Arabic line with its words in English beneath, one by one: for a reader who has nothing else to go by.

It is no translation and nothing is claimed by it. It cannot turn a sentence round, as a small model's translation does, and it
needs no language model; which meaning of a word the sentence has, it may get wrong, so it gives two where both are likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.article import Passage
from qa.answer import Claim
from qa.demands import names
from qa.spellings import known_names, spellings
from qa.verify.encoder import CentredEncoder
from qa.verify.numbers import is_value
from qa.wordwise import word_by_word

_BETWEEN = " · "


def glossed(claim: Claim, question: str, language: str, near: Sequence[Passage], encoder: CentredEncoder) -> Claim:
    """The claim with the words of its line in the reader's language, where it is an Arabic quote or a value of one, the
    reader's language is English, no translation stands beneath it and the dictionary is there. Names are spelled as the
    question or a line `near` it spells them.
    """
    if claim.reading_aid or not (claim.origin == "quote" or is_value(claim.text)):
        return claim
    line = claim.citations[0]
    return replace(claim, word_by_word=in_words(line.quote, line.language, question, language, near, encoder))


def in_words(
    line: str, line_language: str, question: str, language: str, near: Sequence[Passage], encoder: CentredEncoder
) -> str:
    """The words of an Arabic line for a reader of English, "" for any other pair and without the dictionary."""
    if (line_language, language) != ("ar", "en"):
        return ""
    spelled = spellings(line, language, (*names(question), *known_names(near)))
    return word_by_word(line, spelled, encoder, _BETWEEN)
