"""The embedded encoder as a sentence-transformers folder, for a GPU, for training, or for any tool that reads one.

    python -m index.e5_export FOLDER

The weights are unpacked to full precision, the tokens are the same, and the vectors agree at cosine 0.99 and more with those
of the C engine, which also rounds activations. `sanad index … --encoder FOLDER` takes it like any other such folder.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from index.e5 import E5Weights, e5_tokenizer, e5_weights

_PER_LAYER = (
    ("attention.self.query", "q"), ("attention.self.key", "k"), ("attention.self.value", "v"),
    ("attention.output.dense", "ao"), ("intermediate.dense", "fi"), ("output.dense", "fo"),
)  # fmt: skip


def bert(weights: E5Weights | None = None) -> Any:
    """multilingual-e5-small as a `transformers` BERT, without a pooler."""
    from transformers import BertConfig, BertModel

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


def export(folder: Path) -> None:
    """Write the folder (470 MB). Raises ModelUnavailable when the weights are not installed."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    weights = e5_weights()
    with tempfile.TemporaryDirectory() as parts:
        bert(weights).save_pretrained(parts)
        _tokenizer(weights).save_pretrained(parts)
        modules = [Transformer(parts, max_seq_length=weights.positions), Pooling(weights.hidden), Normalize()]
        prompts = {"query": "query: ", "document": "passage: "}
        SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(folder))


def _tokenizer(weights: E5Weights) -> Any:
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    pieces = weights.pieces()
    names = {role: pieces[getattr(weights, role)].decode("utf-8") for role in ("bos", "eos", "pad", "unknown")}
    tokenizer = Tokenizer.from_str(e5_tokenizer().to_str())  # ours is shared and adds no special tokens
    tokenizer.post_processor = TemplateProcessing(
        single=f"{names['bos']} $A {names['eos']}",
        special_tokens=[(names["bos"], weights.bos), (names["eos"], weights.eos)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=names["bos"], eos_token=names["eos"], pad_token=names["pad"],
        unk_token=names["unknown"], model_max_length=weights.positions,
    )  # fmt: skip


def _state(weights: E5Weights) -> dict[str, Any]:
    import torch

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


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m index.e5_export FOLDER")
    export(Path(sys.argv[1]))
