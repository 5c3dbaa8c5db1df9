"""Follow-up questions ("and when?", "ماذا عن الصين؟") completed from the question before them, by rules that a reader can see.

A question that stands alone is left as it is; a completed one is shown with the answer (`Answer.asked_as`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from index.analyse import STOPWORDS, content_words, fold
from index.language import detect_language
from qa.answer import Answer
from qa.demands import names
from qa.verify.places import Place, places

if TYPE_CHECKING:
    from qa.sanad import Sanad

_FEW = 2  # content words up to which a question that begins with "and" only points back
_ABOUT = re.compile(
    r"^\s*(?:and\s+|but\s+|so\s+)?(?:what|how)\s+about\s+|^\s*و?(?:ماذا|ما)\s+عن\s+|^\s*و?بالنسبة\s+(?:إلى|الى|ل)\s*",
    re.I,
)
_LINK = re.compile(
    r"^\s*(?:and|but|so|also|then)\b[\s,]*|^\s*[وف](?=(?:[بل]?كم|متى|أين|اين|ماذا|لماذا|كيف|هل|أي|من|ما)(?!\w))", re.I
)
_ASK = re.compile(
    r"^\s*(?:(?:by|in|at|on|to|from|with|for|since|until)\s+)?(?:(?:which|what)\s+(?:day|date|year|month|time|city|town|place|country)"
    r"|how\s+(?:many|much|long|old|far)|how|when|where|whom|whose|who|which|what|why)\b"
    r"|^\s*(?:(?:في|من|إلى|على|منذ|حتى)\s+)?(?:[بل]?أي[ةه]?\s+(?:يوم|تاريخ|عام|سنة|شهر|مدينة|مكان|دولة)|[بل]?كم|متى|أين|اين|لماذا|ماذا|كيف|من|ما|هل)(?!\w)",
    re.I,
)
_PERSON = re.compile(r"\b(?:he|she|him)\b", re.I)  # "her" may be whose, "it" nothing at all, "they" several
_PLACED = re.compile(r"\b(?:in|at|from|to|near|into|of)\s+$", re.I)
_LEAD = re.compile(r"^(?:in|at|on|for|from|to|with|of)\s+", re.I)
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?!\d)")
_POINTS_BACK = re.compile(
    r"\b(?:he|she|him|her|his|hers|they|them|their|it|its)\b|\b(?:this|that|there)\s*[?.]*$"
    r"|(?<!\w)(?<!ما )(?<!من )[وفبل]?(?:هو|هي|هم|هما|ذلك|تلك|هناك|عنه|عنها|عنهم|فيه|فيها|منه|منها|منهم|له|لها|لهم|معه|معها|معهم"
    r"|إليه|إليها|عليه|عليها)(?!\w)",
    re.I,
)
_WITH_SUFFIX = re.compile(r"\w{3,}(?:ه|ها|هم|هما)")  # "كم عددهم؟"
_WORD = re.compile(r"[^\W_]+(?:['’\-–.][^\W_]+)*")


class Conversation:
    """Questions asked one after the other of one `Sanad`; each may lean on the one before it."""

    def __init__(self, sanad: Sanad, previous: str = "") -> None:
        """`previous`: the question, as it was read, that the first one may lean on."""
        self.sanad = sanad
        self.previous = previous

    def ask(self, question: str) -> Answer:
        """As `Sanad.ask`."""
        *_, answer = self.stream(question)
        return answer

    def stream(self, question: str) -> Iterator[Answer]:
        """As `Sanad.stream`."""
        return self.sanad.stream(question, asked_as=self._read(question))

    def astream(self, question: str) -> AsyncIterator[Answer]:
        """As `Sanad.astream`."""
        return self.sanad.astream(question, asked_as=self._read(question))

    def _read(self, question: str) -> str:
        completed = complete(question, self.previous)
        self.previous = completed or question
        return completed


def complete(question: str, previous: str) -> str:
    """The question with what it leaves out taken from the previous one; "" when it stands alone."""
    if not previous.strip() or not question.strip():
        return ""
    previous = previous.strip().rstrip("?؟ .")
    mark = "؟" if detect_language(question) == "ar" else "?"
    if not _WORD.search(_ASK.sub("", previous, count=1)):
        return ""
    if about := _ABOUT.match(question.rstrip("?؟ .") + " "):
        subject = question[about.end() :].strip().rstrip("?؟ .")
        if about[0].rstrip().endswith("ل") and subject.startswith("ل"):
            subject = "ا" + subject  # "بالنسبة للصين"
        return _about(subject, previous) + mark if content_words(subject) and not _PERSON.fullmatch(subject) else ""
    linked = _LINK.match(question)
    bare = question[linked.end() :] if linked else question
    if not _WORD.search(bare):
        return ""
    words = [word for word in content_words(_ASK.sub("", bare, count=1)) if not _POINTS_BACK.fullmatch(word)]
    asked = _ASK.match(bare)
    if asked and not words:
        return _asked_of(bare.strip().rstrip("?؟ ."), previous) + mark
    suffixed = asked and len(words) == 1 and _WITH_SUFFIX.fullmatch(words[0])
    if (_POINTS_BACK.search(bare) or suffixed) and not (names(bare) or places(bare)):
        return _pointed(bare.strip().rstrip("?؟ ."), previous) + mark
    asks = question.rstrip().endswith(("?", "؟"))
    if (linked or (asks and not asked)) and 0 < len(words) <= _FEW:
        return _beside(bare.strip().rstrip("?؟ ."), previous) + mark
    return ""


def _about(subject: str, previous: str) -> str:
    """ "What about China?": the previous question of another subject, where it names just one of the kind."""
    old, new = places(previous), places(subject)
    if new and len(old) == 1:
        return _with_place(previous, old[0], _LEAD.sub("", subject))
    if _YEAR.fullmatch(subject) and len(_YEAR.findall(previous)) == 1:
        return _YEAR.sub(subject, previous)
    named = _name_groups(previous)
    if not new and len(named) == 1 and named[0] in previous and names(f"about {subject}"):
        return previous.replace(named[0], subject)
    return _beside(subject, previous)


def _with_place(previous: str, old: Place, subject: str) -> str:
    """Arabic prepositions and "and" that were glued to the old name stay."""
    kept = re.match(r"[وفبلك]{1,2}(?=ال\w)", old.text)
    return previous[: old.start] + (kept[0] if kept else "") + subject + previous[old.end :]


def _asked_of(bare: str, previous: str) -> str:
    """ "When?": asked of what the previous question was about."""
    rest = _ASK.sub("", previous, count=1).strip()
    return f"{bare[:1].upper()}{bare[1:]} {rest}"


def _pointed(bare: str, previous: str) -> str:
    """ "What did he say about trade?": the name that is meant where only one can be, and is no place, else the previous
    question's words."""
    named = _name_groups(previous)
    if len(named) == 1 and _PERSON.search(bare) and not _PLACED.search(previous.partition(named[0])[0]):
        return _PERSON.sub(named[0], bare, count=1)
    return _beside(bare, previous)


def _beside(bare: str, previous: str) -> str:
    """The question with the content words of the previous one in brackets."""
    rest = _ASK.sub("", previous, count=1)
    own = set(content_words(bare))
    words = [word for word in _WORD.findall(rest) if fold(word) not in STOPWORDS and fold(word) not in own]
    return f"{bare} ({' '.join(words)})" if words else bare


def _name_groups(question: str) -> list[str]:
    """The names of a question, words that stand side by side taken together ("Kim Jong Un")."""
    groups: list[str] = []
    for name in names(question):
        if groups and f"{groups[-1]} {name}" in question:
            groups[-1] = f"{groups[-1]} {name}"
        else:
            groups.append(name)
    return groups
