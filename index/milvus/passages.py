"""The passages on a Milvus server, a row each. Written once and deleted once: a changed article has other rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from index.analyse import fold
from index.article import Passage
from index.errors import IndexUnusable
from index.filters import Filter
from index.milvus.catalogue import Catalogue, Numbered
from index.milvus.server import MOST, Row, Schema, Server, one_of
from index.table import KINDS, PassageRows, passage_of

PASSAGES_OF = re.compile(r"_passages_\d+")  # what the name of an index goes on with
ORDINAL_BITS = 24  # passages of one article: below 2 ** 24
_HEADING = 10_000  # characters that a filter looks at
_TOGETHER = 8_000  # passages read at once when all are gone through


def schema(dimension: int) -> Schema:
    """`passage` is the line that a folder has in passages.jsonl; `words` and `names` as in index.milvus.terms."""
    return Schema(
        {
            "id": "number", "article": "number", "language": "key", "kind": "small", "heading": "text", "passage": "text",
            "names": "numbers", "words": "sparse", "vector": "dense",
        },
        dimension,
        ("article", "language"),
    )  # fmt: skip


def passage_id(number: int, ordinal: int) -> int:
    """Of the so-manieth passage of an article."""
    return number << ORDINAL_BITS | ordinal


def folded_heading(heading: str) -> str:
    """What a filter by heading looks at."""
    return fold(heading)[:_HEADING]


def allowing(only: Filter | None, articles: Sequence[Numbered], languages: Sequence[str], catalogue: Catalogue) -> str:
    """The filter of Milvus for what was sent and what `only` allows. It may let a heading through that `only` does not."""
    tests = [f"article < {catalogue.next_number}"]
    if only is None:
        return tests[0]
    allowed = [one.number for one in articles if only.allows_article(one.entry)]
    if len(allowed) < len(articles):
        tests.append(one_of("article", allowed) if allowed else "article < 0")
    if only.languages:
        spoken = ", ".join(f'"{language}"' for language in languages if language in only.languages)
        tests.append(f"language in [{spoken}]" if spoken else "article < 0")
    if only.kinds:
        tests.append(one_of("kind", [KINDS.index(kind) for kind in only.kinds]))
    if only.heading:
        part = "".join(letter if letter.isalnum() or letter == " " else "_" for letter in folded_heading(only.heading))
        tests.append(f'heading like "%{part}%"')
    return " and ".join(tests)


def read_passage(row: Row) -> Passage:
    """Raises IndexUnusable for a row that sanad did not write."""
    return passage_of(row.get("passage", ""), row.get("id"), "run: sanad index CORPUS with its --index")


class Passages(PassageRows):
    """All passages by article path, then by place, each read from the server when it is looked at."""

    def __init__(self, server: Server, catalogue: Catalogue, articles: Sequence[Numbered]) -> None:
        self._server, self._catalogue = server, catalogue
        self._articles = articles
        self._ends = np.cumsum([0, *(one.entry.passages for one in articles)])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def row(self, number: int) -> Passage:
        position = int(np.searchsorted(self._ends, number, side="right")) - 1
        wanted = passage_id(self._articles[position].number, number - int(self._ends[position]))
        return self._read(f"id == {wanted}", 1)[0]

    def __iter__(self) -> Iterator[Passage]:
        together: list[Numbered] = []
        for one in self._articles:
            if together and sum(other.entry.passages for other in together) + one.entry.passages > _TOGETHER:
                yield from self._of(together)
                together = []
            together.append(one)
        yield from self._of(together)

    def __reversed__(self) -> Iterator[Passage]:
        return reversed(list(self))

    def of(self, article: Numbered) -> list[Passage]:
        """The passages of one article, in order."""
        found: list[Passage] = []
        for first in range(0, article.entry.passages, MOST):
            start, end = (passage_id(article.number, at) for at in (first, first + MOST))
            found += self._read(f"id >= {start} and id < {end}", min(MOST, article.entry.passages - first))
        return found

    def _of(self, articles: Sequence[Numbered]) -> Iterator[Passage]:
        if len(articles) == 1:
            yield from self.of(articles[0])
        elif articles:
            count = sum(one.entry.passages for one in articles)
            yield from sorted(
                self._read(one_of("article", [one.number for one in articles]), count), key=lambda passage: passage.id
            )

    def _read(self, only: str, count: int) -> list[Passage]:
        rows = sorted(self._server.query(self._catalogue.data, only, ["id", "passage"]), key=lambda row: int(row["id"]))
        if len(rows) != count:
            raise IndexUnusable(
                f"{self._catalogue.data} holds {len(rows)} of {count} passages: the index was made anew meanwhile, open it "
                "again; or run: sanad index CORPUS with its --index"
            )
        return [read_passage(row) for row in rows]
