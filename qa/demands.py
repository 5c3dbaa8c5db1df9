"""What a question demands of any line that is to answer it: the names and numbers it mentions, the kind of value it asks for.

Similar meaning is not enough: "the prime minister of France" is near every line about a prime minister of Japan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from index.analyse import LETTERS, STOPWORDS, fold, terms
from index.article import Passage
from index.asked import Wanted, wanted_value
from index.hit import Hit
from index.language import detect_language
from index.lexicon import shipped_lexicon
from index.names import TELLING, best_name_match, skeleton
from index.pieces import piece_ids
from qa.verify.align import OFFICES
from qa.verify.numbers import quantities, values_of
from qa.verify.places import missing_places, places
from qa.when import without_dates

SAME_NAME = 0.75  # spelling similarity across scripts from which two words are one name
_SAME_APART = 0.8  # the same of a word and several that stand beside each other
_SAME_SHORT = 0.9  # the same of a word of few sounds
_PINYIN = re.compile(r"[xq]", re.I)  # Chinese names have these letters for other sounds than other languages
_GOES_ON = re.compile(r" (?:al|el|bin|ibn|van|von|de|da|du)[- ][A-Z]")  # what a name has in small letters ("el-Sisi")
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_UNITS = "years?|months?|weeks?|days?|hours?|minutes?|decades?"
# Times that are no day, month or decade of a calendar.
_SOME_TIME = re.compile(
    rf"\b(?:1\d|20)\d\d\b|\b(?:{_UNITS}|century|spring|summer|autumn|fall|winter|morning"
    r"|afternoon|evening|night|noon|weekend|soon|now|immediately|yesterday|today|tonight|tomorrow|midnight|dawn|christmas|easter|eid"
    r"|ramadan)\b|\b\d{1,2}/\d{1,2}\b|\d ?[ap]\.?m\b"
    r"|(?<!\w)[وفبلك]{0,2}(?:ال|ل)?(?:عام|سنه|سنوات|اعوام|شهر|اشهر|اسبوع|اسابيع|يوم|ايام|ساعه|ساعات|دقيقه|عقد|عقود|قرن|ربيع|صيف|خريف|شتاء"
    r"|صباح|مساء|ظهر|ليل|ليله|فجر|امس|رمضان)(?:ا|ين|ان|ها|هم)?(?!\w)"
    r"|(?<!\w)(?:قريبا|الان|فورا|غدا|سن|[وفل]?(?:ال|ل)?عيد)(?!\w)|\d{2,4} ?[هم](?!\w)"
)
# "How long", not of a bridge; and what answers it without a number: "for a year", "مدى الحياة".
_ASKS_DURATION = re.compile(
    r"\bhow long (?!(?:is|are|was|were) (?:the|this|that)\b)|\bhow many (?:years|months|weeks|days|hours|minutes)\b"
    r"|(?<!\w)كم (?:سنه|سنوات|عاما?|شهرا?|اسبوعا?|يوما?|ساعه|دقيقه|من الوقت|من الزمن)(?!\w)"
    r"|(?<!\w)كم (?:هي )?(?:ال)?مده(?!\w)"
    r"|(?<!\w)كم (?:س)?[يت]?(?:ا?ستمر|دوم|دام|ا?ستغرق|بق[يا])\w*|(?<!\w)ما (?:هي )?(?:ال)?مده(?!\w)"
)
_DURATION = re.compile(
    rf"\b(?:{_UNITS}|life)\b|مدي الحياه|موبد"
    r"|(?<!\w)(?:[وبلف]|لل|ال)?(?:(?:عام|سنه|شهر|اسبوع|يوم|ليله|ساعه|دقيقه|عقد)(?:ا|ين|ان)?|(?:سنت|ساعت|دقيقت)(?:ين|ان)"
    r"|سنوات|اعوام|اشهر|شهور|اسابيع|ايام|ساعات|دقايق|عقود)(?!\w)"
)
# Counts without a number: "dozens", "a man", "nobody", and pairs of what is counted most.
_SOME_COUNT = re.compile(
    r"\b(?:dozens?|scores|twice|both|half|none|nobody|a (?:man|woman|boy|girl|child|person|soldier|civilian)|no (?:one|\w+s))\b"
    r"|(?<!\w)\w{0,3}(?:عشرات|نصف|مرتين|شخصان|شخصين|يومين|يومان|ساعتين|ساعتان|اسبوعين|اسبوعان|شهرين|شهران"
    r"|عامين|عامان|سنتين|سنتان|هدفين|هدفان|مرتان|قتيلان|قتيلين|جريحان|جريحين|جنديان|جنديين|طفلان|طفلين|رجلان|رجلين|امراتان|امراتين)(?!\w)"
    r"|(?<!\w)(?:قتيل|جريح|شخص|شخصا)(?!\w)|(?<!\w)[وفبلك]?(?:ال|ل)?(?:ثلث|ثلثان|ثلثين|ثلثي|ربع)(?!\w)"
)
_COUNTING = {"number", "some", "percent", "fraction", "decade"}


def holds_value(text: str, wanted: Wanted, question: str = "") -> bool:
    """Whether a line holds a value of the wanted kind; any line does when nothing particular is wanted. A number or share that the
    question itself gives is none: of the "F-35" it asks about, 35 is not the price. Nor is one that tells when, unless it is asked
    how long something took."""
    if not wanted:
        return True
    # A month that the question gives still stands beside the day it asks for.
    given = frozenset() if wanted == "time" else values_of(question)
    kinds = _kinds(text, given)
    if wanted == "time":
        return bool(kinds & {"month", "weekday", "decade"} or _SOME_TIME.search(fold(text)))
    if wanted == "percent":
        return "percent" in kinds
    asks_duration = bool(_ASKS_DURATION.search(fold(question)))
    if kinds & _COUNTING and not asks_duration:
        kinds = _kinds(without_dates(text), given)
    if kinds & _COUNTING or _SOME_COUNT.search(fold(text)):
        return True
    return asks_duration and bool(_DURATION.search(fold(text)))


def that_may_answer(question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that hold the kind of value the question asks for, in their order."""
    wanted = wanted_value(question)
    return [hit for hit in hits if holds_value(hit.passage.text, wanted, question)]


