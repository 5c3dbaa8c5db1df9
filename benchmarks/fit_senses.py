"""Fit which of its meanings an Arabic word has in its sentence (qa/data/senses.json) to human translations.

    python benchmarks/fit_senses.py --data DIR [--write]

DIR holds LAReQA XQuAD-R (CC BY-SA 4.0: aligned sentences, and questions) and Tatoeba (CC BY 2.0 FR). A meaning that the dictionary
gives a word is right when the translation of its sentence has its content words, by their stems, and what is glued behind it
("their"). Fitted to the words of which some meaning is right, and cross-validated by document, printed are: how often the likeliest
meaning is right, how often that or the next, and how often one of those that are shown (`qa.wordwise`), with how many of them a
word: in all, and of XQuAD-R alone.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax
from support_rows import FOLDS, aligned_pairs, fold_of, read

from index.analyse import STOPWORDS, fold, stem
from qa.glosses import Meaning, glossary
from qa.senses import FIGURES, MODEL_FILE, entries, figures, ranked
from qa.spellings import spellings
from qa.verify.encoder import CentredEncoder
from qa.wordwise import TOKEN, told

PENALTY = 0.5  # of the squared weights, the figures scaled to a deviation of 1
_WORD = re.compile(r"[a-z]+")
_GLUED = [
    frozenset(forms.split())
    for forms in (
        "my mine me i",
        "our ours us we",
        "your yours you",
        "its his her him it their them they he she",
        "two both",
    )
]


@dataclass(frozen=True, slots=True)
class Choice:
    """A word whose meanings its translation tells apart: its readings, what is known of each of their meanings (meanings, FIGURES),
    and which are right."""

    document: str
    readings: tuple[Meaning, ...]
    figures: np.ndarray
    right: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace qa/data/senses.json")
    arguments = parser.parse_args()
    choices = told_apart(translated(arguments.data))
    folds = np.asarray([fold_of(choice.document) for choice in choices])
    likelihoods: list[np.ndarray] = [np.empty(0)] * len(choices)
    for number in range(FOLDS):
        weights = fitted([choice for choice, fold_ in zip(choices, folds, strict=True) if fold_ != number])
        for at in np.flatnonzero(folds == number):
            likelihoods[at] = softmax(choices[at].figures @ weights)
    report("all", choices, likelihoods)
    encyclopedia = [at for at, choice in enumerate(choices) if choice.document.startswith("xquadr")]
    report("XQuAD-R", [choices[at] for at in encyclopedia], [likelihoods[at] for at in encyclopedia])
    weights = dict(zip(FIGURES, fitted(choices).round(4).tolist(), strict=True))
    print(weights)
    if arguments.write:
        stored = {"command": "python benchmarks/fit_senses.py --data DIR --write", "weights": weights}
        MODEL_FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def translated(data: Path) -> Iterator[tuple[str, str, str]]:
    """(document, English, Arabic) of sentences and questions."""
    for document, _, english, arabic in aligned_pairs(data):
        yield document, english, arabic
    questions: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for row in read(data / "xquad_r_ar_en.jsonl"):
        if row["type"] == "query":
            questions[row["qid"]][row["lang"]] = row
    for both in questions.values():
        if len(both) == 2:
            yield both["en"]["doc_id"], both["en"]["question"], both["ar"]["question"]


def told_apart(translations: Iterator[tuple[str, str, str]]) -> list[Choice]:
    known = glossary()
    assert known is not None, "pip install 'sanad[arabic]'"
    found = []
    for document, english, arabic in translations:
        words = set(_WORD.findall(english.lower()))
        stems = {stem(fold(word), "en") for word in words}
        names = spellings(arabic, "en", ())
        for word in TOKEN.findall(arabic):
            readings = () if word in names else known.meanings(word)
            right = np.asarray(
                [said_behind(reading, words) and is_said(text, words, stems) for text, reading in entries(readings)]
            )
            if right.any() and len(right) > 1:
                found.append((document, arabic, word, readings, right))
    encoder = CentredEncoder(remember=500_000)
    encoder.prepare([arabic for _, arabic, *_ in found])
    encoder.prepare([text for *_, readings, _ in found for reading in readings for text in reading.meanings])
    encoder.prepare([word for _, _, word, *_ in found])
    choices = []
    for document, arabic, word, readings, right in found:
        sentence = encoder.centred([arabic], "ar", "sentence")[0]
        choices.append(Choice(document, readings, figures(word, readings, sentence, encoder), right))
    return choices


def is_said(meaning: str, words: set[str], stems: set[str]) -> bool:
    """Whether a translation of these words has the meaning: its content words, or all of it where it has none."""
    said = _WORD.findall(meaning.lower())
    content = [word for word in said if word not in STOPWORDS]
    return (
        all(stem(fold(word), "en") in stems for word in content) if content else bool(said) and words.issuperset(said)
    )


def said_behind(reading: Meaning, words: set[str]) -> bool:
    """Whether the translation has what is glued behind the word, in some form of it."""
    return all(
        any(part in forms and forms & words for forms in _GLUED) for said in reading.after for part in said.split()
    )


def fitted(choices: list[Choice]) -> np.ndarray:
    """The weights (FIGURES,) under which some right meaning of each word is likeliest."""
    together = np.concatenate([choice.figures for choice in choices])
    scale = together.std(axis=0)
    scaled = [choice.figures / scale for choice in choices]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = PENALTY * weights @ weights, 2 * PENALTY * weights
        for figures_, choice in zip(scaled, choices, strict=True):
            utility = figures_ @ weights
            total += logsumexp(utility) - logsumexp(utility[choice.right])
            slope = slope + softmax(utility) @ figures_ - softmax(utility[choice.right]) @ figures_[choice.right]
        return total, slope

    found: np.ndarray = minimize(loss, np.zeros(len(FIGURES)), jac=True, method="L-BFGS-B").x
    return found / scale


def report(name: str, choices: list[Choice], likelihoods: list[np.ndarray]) -> None:
    first, two, shown, many = [], [], [], []
    for choice, likely in zip(choices, likelihoods, strict=True):
        right = {entry for entry, is_right in zip(entries(choice.readings), choice.right, strict=True) if is_right}
        senses = ranked(choice.readings, likely)
        are_right = [(sense.text, sense.reading) in right for sense in senses]
        first.append(are_right[0])
        two.append(any(are_right[:2]))
        meant = told(senses)
        shown.append(any((sense.text, sense.reading) in right for sense in meant))
        many.append(len(meant))
    print(
        f"{name}: {len(choices)} words; right: the likeliest {np.mean(first):.3f}, it or the next {np.mean(two):.3f}, "
        f"what is shown {np.mean(shown):.3f} ({np.mean(many):.2f} meanings a word)"
    )


if __name__ == "__main__":
    main()
