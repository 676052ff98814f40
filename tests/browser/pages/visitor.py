"""A client as it is written for the `websockets` library. In the page its two import lines name browserws instead."""

import asyncio

from websockets.asyncio.client import connect
from websockets.exceptions import ConcurrencyError, ConnectionClosed, ConnectionClosedError, ConnectionClosedOK

MISTAKES = [{"a": 1}, 1, ["a", b"b"]]


async def visit(server):
    """Everything that a client does, against the scenarios; what it saw, as lines of text."""
    seen = []
    for part in (messages, closes, loses, concurrently, again):
        await part(server, lambda *what: seen.append([shown(value) for value in what]))
    return seen


def shown(value):
    """The same on every interpreter, and short."""
    if isinstance(value, (str, bytes)):
        data = value.encode() if isinstance(value, str) else value
        return [type(value).__name__, len(value), "".join(["%02x" % byte for byte in data[:300]])]
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)  # websockets has its own kind of int for codes
    return repr(value)


async def messages(server, see):
    async with connect(server + "/echo", subprotocols=["chat"]) as ws:
        see(ws.subprotocol, ws.close_code, ws.close_reason)
        for message in ("", "hé\0😀", b"", bytes(range(256)), "x" * 100000, bytearray(b"ab"), memoryview(b"abc")[1:]):
            await ws.send(message)
            see(await ws.recv())
        for message in (["a", "b"], [b"a", b"b"], (c for c in "abc")):
            await ws.send(message)
            see(await ws.recv())
        await ws.send("é", text=False)
        see(await ws.recv())
        await ws.send("é".encode(), text=True)
        see(await ws.recv())
        await ws.send("é")
        see(await ws.recv(decode=False))
        await ws.send("é".encode())
        see(await ws.recv(decode=True))
        await ws.send("streamed")
        async for fragment in ws.recv_streaming():
            see(fragment)
        for number in range(100):
            await ws.send(str(number))
        async for message in ws:
            if message == "99":
                break
        see(message)
        await ws.send({}.keys())
        for mistake in MISTAKES[:2]:
            try:
                await ws.send(mistake)
            except TypeError:
                see("TypeError", mistake)
    see(ws.close_code, ws.close_reason)


async def closes(server, see):
    for path in ("/close/1000", "/close/1001/bye", "/close/1011/oh", "/close/4000", "/close/3000/é", "/burst-close/3"):
        async with connect(server + path) as ws:
            try:
                if "burst" in path:
                    await ws.send("go")
                while True:
                    see(await ws.recv())
            except ConnectionClosed as error:
                told(see, error)
            try:
                await ws.send("more")
            except ConnectionClosed as error:
                told(see, error)
        see(path, ws.close_code, ws.close_reason)
    for arguments in ((), (1000, "done"), (4001,), (4001, "é")):
        ws = await connect(server + "/echo")
        await ws.close(*arguments)
        await ws.close()
        await ws.wait_closed()
        try:
            await ws.recv()
        except ConnectionClosed as error:
            told(see, error)
        see(ws.close_code, ws.close_reason)
    async with connect(server + "/close/1000") as ws:
        async for _ in ws:
            see("never")
    see("ended")


def told(see, error):
    kind = ConnectionClosedOK if isinstance(error, ConnectionClosedOK) else ConnectionClosedError
    see(kind.__name__, str(error), error.rcvd_then_sent)
    for frame in (error.rcvd, error.sent):
        if frame is not None:
            see(int(frame.code), frame.reason)


async def loses(server, see):
    ws = await connect(server + "/drop")
    await ws.send("go")
    try:
        await ws.recv()
    except ConnectionClosedError as error:
        told(see, error)
    see(ws.close_code, ws.close_reason)


async def concurrently(server, see):
    async with connect(server + "/echo") as ws:
        task = asyncio.create_task(ws.recv())
        await asyncio.sleep(0)
        try:
            await ws.recv()
        except ConcurrencyError as error:
            see(str(error))
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            see("cancelled")
        await asyncio.gather(*[ws.send(str(number)) for number in range(5)])
        see([await ws.recv(), await ws.recv(), await ws.recv(), await ws.recv(), await ws.recv()])


async def again(server, see):
    count = 0
    async for ws in connect(server + "/drop", reconnect_delays=lambda: iter([0.01] * 9)):
        count += 1
        if count == 3:
            await ws.close()
            break
        await ws.send("go")
        try:
            await ws.recv()
        except ConnectionClosed:
            continue
    see(count)
