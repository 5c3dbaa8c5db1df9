"""Questions to answers whose every sentence rests on one exact line of a source."""

from qa.answer import Answer, Citation, Claim
from qa.sanad import Sanad

__all__ = ["Answer", "Citation", "Claim", "Sanad"]
