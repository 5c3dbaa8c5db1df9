"""Train a reranker: the upper layers of the embedded encoder as a cross-encoder for question and sentence, kept as the best
low-rank approximation of what changed.

    python benchmarks/train_reranker.py --data DIR --out FILE

DIR holds xquad_r_ar_en.jsonl (LAReQA XQuAD-R, CC BY-SA 4.0), arcd/ (ARCD, MIT, text CC BY-SA) and abstain_nomiracl.jsonl (NoMIRACL,
Apache-2.0). A group is a question and CANDIDATES sentences in both languages: one that answers, or none, the rest hard
negatives from the same paragraph and from the encoder's own nearest. The loss is a softmax over the candidates and a "none of
these" whose score is 0, so that a score means the same for every question (as the null span of SQuAD 2.0, Devlin et al.
2019). One document in HELD_OUT (by hash of its name) is never seen: the figures in docs/retrieval.md are theirs. Use what comes
out with `sanad search --reranker FILE`. About 80 minutes on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rank_bm25 import BM25Okapi
from torch import nn

from index.analyse import terms
from index.e5 import e5_weights
from index.e5_export import bert
from index.encoders import EmbeddedEncoder
from index.neutral import language_means
from index.reranker import pair_tokens
from index.segment import sentence_spans

FIRST_LAYER = 4  # embeddings and the layers below stay as they are
RANK = 32  # of the change of a matrix that is kept: 85% of it, by squared length
CANDIDATES = 6
NONE_ANSWERS = 0.2  # share of groups whose answer is left out
NEAREST = 25
GROUPS_A_STEP, STEPS, STEPS_A_SAVE = 6, 760, 60
WARM_UP = 30  # steps
LEARNING_RATE, HEAD_RATE = 7e-5, 1e-3
HELD_OUT = 5  # one document in so many


@dataclass(frozen=True)
class Example:
    """A question with the sentences that answer it and those that nearly do, best first; `source` says where it is from."""

    source: str
    question: str
    positives: tuple[str, ...]
    beside: tuple[str, ...]  # of the same paragraph
    nearest: tuple[str, ...]
    any_of_nearest: bool = False  # an answer is among the nearest, nobody said which


def held_out(document: str) -> bool:
    return int(hashlib.sha256(document.encode()).hexdigest(), 16) % HELD_OUT == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    torch.manual_seed(arguments.seed)
    examples = [*xquad(arguments.data), *arcd(arguments.data), *nomiracl(arguments.data)]
    print(len(examples), "examples", flush=True)
    model = CrossEncoder()
    optimiser = torch.optim.AdamW(
        [{"params": model.trained(), "lr": LEARNING_RATE}, {"params": model.head.parameters(), "lr": HEAD_RATE}],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / WARM_UP, max(0.02, 1 - step / STEPS))
    )
    began, recent = time.time(), deque[float](maxlen=50)
    shuffled = endlessly(examples)
    for step in range(1, STEPS + 1):
        recent.append(model.step([group(example) for example in islice(shuffled, GROUPS_A_STEP)]))
        torch.nn.utils.clip_grad_norm_(model.trained(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if step % 10 == 0:
            print(f"step {step}/{STEPS} loss {np.mean(recent):.3f} {time.time() - began:.0f} s", flush=True)
        if step % STEPS_A_SAVE == 0 or step == STEPS:
            model.save(arguments.out)


def endlessly(examples: Sequence[Example]) -> Iterator[Example]:
    """All of them, then all of them again in another order, and so on."""
    while True:
        yield from random.sample(examples, len(examples))


def group(example: Example) -> tuple[str, list[str], list[int]]:
    """Question, candidates, and which of them answer (none: [])."""
    if example.any_of_nearest:
        chosen = list(example.nearest[:CANDIDATES])
        return example.question, chosen, list(range(len(chosen)))
    positives = [random.choice(example.positives)] if example.positives and random.random() >= NONE_ANSWERS else []
    beside = random.sample(example.beside, min(len(example.beside), CANDIDATES // 2 - 1))
    near = [text for text in example.nearest if text not in beside]
    near = random.sample(near, min(len(near), CANDIDATES - len(beside) - len(positives)))
    return example.question, positives + beside + near, list(range(len(positives)))


class CrossEncoder(nn.Module):
    """Question and sentence in one sequence, mean of the token states, one linear score."""

    def __init__(self) -> None:
        super().__init__()
        self.bert = bert()
        self.before = {name: matrix.detach().clone() for name, matrix in matrices(self.bert).items()}
        for parameter in self.bert.parameters():
            parameter.requires_grad_(False)
        for matrix in matrices(self.bert).values():
            matrix.requires_grad_(True)
        for module in self.bert.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0  # few steps over much data; a tenth of the time would go to random numbers
        self.head = nn.Linear(self.bert.config.hidden_size, 1)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def trained(self) -> list[nn.Parameter]:
        return list(matrices(self.bert).values())

    def forward(self, pairs: Sequence[list[int]]) -> torch.Tensor:
        longest = max(map(len, pairs))
        pad = e5_weights().pad
        tokens = torch.tensor([pair + [pad] * (longest - len(pair)) for pair in pairs])
        mask = (tokens != pad).long()
        states = self.bert(tokens, attention_mask=mask).last_hidden_state
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(mean)[:, 0]

    def step(self, groups: Sequence[tuple[str, list[str], list[int]]]) -> float:
        """Mean loss of the groups, its gradient added to the parameters."""
        pairs = [pair_tokens(question, sentence) for question, sentences, _ in groups for sentence in sentences]
        order = np.argsort([len(pair) for pair in pairs], kind="stable")
        scores = torch.cat(
            [self([pairs[row] for row in rows]) for rows in np.array_split(order, max(1, len(pairs) // 12))]
        )
        scores = scores[torch.from_numpy(np.argsort(order, kind="stable"))]
        loss, at = torch.zeros(()), 0
        for _, sentences, answers in groups:
            own = torch.cat([scores[at : at + len(sentences)], torch.zeros(1)])
            at += len(sentences)
            right = own[answers] if answers else own[-1:]
            loss = loss + torch.logsumexp(own, 0) - torch.logsumexp(right, 0)
        loss = loss / len(groups)
        loss.backward()
        return float(loss.detach())

    def save(self, path: Path) -> None:
        """The change of each matrix as a product of two thin ones, in half precision, as `index.reranker` reads them."""
        kept = {"head.w": self.head.weight[0].detach(), "head.b": self.head.bias.detach()}
        for name, matrix in matrices(self.bert).items():
            left, strengths, right = torch.linalg.svd(
                (matrix - self.before[name]).detach().double(), full_matrices=False
            )
            root = strengths[:RANK].sqrt()
            kept[f"{name}.up"], kept[f"{name}.down"] = left[:, :RANK] * root, root[:, None] * right[:RANK]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{name: value.numpy().astype(np.float16) for name, value in kept.items()})


def matrices(model: Any) -> dict[str, nn.Parameter]:
    """The matrices of the layers that are trained, by the names `index.e5_graph` knows them by."""
    found = {}
    for number, layer in enumerate(model.encoder.layer):
        if number >= FIRST_LAYER:
            attention = layer.attention
            for name, module in (
                ("q", attention.self.query), ("k", attention.self.key), ("v", attention.self.value),
                ("ao", attention.output.dense), ("fi", layer.intermediate.dense), ("fo", layer.output.dense),
            ):  # fmt: skip
                found[f"l{number}.{name}"] = module.weight
    return found


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def xquad(data: Path) -> Iterator[Example]:
    rows = [row for row in lines(data / "xquad_r_ar_en.jsonl") if not held_out(row["doc_id"])]
    sentences = [row for row in rows if row["type"] == "sentence"]
    queries = [row for row in rows if row["type"] == "query"]
    text = {row["id"]: row["text"] for row in sentences}
    ranked = nearest(queries, [row["text"] for row in sentences], [row["lang"] for row in sentences])
    for query, near in zip(queries, ranked, strict=True):
        gold = {id_ for ids in query["gold"].values() for id_ in ids}
        golden = {text[id_] for id_ in gold}
        beside = tuple(row["text"] for row in sentences if row["para_id"] == query["para_id"] and row["id"] not in gold)
        for language in ("en", "ar"):
            positives = tuple(text[id_] for id_ in query["gold"][language])
            yield Example("xquad", query["question"], positives, beside, tuple(t for t in near if t not in golden))


def arcd(data: Path) -> Iterator[Example]:
    questions: list[dict[str, Any]] = []
    for file in sorted((data / "arcd").glob("*.json")):
        for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
            if held_out(article["title"]):
                continue
            for paragraph in article["paragraphs"]:
                context = paragraph["context"]
                spans = sentence_spans(context, "ar")
                said = [context[start:end] for start, end in spans]
                for asked in paragraph["qas"]:
                    at = asked["answers"][0]["answer_start"]
                    gold = [context[start:end] for start, end in spans if start <= at < end]
                    if gold:
                        questions.append({"question": asked["question"], "lang": "ar", "gold": gold, "said": said})
    pool = list(dict.fromkeys(text for row in questions for text in row["said"]))
    ranked = nearest(questions, pool, ["ar"] * len(pool))
    for row, near in zip(questions, ranked, strict=True):
        gold = row["gold"]
        beside = tuple(text for text in row["said"] if text not in gold)
        yield Example("arcd", row["question"], tuple(gold), beside, tuple(text for text in near if text not in gold))


def nomiracl(data: Path) -> Iterator[Example]:
    for row in lines(data / "abstain_nomiracl.jsonl"):
        if held_out(row["id"]):
            continue
        texts = [passage["text"].strip() for passage in row["passages"]]
        said = [text[start:end] for text in texts for start, end in sentence_spans(text, row["lang"])]
        said = list(dict.fromkeys(said))
        # Questions and passages share a language here, so words find the candidates as well as vectors and in no time.
        scores = BM25Okapi([terms(text, row["lang"]) for text in said]).get_scores(terms(row["question"], row["lang"]))
        near = tuple(said[at] for at in np.argsort(-scores, kind="stable")[:CANDIDATES])
        yield Example("nomiracl", row["question"], (), (), near, any_of_nearest=row["answerable"])


def nearest(queries: Sequence[dict[str, Any]], sentences: list[str], languages: list[str]) -> Iterator[list[str]]:
    """The encoder's nearest sentences of each query, in either language."""
    encoder = EmbeddedEncoder()
    stored = encoder.embed_documents(sentences)
    means = language_means(stored, languages, encoder.name)
    stored = means.neutral_passages(stored, languages)
    asked = encoder.embed_queries([query["question"] for query in queries])
    asked = means.neutral_queries(asked, [query["lang"] for query in queries])
    for row in asked:
        order = np.argsort(-(stored @ row), kind="stable")[:NEAREST]
        yield [sentences[at] for at in order]


if __name__ == "__main__":
    main()
