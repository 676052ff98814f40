"""One echo through each API; says on the console what came of each:

done {"apis": {"WebSocket": "works", ...}, ...}
"""

import asyncio
import json
import sys

import browserws
from browserws import Channels, ReliableWebSocket, WebSocket, connect


async def socket():
    replies = []
    ended = asyncio.Event()

    def received(event):
        replies.append(event.data if isinstance(event.data, str) else bytes(event.data))
        if len(replies) == 2:
            ws.close()

    ws = WebSocket("/echo", onmessage=received, onclose=ended.set)
    ws.onopen = lambda: (ws.send("text"), ws.send(b"\x00\xff"))
    await ended.wait()
    assert replies == ["text", b"\x00\xff"], replies


async def asyncio_api():
    async with connect("/echo") as ws:
        await ws.send("text")
        await ws.send(b"\x00\xff")
        assert [await ws.recv(), await ws.recv()] == ["text", b"\x00\xff"]


async def blocking():
    from browserws.sync import connect

    with connect("/echo") as ws:
        ws.send("text")
        assert ws.recv(timeout=10) == "text"


async def reliable():
    replies = []
    came = asyncio.Event()
    ws = ReliableWebSocket("/echo", onmessage=lambda event: (replies.append(event.data), came.set()))
    ws.send("queued")
    await came.wait()
    ws.close()
    assert replies == ["queued"], replies


async def channels():
    client = Channels("/hub/versions", {"user": "ada"})
    channel = await client.join("room")
    came = asyncio.Event()
    received = []
    channel.bind("message", lambda event: (received.append(event.data), came.set()))
    await channel.publish({"text": "hello"})
    await came.wait()
    client.close()
    assert received == [{"text": "hello"}], received


APIS = (
    ("WebSocket", socket),
    ("connect", asyncio_api),
    ("sync", blocking),
    ("ReliableWebSocket", reliable),
    ("Channels", channels),
)


async def main():
    result = {}
    for name, api in APIS:
        try:
            await asyncio.wait_for(api(), 15)
            result[name] = "works"
        except NotImplementedError as error:
            result[name] = str(error)
        except Exception as error:
            result[name] = f"fails: {type(error).__name__}: {error}"
    print("done", json.dumps({"version": browserws.__version__, "python": sys.version, "apis": result}))


if sys.implementation.name == "micropython":
    asyncio.create_task(main())  # what it awaits in the script itself, it cannot cancel
else:
    await main()  # not in a task: `browserws.sync` blocks where Python was not called by JavaScript
