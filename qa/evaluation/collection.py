"""The collection behind an evaluation: the languages of its lines, and the articles as they are on disk."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from index import Index
from index.reader import extract, open_source
from qa.answer import Claim
from qa.check import resolves
from qa.evaluation.gold import GoldQuestion
from qa.evaluation.measures import Place


class Languages:
    """The language pair of a question: its own, and that of most of its gold lines (of the collection without any)."""

    def __init__(self, index: Index) -> None:
        self._of = {(passage.path, passage.line): passage.language for passage in reversed(index.passages)}

    def pair(self, question: GoldQuestion) -> str:
        """Such as "en→ar"."""
        gold = [self._of[place] for place in question.places if place in self._of]
        return f"{question.language}→{_commonest(gold or self._of.values())}"


class Sources:
    """The articles, each read once."""

    def __init__(self, index: Index) -> None:
        self._corpus = index.corpus
        self._texts: dict[str, str] = {}

    def unresolved(self, claim: Claim) -> int:
        """How many citations of a claim do not stand where they say."""
        return sum(
            not resolves(self._text(one.path), line=one.line, start=one.start, end=one.end, quote=one.quote)
            for one in claim.citations
        )

    def lines(self, places: Iterable[Place]) -> dict[str, dict[str, str]]:
        """path -> line number -> text."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for path, number in sorted(set(places)):
            found[path][str(number)] = self._text(path).split("\n")[number - 1].strip()
        return dict(found)

    def _text(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = extract(open_source(self._corpus, path)).text
        return self._texts[path]


def described(index: Index, gold: Path) -> dict[str, Any]:
    """The gold file and the index with their fingerprints."""
    return {
        "gold": gold.name,
        "gold_sha256": hashlib.sha256(gold.read_bytes()).hexdigest(),
        "encoder": index.manifest.encoder,
        "index": index.manifest.data,
        "passages": len(index.passages),
        "sources": {entry.path: entry.sha256 for entry in index.manifest.articles},
    }


def _commonest(languages: Iterable[str]) -> str:
    counts = Counter(languages)
    return min(counts, key=lambda language: (-counts[language], language))
