"""Word alignment across languages: how well is every content word of one text matched somewhere in the other?

A word may be matched by a word or by two adjacent words, by meaning (centred multilingual vectors), by spelling
(names, across scripts), or because a rule already vouched for it (a number, a month, a country).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.analyse import STOPWORDS, fold, stem
from index.names import name_similarity
from qa.glosses import glossary, meanings_of
from qa.verify.encoder import CentredEncoder
from qa.verify.numbers import quantities
from qa.verify.places import places
from qa.verify.units import SIGNS

Floats = NDArray[np.float32]

_DIACRITICS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_WORD = re.compile(r"(?:[A-Za-z]\.){2,}|[^\W\d_]+(?:['’][^\W\d_]+)?")
_PROCLITICS = re.compile(r"^(?:[وف]?[بكل]?ال|[وف]?لل|[وف](?=\w{3})|[بكل](?=\w{3}))")
_ENCLITICS = re.compile(r"(?<=\w{3})(?:هما|هم|هن|ها|نا|كم|ه)$")
# Function words beyond the search stopwords, and verbs too light to be looked for by themselves.
_LIGHT = STOPWORDS | frozenset(
    "also am however such while during after before between through over up out off upon within each both either some other "
    "one two many much more most very just then than thus only same own being having doing get got may might must shall since "
    "until although though because due whether per via among including another us him me don't s't "
    "وقد فقد ولقد لقد كانوا يكون تكون كانت وكان وكانت وهو وهي وهم هناك هنا لها له لهم به بها بهم "
    "فيه فيها فيهم منه منها منهم عليه عليها عنه "
    "عنها اليه اليها وفي ومن والي وعلي وعن وان فان بان لان لانه وانه انهم "
    "الا ولا ولم التي والتي والذي والذين اللذين اللذان اللتان ذات ذو "
    "اذا اذ حيث بل لكن ولكن نحو خلال اثناء ضمن بعض احد احدي هولاء اوليك تلك ذلك وذلك هذا "
    "وهذا هذه وهذه كذلك وكذلك ايضا كلا كلتا جدا فقط "
    "عندما بينما كونه دون قام قامت تم يتم وتم".split()
)
# Written with a capital beside a name, and translated: "Prime Minister", "Suez Canal Authority".
OFFICES = frozenset(
    "prime minister president vice deputy chief premier chancellor secretary general governor senator mayor king queen prince "
    "princess crown pope sheikh sir lord lady mr mrs ms dr professor captain colonel admiral marshal ambassador director "
    "chairman chairwoman spokesman spokeswoman justice judge foreign finance defence defense first attorney executive speaker "
    "archbishop emir ayatollah "
    "authority strip commission department ministry state council committee court parliament senate assembly agency bank "
    "university institute company corporation union organization organisation party army police forces brigade canal gulf sea "
    "ocean river lake island islands mount mountains city town province district region square airport palace mosque church "
    "stadium hospital league cup championship festival prize award museum library theatre association federation front "
    "movement".split()
)
_ARTICLES_OF_NAMES = frozenset("al el as ash at an ar az ad".split())  # "Al-Aqsa", "Sharm El-Sheikh"
MATCHED = 1.0
_SPELLED = 0.6  # below it two words share sounds by chance
_SPELLED_APART = 0.8  # the same of a word and two that stand beside each other


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a text: as written, whether it looks like a proper name, whether a rule vouches for it."""

    text: str
    is_name: bool
    vouched: bool

    @property
    def is_spelled(self) -> bool:
        """Whether it keeps its sounds in another language: a name does, an abbreviation or an office is translated (GDP)."""
        return self.is_name and not self.text.isupper() and self.text.lower() not in OFFICES


@dataclass(frozen=True, slots=True)
class Alignment:
    """How well each claim word is matched: freely, with every source word used once, and each source word in the claim."""

    words: tuple[Word, ...]
    strength: Floats
    exclusive: Floats
    back: Floats


@lru_cache(maxsize=4096)
def content(text: str) -> tuple[Word, ...]:
    """The content words in order. Numbers, months, weekdays and places are vouched for where a rule of their own insists on
    them."""
    text = unicodedata.normalize("NFC", _DIACRITICS.sub("", text))
    for sign, name in SIGNS.items():
        text = text.replace(sign, f" {name} ")
    spans = [(place.start, place.end) for place in places(text)]
    insisted_on = (value for value in quantities(text) if value.required or value.text.isupper())  # and Roman numerals
    quantity_words = {part for value in insisted_on for part in fold(value.text).split()}
    found: list[Word] = []
    matches = list(_WORD.finditer(text))
    for at, match in enumerate(matches):
        word = match.group(0)
        folded = fold(word)
        if folded in _LIGHT or len(folded) < 2 or _is_article(word, text[match.end() : match.end() + 2]):
            continue
        vouched = folded in quantity_words or any(start <= match.start() < end for start, end in spans)
        sentence_start = at == 0 or text[: match.start()].rstrip(" \"'“«([")[-1:] in (".", "!", "?", ":", "\n", "")
        is_name = word[0].isupper() and not vouched and (not sentence_start or word[1:2].isupper())
        found.append(Word(re.sub(r"['’]s$", "", word), is_name, vouched))
    return tuple(found)


