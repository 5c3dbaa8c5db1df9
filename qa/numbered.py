"""What a language model is asked when it is to answer from several lines at once, and how its reply is read.

The lines are numbered, and each sentence of the reply ends with the numbers of the lines that state it, as in ALCE (Gao et al.
2023, arXiv:2305.14627). Numbers are all that a model says about sources: what stands behind them is filled in by code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from babel import Locale

from index.article import Passage

NOTHING = "None"  # the whole reply when no line answers
MOST_CHARACTERS = 12_000  # of a reply: a longer one has no end
_SYSTEM = (
    "Answer the reader's question in {language} from the numbered lines of news sources alone: one short sentence, or one for each "
    "thing that is asked. Keep names, numbers and dates as they stand, add nothing, and end each sentence with the number of the "
    "line that states it, in brackets. If no line states the answer, reply None."
)
# Their subjects are nobody's collection. Small models follow what they see: two sentences, a near miss, other lines than the first.
_EXAMPLES: dict[str, tuple[tuple[str, tuple[str, ...], str], ...]] = {
    "en": (
        (
            "Who followed the director of the bank, and why did he leave?",
            (
                "The bank was founded in 1921 by two brothers from Leeds.",
                "Its director, Paul Reyes, resigned on Monday after eleven years, for reasons of health.",
                "The board named Anna Lindqvist, until now head of its lending business, to succeed him.",
                "The director of the central bank declined to comment.",
            ),
            "Anna Lindqvist followed Paul Reyes as director of the bank. [3]\nPaul Reyes resigned for reasons of health. [2]",
        ),
        (
            "How many passengers will the new line carry?",
            (
                "The new metro line will open in May 2027, the transport minister Kamel al-Wazir said.",
                "The second line of the metro carried 300,000 passengers a day last year.",
                "It will carry 400,000 passengers a day at a cost of 3.2 billion dollars.",
                "No line of the metro has opened since 2012.",
            ),
            "The new line will carry 400,000 passengers a day. [3]",
        ),
        (
            "Which ship did the port of Aden lose in the storm?",
            (
                "The storm reached Aden on Tuesday night.",
                "Eleven ships, among them the Salma, left the port before it closed.",
                "The port lost two cranes, and its repair will take a year.",
            ),
            NOTHING,
        ),
        (
            "What does the water agreement protect?",
            (
                "The agreement regulates the exchange of data between Jordan and Syria in order to protect water resources.",
                "The ministers of Jordan and Syria met in Amman.",
                "Talks on trade will follow next month.",
                "Protests against the price of water went on.",
            ),
            "The agreement protects water resources. [1]",
        ),
    ),
    "ar": (
        (
            "من خلف مدير المصرف؟ ولماذا غادر؟",
            (
                "أسس المصرف شقيقان من ليدز عام 1921.",
                "استقال مديره بول ريس يوم الاثنين بعد أحد عشر عاماً لأسباب صحية.",
                "The board named Anna Lindqvist, until now head of its lending business, to succeed him.",
            ),
            "خلفت آنا ليندكفيست بول ريس في إدارة المصرف. [3]\nاستقال بول ريس لأسباب صحية. [2]",
        ),
        (
            "أي سفينة فقدها ميناء عدن في العاصفة؟",
            ("وصلت العاصفة إلى عدن ليل الثلاثاء.", "غادرت الميناء قبل إغلاقه إحدى عشرة سفينة، بينها «سلمى»."),
            NOTHING,
        ),
    ),
}  # fmt: skip
_ONE = r"\d{1,4}(?:\s*[-–]\s*\d{1,4})?"  # a line or several in a row
_CITED = re.compile(rf"((?:\s*[\[【]{_ONE}(?:\s*[,،;]\s*{_ONE})*[\]】])+)")
_NUMBER = re.compile(_ONE)
_MARKER = re.compile(r"(?:[-*•]|\d+[.)])\s+")  # of a list, where a model makes one of its sentences
_ENDS = ".!?؟۔。"
_NOTHING = re.compile(r"\W*none(?:\W*|\W+of\s+the\s+(?:\w+\s+){0,2}lines\b.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply and the lines it names, counted from 1; only such as were shown."""

    text: str
    lines: tuple[int, ...]

    def of(self, passages: Sequence[Passage]) -> list[Passage]:
        """The passages that it names."""
        return [passages[number - 1] for number in self.lines]


def opening(language: str) -> list[tuple[str, str]]:
    """What all questions in a language (ISO 639-1) share: role and text of each message."""
    name = Locale.parse(language).get_language_name("en") or language
    messages = [("system", _SYSTEM.format(language=name))]
    for question, lines, reply in _EXAMPLES.get(language, ()):
        messages += [("human", request(question, lines)), ("ai", reply)]
    return messages


def request(question: str, lines: Sequence[str], names: Mapping[str, str] | None = None) -> str:
    """What is asked about the lines, with the names of foreign ones as they are spelled in the question's language."""
    listed = "\n".join(f"[{number}] {line}" for number, line in enumerate(lines, 1))
    spelled = "; ".join(f"{source} = {target}" for source, target in (names or {}).items())
    return f"Lines:\n{listed}\n\n" + (f"Names: {spelled}\n" if spelled else "") + f"Question: {question}\nAnswer:"


def grammar(lines: int, sentences: int) -> str:
    """The replies that can be read, as a GBNF grammar: NOTHING, or so many sentences at most, each naming one line."""
    more = ' ("\\n" sentence)?' * (sentences - 1)
    number = " | ".join(f'"{line}"' for line in range(1, lines + 1))
    return f'root ::= "{NOTHING}" | sentence{more}\nsentence ::= [^\\[\\]\\n]+ " [" number "]"\nnumber ::= {number}\n'


def said(reply: str) -> str:
    """A reply without what the model thought aloud before it."""
    return reply.rpartition("</think>")[2].partition("<think>")[0].strip()


def says_nothing(reply: str) -> bool:
    """Whether the reply is that no line answers."""
    return bool(_NOTHING.fullmatch(_CITED.sub("", reply)))


def sentences(reply: str, lines: int) -> tuple[list[Sentence], int]:
    """The sentences of a reply to so many numbered lines, and how many others were left out, which name none of them."""
    found = [
        Sentence(text, tuple(_shown(numbers, lines))) for line in reply.splitlines() for text, numbers in _cited(line)
    ]
    kept = [sentence for sentence in found if sentence.lines]
    return kept, len(found) - len(kept)


def _cited(line: str) -> Iterator[tuple[str, str]]:
    """Each sentence of a line of the reply with what stands in brackets in and after it."""
    line = line.strip()
    marker = _MARKER.match(line)
    parts = _CITED.split(line[marker.end() if marker else 0 :])
    text, numbers = "", ""
    for at, part in enumerate(parts):
        if at % 2:
            numbers += part
            after = parts[at + 1].strip()
            if text and (text.rstrip()[-1:] in _ENDS or not after or after[0] in _ENDS):
                yield text.strip(), numbers
                text, numbers = "", ""
        else:
            text += part if text else part.lstrip(f"{_ENDS} ")
    if any(character.isalnum() for character in text):
        yield text.strip(), numbers


def _shown(brackets: str, lines: int) -> dict[int, None]:
    """The numbers in brackets that are those of lines, in order."""
    numbers: dict[int, None] = {}
    for named in _NUMBER.findall(brackets):
        first, *last = (int(number) for number in re.findall(r"\d+", named))
        numbers |= dict.fromkeys(range(max(first, 1), min((last or [first])[0], lines) + 1))
    return numbers
