"""Drafts of gold questions from a user's own articles, for a person to correct.

A language model is shown one line and asks what that line answers. A draft is marked as such, and `sanad eval` refuses a
gold file with drafts in it: a model that sets its own examination proves nothing, and unanswerable questions are not
drafted at all, for what the sources do not say is known to people alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.core import UnknownLocaleError

from index.analyse import terms, words
from index.article import Passage
from index.errors import ModelUnavailable, SanadError, UsageError
from index.language import detect_language
from index.search import checked_question
from qa.demands import unmet
from qa.evaluation.gold import Fact, GoldLine, GoldQuestion
from qa.redact import reason

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Progress = Callable[[int, int], None]  # drafted, wanted
Message = tuple[str, str]  # role and text
_MAX_TOKENS = 80
_FEWEST_WORDS = 8  # shorter lines seldom answer a question by themselves
_FEWEST_SHARED = 2  # words of a question that its line must hold, in one language: fewer would fit any line
_QUESTION_MARKS = ("?", "؟", "？")
_SYSTEM = (
    "You are given one line of an article. Write one {language} question that this line answers by itself. Name the people, "
    "places and things that it is about, so that a reader without the line understands the question. Write the question alone."
)
# Worked examples: small models follow what they see, not what they are told. Their subjects are nobody's collection.
_LINES: dict[str, tuple[str, str, str]] = {
    "ar": (
        "أعلن وزير النقل أن الخط الجديد للمترو في مدينة الزهراء سيفتتح في مايو 2027 بكلفة 3.2 مليار دولار.",
        "أغلق نفق الدارة للإصلاح بعد أن تسربت المياه من جداره الشرقي في ربيع العام الماضي.",
        "عيّنت بلدية مرسى النخيل المهندسة هدى القاسم مديرة للميناء خلفاً لسامي داود.",
    ),
    "en": (
        "The minister of transport said that the new metro line in Zahra will open in May 2027 at a cost of 3.2 billion dollars.",
        "The Dara tunnel was closed for repairs after water broke through its eastern wall in the spring of last year.",
        "The town of Palm Harbour made the engineer Huda Alqasim director of its port in place of Sami Daoud.",
    ),
}
_QUESTIONS: dict[str, tuple[str, str, str]] = {
    "ar": (
        "كم سيكلف الخط الجديد للمترو في مدينة الزهراء؟",
        "لماذا أغلق نفق الدارة؟",
        "من عيّنت بلدية مرسى النخيل مديراً للميناء؟",
    ),
    "en": (
        "How much will the new metro line in Zahra cost?",
        "Why was the Dara tunnel closed?",
        "Whom did the town of Palm Harbour make director of its port?",
    ),
}


@dataclass(frozen=True, slots=True)
class Drafts:
    """What was drafted, and of how many lines the model made nothing that is a question in the wanted language."""

    questions: tuple[GoldQuestion, ...]
    unusable: int


def draft(
    passages: Sequence[Passage],
    model: BaseChatModel,
    count: int,
    *,
    language: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Drafts:
    """Up to `count` drafts, each from another line, spread over the articles; fewer when the lines run out.

    `language` (ISO 639-1) is that of the questions, by default that of the line each is drawn from. The same seed draws
    the same lines. Raises UsageError for a language that is none, ModelUnavailable when the model does not answer.
    """
    if language is not None:
        _language_name(language)
    questions: list[GoldQuestion] = []
    unusable = 0
    for passage in drawn(passages, seed):
        if len(questions) == count:
            break
        wanted = language or passage.language
        question = _question(_reply(model, passage, wanted), passage, wanted)
        if not question:
            unusable += 1
            continue
        line = GoldLine(passage.path, passage.line, passage.line)
        facts = (Fact(passage.text, (line,)),)
        questions.append(GoldQuestion(f"draft-{len(questions) + 1:03}", question, wanted, facts, draft=True))
        if progress:
            progress(len(questions), count)
    return Drafts(tuple(questions), unusable)


def drawn(passages: Sequence[Passage], seed: int) -> Iterator[Passage]:
    """One passage of every line that says something, in random order, the articles taking turns."""
    lines = {(p.path, p.line): p for p in reversed(passages) if _says_something(p)}
    by_article: dict[str, list[Passage]] = defaultdict(list)
    for _, passage in sorted(lines.items()):
        by_article[passage.path].append(passage)
    order = random.Random(seed)
    for mine in by_article.values():
        order.shuffle(mine)
    for turn in zip_longest(*by_article.values()):
        yield from (passage for passage in turn if passage is not None)


def _says_something(passage: Passage) -> bool:
    return passage.kind in ("prose", "bullet") and len(words(passage.text)) >= _FEWEST_WORDS


def _question(reply: str, passage: Passage, language: str) -> str:
    """The question in a reply; "" when it is none, is in another language, says the line again or is not about it."""
    question = next((line.strip(' "“”«»*') for line in reply.splitlines() if line.strip()), "")
    if not question.endswith(_QUESTION_MARKS) or question.strip("".join(_QUESTION_MARKS)) in passage.text:
        return ""
    try:
        question = checked_question(question)
    except UsageError:
        return ""
    shared = set(terms(question, language)) & set(terms(f"{passage.heading} {passage.text}", language))
    strange = language == passage.language and len(shared) < _FEWEST_SHARED
    return "" if strange or detect_language(question) != language or unmet(question, [passage]) else question


def _reply(model: BaseChatModel, passage: Passage, language: str) -> str:
    prefix = _prefix(passage.language, language)
    try:
        options: dict[str, Any] = {}  # a provider's own defaults: which options it takes differs from one to the next
        if hasattr(model, "prime"):  # the embedded runtime keeps what it has read of a prefix
            model.prime(prefix)
            options = {"max_tokens": _MAX_TOKENS}
        return str(model.invoke([*prefix, ("human", _request(passage.heading, passage.text))], **options).text)
    except SanadError:
        raise
    except Exception as error:  # every provider has its own: no connection, no credit, no such model
        raise ModelUnavailable(f"the model does not answer ({reason(error)}); check its server and key") from error


def _prefix(source: str, language: str) -> list[Message]:
    """The part of the conversation that every line of a language pair shares; English shows the form to all others."""
    messages = [("system", _SYSTEM.format(language=_language_name(language)))]
    asked = _QUESTIONS.get(language, _QUESTIONS["en"])
    for line, question in zip(_LINES.get(source, _LINES["en"]), asked, strict=True):
        messages += [("human", _request("", line)), ("ai", question)]
    return messages


def _request(heading: str, line: str) -> str:
    return (f"Heading: {heading}\n" if heading else "") + f"Line: {line}\nQuestion:"


def _language_name(language: str) -> str:
    try:
        name = Locale.parse(language).get_language_name("en")
    except (UnknownLocaleError, ValueError) as error:
        raise UsageError(f"{language!r} is no language code; give one such as en or ar") from error
    return name or language
