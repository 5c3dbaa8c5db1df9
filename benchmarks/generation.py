"""The embedded language model: what its runtime says of itself, sentences written alone and together, an answer as its reader
waits for it. A part of benchmarks/speed.py."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage

from index import refresh_index
from index.hit import Hit
from qa import Sanad, wording
from qa.compose import MAX_TOKENS
from qa.llm import GGUFChatModel, open_chat_model
from qa.verify import Verifier
from qa.wordwise import word_by_word

QUESTION = "What does the minerals deal include?"
REPEATS = 3
TOGETHER = 4


def generation(work: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The two articles of corpus/, asked in English, so that every sentence is written from an Arabic line."""
    refresh_index(Path("corpus"), work / "index")
    sanad = Sanad.open(work / "index", "embedded")
    model = open_chat_model()
    assert isinstance(model, GGUFChatModel)
    words = partial(word_by_word, encoder=Verifier().encoder)
    prefix = wording.opening(("ar", "en"), words)
    began = time.perf_counter()
    model.prime(prefix)
    loaded = time.perf_counter() - began
    hits = [hit for hit in sanad.index.search(QUESTION, 50) if hit.passage.language == "ar"]
    timings: dict[str, list[float]] = {"a sentence, one by one": [], f"a sentence, {TOGETHER} together": []}
    replies: list[AIMessage] = []
    for repeat in range(REPEATS):
        # New lines in every repeat and for each way: what was read once is kept.
        alone, together = (_chats(prefix, words, hits, (2 * repeat + way) * TOGETHER) for way in (0, 1))
        began = time.perf_counter()
        replies += [model.invoke(chat, max_tokens=MAX_TOKENS) for chat in alone]
        timings["a sentence, one by one"].append((time.perf_counter() - began) / TOGETHER)
        began = time.perf_counter()
        model.batch(together, max_tokens=MAX_TOKENS)
        timings[f"a sentence, {TOGETHER} together"].append((time.perf_counter() - began) / TOGETHER)
    yield (
        "sentences",
        {
            "seconds": timings,
            "model_and_kept_prefix_loaded_s": loaded,
            "weights_bytes": model.model_path.stat().st_size,
        }
        | _said(replies),
    )
    yield "an answer", _answer(sanad)


def _chats(prefix: list[Any], words: wording.Words, hits: list[Hit], start: int) -> list[Any]:
    lines = [hit.passage.text for hit in hits[start : start + TOGETHER]]
    return [[*prefix, ("human", wording.request(QUESTION, line, {}, words(line, {})))] for line in lines]


def _said(replies: list[AIMessage]) -> dict[str, float]:
    """What the runtime measured itself, over sentences that it wrote alone."""
    timings = [reply.response_metadata["timings"] for reply in replies]
    read, reading = (sum(each[key] for each in timings) for key in ("prompt_n", "prompt_ms"))
    wrote, writing = (sum(each[key] for each in timings) for key in ("predicted_n", "predicted_ms"))
    kept = sum(reply.usage_metadata["input_token_details"]["cache_read"] for reply in replies if reply.usage_metadata)
    return {
        "prompt_tokens_per_second": 1000 * read / reading,
        "generated_tokens_per_second": 1000 * wrote / writing,
        "tokens_read_a_sentence": read / len(replies),
        "tokens_of_the_prefix_not_read_again": kept / len(replies),
        "tokens_written_a_sentence": wrote / len(replies),
        "seconds_in_the_model_a_sentence": (reading + writing) / 1000 / len(replies),
    }


def _answer(sanad: Sanad) -> dict[str, Any]:
    """From the question to the nearest lines, the first sentence and the whole answer, models loaded; each question is new."""
    timings: dict[str, list[float]] = {"nearest lines": [], "first sentence": [], "whole answer": []}
    sentences = []
    for question in (
        QUESTION,
        "What will the two countries do about rare minerals?",
        "What does the accord provide for?",
    ):
        began = time.perf_counter()
        at: list[tuple[float, int]] = []
        for answer in sanad.stream(question):
            at.append((time.perf_counter() - began, len(answer.claims)))
        timings["nearest lines"].append(at[0][0])
        timings["first sentence"].append(next(seconds for seconds, claims in at if claims))
        timings["whole answer"].append(at[-1][0])
        sentences.append(at[-1][1])
    return {"seconds": timings, "sentences": sentences}
