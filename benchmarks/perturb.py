"""Wrong claims made out of right ones: words, names, numbers and roles exchanged, one kind of error each."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

import numpy as np
from support_rows import Row, held_out

from index.analyse import fold, stem
from qa.verify.align import content
from qa.verify.encoder import CentredEncoder

KINDS_PER_PAIR = 5  # of wrong claims made from one right one


class Perturber:
    """Makes wrong claims out of right ones, with words of the same fold only so that nothing leaks."""

    def __init__(self, texts: Iterable[str], language: str, encoder: CentredEncoder, seed: int) -> None:
        texts = list(texts)
        self._random = random.Random(seed)
        everything = [word for text in texts for word in content(text) if not word.vouched]
        self._words = sorted({word.text for word in everything if not word.is_name})
        self._names = sorted({word.text for word in everything if word.is_name}) or self._words
        vectors = encoder.centred(self._words, language, "word")
        self._nearest = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:25]
        self._index = {word: at for at, word in enumerate(self._words)}

    def word(self, text: str, share: float = 0.0) -> str:
        """One content word (or a share of them) replaced by others."""
        mine = [word for word in content(text) if not word.is_name and not word.vouched]
        for word in self._random.sample(mine, min(len(mine), max(1, round(share * len(mine))))):
            text = _replace(text, word.text, self._random.choice(self._words))
        return text

    def near_word(self, text: str) -> str:
        """One content word replaced by one of near meaning, as a weak translator does: exporter, producer."""
        mine = [word.text for word in content(text) if word.text in self._index]
        if not mine:
            return text
        word = self._random.choice(mine)
        near = [self._words[at] for at in self._nearest[self._index[word]]]
        others = [
            other for other in near if stem(fold(other)) != stem(fold(word)) and fold(other)[:4] != fold(word)[:4]
        ]
        return _replace(text, word, self._random.choice(others[:10])) if others else text

    def name(self, text: str) -> str:
        names = [word for word in content(text) if word.is_name]
        return _replace(text, self._random.choice(names).text, self._random.choice(self._names)) if names else text

    def number(self, text: str) -> str:
        numbers = re.findall(r"\d+", text)
        if not numbers:
            return text
        number = self._random.choice(numbers)
        return _replace(text, number, str(int(number) + self._random.choice([1, 2, 5, 10, -1])))

    def roles(self, text: str) -> str:
        """Two names change places: almost nothing but the meaning is different."""
        names = list(dict.fromkeys(word.text for word in content(text) if word.is_name))
        if len(names) < 2:
            return text
        one, other = self._random.sample(names, 2)
        return _replace(_replace(_replace(text, one, "\0"), other, one), "\0", other)

    def tail(self, text: str, other: str) -> str:
        """The last third is that of another sentence."""
        mine, theirs = text.split(), other.split()
        return " ".join(mine[: max(2, 2 * len(mine) // 3)] + theirs[-max(3, len(mine) // 3) :])


def _replace(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text, count=1)


def shortened(text: str) -> str:
    """The sentence up to its last comma, when a sentence's worth of words stands before it."""
    head = re.split(r"[,،]\s", text)
    cut = text[: text.rfind(head[-1])].rstrip(" ,،") if len(head) > 1 else text
    return cut if len(cut.split()) >= 6 else text


def _neighbour_distance(document: str) -> int:
    """The next sentence of an article is another statement; the next lines of Tatoeba often say the same again."""
    return 40 if document.startswith("tatoeba") else 1


def cross_language_rows(
    pairs: list[tuple[str, str, str, str]], claim_language: str, encoder: CentredEncoder
) -> list[Row]:
    """Aligned pairs and, for each, one claim of every kind of error that changes it."""
    claim_at = 2 if claim_language == "en" else 3
    rows: list[Row] = []
    chooser = random.Random(11)
    for fold_pairs in ([p for p in pairs if not held_out(p[0])], [p for p in pairs if held_out(p[0])]):
        perturb = Perturber((pair[claim_at] for pair in fold_pairs), claim_language, encoder, seed=7)
        for at, pair in enumerate(fold_pairs):
            right, source = pair[claim_at], pair[5 - claim_at]
            other = fold_pairs[(at + _neighbour_distance(pair[0])) % len(fold_pairs)][claim_at]
            rows.append(Row(right, source, True, pair[0], "right"))
            rows += _wrong(right, other, source, pair[0], perturb, chooser)
            if (short := shortened(right)) != right:  # made wrong, too: else a claim would be right for saying less
                rows.append(Row(short, source, True, pair[0], "right, shortened"))
                rows += _wrong(short, shortened(other), source, pair[0], perturb, chooser)
    return rows


def _wrong(right: str, other: str, source: str, document: str, perturb: Perturber, chooser: random.Random) -> list[Row]:
    """Some of the wrong claims that can be made of a right one; `other` is one that another source supports."""
    made = {
        "word": perturb.word(right), "near word": perturb.near_word(right),
        "near words": perturb.near_word(perturb.near_word(right)), "some words": perturb.word(right, 0.3),
        "many words": perturb.word(right, 0.6), "name": perturb.name(right), "number": perturb.number(right),
        "roles": perturb.roles(right), "tail": perturb.tail(right, other), "neighbour": other,
    }  # fmt: skip
    changed = [kind for kind, claim in made.items() if claim != right]
    return [
        Row(made[kind], source, False, document, kind)
        for kind in chooser.sample(changed, min(KINDS_PER_PAIR, len(changed)))
    ]
