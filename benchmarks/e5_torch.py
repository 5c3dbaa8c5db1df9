"""The embedded encoder as a torch module, for training and for export: the same weights, unpacked to full precision."""

from __future__ import annotations

import torch
from transformers import BertConfig, BertModel

from index.e5 import E5Weights, e5_weights

_PER_LAYER = (
    ("attention.self.query", "q"), ("attention.self.key", "k"), ("attention.self.value", "v"),
    ("attention.output.dense", "ao"), ("intermediate.dense", "fi"), ("output.dense", "fo"),
)  # fmt: skip


def bert(weights: E5Weights | None = None) -> BertModel:
    """multilingual-e5-small as a `transformers` BERT, without a pooler."""
    weights = weights or e5_weights()
    state = _state(weights)
    config = BertConfig(
        vocab_size=len(state["embeddings.word_embeddings.weight"]), hidden_size=weights.hidden, num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads, intermediate_size=weights.feed_forward, layer_norm_eps=weights.epsilon,
        max_position_embeddings=weights.positions, pad_token_id=weights.pad, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state)
    return model.eval()


def _state(weights: E5Weights) -> dict[str, torch.Tensor]:
    hidden = weights.hidden
    state = {
        "embeddings.word_embeddings.weight": weights.matrix("emb.word", hidden),
        "embeddings.position_embeddings.weight": weights.vector("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": weights.vector("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": weights.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.vector("emb.ln.b"),
    }
    for layer in range(weights.layers):
        there = f"encoder.layer.{layer}"
        for module, name in _PER_LAYER:
            columns = weights.feed_forward if name == "fo" else hidden
            state[f"{there}.{module}.weight"] = weights.matrix(f"l{layer}.{name}.w", columns)
            state[f"{there}.{module}.bias"] = weights.vector(f"l{layer}.{name}.b")
        for module, name in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            state[f"{there}.{module}.weight"] = weights.vector(f"l{layer}.{name}.w")
            state[f"{there}.{module}.bias"] = weights.vector(f"l{layer}.{name}.b")
    return {name: torch.from_numpy(value.copy()) for name, value in state.items()}