def names(question: str) -> tuple[str, ...]:
    """The proper names of a question that are not places: Latin words in capitals that do not merely open it.

    Arabic has no capitals, so of an Arabic question only the places are known.
    """
    return tuple(dict.fromkeys(match[0] for match in _names(question)))


def full_names(question: str) -> tuple[tuple[str, ...], ...]:
    """Those `names` that stand in a row, as a first and a last name do, without the office before them."""
    found: list[list[re.Match[str]]] = []
    for match in _names(question):
        if match[0].lower() in OFFICES:
            continue
        follows = bool(found) and question[found[-1][-1].end() : match.start()] == " "
        if follows:
            found[-1].append(match)
        else:
            found.append([match])
    whole = (words for words in found if not _GOES_ON.match(question, words[-1].end()))
    return tuple(tuple(match[0] for match in words) for words in whole if len(words) > 1)


def unmet(question: str, evidence: Sequence[Passage]) -> tuple[str, ...]:
    """What the question demands and the passages that may together answer it do not hold, for a reader to see.

    Places are compared across languages through their codes. Every other name is demanded only where all the evidence is in
    the question's own language: across languages too many of them are translated ("Middle East") or renamed. There a full name
    is demanded whose words mean nothing else.
    """
    language, text = detect_language(question), " ".join(f"{passage.heading} {passage.text}" for passage in evidence)
    absent = [place.text for place in missing_places(question, text)]
    if all(passage.language == language for passage in evidence):
        words = tuple(dict.fromkeys(LETTERS.findall(text)))
        absent += [name for name in names(question) if best_name_match(name, words) < SAME_NAME]
    elif {language, *(passage.language for passage in evidence)} <= shipped_lexicon().directions.keys():
        absent += [" ".join(name) for name in full_names(question) if not _holds(name, language, text)]
    wanted = wanted_value(question)
    if not any(holds_value(passage.text, wanted, question) for passage in evidence):
        absent.append(f"a {wanted}")
    return tuple(absent)


def _kinds(text: str, given: Set[tuple[str, float]]) -> set[str]:
    return {kind for kind, _ in values_of(text) - given}


def _names(question: str) -> Iterator[re.Match[str]]:
    spans = [(place.start, place.end) for place in places(question)]
    for match in _LATIN_WORD.finditer(question):
        opens = not question[: match.start()].strip(" \"'“«(")
        in_place = any(start <= match.start() < end for start, end in spans)
        if not (opens or in_place) and _is_name(match[0]):
            yield match


def _holds(name: Sequence[str], language: str, text: str) -> bool:
    """Whether a text of another language has a full name: spells one of its words, also as two or three ("جين بينغ"), or
    translates one. What cannot be told counts as held: words of few sounds, of another spelling's sounds (Xi, Qing), and names
    with a word that the encoder's vocabulary has in small letters, too ("Revolutionary Guard"), which are translated in many ways.
    """
    sounded = [word for word in name if not _PINYIN.search(word)]
    telling = [word for word in sounded if len(skeleton(word)) >= TELLING]
    if not telling or any(len(piece_ids(word.lower())) == 1 for word in sounded):
        return True
    words = LETTERS.findall(text)
    alone = tuple(dict.fromkeys(words))
    # Words that are not demanded may still tell: "Obama" by itself, where few sounds must agree all the more.
    if any(best_name_match(word, alone) >= _SAME_SHORT for word in name if word not in telling):
        return True
    apart = tuple(
        {"".join(words[at : at + length]): None for length in (2, 3) for at in range(len(words) - length + 1)}
    )
    if any(
        best_name_match(word, alone) >= SAME_NAME or best_name_match(word, apart) >= _SAME_APART for word in telling
    ):
        return True
    return _translated([term for word in telling for term in terms(word, language)], language, text)


def _translated(words: Sequence[str], language: str, text: str) -> bool:
    """Whether a text of another language holds what may stand for one of the search terms."""
    translations = shipped_lexicon().translations(words, language)
    held = {other: set(terms(text, other)) for other in translations}
    return any(not held[other].isdisjoint(each) for other, choices in translations.items() for each in choices)


def _is_name(word: str) -> bool:
    """Abbreviations are translated rather than spelled (GDP), and months and weekdays are values, not names."""
    capitalised = word[0].isupper() and not word.isupper()
    return capitalised and word.lower() not in STOPWORDS and not quantities(word)
