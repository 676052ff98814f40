"""The server of the benchmark. Its streams are frames prepared beforehand: it must never be the limit.

/idle                       does nothing
/echo                       sends back what comes
/sink                       takes what comes
/stream/KIND/SIZE/COUNT     when a message comes, sends COUNT messages of SIZE bytes
"""

import asyncio
import time

from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

CHUNK = 256 * 1024  # bytes given to the transport at a time
AHEAD = 4 * CHUNK  # bytes that may wait in it


def frame(kind, size):
    return Frame(Opcode.TEXT if kind == "text" else Opcode.BINARY, b"m" * size).serialize(mask=False)


async def serve(connection):
    try:
        await serve_path(connection)
    except ConnectionClosed:
        pass  # the page has gone


async def serve_path(connection):
    name, *arguments = connection.request.path.strip("/").split("/")
    if name == "echo":
        async for message in connection:
            await connection.send(message)
    elif name == "stream":
        await connection.recv()
        await stream(connection.transport, *arguments)
    async for _ in connection:
        pass


async def stream(transport, kind, size, count):
    one, left = frame(kind, int(size)), int(count)
    chunk = max(1, CHUNK // len(one))
    frames = one * chunk
    while left > 0:
        transport.write(frames if left >= chunk else one * left)
        left -= chunk
        while transport.get_write_buffer_size() > AHEAD:
            await asyncio.sleep(0)


async def own_rate(port, kind, size, count):
    """Messages per second to a client that only counts bytes: what the server can do."""
    reader, writer = await asyncio.open_connection("localhost", port, limit=2**22)
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    writer.write(
        f"GET /stream/{kind}/{size}/{count} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    start = time.perf_counter()
    writer.write(Frame(Opcode.TEXT, b"go").serialize(mask=True))
    left = len(frame(kind, size)) * count
    while left > 0:
        left -= len(await reader.read(min(left, 2**22)))
    elapsed = time.perf_counter() - start
    writer.close()
    return count / elapsed
