"""Runs in Pyodide in Node, which has no page: `url` is the server's."""

import asyncio

from browserws import InvalidURI, ReliableWebSocket, WebSocket, connect, supported

COUNT = 3000


async def main():
    async with connect(url + "/echo") as ws:  # noqa: F821 - in_node.mjs sets it
        await ws.send("text")
        await ws.send(b"bytes")
        assert [await ws.recv(), await ws.recv()] == ["text", b"bytes"]

    closed = asyncio.Event()
    received = []

    def take(event):
        received.append(event.data)
        if len(received) == COUNT:
            event.target.close()

    flooded = WebSocket(f"{url}/flood/{COUNT}", onmessage=take, onclose=closed.set)  # noqa: F821
    flooded.onopen = lambda: flooded.send("go")
    await closed.wait()
    assert received == [str(number) for number in range(COUNT)]

    closed.clear()
    reliable = ReliableWebSocket(url + "/echo", onclose=closed.set)  # noqa: F821
    reliable.onmessage = lambda: reliable.close()
    reliable.send("hello")
    await closed.wait()

    try:
        WebSocket("/echo")
        print("there is no page that this could be relative to")
    except InvalidURI as error:
        print(error)


if supported:
    await main()
    print("all is well")
else:
    try:
        WebSocket(url)  # noqa: F821
    except NotImplementedError as error:
        print(error)
