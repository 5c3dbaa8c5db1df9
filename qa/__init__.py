"""Questions to answers whose every sentence rests on one exact line of a source."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.answer import Answer, Citation, Claim, Conflict, Side, Span, Speaker, When
    from qa.cancel import Cancelled
    from qa.conversation import Conversation
    from qa.sanad import Sanad

__all__ = [
    "Answer", "Cancelled", "Citation", "Claim", "Conflict", "Conversation", "Sanad", "Side", "Span", "Speaker", "When",
]  # fmt: skip
_ELSEWHERE = {"Cancelled": "qa.cancel", "Conversation": "qa.conversation", "Sanad": "qa.sanad"}


def __getattr__(name: str) -> Any:
    """What is exported is imported when it is first asked for: a search needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, "qa.answer")), name)
