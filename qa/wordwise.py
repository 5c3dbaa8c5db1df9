"""An Arabic line put into English word by word: for a language model that reads English better than Arabic, to compare it with an
English sentence, and for a reader of English (qa.glossed).

A small model that translates "المعادن الحيوية" by itself writes "living minerals"; told "minerals | vital/lively" it is
likelier to choose right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from qa.glosses import Meaning, glossary

if TYPE_CHECKING:
    from qa.verify.encoder import CentredEncoder, Vectors

CHOICE = "/"  # between meanings of one word
_TOKEN = re.compile(r"[\u0621-\u0652\u0670]+|[^\W_][\w.%-]*")
_ARABIC = re.compile("[\u0621-\u0652]")
_ALTERNATIVES = 2  # meanings given of a reading
_NEARLY_AS_LIKELY = 0.1  # of the sum of two cosines: within it a second reading is given too


def word_by_word(line: str, names: Mapping[str, str], encoder: CentredEncoder, between: str = " | ") -> str:
    """The words of an Arabic line in their order, each as its likeliest meanings; a name as spelled in `names`, and what the
    dictionary does not have as it stands. "" where there is no dictionary."""
    return between.join(_words(line, names, encoder, _with_choices))


def likeliest_words(line: str, encoder: CentredEncoder) -> str:
    """The same as one text, with one meaning a word. "" where there is no dictionary."""
    return " ".join(_words(line, {}, encoder, lambda readings, _: readings[0].meanings[0]))


def _words(
    line: str,
    names: Mapping[str, str],
    encoder: CentredEncoder,
    said: Callable[[list[Meaning], list[float]], str],
) -> Iterator[str]:
    """Each word: what `said` makes of its readings, likeliest first, and how likely each is."""
    known = glossary()
    if known is None:
        return
    tokens = _TOKEN.findall(line)
    readings = [known.meanings(word) if _ARABIC.match(word) and word not in names else () for word in tokens]
    meanings = [meaning for found in readings for reading in found for meaning in reading.meanings]
    encoder.prepare([line, *tokens, *meanings])
    sentence = encoder.centred([line], "ar", "sentence")[0]
    for word, found in zip(tokens, readings, strict=True):
        if found:
            likely = _likelihoods(word, found, sentence, encoder)
            order = sorted(range(len(found)), key=lambda at: (found[at].rank, -likely[at]))
            yield said([found[at] for at in order], [likely[at] for at in order])
        else:
            yield names.get(word, word)


def _likelihoods(word: str, readings: tuple[Meaning, ...], sentence: Vectors, encoder: CentredEncoder) -> list[float]:
    """How near each reading is to the word alone and to the whole sentence: a sum of two cosines."""
    near = encoder.centred([word], "ar", "word")[0], sentence
    vectors = (encoder.centred(reading.meanings, "en", "word") for reading in readings)
    return [sum(float((each @ vector).max()) for vector in near) for each in vectors]


def _with_choices(readings: list[Meaning], likely: list[float]) -> str:
    """What is glued to the word, and the meanings between which the sentence decides."""
    meanings = list(readings[0].meanings[:_ALTERNATIVES])
    alike = len(readings) > 1 and readings[1].rank == readings[0].rank > 0
    if alike and likely[1] > likely[0] - _NEARLY_AS_LIKELY:
        meanings += [meaning for meaning in readings[1].meanings[:1] if meaning not in meanings]
    spoken = (part for part in readings[0].before if part != "the")  # Arabic repeats the article with every adjective
    return " ".join((*spoken, *readings[0].after, CHOICE.join(meanings)))
