"""Questions to answers whose every sentence rests on one exact line of a source."""

from qa.answer import Answer, Citation, Claim, Conflict, Side, Span, Speaker, When
from qa.cancel import Cancelled
from qa.conversation import Conversation
from qa.sanad import Sanad

__all__ = [
    "Answer", "Cancelled", "Citation", "Claim", "Conflict", "Conversation", "Sanad", "Side", "Span", "Speaker", "When",
]  # fmt: skip
