"""What a collection on a Milvus server says of itself.

    NAME               one row "index": what Catalogue holds; rows of mean vectors
    NAME_articles      a row an article: its number, its entry, the generations in which it stands
    NAME_terms         how many passages hold each term (index.milvus.terms)
    NAME_passages_<n>  the passages as they were loaded in generation n, and those added since (index.milvus.passages)

The row "index" names the current generation, and Milvus replaces a row in one step. An article's number is never used twice:
a changed article is another. A reader keeps to the articles of the generation it opened, whatever is written meanwhile.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from index.errors import IndexUnusable
from index.manifest import ArticleEntry
from index.milvus.server import Row, Schema, Server, as_json
from index.neutral import LanguageMeans, Mean
from index.place import Collection

FORMAT = 2
ALWAYS = 2**62  # the generation in which an article ends that has no end
_PAGE = 10_000  # numbers of articles asked for at once
_NAMED = Schema({"key": "key", "value": "text", "vector": "dense"})  # Milvus keeps no row without a vector
_ARTICLES = Schema({"number": "number", "born": "number", "until": "number", "entry": "text", "vector": "dense"})
_NO_VECTOR = [0.0, 0.0]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The row "index"."""

    generation: int
    data: str  # the collection of the passages
    next_number: int  # of the next article; all below were sent
    encoder: str
    dimension: int
    corpus: str  # absolute, on the machine that made the index
    languages: Mapping[str, int]  # ISO 639-1 -> passages
    average_terms: float  # a passage, in the whole collection
    idf_floor: float  # what a term weighs that more than half of the passages hold
    loaded_average: float  # `average_terms` when all passages were last sent
    buckets: int  # of NAME_terms
    format: int = FORMAT

    @property
    def passages(self) -> int:
        return sum(self.languages.values())

    @property
    def state(self) -> str:
        """Another one after every refresh."""
        return f"{self.data}@{self.generation}"


@dataclass(frozen=True, slots=True)
class Numbered:
    """An article in the catalogue: in the generations from `born` on, until before `until`."""

    number: int
    born: int
    until: int
    entry: ArticleEntry

    def stands(self, generation: int) -> bool:
        return self.born <= generation < self.until


def articles_of(at: Collection) -> str:
    return f"{at.name}_articles"


def prepare(server: Server, at: Collection) -> None:
    """Make the collections of a catalogue where there are none. Raises IndexUnusable where another program's are."""
    server.ensure(at.name, _NAMED)
    server.ensure(articles_of(at), _ARTICLES)


def read(server: Server, at: Collection) -> Catalogue:
    """Raises IndexUnusable when there is none, or one of another format."""
    mend = f"run: sanad index CORPUS --index {at}"
    if at.name not in server.names():
        raise IndexUnusable(f"there is no index at {at}; {mend}")
    server.ensure(at.name, _NAMED)
    rows = server.query(at.name, 'key == "index"', ["value"], now=True)
    if not rows:
        raise IndexUnusable(f"there is no whole index at {at}; {mend}")
    stored = json.loads(rows[0]["value"])
    if stored.get("format") != FORMAT:
        raise IndexUnusable(f"the index at {at} has format {stored.get('format')}, this version reads {FORMAT}; {mend}")
    return Catalogue(**stored)


def publish(server: Server, at: Collection, catalogue: Catalogue) -> None:
    """Make what was sent current, in one step."""
    server.upsert(at.name, [_row("index", as_json(dataclasses.asdict(catalogue)))], 1000)


def read_articles(server: Server, at: Collection, before: int) -> list[Numbered]:
    """Every article with a number below `before`, and of every generation that is still there."""
    found = []
    for first in range(0, before, _PAGE):
        only = f"number >= {first} and number < {min(first + _PAGE, before)}"
        for row in server.query(articles_of(at), only, ["number", "born", "until", "entry"], now=True):
            entry = json.loads(row["entry"])
            found.append(
                Numbered(
                    row["number"],
                    row["born"],
                    row["until"],
                    ArticleEntry(**{**entry, "languages": tuple(entry["languages"])}),
                )
            )
    return found


def write_articles(server: Server, at: Collection, articles: Iterable[Numbered]) -> None:
    rows = (
        {
            "number": one.number,
            "born": one.born,
            "until": one.until,
            "entry": as_json(dataclasses.asdict(one.entry)),
            "vector": _NO_VECTOR,
        }
        for one in articles
    )
    server.upsert(articles_of(at), rows, 2000)


def read_means(server: Server, at: Collection, kind: str) -> LanguageMeans | None:
    """The mean vectors that were written as `kind`, None when there are none."""
    rows = server.query(at.name, f'key like "means {kind} %"', ["key", "value"], now=True)
    means: dict[str, dict[str, Mean]] = {"passage": {}, "query": {}}
    for row in rows:
        role, _, language = row["key"].removeprefix(f"means {kind} ").partition(" ")
        means[role][language] = np.frombuffer(base64.b64decode(row["value"]), dtype="<f4")
    return LanguageMeans(**means) if rows else None


def write_means(server: Server, at: Collection, kind: str, means: LanguageMeans) -> None:
    roles = (("passage", means.passage), ("query", means.query))
    rows = [
        _row(f"means {kind} {role} {language}", base64.b64encode(mean.astype("<f4").tobytes()).decode())
        for role, by_language in roles
        for language, mean in by_language.items()
    ]
    server.upsert(at.name, rows, 8000)


def drop_means(server: Server, at: Collection, keep: Iterable[str]) -> None:
    """Delete the mean vectors of every other kind."""
    rows = server.query(at.name, 'key like "means %"', ["key"], now=True)
    kept = tuple(f"means {kind} " for kind in keep)
    gone = [row["key"] for row in rows if not row["key"].startswith(kept)]
    if gone:
        server.delete(at.name, f"key in {json.dumps(gone)}")


def _row(key: str, value: str) -> Row:
    return {"key": key, "value": value, "vector": _NO_VECTOR}
