"""One sentence of a language model: whether it is one at all, and whether its check lets it be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.language import detect_language
from index.segment import sentence_spans
from qa.plain import printable
from qa.wordwise import CHOICE

if TYPE_CHECKING:
    from qa.verify import Support

# How sure the embedded model must be of its sentence, in nats a token, and the support it needs across languages: by 159 that
# were judged by hand (benchmarks/renderings.py). None of the 16 claims was wrong; of 9 only as sure as a reading aid 3 were.
_CLAIM_CERTAINTY, _CLAIM_SUPPORT = -0.2, 0.55
_AID_CERTAINTY, _AID_SUPPORT = -0.25, 0.35
# Within a language, of any model: the verifier's own threshold balances both kinds of mistake there, too little for a claim.
_CLAIM_SUPPORT_WITHIN = 0.6
_SPACES = re.compile(r"\s+")
_ENCLOSED = re.compile(r"^[\"“«]\s*([^\"“”«»]*[^\s\"“”«»])\s*[\"”»]$")


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence of a language model, and how sure the embedded one was of its reply: the mean log-probability of its tokens."""

    sentence: str
    certainty: float | None = None

    def vouched_for(self, support: Support, *, within: bool = False) -> bool:
        """Whether it may be shown as a claim; `within` says that a line it cites is in its language. The embedded model's words
        pass the verifier's score too easily, being the line's and the question's own: there its certainty decides
        (docs/answers.md)."""
        enough = support.score >= (_CLAIM_SUPPORT_WITHIN if within else _CLAIM_SUPPORT)
        if self.certainty is None or not support.checked:
            return support.supported and enough
        return enough and not (support.contradicted or support.doubted) and self.certainty >= _CLAIM_CERTAINTY

    @property
    def is_sure(self) -> bool:
        """Whether the embedded model is as sure of it as of a reading aid."""
        return self.certainty is not None and self.certainty >= _AID_CERTAINTY

    def helps(self, support: Support) -> bool:
        """Whether it may stand below the quote as an unverified reading aid."""
        likely = self.certainty is None or self.is_sure
        return likely and support.score >= _AID_SUPPORT and not support.contradicted


def whole_sentence(text: str, language: str, source: str) -> str:
    """What a model said about a source, nothing when that is not one whole sentence in the language: one that begins as
    sentences do, and closes the quotations that it opens."""
    sentence = _ENCLOSED.sub(r"\1", _SPACES.sub(" ", printable(text)).strip())
    whole = len(sentence_spans(sentence, language)) == 1 and not _breaks_in(sentence) and _closes(sentence)
    undecided = CHOICE in sentence and CHOICE not in source  # "objects/materials", as the words were given
    return sentence if whole and not undecided and detect_language(sentence) == language else ""


def _breaks_in(sentence: str) -> bool:
    """Whether it begins in the middle of a sentence; "iPhone" and "al-Shabaab" do not."""
    first = sentence.partition(" ")[0]
    return first.islower() and "-" not in first


def _closes(sentence: str) -> bool:
    pairs = all(sentence.count(opening) == sentence.count(closing) for opening, closing in ("“”", "«»"))
    return pairs and sentence.count('"') % 2 == 0
