"""The retriever in a chain of one's own (LangChain Expression Language), any chat model at its end.

A chain like this says what its model says. So the last step keeps only the sentences that the verifier accepts against the
line they name, which is what sanad does by itself.

python examples/own_chain.py "By when will Japan raise its defence spending?"
"""

import re
import sys
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnablePassthrough

from index import Index
from index.langchain import HybridRetriever
from qa.verify import Verifier

PROMPT = ChatPromptTemplate.from_messages(
    [
        (
            "system",
            "Answer in short sentences from the numbered lines alone. End each with the number of its line: [1].",
        ),
        ("human", "{lines}\n\nQuestion: {question}"),
    ]
)
_SENTENCE = re.compile(r"\s*(.+?)\s*\[(\d+)\]\.?")


def numbered(documents: list[Document]) -> str:
    return "\n".join(f"[{n}] {document.page_content}" for n, document in enumerate(documents, 1))


def supported(state: dict[str, Any]) -> list[str]:
    """The sentences that their line supports, each with its place."""
    verifier, kept = Verifier(), []
    for sentence, number in _SENTENCE.findall(state["written"]):
        if 0 < int(number) <= len(state["documents"]):
            line = state["documents"][int(number) - 1]
            if verifier.check(sentence, line.page_content).supported:
                kept.append(f"{sentence} ({line.metadata['path']}:{line.metadata['line']})")
    return kept


def chain(retriever: HybridRetriever, model: BaseChatModel) -> Runnable[str, list[str]]:
    found = {"question": RunnablePassthrough(), "documents": retriever}
    lines = RunnablePassthrough.assign(lines=lambda state: numbered(state["documents"]))
    written = RunnablePassthrough.assign(written=PROMPT | model | StrOutputParser())
    return found | lines | written | supported


def main(question: str, index: str = ".sanad", llm: str = "embedded") -> None:
    from qa.llm import open_chat_model

    retriever = HybridRetriever(index=Index.open(Path(index)), k=3)
    for sentence in chain(retriever, open_chat_model(llm)).invoke(question):
        print(sentence)


if __name__ == "__main__":
    main(*sys.argv[1:])