def _is_article(word: str, behind: str) -> bool:
    """That of an Arabic name: "Al-Aqsa", "Sharm El-Sheikh", "Al Jazeera"."""
    hyphened = behind.startswith("-") and word.lower() in _ARTICLES_OF_NAMES
    return hyphened or (word in ("Al", "El") and behind[:1] == " " and behind[1:].isupper())


def align(claim: str, source: str, claim_language: str, source_language: str, encoder: CentredEncoder) -> Alignment:
    """Aligns the content words of two texts of different languages. Either text may be empty of content words."""
    mine, theirs = content(claim), content(source)
    if not mine or not theirs:
        nothing = np.zeros(len(mine), dtype=np.float32)
        return Alignment(mine, nothing, nothing, np.zeros(len(theirs), dtype=np.float32))
    meaning = word_similarities(mine, theirs, claim_language, source_language, encoder)
    if (glossed := gloss_similarities(mine, theirs, claim_language, source_language, encoder)) is not None:
        meaning[:, : len(theirs)] = np.maximum(meaning[:, : len(theirs)], glossed)
    spelling = _spellings(mine, theirs)
    single = np.maximum(meaning[:, : len(theirs)], spelling)
    vouched = np.asarray([word.vouched for word in mine])
    strength = np.where(vouched, MATCHED, np.maximum(meaning.max(axis=1), spelling.max(axis=1)))
    exclusive = np.where(vouched, MATCHED, _one_to_one(single, vouched))
    pairs = meaning[:, len(theirs) :].max(axis=0, initial=-1.0) if len(theirs) > 1 else np.zeros(0, dtype=np.float32)
    back = single.max(axis=0)
    if pairs.size:  # a pair that is matched as a whole matches both of its words
        back = np.maximum(back, np.maximum(np.append(pairs, -1.0), np.insert(pairs, 0, -1.0)))
    back = np.where(np.asarray([word.vouched for word in theirs]), MATCHED, back)
    return Alignment(mine, *(np.asarray(part, dtype=np.float32) for part in (strength, exclusive, back)))


def texts_to_encode(mine: tuple[Word, ...], theirs: tuple[Word, ...], pairs: bool = True) -> list[str]:
    """Every text whose vector `word_similarities` of the two will ask for."""
    return forms(mine)[0] + forms(theirs)[0] + (_adjacent(theirs) if pairs else [])


def word_similarities(
    mine: tuple[Word, ...],
    theirs: tuple[Word, ...],
    my_language: str,
    their_language: str,
    encoder: CentredEncoder,
    with_pairs: bool = True,
) -> Floats:
    """Cosines, shape (mine, theirs [+ their adjacent pairs]): the best of any form of my word with any form of theirs."""
    texts, owners = forms(mine)
    their_texts, their_owners = forms(theirs)
    pairs = _adjacent(theirs) if with_pairs else []
    their_owners += list(range(len(theirs), len(theirs) + len(pairs)))
    left = encoder.centred(texts, my_language, "word")
    right = encoder.centred(their_texts + pairs, their_language, "word")
    best = np.full((len(mine), len(theirs) + len(pairs)), -1.0, dtype=np.float32)
    rows, columns = (
        np.asarray(owners, dtype=np.intp),
        np.asarray(their_owners, dtype=np.intp),
    )  # a word may have no form
    np.maximum.at(best, (rows[:, None], columns[None, :]), left @ right.T)
    return best


