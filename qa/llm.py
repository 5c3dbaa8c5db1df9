"""Language models as LangChain chat models: a GGUF file run in this process, or any provider that LangChain knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessageChunk,
    BaseMessage,
    MessageLikeRepresentation,
    UsageMetadata,
    convert_to_openai_messages,
    message_chunk_to_message,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from index.errors import ModelUnavailable, UsageError
from qa import gguf, ik_library, ik_llama
from qa.chat import EMBEDDED
from qa.redact import reason
from qa.weights import embedded_model_path

_PIP_INSTALL = re.compile(r"pip install [\w.\[\]-]+")  # LangChain's own advice about a missing package


def open_chat_model(spec: str = EMBEDDED) -> BaseChatModel:
    """A chat model by name: "embedded", "gguf:/path/model.gguf" (with the chat template of the file), or "provider:model"
    for LangChain's `init_chat_model`, such as "ollama:qwen3", "openai:gpt-5-mini", "anthropic:claude-sonnet-4-5".

    A provider's address and key come from its own environment variables: OPENAI_BASE_URL and OPENAI_API_KEY (any
    server of that protocol), OLLAMA_HOST, ANTHROPIC_API_KEY. A GGUF model is loaded at its first call.
    Raises UsageError for a spec that names no model, ModelUnavailable when a package, a key or the weights are missing.
    """
    provider, colon, name = spec.strip().partition(":")
    if spec.strip() == EMBEDDED:
        return EmbeddedChatModel(model_path=embedded_model_path())
    if provider == "gguf" and name:
        path = Path(name).expanduser()
        gguf.check_file(path)
        return GGUFChatModel(model_path=path)
    if not colon or not name or not provider:
        raise UsageError(
            f"{spec!r} names no language model; give embedded, gguf:FILE or provider:model, such as ollama:qwen3"
        )
    return _from_provider(provider, name)


def _from_provider(provider: str, name: str) -> BaseChatModel:
    spec = f"{provider}:{name}"
    try:
        return init_chat_model(name, model_provider=provider)
    except ImportError as error:
        command = _PIP_INSTALL.search(str(error))
        run = command[0] if command else f"pip install langchain-{provider}"
        raise ModelUnavailable(f"{spec} needs a package that is not installed; run: python -m {run}") from error
    except Exception as error:  # each provider has its own: an unknown name, a missing key, an address that is none
        raise ModelUnavailable(f"{spec} cannot be opened: {reason(error)}") from error


class GGUFChatModel(BaseChatModel):
    """A GGUF model run by llama.cpp in this process, loaded at the first call and shared by all objects of one path.

    `batch` and concurrent `invoke`s are generated together, up to `qa.gguf.SLOTS` at a time. Keyword arguments of a call
    go into llama.cpp's OpenAI-style request as they are: `temperature`, `max_tokens`, `seed`, `n`, `logprobs`,
    `top_logprobs`, `response_format` (JSON schema), `grammar` (GBNF), `top_p` and so on. A message carries
    `usage_metadata`, and in `response_metadata` the finish reason, llama.cpp's timings and, when asked for, `logprobs`.

    Raises ModelUnavailable when the model cannot be loaded or the prompt is too long, UsageError for a bad argument.
    """

    model_path: Path
    temperature: float = 0.0
    max_tokens: int = 512
    seed: int | None = None
    stop: list[str] | None = None
    http: bool = False
    """Also answer the OpenAI protocol on a port of 127.0.0.1, open to every program on this machine; see `endpoint`."""

    def prime(self, messages: Sequence[MessageLikeRepresentation], *, afresh: bool = False) -> None:
        """Reads the messages with which many chats will begin (instructions, worked examples) once for all of them.

        Later processes take the result from a file in the cache folder. Worth it before concurrent calls, each of
        which would else read the opening for itself. `afresh` has the next chats answered as if they were the first ones, to
        the last digit, unless others run meanwhile. Raises as a call does.
        """
        chat = self._request([*messages, ("human", "")])
        self._runtime_for(chat).prime(chat["messages"][:-1], afresh=afresh)

    @property
    def _llm_type(self) -> str:
        return "gguf"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return self.model_dump(include={"model_path", "temperature", "max_tokens", "seed", "stop"}, mode="json")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        choices: dict[int, ChatGenerationChunk] = {}
        for index, chunk in self._chunks(messages, stop, kwargs):
            choices[index] = choices[index] + chunk if index in choices else chunk
        return ChatResult(
            generations=[
                ChatGeneration(message=message_chunk_to_message(chunk.message), generation_info=chunk.generation_info)
                for _, chunk in sorted(choices.items())
            ]
        )

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for index, chunk in self._chunks(messages, stop, kwargs):
            if index:  # of several choices (`n`) a stream follows the first
                continue
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def _chunks(
        self, messages: list[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any]
    ) -> Iterator[tuple[int, ChatGenerationChunk]]:
        """(choice, its next piece) as they are made; the last one of a choice has its usage and the timings."""
        request, index = self._request(messages, stop) | kwargs, 0
        for event in self._runtime_for(request).chunks(request):
            for choice in event["choices"]:
                index = choice["index"]
                if chunk := _piece(choice):
                    yield index, chunk
            if "timings" in event:  # names no choice: it follows the end of the one it is about
                yield index, self._ending(event)

    def _request(self, messages: Sequence[MessageLikeRepresentation], stop: list[str] | None = None) -> dict[str, Any]:
        """The OpenAI protocol's, by the options of this object."""
        request: dict[str, Any] = {
            "messages": _openai(messages),
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
        }
        if self.seed is not None:
            request["seed"] = self.seed
        if (stops := self.stop if stop is None else stop) is not None:
            request["stop"] = stops
        return request

    def _ending(self, event: dict[str, Any]) -> ChatGenerationChunk:
        message = AIMessageChunk(content="", usage_metadata=_usage(event))
        info = {"model_name": self.model_path.name, "timings": event["timings"]}
        return ChatGenerationChunk(message=message, generation_info=info)

    def _runtime(self) -> gguf.Runtime:
        return gguf.runtime(self.model_path, http=self.http)

    def _runtime_for(self, request: dict[str, Any]) -> gguf.Runtime | ik_llama.Runtime:
        """What answers the request."""
        return self._runtime()


