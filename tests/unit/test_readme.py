"""The README's example of a test is a test that passes."""

import asyncio
import re
import types

from browserws import WebSocket
from tools.paths import ROOT


def test_the_example_of_a_test():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    source = next(block for block in blocks if "FakeNetwork" in block)
    received = []

    async def main():
        done = asyncio.Event()
        socket = WebSocket("/chat", onopen=lambda event: event.target.send("hello"))
        socket.onmessage = lambda event: (received.append(event.data), done.set())
        await done.wait()

    names = {"my_page": types.SimpleNamespace(main=main)}
    exec(source, names)
    asyncio.run(names["test_my_page"]())
    assert received == ["hello"]
