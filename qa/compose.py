"""Written claims: one sentence from one cited passage, in the question's language, kept only if the verifier accepts it.

Cite first: the model is shown exactly one line and asked to say what it says, so the citation is right by construction
and all that can be wrong is the wording, which is checked. Several wordings are sampled and the best supported one is
kept; when none passes, the line itself stands, with the best wording beneath it as an unverified reading aid unless a
name or a number in it disagrees with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from babel import Locale

from index.article import Passage
from index.language import detect_language
from qa.answer import Citation, Claim, quote
from qa.demands import names as proper_names
from qa.spellings import known_names, spellings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from qa.verify import Support, Verifier

_TOGETHER = 1
_MAX_TOKENS = 120
_SPACES = re.compile(r"\s+")
_SYSTEM = (
    "Answer the reader's question in one short {language} sentence, from one line of a news source alone. Keep its people, "
    "places, numbers and dates, translate its words by their meaning, add nothing, and leave out what was not asked."
)
# Worked examples: small models follow what they see, not what they are told. Their subjects are nobody's collection.
_EXAMPLES: dict[tuple[str, str], tuple[tuple[str, str, dict[str, str], str], ...]] = {
    ("ar", "en"): (
        (
            "When does the new metro line open?",
            "أعلن وزير النقل المصري كامل الوزير أن الخط الجديد للمترو سيفتتح في مايو 2027 بكلفة 3.2 مليار دولار.",
            {"المصري": "Egypt", "كامل الوزير": "Kamel al-Wazir"},
            "The new metro line will open in May 2027.",
        ),
        (
            "What does the water agreement provide for?",
            "تنظّم الاتفاقية تبادل البيانات بين الأردن وسوريا لحماية الموارد المائية.",
            {"الأردن": "Jordan", "وسوريا": "Syria"},
            "The agreement regulates the exchange of data between Jordan and Syria to protect water resources.",
        ),
    )
}  # fmt: skip


class Composer:
    """Phrases passages in another language than their own. The models are loaded when they are first needed."""

    def __init__(self, spec: str, collection: Sequence[Passage] = (), *, required: bool = False) -> None:
        """`spec` is what `qa.llm.open_chat_model` takes; the collection tells how its names are spelled; `required` tells
        callers that quotes alone will not do."""
        self.spec = spec
        self.required = required
        self._collection = collection

    def write(self, question: str, language: str, passages: Sequence[Passage]) -> Iterator[Claim]:
        """One claim per passage, in order, each as soon as it is ready. Raises ModelUnavailable."""
        with ThreadPoolExecutor(_TOGETHER) as pool:
            yield from pool.map(lambda passage: self._claim(question, language, passage), passages)

    def _claim(self, question: str, language: str, passage: Passage) -> Claim:
        if not self._verifier.validates(claim_language=language, source_language=passage.language):
            return quote(passage)
        sentences = self._sentences(question, language, passage)
        checked = [(self._support(sentence, language, passage), sentence) for sentence in sentences]
        if not checked:
            return quote(passage)
        support, sentence = max(checked, key=lambda pair: (pair[0].supported, pair[0].score))
        if support.supported:
            return Claim(sentence, language, "written", support.score, (Citation.of(passage),))
        return quote(passage, reading_aid=sentence if not support.contradicted else "")

    def _support(self, sentence: str, language: str, passage: Passage) -> Support:
        return self._verifier.check(
            sentence, passage.text, claim_language=language, source_language=passage.language, context=passage.heading
        )

    def _sentences(self, question: str, language: str, passage: Passage) -> list[str]:
        messages = self._messages(question, language, passage)
        reply = self._model.invoke(messages, max_tokens=_MAX_TOKENS, temperature=0)
        sentences = (_one_sentence(text) for text in (reply.text,))
        return [sentence for sentence in dict.fromkeys(sentences) if sentence and detect_language(sentence) == language]

    def _messages(self, question: str, language: str, passage: Passage) -> list[tuple[str, str]]:
        name = Locale.parse(language).get_language_name("en")
        messages = [("system", _SYSTEM.format(language=name))]
        for asked, line, names, sentence in _EXAMPLES.get((passage.language, language), ()):
            messages += [("human", _request(asked, line, names)), ("ai", sentence)]
        names = spellings(passage.text, language, (*proper_names(question), *self._latin_names))
        return [*messages, ("human", _request(question, passage.text, names))]

    @cached_property
    def _latin_names(self) -> tuple[str, ...]:
        return known_names(self._collection)

    @cached_property
    def _model(self) -> BaseChatModel:
        from qa.llm import open_chat_model  # LangChain's model classes: only when something is to be written

        return open_chat_model(self.spec)

    @cached_property
    def _verifier(self) -> Verifier:
        from qa.verify import Verifier

        return Verifier()


def _request(question: str, line: str, names: dict[str, str]) -> str:
    spelled = "; ".join(f"{source} = {target}" for source, target in names.items())
    return f"Question: {question}\nLine: {line}\n" + (f"Names: {spelled}\n" if spelled else "") + "Sentence:"


def _one_sentence(reply: Any) -> str:
    return _SPACES.sub(" ", str(reply)).strip().strip('"“”«»').strip()
