"""Tokens of a chat model, counted through LangChain's callbacks (imported only where a model writes)."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.outputs import ChatGeneration, LLMResult


class TokenCounter(BaseCallbackHandler):
    """Adds up what every call says of its usage; a provider that says nothing counts as nothing."""

    def __init__(self) -> None:
        self.totals = (0, 0)  # read, written

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        for generations in response.generations:
            for generation in generations:
                usage = (
                    getattr(generation.message, "usage_metadata", None)
                    if isinstance(generation, ChatGeneration)
                    else None
                )
                if usage:
                    read, written = self.totals
                    self.totals = read + usage["input_tokens"], written + usage["output_tokens"]
