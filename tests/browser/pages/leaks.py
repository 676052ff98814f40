"""Sockets of every kind opened and closed: what is left of them is written to the console as JSON."""

import asyncio
import gc
import json
import sys

import js

from browserws import WebSocket, connect

KINDS = ("WebSocket", "Link", "StreamLink", "RefusedLink", "Delayed", "Handler", "ClientConnection")
PYODIDE = sys.implementation.name != "micropython"


async def open_and_close(count):
    done = asyncio.Event()
    alive = []

    def closed():
        alive.append(1)
        if len(alive) == count:
            done.set()

    def opened(event):
        event.target.send("x")

    async def received(event):
        event.target.close()

    for _ in range(count):
        WebSocket("/echo", onopen=opened, onmessage=received, onclose=closed)
    await done.wait()
    await asyncio.sleep(0)


async def open_and_close_streams(count):
    for _ in range(count):
        async with connect("/echo", backpressure="prefer") as ws:
            await ws.send("x")
            await ws.recv()


async def refuse(count):
    """Sockets that the browser does not make, one after the other."""
    real, js.WebSocket = js.WebSocket, js.parseInt
    for _ in range(count):
        done = asyncio.Event()
        WebSocket("/echo", onclose=done.set)
        await done.wait()
    js.WebSocket = real


def python_objects():
    """How many sockets and links Python still knows: a proxy that was not destroyed would hold them."""
    gc.collect()
    if not PYODIDE:
        return 0
    return len([thing for thing in gc.get_objects() if type(thing).__name__ in KINDS])


async def main():
    await open_and_close(5)  # what is made once and kept is made now
    gc.collect()
    before = int(js.listeners.count)
    for _ in range(20):
        await open_and_close(10)
    await open_and_close_streams(20)
    await refuse(20)
    await asyncio.sleep(0.1)  # the timer that limits the close of the last stream is gone by now
    report = {"before": before, "after": int(js.listeners.count), "objects": python_objects()}
    print("leaks:", json.dumps(report))


asyncio.create_task(main())
