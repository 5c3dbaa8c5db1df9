"""The index as LangChain sees it: a retriever and an `Embeddings`, for those who take one piece and leave the rest.

Imported only when asked for: LangChain's classes cost half a second that a search does not need.
"""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.encoders import Encoder
from index.filters import Filter
from index.search import Index


class HybridRetriever(BaseRetriever):
    """Passages as documents: `page_content` is the exact source text, the metadata says where it stands."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    index: Index
    k: int = 10
    only: Filter | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [
            Document(
                page_content=hit.passage.text,
                metadata={
                    "path": hit.passage.path,
                    "line": hit.passage.line,
                    "start": hit.passage.start,
                    "end": hit.passage.end,
                    "language": hit.passage.language,
                    "kind": hit.passage.kind,
                    "heading": hit.passage.heading,
                    "place": hit.passage.place,
                    "score": hit.score,
                },
            )
            for hit in self.index.search(query, self.k, self.only)
        ]


class SanadEmbeddings(Embeddings):
    """An encoder as LangChain `Embeddings`: raw unit vectors, as the encoder makes them."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._encoder.embed_documents(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        vector: list[float] = self._encoder.embed_queries([text])[0].tolist()
        return vector
