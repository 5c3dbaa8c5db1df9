"""What a user would pick instead: each takes a question and searches the same lines with the same terms and vectors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from synthetic import Lines, mixed

from index import Index
from index.analyse import terms
from index.encoders import Vectors

DEPTH = 100  # candidates of each kind
Ask = Callable[[str], Any]


def bm25s_peer(tokens: list[list[str]]) -> Ask:
    import bm25s

    retriever = bm25s.BM25()
    retriever.index(tokens, show_progress=False)
    return lambda question: retriever.retrieve(
        [terms(question, "ar")], k=min(DEPTH, len(tokens)), show_progress=False, n_threads=0
    )


def rank_bm25_peer(tokens: list[list[str]], index: Index, asked: list[str]) -> tuple[Ask, float]:
    """The peer, and the largest relative difference between its scores and ours over the first questions."""
    from rank_bm25 import BM25Okapi

    peer = BM25Okapi(tokens)
    differences = []
    for question in asked[:5]:
        theirs = peer.get_scores(terms(question, "ar"))
        ours = index.store.contents.lexical.scores(terms(question, "ar"))
        differences.append(float(np.abs(ours - theirs).max() / max(theirs.max(), 1e-9)))
    return lambda question: np.argsort(peer.get_scores(terms(question, "ar")))[-DEPTH:], max(differences)


def ensemble_peer(collection: Lines, real: Vectors, asked: Mapping[str, Vectors]) -> Ask:
    """LangChain's hybrid, as its documentation builds it, with the same stored vectors and the same terms."""
    warnings.simplefilter("ignore", DeprecationWarning)
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS
    from langchain_core.embeddings import Embeddings

    class Fixed(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [asked[text].tolist() for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return asked[text].tolist()

    texts = [" ".join(collection.of(row)) for row in range(len(collection))]
    lexical = BM25Retriever.from_texts(texts, preprocess_func=lambda text: terms(text, "ar"))
    lexical.k = DEPTH
    vectors = np.concatenate(list(mixed(real, len(collection), 0.7, seed=1)))
    nearest = FAISS.from_embeddings(zip(texts, vectors, strict=True), Fixed())
    both = EnsembleRetriever(retrievers=[lexical, nearest.as_retriever(search_kwargs={"k": DEPTH})], weights=[0.5, 0.5])
    return lambda question: both.invoke(question)


def lancedb_peer(collection: Lines, real: Vectors, asked: Mapping[str, Vectors], folder: Path) -> Ask:
    """LanceDB's hybrid search: its full-text index and exact vectors, fused by reciprocal rank as it does by default."""
    import lancedb
    import pyarrow
    from lancedb.index import FTS

    vectors = np.concatenate(list(mixed(real, len(collection), 0.7, seed=1)))
    width = vectors.shape[1]
    texts = [
        " ".join(term for word in collection.of(row) for term in terms(word, "ar")) for row in range(len(collection))
    ]
    columns = {
        "row": pyarrow.array(range(len(texts))),
        "text": pyarrow.array(texts),
        "vector": pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(vectors.ravel()), width),
    }
    table = lancedb.connect(folder).create_table("passages", data=pyarrow.table(columns))
    plain = FTS(base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False, lower_case=False)
    table.create_index("text", config=plain)

    def ask(question: str) -> Any:
        words = " ".join(terms(question, "ar"))
        query = np.ravel(asked[question])
        return table.search(query_type="hybrid").vector(query).text(words).limit(DEPTH).to_list()

    return ask
