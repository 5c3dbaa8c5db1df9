"""The embedded encoder as an OpenVINO graph: many texts at once, or token by token, with adapters added to its weights or not.

The C engine that ships with the weights is quickest to start; this graph is quickest in bulk and is the only one that takes
adapters. Both read the same file (index.e5), so their vectors agree at cosine 0.9999.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np

from index.e5 import Array, E5Weights, e5_weights
from index.encoders import processors

Adapters = Mapping[
    str, Array
]  # "l4.q.down" (rank, inputs) and "l4.q.up" (outputs, rank): their product is added to l4.q
TokenIds = Sequence[int]
_MASKED = -1e9
_TOKENS_A_BATCH = 4096  # bounds the memory of a call: about 100 MB of activations


def mean_states(adapters: Adapters | None = None) -> Callable[[Sequence[TokenIds]], Array]:
    """A function from n sequences of token ids (special tokens included) to the mean state of each, (n, hidden) float32."""
    weights = e5_weights()
    compiled = _compiled(weights, adapters or {}, weights.layers, pooled=True)

    def run(sequences: Sequence[TokenIds]) -> Array:
        out = np.zeros((len(sequences), weights.hidden), dtype=np.float32)
        for rows in _batches(sequences):
            out[rows] = compiled(_inputs(weights, [sequences[row] for row in rows]))[0]
        return out

    return run


def token_states(layers: int) -> Callable[[TokenIds], Array]:
    """A function from a sequence of token ids (special tokens included) to the states of its tokens after so many layers,
    (length, hidden) float32. One at a time: beside others the last digits of a state would be theirs too."""
    weights = e5_weights()
    compiled = _compiled(weights, {}, layers, pooled=False)
    one_at_a_time = Lock()

    def run(sequence: TokenIds) -> Array:
        tokens, mask, _ = _inputs(weights, [sequence])
        with one_at_a_time:
            return np.array(compiled([tokens, mask])[0][0])  # a copy: the graph's own memory is written anew

    return run


def _batches(sequences: Sequence[TokenIds]) -> list[list[int]]:
    """Rows of similar length together, so that little is computed for padding."""
    batches: list[list[int]] = []
    for row in sorted(range(len(sequences)), key=lambda row: (len(sequences[row]), row)):
        if not batches or (len(batches[-1]) + 1) * len(sequences[row]) > _TOKENS_A_BATCH:
            batches.append([])
        batches[-1].append(row)
    return batches


def _inputs(weights: E5Weights, sequences: Sequence[TokenIds]) -> list[Array]:
    """Embedded tokens (n, length, hidden), attention mask (n, 1, 1, length) to add, and each token's share of the mean."""
    length = max(map(len, sequences))
    tokens = np.full((len(sequences), length), weights.pad)
    share = np.zeros((len(sequences), length, 1), dtype=np.float32)
    for row, sequence in enumerate(sequences):
        tokens[row, : len(sequence)] = sequence
        share[row, : len(sequence)] = 1 / len(sequence)
    words = weights.matrix("emb.word", weights.hidden, tokens.ravel()).reshape(*tokens.shape, weights.hidden)
    places = weights.vector("emb.pos").reshape(-1, weights.hidden)[:length]
    states = words + places + weights.vector("emb.type")[: weights.hidden]
    mask = np.where(share[:, None, None, :, 0] > 0, 0, _MASKED).astype(np.float32)
    return [states, mask, share]


def _openvino() -> tuple[Any, Any]:
    """OpenVINO and its operations, without its telemetry. Importing it would tell Google Analytics, from a process forked for
    that; and a fork while another thread multiplies matrices leaves OpenBLAS waiting for its workers for ever."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # not to be found: OpenVINO has a stub for it
    import openvino
    from openvino import opset13

    return openvino, opset13


def _compiled(weights: E5Weights, adapters: Adapters, layers: int, *, pooled: bool) -> Any:
    openvino, op = _openvino()
    hidden, feed_forward = weights.hidden, weights.feed_forward

    def integers(*values: int) -> Any:
        return op.constant(np.array(values, dtype=np.int64))

    def linear(states: Any, name: str, columns: int = hidden) -> Any:
        matrix = weights.matrix(f"{name}.w", columns)
        if f"{name}.down" in adapters:
            matrix = matrix + adapters[f"{name}.up"] @ adapters[f"{name}.down"]
        return op.add(
            op.matmul(states, op.constant(matrix), False, True), op.constant(weights.vector(f"{name}.b").copy())
        )

    def normal(states: Any, name: str) -> Any:
        scaled = op.mvn(states, integers(-1), True, weights.epsilon, "INSIDE_SQRT")
        gained = op.multiply(scaled, op.constant(weights.vector(f"{name}.w").copy()))
        return op.add(gained, op.constant(weights.vector(f"{name}.b").copy()))

    def heads(states: Any) -> Any:
        split = op.reshape(states, integers(0, 0, weights.heads, hidden // weights.heads), True)
        return op.transpose(split, integers(0, 2, 1, 3))

    tokens = op.parameter([-1, -1, hidden], np.float32, name="tokens")
    mask = op.parameter([-1, 1, 1, -1], np.float32, name="mask")
    share = op.parameter([-1, -1, 1], np.float32, name="share")
    states = normal(tokens, "emb.ln")
    for layer in (f"l{number}" for number in range(layers)):
        query, key, value = (heads(linear(states, f"{layer}.{name}")) for name in "qkv")
        attended = op.transpose(op.scaled_dot_product_attention(query, key, value, mask), integers(0, 2, 1, 3))
        attended = linear(op.reshape(attended, integers(0, 0, hidden), True), f"{layer}.ao")
        states = normal(op.add(states, attended), f"{layer}.aln")
        inner = op.gelu(linear(states, f"{layer}.fi"), "erf")
        states = normal(op.add(states, linear(inner, f"{layer}.fo", feed_forward)), f"{layer}.oln")
    if pooled:
        mean = op.reduce_sum(op.multiply(states, share), integers(1), False)
        graph = openvino.Model([mean], [tokens, mask, share], "e5")
    else:
        graph = openvino.Model([states], [tokens, mask], "e5 tokens")
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": processors()}
    return openvino.Core().compile_model(graph, "CPU", settings)
