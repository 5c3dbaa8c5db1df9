"""Late interaction: every word of the question against the words of a passage, which one vector a passage cannot say.

A vector sums a sentence up; the one word of the question that nothing in it answers to is lost in the sum. So the best hits
are read again token by token: each token of the question is compared with the nearest token of the passage under its heading
(MaxSim, as in ColBERT: Khattab and Zaharia 2020, arXiv:2004.12832), by the states of the embedded encoder's middle layers less
the mean token of the language, and counts by how rare its piece is. Nothing is trained for it.

What is added to a score is relative to the other passages of that language that were read: tokens agree better within a
language than across, and language must stay neither a merit nor a fault (index.neutral).
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

import numpy as np

from index.context import views
from index.e5 import Array, e5_weights
from index.hit import Hit, best_first
from index.language import detect_language, shares_language
from index.neutral import unit_rows
from index.pieces import piece_ids

LAYERS = 7  # of twelve (docs/retrieval.md)
POOL = 50  # best hits among which those to read are chosen:
READ = 10  # the best of each language
# Cosine units per unit of the tokens' mean cosine; within a language words have counted before.
ACROSS_WEIGHT, WITHIN_WEIGHT = 0.6, 0.3
MEANS_FILE = Path(__file__).parent / "data" / "token_means.npz"  # by benchmarks/language_means.py
_NO_NEWS = 4.0  # nats: a piece as frequent as the comma says nothing
_LONGEST = 256  # tokens of a text that are read
_REMEMBERED = 40_000  # tokens of passages, 768 bytes each


class LateInteraction:
    """Loaded on first use; what it made of a passage is remembered. Several threads may use one."""

    name = "late interaction"

    def __init__(self) -> None:
        self._memory: OrderedDict[tuple[str, str], Array] = OrderedDict()
        self._lock = Lock()

    def prepare(self) -> None:
        _states()
        piece_ids("")

    def reranked(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, best first, with what their words say in their scores. One that was not read is held to agree as little
        as the least of its language that was."""
        asked = detect_language(question)
        added: dict[tuple[str, int], float] = {}
        least: dict[str, float] = {}
        for language, read in _chosen(hits).items():
            texts = [views(hit.passage)[1] for hit in read]
            agreement = self.agreement(question, asked, texts, language)
            weight = WITHIN_WEIGHT if shares_language(asked, language) else ACROSS_WEIGHT
            evidence = (weight * (agreement - agreement.mean())).tolist()
            added |= {hit.passage.id: own for hit, own in zip(read, evidence, strict=True)}
            least[language] = min(evidence)
        return sorted(
            [
                replace(hit, score=hit.score + added.get(hit.passage.id, least.get(hit.passage.language, 0)))
                for hit in hits
            ],
            key=best_first,
        )

    def agreement(self, question: str, asked: str, texts: Sequence[str], language: str) -> Array:
        """(len(texts),) in [-1, 1]: the mean cosine of the question's tokens, by their weight, to the nearest of each text's.
        `asked` is the question's language, `language` that of the texts."""
        tokens, weights = _question(question, asked)
        with self._lock:
            passages = self._passages(texts, language)
        if not weights.any():  # marks, or words that say nothing
            return np.zeros(len(texts), dtype=np.float32)
        nearest = np.stack([(passage @ tokens.T).max(axis=0, initial=-1) for passage in passages])
        return np.asarray(nearest @ weights / weights.sum(), dtype=np.float32)

    def _passages(self, texts: Sequence[str], language: str) -> list[Array]:
        new = [text for text in dict.fromkeys(texts) if (language, text) not in self._memory]
        for text in new:
            self._memory[language, text] = read(text, "passage", language)[0].astype(np.float16)
        for text in texts:
            self._memory.move_to_end((language, text))
        found = [self._memory[language, text].astype(np.float32) for text in texts]
        kept = sum(map(len, self._memory.values()))
        while kept > _REMEMBERED:
            kept -= len(self._memory.popitem(last=False)[1])
        return found


def _chosen(hits: Sequence[Hit]) -> Mapping[str, list[Hit]]:
    """Those to read, by language."""
    chosen: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits[:POOL]:
        if len(chosen[hit.passage.language]) < READ:
            chosen[hit.passage.language].append(hit)
    return chosen


def read(text: str, role: str, language: str) -> tuple[Array, Array]:
    """The (n, d) unit vectors of a text's tokens, less the mean token of its language, and their (n,) weights in nats: of a
    "query" or a "passage"."""
    states, ids = token_states_of(text, role)
    return unit_rows(states - _mean_token(role, language)), _information()[ids]


@lru_cache(maxsize=16)  # a question is compared with the hits of one language after the other
def _question(question: str, language: str) -> tuple[Array, Array]:
    return read(question, "query", language)


def token_states_of(text: str, role: str) -> tuple[Array, list[int]]:
    """The (n, d) states of a text's tokens and their numbers in the vocabulary."""
    weights, prefix = e5_weights(), len(piece_ids(f"{role}:"))
    ids = piece_ids(f"{role}: {text}")[: prefix + _LONGEST]
    states = _states()([weights.bos, *ids, weights.eos])
    return states[1 + prefix : -1], ids[prefix:]


def _mean_token(role: str, language: str) -> Array:
    """(d,); a language that has no mean of its own has the mean of those that have."""
    means = _means()
    if (own := means.get(f"{role}_{language}")) is not None:
        return own
    known = [mean for name, mean in means.items() if name.startswith(role)]
    return np.asarray(np.mean(known, axis=0), dtype=np.float32)


@cache
def _means() -> dict[str, Array]:
    with np.load(MEANS_FILE, allow_pickle=False) as stored:
        return {name: np.asarray(stored[name], dtype=np.float32) for name in stored.files}


@cache
def _information() -> Array:
    """(vocabulary,) nats of each piece above what says nothing."""
    return np.asarray(np.maximum(-e5_weights().scores - _NO_NEWS, 0), dtype=np.float32)


@cache
def _states() -> Callable[[Sequence[int]], Array]:
    from index.e5_graph import token_states  # OpenVINO: only when something is read

    return token_states(LAYERS)
