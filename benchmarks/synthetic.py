"""Collections of any size for `benchmarks/speed.py`: words and line lengths as in real articles, vectors mixed from real ones.

A passage is a line of words drawn by their frequency in the articles. Its vector is a real line's vector moved by the difference of
two others, so neighbours are about as near as among real lines. The index on disk is an ordinary one.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import store
from index.analyse import terms
from index.article import Passage
from index.dense import EXACT_UP_TO, Codes
from index.encoders import EmbeddedEncoder, Vectors
from index.lexical import Frequencies
from index.names import name_terms
from index.neutral import language_means, unit_rows
from index.reader import find_articles
from index.table import KEYS, KINDS, Table

PER_ARTICLE = 20  # passages
_CHUNK = 20_000
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """Passage p has the words `words[ids[bounds[p]:bounds[p + 1]]]`."""

    words: Sequence[str]
    ids: Ids
    bounds: Ids

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def of(self, passage: int) -> list[str]:
        return [self.words[id_] for id_ in self.ids[self.bounds[passage] : self.bounds[passage + 1]].tolist()]


class FixedEncoder:
    """Gives each question the vector it was made with, so that a search is timed without its encoding."""

    name = EmbeddedEncoder.name
    dimension = EmbeddedEncoder.dimension

    def __init__(self, questions: dict[str, Vectors]) -> None:
        self._questions = questions

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._questions[text] for text in texts])

    embed_documents = embed_queries


class WordCounts(FixedEncoder):
    """Sums of each word's own few ones and minus ones (Achlioptas 2003): texts that share words are near each other. They cost
    next to nothing, where what is timed is all but the encoding."""

    def __init__(self) -> None:
        super().__init__({})

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in text.split():
                places, signs = _places(word)
                vector[places] += signs
        return unit_rows(vectors)

    embed_queries = embed_documents


@cache
def _places(word: str) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(zlib.crc32(word.encode()))
    return drawn.choice(WordCounts.dimension, 16, replace=False), drawn.choice([-1.0, 1.0], 16).astype(np.float32)


def real_lines(articles: Path) -> list[str]:
    """The longer lines of a folder's articles, in order."""
    texts = ((articles / path).read_text(encoding="utf-8").split("\n") for path in find_articles(articles))
    return [line.strip() for lines in texts for line in lines if len(line.split()) > 5]


def drawn(lines: Sequence[str], size: int, seed: int = 0) -> Lines:
    rng = np.random.default_rng(seed)
    counts = Counter(word for line in lines for word in line.split())
    words = sorted(counts)
    share = np.asarray([counts[word] for word in words], dtype=np.float64)
    lengths = np.minimum(rng.choice([len(line.split()) for line in lines], size=size), 60)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    edges = np.cumsum(share) / share.sum()
    ids = np.minimum(np.searchsorted(edges, rng.random(int(bounds[-1]))), len(words) - 1)
    return Lines(words, ids, bounds)


def mixed(real: Vectors, size: int, spread: float, seed: int) -> Iterator[Vectors]:
    """Unit rows, in parts."""
    rng = np.random.default_rng(seed)
    for start in range(0, size, _CHUNK):
        one, plus, minus = rng.integers(len(real), size=(3, min(_CHUNK, size - start)))
        yield unit_rows(real[one] + np.float32(spread) * (real[plus] - real[minus]))


def write_index(folder: Path, lines: Lines, real: Vectors) -> None:
    """An index over the lines, one article to every PER_ARTICLE of them."""
    folder.mkdir(parents=True, exist_ok=True)
    size = len(lines)
    owners = np.repeat(np.arange(size), np.diff(lines.bounds))
    with store.staging(folder) as staged:
        lengths: list[int] = []
        mapped = store.write_lines(staged, _json_lines(lines, lengths))
        columns = np.zeros(size, dtype=np.uint8)
        kinds = columns + np.uint8(KINDS.index("prose"))
        opens = np.arange(size) % PER_ARTICLE == 0
        table = Table(
            mapped, np.concatenate([[0], np.cumsum(lengths)]), columns, kinds, opens, np.zeros(size, dtype=KEYS)
        )
        store.write_table(staged, table)
        store.write_means(staged, language_means(real, ["ar"] * len(real), EmbeddedEncoder.name))
        lexical = _frequencies([terms(word, "ar") for word in lines.words], lines.ids, owners)
        store.write_lexical(staged, "lexical", lexical.bm25(size))
        names = _frequencies([name_terms(word) for word in lines.words], lines.ids, owners)
        store.write_lexical(staged, "names", names.by_rarity(columns))
        codes = Codes([], EmbeddedEncoder.dimension) if size > EXACT_UP_TO else None
        store.write_vectors(staged, _added(mixed(real, size, 0.7, seed=1), codes))
        if codes:
            store.write_codes(staged, codes)
        entries = tuple(
            store.ArticleEntry(_path(at), "", "", None, ("ar",), PER_ARTICLE, min(PER_ARTICLE, size - at))
            for at in range(0, size, PER_ARTICLE)
        )
        store.publish(folder, staged, EmbeddedEncoder.name, EmbeddedEncoder.dimension, folder, ("ar",), entries)


def questions(lines: Lines, real: Vectors, count: int) -> dict[str, Vectors]:
    """Questions of six words of one line each, with vectors farther from every passage than passages are from each other."""
    rng = np.random.default_rng(2)
    vectors = np.concatenate(list(mixed(real, count, 1.0, seed=3)))
    texts = [" ".join(rng.permutation(lines.of(int(row)))[:6]) for row in rng.integers(len(lines), size=count)]
    return dict(zip(texts, vectors, strict=True))


def _json_lines(lines: Lines, lengths: list[int]) -> Iterator[bytes]:
    for row in range(len(lines)):
        path, line = _path(row - row % PER_ARTICLE), row % PER_ARTICLE
        passage = Passage(path, line + 1, 10_000 * line, 10_000 * line + 1, " ".join(lines.of(row)), "ar", "prose", "")
        data = (json.dumps(asdict(passage), ensure_ascii=False) + "\n").encode()
        lengths.append(len(data))
        yield data


def _path(row: int) -> str:
    return f"{row // PER_ARTICLE:07}.txt"


def _added(parts: Iterator[Vectors], codes: Codes | None) -> Iterator[Vectors]:
    for part in parts:
        if codes:
            codes.add(part)
        yield part


def _frequencies(of_word: Sequence[Sequence[str]], ids: Ids, owners: Ids) -> Frequencies:
    """The postings of lines whose every word has certain terms."""
    vocabulary = sorted({term for some in of_word for term in some})
    numbers = {term: number for number, term in enumerate(vocabulary)}
    counts = np.asarray([len(some) for some in of_word])
    flat = np.asarray([numbers[term] for some in of_word for term in some], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(counts)])[:-1]
    rows = np.repeat(owners, counts[ids])
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts[ids]) - counts[ids], counts[ids])
    columns = flat[np.repeat(starts[ids], counts[ids]) + within]
    pairs, often = np.unique(columns << 32 | rows, return_counts=True)
    return Frequencies(
        [term.encode() for term in vocabulary], pairs >> 32, pairs & (2**32 - 1), often.astype(np.uint32)
    )
