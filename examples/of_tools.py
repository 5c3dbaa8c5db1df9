"""Of the tools that `sanad mcp` offers to assistants: this program stands where the assistant would.

python examples/of_tools.py "What did China restrict?"
"""

import asyncio
import os
import sys

from mcp import Client, StdioServerParameters


async def main(question: str, index: str = ".sanad", llm: str = "none") -> None:
    arguments = ["-m", "qa.cli", "mcp", "--index", index, "--llm", llm]
    async with Client(StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))) as client:
        print("tools:", ", ".join(tool.name for tool in (await client.list_tools()).tools))
        answer = (await client.call_tool("ask", {"question": question})).structured_content
        for claim in answer["claims"]:
            cited = claim["citations"][0]
            read = await client.call_tool("read_line", {"path": cited["path"], "line": cited["line"]})
            print(f"{cited['path']}:{cited['line']}  {read.structured_content['lines'][0]['text']}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
