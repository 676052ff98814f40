import asyncio
import time

from browserws import WebSocket, connect
from stage import bars, flood, loopback

COUNT = 10_000
URL = "ws://in-this-page/"  # a stand-in for the browser's WebSocket
loopback()


async def with_handler():
    done = asyncio.Event()
    received = length = 0

    def on_message(event):
        nonlocal received, length
        received += 1
        length += len(event.data)
        if received == COUNT:
            done.set()

    ws = WebSocket(URL)
    ws.onmessage = on_message
    ws.onopen = lambda: ws.send(str(COUNT))
    await done.wait()
    ws.close()


async def with_async_for():
    received = length = 0
    async with connect(URL) as ws:
        await ws.send(str(COUNT))
        async for message in ws:
            received += 1
            length += len(message)
            if received == COUNT:
                break


async def raw_javascript():
    await flood(COUNT)


async def rate(way):
    times = []
    for _ in range(3):
        start = time.time()
        await way()
        times.append(time.time() - start)
    return COUNT / min(times)  # the best: other programs take time, too


rates = bars("Messages of 32 characters", "a second")
for name, way in (
    ("raw JavaScript", raw_javascript),
    ("onmessage", with_handler),
    ("async for", with_async_for),
):
    rates.add(name, await rate(way))
