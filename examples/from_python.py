"""From Python: ask, and show each sentence with its line.

python examples/from_python.py "What did China restrict?"
"""

import sys

from qa import Sanad


def main(question: str, index: str = ".sanad", llm: str = "none") -> None:
    answer = Sanad.open(index, llm).ask(question)
    if not answer.answered:
        print("The sources do not say.")
    for claim in answer.claims:
        print(claim.text)
        for citation in claim.citations:
            print(f"    {citation.path}:{citation.line}  [{claim.verdict}]")


if __name__ == "__main__":
    main(*sys.argv[1:])
