"""What a question demands of any line that is to answer it: the names and numbers it mentions, the kind of value it asks for.

Similar meaning is not enough: "the prime minister of France" is near every line about a prime minister of Japan.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.analyse import LETTERS, STOPWORDS, fold
from index.article import Passage
from index.asked import Wanted, wanted_value
from index.hit import Hit
from index.language import detect_language
from index.names import best_name_match
from qa.verify.numbers import quantities
from qa.verify.places import missing_places, places

SAME_NAME = 0.75  # spelling similarity across scripts from which two words are one name
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# Times that are no day, month or decade of a calendar.
_SOME_TIME = re.compile(
    r"\b(?:1\d|20)\d\d\b|\b(?:years?|months?|weeks?|days?|hours?|minutes?|decades?|century|spring|summer|autumn|fall|winter|morning"
    r"|afternoon|evening|night|noon|weekend|soon|now|immediately)\b"
    r"|(?<!\w)\w{0,3}(?:عام|سنه|سنوات|اعوام|شهر|اشهر|اسبوع|اسابيع|يوم|ايام|ساعه|ساعات|دقيقه|عقد|عقود|قرن|ربيع|صيف|خريف|شتاء|صباح|مساء|ظهر"
    r"|ليل|ليله|فجر|قريبا|الان|فورا)\w{0,3}(?!\w)"
)


def holds_value(text: str, wanted: Wanted, question: str = "") -> bool:
    """Whether a line holds a value of the wanted kind; any line does when nothing particular is wanted. A number or share that the
    question itself gives is none: of the "F-35" it asks about, 35 is not the price."""
    if not wanted:
        return True
    # A month that the question gives still stands beside the day it asks for.
    found = _values(text) if wanted == "time" else _values(text) - _values(question)
    kinds = {kind for kind, _ in found}
    if wanted == "time":
        return bool(kinds & {"month", "weekday", "decade"} or _SOME_TIME.search(fold(text)))
    return "percent" in kinds if wanted == "percent" else bool(kinds & {"number", "percent", "decade"})


def _values(text: str) -> frozenset[tuple[str, float]]:
    return frozenset((quantity.kind, quantity.value) for quantity in quantities(text))


def that_may_answer(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that hold the kind of value the question asks for, in their order."""
    wanted = wanted_value(question)
    return [hit for hit in hits if holds_value(hit.passage.text, wanted, question)]


def names(question: str) -> tuple[str, ...]:
    """The proper names of a question that are not places: Latin words in capitals that do not merely open it.

    Arabic has no capitals, so of an Arabic question only the places are known.
    """
    spans = [(place.start, place.end) for place in places(question)]
    found = []
    for match in _LATIN_WORD.finditer(question):
        opens = not question[: match.start()].strip(" \"'“«(")
        in_place = any(start <= match.start() < end for start, end in spans)
        if not (opens or in_place) and _is_name(match[0]):
            found.append(match[0])
    return tuple(dict.fromkeys(found))


def unmet(question: str, evidence: Sequence[Passage]) -> tuple[str, ...]:
    """What the question demands and the passages that may together answer it do not hold, for a reader to see.

    Places are compared across languages through their codes. Other names are demanded only where all the evidence is in
    the question's own language: across languages too many of them are translated ("Middle East") or renamed.
    """
    text = " ".join(f"{passage.heading} {passage.text}" for passage in evidence)
    absent = [place.text for place in missing_places(question, text)]
    if all(passage.language == detect_language(question) for passage in evidence):
        words = tuple(dict.fromkeys(LETTERS.findall(text)))
        absent += [name for name in names(question) if best_name_match(name, words) < SAME_NAME]
    wanted = wanted_value(question)
    if not any(holds_value(passage.text, wanted, question) for passage in evidence):
        absent.append(f"a {wanted}")
    return tuple(absent)


def _is_name(word: str) -> bool:
    """Abbreviations are translated rather than spelled (GDP), and months and weekdays are values, not names."""
    capitalised = word[0].isupper() and not word.isupper()
    return capitalised and word.lower() not in STOPWORDS and not quantities(word)
