"""Words on a Milvus server: what a passage holds is a sparse vector, what a question asks another, and BM25 their product.

BM25 is a sum over the terms of the question of (how rare the term is) times (how often it stands in the passage, saturated).
The first belongs to the question's vector and is looked up when it is asked, the second to the passage's. So every shard and
segment gives the same score, and a collection that grows weighs its terms anew without being written anew.

How many passages hold a term is kept in buckets of terms, a row a bucket. Terms are known by a hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.candidates import Words
from index.lexical import LexicalIndex, any_rarity, inverse_frequency, rarity
from index.milvus.catalogue import Catalogue
from index.milvus.server import Schema, Server
from index.place import Collection

_SCHEMA = Schema({"bucket": "key", "holding": "text", "vector": "dense"})
_COUNT = np.dtype([("term", "<u8"), ("holding", "<u4")])
_IN_A_BUCKET = 512
_DIMENSIONS = 2**32 - 1  # of Milvus's sparse vectors

Counts = NDArray[np.void]  # (n,) of _COUNT, by term
Numbering = Callable[[bytes], int]


def dimension(term: str | bytes) -> int:
    """Of a term in the sparse vectors. One of 10,000 shares it when there are a million terms: it then matches a little more."""
    return _hash("word", term) % _DIMENSIONS


def name_number(name: str | bytes) -> int:
    """Of a name or number in a passage's list of them."""
    return _hash("name", name) >> 1


class Rarity:
    """How rare terms are, in the collection as its catalogue has it. What was looked up is kept."""

    def __init__(self, server: Server, at: Collection, catalogue: Catalogue) -> None:
        self._server, self._at, self._catalogue = server, at, catalogue
        self._buckets: dict[int, Counts] = {}

    def of_words(self, words: Words) -> dict[int, float]:
        """dimension -> what a question's term weighs, as often as it is repeated."""
        held = self._holding([_word(term) for term in words.terms])
        weights: dict[int, float] = {}
        for term in words.terms:
            if count := held[_word(term)]:
                weight = float(inverse_frequency(self._catalogue.passages, np.asarray([count]))[0])
                weight = weight if weight >= 0 else self._catalogue.idf_floor
                weights[dimension(term)] = weights.get(dimension(term), 0.0) + weight
        return weights

    def of_names(self, words: Words) -> dict[str, dict[int, float]]:
        """language -> name -> what a shared name weighs in a passage of that language."""
        sizes = self._catalogue.languages
        held = self._holding([_name(language, name) for language in sizes for name in words.names])
        return {
            language: {
                name_number(name): float(rarity(np.asarray([size]), np.asarray([count]))[0])
                for name in words.names
                if (count := held[_name(language, name)])
            }
            for language, size in sizes.items()
        }

    def of_translations(self, words: Words) -> list[tuple[set[int], float]]:
        """For each term of the question, the dimensions of those that translate it and what it weighs that a passage holds one."""
        groups = [(language, group) for language, groups in words.translations.items() for group in groups]
        held = self._holding([_word(term) for _, group in groups for term in group])
        return [
            ({dimension(term) for term in group}, any_rarity(size, sum(held[_word(term)] for term in group)))
            for language, group in groups
            if (size := self._catalogue.languages.get(language, 0))
        ]

    def _holding(self, terms: Iterable[int]) -> dict[int, int]:
        """term -> passages that hold it."""
        wanted = {term: term % self._catalogue.buckets for term in terms}
        missing = sorted(set(wanted.values()) - self._buckets.keys())
        if missing:
            keys = ", ".join(f'"{_key(bucket, self._catalogue.buckets)}"' for bucket in missing)
            rows = self._server.query(_collection(self._at), f"bucket in [{keys}]", ["bucket", "holding"])
            found = {row["bucket"]: np.frombuffer(base64.b64decode(row["holding"]), dtype=_COUNT) for row in rows}
            for bucket in missing:
                self._buckets[bucket] = found.get(_key(bucket, self._catalogue.buckets), np.zeros(0, _COUNT))
        return {term: _find(self._buckets[bucket], term) for term, bucket in wanted.items()}


def counts_of(lexical: LexicalIndex, names: LexicalIndex, languages: NDArray[np.uint8], known: Sequence[str]) -> Counts:
    """How many passages hold each term, and each name in each language; `languages` are numbers in `known`."""
    words = [_hash("word", term) for term in lexical.terms.listed()]
    held = np.diff(lexical.offsets)
    column = np.repeat(np.arange(len(names.terms)), np.diff(names.offsets))
    pairs = column * len(known) + languages[names.postings[:]["row"]]
    used, in_language = np.unique(pairs, return_counts=True)
    listed = names.terms.listed()
    spoken = [_name(known[pair % len(known)], listed[pair // len(known)]) for pair in used.tolist()]
    counts = np.zeros(len(words) + len(spoken), dtype=_COUNT)
    counts["term"] = np.asarray([*words, *spoken], dtype=np.uint64)
    counts["holding"] = np.concatenate([held, in_language])
    return np.sort(counts, order="term")


def buckets_for(counts: Counts) -> int:
    """A power of two, so that a collection that grows seldom needs another."""
    return 1 << max(0, (len(counts) - 1).bit_length() - _IN_A_BUCKET.bit_length() + 1)


def prepare(server: Server, at: Collection) -> None:
    server.ensure(_collection(at), _SCHEMA)


def send(server: Server, at: Collection, counts: Counts, buckets: int) -> None:
    """Write the buckets that changed."""
    stored = {
        row["bucket"]: row["holding"]
        for first in range(0, buckets, 1024)
        for row in server.query(
            _collection(at),
            "bucket in [" + ", ".join(f'"{_key(b, buckets)}"' for b in range(first, min(first + 1024, buckets))) + "]",
            ["bucket", "holding"],
            now=True,
        )
    }
    number = counts["term"] % np.uint64(buckets)
    order = np.argsort(number, kind="stable")
    ends = np.searchsorted(number[order], np.arange(buckets + 1))
    made = (
        (_key(bucket, buckets), base64.b64encode(counts[order[start:end]].tobytes()).decode())
        for bucket, (start, end) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    )
    changed = (
        {"bucket": key, "holding": holding, "vector": [0.0, 0.0]} for key, holding in made if stored.get(key) != holding
    )
    server.upsert(_collection(at), changed, 20 * _IN_A_BUCKET)
    server.flush(_collection(at))


def drop_others(server: Server, at: Collection, buckets: int) -> None:
    """Delete the buckets of another division."""
    server.delete(_collection(at), f'not (bucket like "{buckets}:%")')


def names_in(shared: Mapping[int, float], names: Iterable[int]) -> float:
    return sum(shared.get(name, 0.0) for name in names)


def any_in(groups: Iterable[tuple[set[int], float]], held: Mapping[int, float]) -> float:
    return sum(weight for dimensions, weight in groups if not dimensions.isdisjoint(held))


def _collection(at: Collection) -> str:
    return f"{at.name}_terms"


def _key(bucket: int, buckets: int) -> str:
    return f"{buckets}:{bucket}"


def _find(counts: Counts, term: int) -> int:
    at = int(np.searchsorted(counts["term"], np.uint64(term)))
    return int(counts["holding"][at]) if at < len(counts) and int(counts["term"][at]) == term else 0


def _word(term: str) -> int:
    return _hash("word", term)


def _name(language: str, name: str | bytes) -> int:
    return _hash(f"name {language}", name)


def _hash(kind: str, term: str | bytes) -> int:
    text = term if isinstance(term, bytes) else term.encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8, person=kind.encode()[:16]).digest(), "little")
