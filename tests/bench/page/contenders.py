"""The contenders in Python, one source for Pyodide and MicroPython. Each handler does what raw JavaScript's does."""

import asyncio
import gc
import sys

import js
from pyscript import WebSocket as PyScriptWebSocket
from pyscript.ffi import create_proxy

from browserws import WebSocket, connect

TEXT = "x" * 32
now = js.performance.now
_bytes = {}


def some_bytes(size):
    if size not in _bytes:
        _bytes[size] = bytes(size)
    return _bytes[size]


def register(name, *functions):
    js.bench.register(name, *[create_proxy(function) for function in functions])


def heap():
    """What the interpreter has allocated: objects on Pyodide, bytes on MicroPython."""
    gc.collect()
    return len(gc.get_objects()) if sys.platform == "emscripten" else gc.mem_alloc()


def with_handlers(name, make):
    """A class with onopen and onmessage."""
    ws = done = None
    count = expected = total = 0

    def on_message(event):
        nonlocal count, total
        total += len(event.data)
        count += 1
        if count == expected:
            done()

    def open_(url, opened):
        nonlocal ws
        ws = make(url)
        ws.onopen = lambda event: opened()
        ws.onmessage = on_message

    def expect(wanted, callback):
        nonlocal count, expected, total, done
        count, expected, total, done = 0, wanted, 0, callback

    def pingpong(times, callback):
        def answer(event):
            nonlocal times, total
            total += len(event.data)
            times -= 1
            if times:
                ws.send(TEXT)
            else:
                callback()

        ws.onmessage = answer
        ws.send(TEXT)

    def give(size, callback):
        data, begun = some_bytes(size), now()
        ws.send(data)
        callback(now() - begun)

    register(name, open_, expect, lambda text: ws.send(text), pingpong, give, lambda: ws.close())


def with_asyncio(name, connection, messages, size_of=len):
    """Something to await for a connection; its messages are iterated."""
    ws = done = None
    count = expected = total = 0
    tasks = []  # asyncio keeps none

    def task(coroutine):
        tasks[:] = [asyncio.create_task(coroutine)]

    async def read(url, opened):
        nonlocal ws, count, total
        ws = await connection(url)
        opened()
        async for message in messages(ws):
            total += size_of(message)
            count += 1
            if count == expected:
                done()

    def expect(wanted, callback):
        nonlocal count, expected, total, done
        count, expected, total, done = 0, wanted, 0, callback

    async def play(times, callback):
        nonlocal total
        await ws.send(TEXT)
        while times > 1:
            total += len(await ws.recv())
            await ws.send(TEXT)
            times -= 1
        total += len(await ws.recv())
        callback()

    def pingpong(times, callback):
        tasks[0].cancel()
        task(play(times, callback))

    async def give(size, callback):
        data, begun = some_bytes(size), now()
        await ws.send(data)
        callback(now() - begun)

    keep = []

    def keeping(make):
        def start(*arguments):
            keep[:] = [task for task in keep if not task.done()] + [asyncio.create_task(make(*arguments))]

        return start

    register(
        name,
        lambda url, opened: task(read(url, opened)),
        expect,
        keeping(lambda text: ws.send(text)),
        pingpong,
        keeping(give),
        keeping(lambda: ws.close()),
    )


def of_wasmsockets():
    """Bytes come as a JavaScript ArrayBuffer there."""
    from wasmsockets import client as wasmsockets

    class Messages:
        def __init__(self, ws):
            self.ws = ws

        def __aiter__(self):
            return self

        async def __anext__(self):
            return await self.ws.recv()

    def size_of(message):
        return len(message) if isinstance(message, str) else message.byteLength

    async def connected(url):
        ws = await wasmsockets.connect(url)
        await ws._isopen.wait()
        return ws

    with_asyncio("wasmsockets", connected, Messages, size_of)


def of_websockets():
    """The library itself, which the drop-in carries."""
    from browserws import dropin

    dropin.install()
    from websockets.asyncio.client import connect

    with_asyncio(
        "websockets by the drop-in",
        lambda url: connect(url, max_size=None, ping_interval=None),
        lambda ws: ws,
    )


js.bench.interpreterHeap = create_proxy(heap)
with_handlers("browserws onmessage", WebSocket)
with_asyncio("browserws async for", lambda url: connect(url, max_size=None), lambda ws: ws)
with_handlers("pyscript.WebSocket", lambda url: PyScriptWebSocket(url=url))
if sys.platform == "emscripten":
    of_wasmsockets()
    of_websockets()
