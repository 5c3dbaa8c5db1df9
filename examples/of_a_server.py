"""Of a server: `sanad serve` in one terminal, this in another. The answer is shown as it grows.

python examples/of_a_server.py "What does the minerals deal include?"
"""

import json
import os
import sys
from collections.abc import Iterator

import httpx


def events(response: httpx.Response) -> Iterator[tuple[str, dict]]:
    """(name, data) of server-sent events."""
    name = ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def main(question: str, url: str = "http://127.0.0.1:8000") -> None:
    headers = {"Accept": "text/event-stream"}
    if token := os.environ.get("SANAD_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    with httpx.stream("POST", f"{url}/ask", json={"question": question}, headers=headers, timeout=300) as response:
        if response.is_error:
            response.read()
            sys.exit(response.json()["detail"])
        for name, data in events(response):
            if name == "nearest":
                print(f"{len(data['nearest'])} lines are near")
            elif name == "claim":
                citation = data["claim"]["citations"][0]
                print(f"{data['number']}. {data['claim']['text']}  {citation['path']}:{citation['line']}")
            elif name == "answer" and not data["answered"]:
                print("The sources do not say.")
            elif name == "error":
                sys.exit(data["detail"])


if __name__ == "__main__":
    main(*sys.argv[1:])
