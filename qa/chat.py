"""One language model as sanad talks to it: by its specification, opened when it is first needed, for no longer than promised."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import ModelFailed, SanadError, UsageError
from qa.patience import within
from qa.redact import reason

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

EMBEDDED = "embedded"  # the specification of the language model that is installed with sanad
_REPLY_SECONDS = 120.0  # for one reply, the provider's own retries included; a large model may have to be loaded first


class Chat:
    """A language model that is asked one thing at a time, after an opening that many questions share."""

    def __init__(self, spec: str, model: BaseChatModel | None = None) -> None:
        """`spec` is what `qa.llm.open_chat_model` takes; `model` stands in for the one that would be opened. Raises UsageError
        or ModelUnavailable for a spec that cannot be."""
        _check_spec(spec)
        self.spec = spec
        self._given_model = model

    def reply(
        self, prefix: list[tuple[str, str]], request: str, embedded_options: dict[str, Any], *, afresh: bool = False
    ) -> Any:
        """The model's message; a provider's own defaults hold where the runtime is not the embedded one, as which options it
        takes differs from one to the next. `afresh` begins a question: what was asked before it changes nothing. Raises
        ModelUnavailable, ModelFailed."""
        try:
            options: dict[str, Any] = {}
            if hasattr(self._model, "prime"):  # the embedded runtime keeps what it has read of a prefix, also on disk
                self._model.prime(prefix, afresh=afresh)
                options = embedded_options
            return self._asked([*prefix, ("human", request)], options)
        except SanadError:
            raise
        except Exception as error:  # every provider has its own: no connection, no credit, no such model
            raise ModelFailed(
                f"{self.spec} does not answer ({reason(error)}); check its server and key, or ask with --llm none"
            ) from error

    def _asked(self, messages: list[tuple[str, str]], options: dict[str, Any]) -> Any:
        from langsmith import tracing_context

        with tracing_context(enabled=False):  # else LangChain sends every prompt away where LANGSMITH_TRACING is set
            if not is_elsewhere(self.spec):
                return self._model.invoke(messages, **options)
            return within(_REPLY_SECONDS, lambda: self._model.invoke(messages, **options))

    @cached_property
    def _model(self) -> BaseChatModel:
        if self._given_model is not None:
            return self._given_model
        from qa.llm import open_chat_model  # LangChain's model classes: only when something is to be written

        return open_chat_model(self.spec)


def is_elsewhere(spec: str) -> bool:
    """Whether a model of this specification runs in another program, to which questions and lines of articles are sent."""
    return spec not in ("", EMBEDDED, "none") and spec.partition(":")[0] != "gguf"


def announcement(*specs: str) -> str:
    """What a user is told before anything is sent; "" when nothing will be."""
    elsewhere = [spec for spec in dict.fromkeys(specs) if is_elsewhere(spec)]
    return f"sanad: questions and lines of articles are sent to {' and '.join(elsewhere)}" if elsewhere else ""


def _check_spec(spec: str) -> None:
    """What can be known of a specification before anything heavy is imported."""
    provider, _, name = spec.partition(":")
    if spec != EMBEDDED and not (provider and name):
        raise UsageError(
            f"{spec!r} names no language model; give embedded, none, gguf:FILE or provider:model, such as ollama:qwen3"
        )
    if provider == "gguf":
        from qa.gguf import check_file

        check_file(Path(name).expanduser())