def gloss_similarities(
    mine: tuple[Word, ...], theirs: tuple[Word, ...], my_language: str, their_language: str, encoder: CentredEncoder
) -> Floats | None:
    """(mine, theirs) how near an English word is to what the dictionary says an Arabic one means: 1 when it is one of its glosses,
    else their best cosine within English. None where there is no dictionary for the two languages."""
    if {my_language, their_language} != {"ar", "en"} or glossary() is None:
        return None
    arabic, english = (mine, theirs) if my_language == "ar" else (theirs, mine)
    near = np.zeros((len(arabic), len(english)), dtype=np.float32)
    asked = [_as_looked_up(word) for word in english]
    said = [gloss_words(word.text) for word in arabic]
    vectors = encoder.centred(asked, "en", "word")
    stems = [stem(fold(word), "en") for word in asked]
    for row, glosses in enumerate(said):
        if glosses:
            near[row] = (encoder.centred(glosses, "en", "word") @ vectors.T).max(axis=0)
            known = gloss_stems(arabic[row].text)
            near[row, [at for at, word in enumerate(stems) if word in known]] = MATCHED
    return near if my_language == "ar" else np.ascontiguousarray(near.T)


def gloss_texts(words: tuple[Word, ...]) -> list[str]:
    """Every text of these words, of either language, whose vector `gloss_similarities` will ask for."""
    return [_as_looked_up(word) for word in words] + [gloss for word in words for gloss in gloss_words(word.text)]


def _as_looked_up(word: Word) -> str:
    return word.text if word.is_name else word.text.lower()


@lru_cache(maxsize=8192)
def gloss_words(word: str) -> tuple[str, ...]:
    """The English words by which the dictionary glosses an Arabic one, in any of its readings."""
    words = (part for meaning in meanings_of(word) for gloss in meaning.meanings for part in re.split(r"[\s/]+", gloss))
    return tuple(dict.fromkeys(part for part in words if len(part) > 1 and part.lower() not in _LIGHT))


@lru_cache(maxsize=8192)
def gloss_stems(word: str) -> frozenset[str]:
    """The stems of these words."""
    return frozenset(stem(fold(gloss), "en") for gloss in gloss_words(word))


def _adjacent(words: tuple[Word, ...]) -> list[str]:
    return [f"{a.text} {b.text}" for a, b in pairwise(words)]


def _one_to_one(similar: Floats, done: NDArray[np.bool_]) -> Floats:
    """Best match of every row when no column may serve two rows: greedily, strongest pair first."""
    left = similar.copy()
    left[done] = -np.inf
    strengths = np.zeros(len(similar), dtype=np.float32)
    for _ in range(min(left.shape[1], int((~done).sum()))):
        row, column = np.unravel_index(int(left.argmax()), left.shape)
        strengths[row] = left[row, column]
        left[row] = -np.inf
        left[:, column] = -np.inf
    return strengths


def forms(words: tuple[Word, ...]) -> tuple[list[str], list[int]]:
    """Every word as written and, for Arabic, without what is glued to it; beside each form the word it belongs to."""
    texts: list[str] = []
    owners: list[int] = []
    for at, word in enumerate(words):
        spellings = [_as_looked_up(word) if word.text.isascii() else word.text]
        if "\u0600" <= word.text[0] <= "\u06ff":
            bare = _PROCLITICS.sub("", word.text)
            spellings += [bare, _ENCLITICS.sub("", bare)]
        for form in dict.fromkeys(form for form in spellings if len(form) > 1):
            texts.append(form)
            owners.append(at)
    return texts, owners


def _spellings(mine: tuple[Word, ...], theirs: tuple[Word, ...]) -> Floats:
    """(mine, theirs) how well each word spells each; a name that one side writes as two words ("بيونغ يانغ", "New York") counts
    for both where they spell it better together than either alone."""
    alone = np.asarray([[_spelled(a, b) for b in theirs] for a in mine], dtype=np.float32)
    spelled = alone.copy()
    for row, word in enumerate(mine):
        for column, pair in enumerate(pairwise(theirs)):
            columns = slice(column, column + 2)
            together = _spelled_apart(word, pair, alone[row, columns].max())
            spelled[row, columns] = np.maximum(spelled[row, columns], together)
    for column, word in enumerate(theirs):
        for row, pair in enumerate(pairwise(mine)):
            rows = slice(row, row + 2)
            together = _spelled_apart(word, pair, alone[rows, column].max())
            spelled[rows, column] = np.maximum(spelled[rows, column], together)
    return spelled


def _spelled_apart(word: Word, pair: tuple[Word, Word], alone: float) -> float:
    joined = Word("".join(each.text for each in pair), all(each.is_name for each in pair), False)
    spelled = _spelled(word, joined)
    return spelled if spelled >= _SPELLED_APART and spelled > alone else 0.0


def _spelled(a: Word, b: Word) -> float:
    """Spelling counts when one of the two is a proper name (or both are in one script): sounds alone prove nothing."""
    if not (a.is_name or b.is_name):
        return 0.0
    spelled = name_similarity(a.text, b.text) if a.is_name else name_similarity(b.text, a.text)
    return spelled if spelled >= _SPELLED else 0.0
