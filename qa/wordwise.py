"""An Arabic line put into English word by word: for a language model that reads English better than Arabic, to compare it with an
English sentence, and for a reader of English (qa.glossed).

A small model that translates "المعادن الحيوية" by itself writes "living minerals"; told "minerals | vital/lively" it is
likelier to choose right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from qa.glosses import glossary
from qa.senses import Sense, senses

if TYPE_CHECKING:
    from qa.verify.encoder import CentredEncoder

CHOICE = "/"  # between meanings of one word
TOKEN = re.compile(r"[\u0621-\u0652\u0670]+|[^\W_][\w.%-]*")
_ARABIC = re.compile("[\u0621-\u0652]")
ALSO_LIKELY = 0.1  # of what the likeliest meaning has: what is likelier is given beside it


def word_by_word(line: str, names: Mapping[str, str], encoder: CentredEncoder, between: str = " | ") -> str:
    """The words of an Arabic line in their order, each as its likeliest meaning or two; a name as spelled in `names`, and what
    the dictionary does not have as it stands. "" where there is no dictionary."""
    return between.join(_words(line, names, encoder, with_choices))


def likeliest_words(line: str, encoder: CentredEncoder) -> str:
    """The same as one text, with one meaning a word and nothing that is glued to it. "" where there is no dictionary."""
    return " ".join(_words(line, {}, encoder, lambda likely: likely[0].text))


def _words(
    line: str, names: Mapping[str, str], encoder: CentredEncoder, said: Callable[[list[Sense]], str]
) -> Iterator[str]:
    """Each word: what `said` makes of its meanings, likeliest first."""
    known = glossary()
    if known is None:
        return
    tokens = list(_with_names(TOKEN.findall(line), names))
    readings = [known.meanings(word) if _ARABIC.match(word) and word not in names else () for word in tokens]
    encoder.prepare([line, *tokens, *(text for found in readings for reading in found for text in reading.meanings)])
    sentence = encoder.centred([line], "ar", "sentence")[0]
    for word, found in zip(tokens, readings, strict=True):
        yield said(senses(word, found, sentence, encoder)) if found else names.get(word, word)


def _with_names(tokens: list[str], names: Iterable[str]) -> Iterator[str]:
    """The tokens, those of a name as that name."""
    parts = {tuple(TOKEN.findall(name)): name for name in names}
    lengths = sorted({len(words) for words in parts if words}, reverse=True)
    at = 0
    while at < len(tokens):
        length = next((length for length in lengths if tuple(tokens[at : at + length]) in parts), 0)
        yield parts[tuple(tokens[at : at + length])] if length else tokens[at]
        at += length or 1


def with_choices(likely: list[Sense]) -> str:
    """What is glued to the word, and the meanings between which its sentence does not decide."""
    meant = told(likely)
    said = CHOICE.join(sense.text for sense in meant).split(CHOICE)  # the dictionary's own "which/who", too
    return " ".join((*meant[0].reading.spoken, CHOICE.join(dict.fromkeys(said))))


def told(likely: list[Sense]) -> list[Sense]:
    """Of a word's meanings, likeliest first, that one, and the next with the same glued to it where that is nearly as likely.
    Beside a particle that is another one: "from/about" and not "from/occur"; beside "rare" no "rare thing"."""
    best = likely[0]
    words = set(best.text.split())
    alike = (
        sense
        for sense in likely[1:]
        if sense.reading.spoken == best.reading.spoken
        and sense.reading.particle == best.reading.particle
        and words.isdisjoint(sense.text.split())
    )
    return [best, *(sense for sense in islice(alike, 1) if sense.likelihood > ALSO_LIKELY * best.likelihood)]
