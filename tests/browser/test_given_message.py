"""A message that comes alone is given to the task that waits for it. Here it comes while another task is running, which
cannot be interrupted: the reader goes on later, and much can happen before.
"""

import pytest

PAGE = """
import asyncio
from browserws import connect

async def reader_of(ws):
    reader = asyncio.create_task(ws.recv())
    await asyncio.sleep(0.01)  # until it waits
    return reader

def come(ws, text):
    ws._socket.js.dispatchEvent(js.MessageEvent.new("message", js.JSON.parse('{"data": "%s"}' % text)))

async def run(test):
    async with connect("/echo") as ws:
        seen = await test(ws)
        while ws.backlog:
            seen.append(await ws.recv())
        js.value = " ".join([str(line) for line in seen])
"""

TESTS = {
    "a b c": """
async def test(ws):
    reader = await reader_of(ws)
    come(ws, "a")
    come(ws, "b")
    come(ws, "c")
    return [await reader]
""",
    "cancelled 2 a b": """
async def test(ws):
    reader = await reader_of(ws)
    come(ws, "a")
    reader.cancel()
    come(ws, "b")
    try:
        return [await reader]
    except asyncio.CancelledError:
        return ["cancelled", ws.backlog]
""",
    "cancelled 1 a b": """
async def test(ws):
    reader = await reader_of(ws)
    reader.cancel()
    come(ws, "a")
    try:
        await reader
    except asyncio.CancelledError:
        seen = ["cancelled", ws.backlog]
    come(ws, "b")
    return seen
""",
    "open a b": """
async def test(ws):
    reader = await reader_of(ws)
    ws._news.set()  # as a timer does
    come(ws, "a")
    come(ws, "b")
    return ["open", await reader]
""",
    "too big": """
async def test(ws):
    ws._max_size = ws._surely_fits = 1
    reader = await reader_of(ws)
    come(ws, "aa")
    come(ws, "b")
    try:
        return [await reader]
    except Exception:
        return ["too", "big"]
""",
}


@pytest.mark.parametrize("expected", list(TESTS))
def test_none_is_lost_and_none_comes_twice(remote, expected):
    remote.run("js.value = ''" + PAGE + TESTS[expected] + "\ntask = asyncio.create_task(run(test))")
    remote.page.wait_for_function("globalThis.value")
    assert remote.value("js.value") == expected