class EmbeddedChatModel(GGUFChatModel):
    """The embedded language model. What sanad asks of it, and whoever else wants the likeliest reply in plain text, is answered
    by ik_llama.cpp where that runs, one after the other; every other request (sampling, a seed, stop words, several choices, JSON
    schemas, a reply to go on with) by llama.cpp, with a copy of the model of its own."""

    def _runtime_for(self, request: dict[str, Any]) -> gguf.Runtime | ik_llama.Runtime:
        if ik_llama.takes(request) and ik_library.runs_here():
            return ik_llama.runtime(self.model_path)
        return super()._runtime_for(request)


def endpoint(model: GGUFChatModel) -> str:
    """The base URL, as in OPENAI_BASE_URL, under which a model opened with `http=True` answers; loads the model."""
    url = model._runtime().endpoint
    if url is None:
        raise UsageError("this model does not listen; open it as GGUFChatModel(model_path=…, http=True)")
    return url


def _openai(messages: Sequence[MessageLikeRepresentation]) -> list[dict[str, Any]]:
    converted = convert_to_openai_messages(messages)
    return converted if isinstance(converted, list) else [converted]


def _piece(choice: dict[str, Any]) -> ChatGenerationChunk | None:
    """One streamed choice as LangChain's chunk, None when it says nothing (roles, progress of the prompt)."""
    delta = choice["delta"]
    info = {key: choice[key] for key in ("finish_reason", "logprobs") if choice.get(key)}
    thought = {key: delta[key] for key in ("reasoning_content",) if delta.get(key)}
    if not (delta.get("content") or info or thought):
        return None
    message = AIMessageChunk(content=delta.get("content") or "", additional_kwargs=thought)
    return ChatGenerationChunk(message=message, generation_info=info)


def _usage(event: dict[str, Any]) -> UsageMetadata | None:
    usage = event.get("usage")
    if usage is None:
        return None
    return UsageMetadata(
        input_tokens=usage["prompt_tokens"],
        output_tokens=usage["completion_tokens"],
        total_tokens=usage["total_tokens"],
        input_token_details={"cache_read": usage["prompt_tokens_details"]["cached_tokens"]},
    )
