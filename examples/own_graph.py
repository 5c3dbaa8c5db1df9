"""The retriever as a node of a graph of one's own (LangGraph): look in the question's language first, then in all.

python examples/own_graph.py "من اختطفت كوريا الشمالية؟"
"""

import sys
from pathlib import Path
from typing import TypedDict

from langchain_core.documents import Document
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from index import Filter, Index
from index.langchain import HybridRetriever
from index.language import detect_language

LIKELY = 0.5  # score from which a line is taken to be about the question


class State(TypedDict, total=False):
    question: str
    documents: list[Document]
    looked: list[str]


def graph(index: Index, k: int = 3) -> CompiledStateGraph:
    def look_in_its_language(state: State) -> State:
        language = detect_language(state["question"])
        retriever = HybridRetriever(index=index, k=k, only=Filter(languages=(language,)))
        return {"documents": retriever.invoke(state["question"]), "looked": [language]}

    def look_in_all(state: State) -> State:
        found = HybridRetriever(index=index, k=k).invoke(state["question"])
        return {"documents": found, "looked": [*state["looked"], "all"]}

    def next_node(state: State) -> str:
        found = state["documents"]
        return END if found and found[0].metadata["score"] >= LIKELY else "look_in_all"

    built = StateGraph(State)
    built.add_node("look_in_its_language", look_in_its_language)
    built.add_node("look_in_all", look_in_all)
    built.add_edge(START, "look_in_its_language")
    built.add_conditional_edges("look_in_its_language", next_node, ["look_in_all", END])
    built.add_edge("look_in_all", END)
    return built.compile()


def main(question: str, index: str = ".sanad") -> None:
    state = graph(Index.open(Path(index))).invoke({"question": question})
    print(f"looked in: {', '.join(state['looked'])}")
    for document in state["documents"]:
        print(f"{document.metadata['path']}:{document.metadata['line']}  {document.page_content}")


if __name__ == "__main__":
    main(*sys.argv[1:])
