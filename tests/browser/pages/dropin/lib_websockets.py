"""The `websockets` library, its asyncio API and its legacy API."""

import asyncio
import importlib
import os

import browserws.dropin

browserws.dropin.install()

import js
import websockets
from browserws.dropin.errors import NotInPages
from tools import raised, url
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus


async def messages_go_both_ways():
    """text and binary messages"""
    async with connect(url("/echo")) as ws:
        for message in ("text ☃", b"\0\xff", "", b"", "x" * 70_000, os.urandom(1 << 20)):
            await ws.send(message)
            assert await ws.recv() == message
        await ws.send(["frag", "ments"])
        assert await ws.recv() == "fragments"
    assert ws.close_code == 1000


async def a_flood_comes_in_order():
    """a flood of messages, with `max_queue`"""
    async with connect(url("/flood/5000")) as ws:
        await ws.send("go")
        for number in range(5000):
            assert await ws.recv() == str(number)


async def pings_are_answered():
    """pings, answered in the page"""
    async with connect(url("/echo"), ping_interval=0.01, ping_timeout=1) as ws:
        latency = await (await ws.ping(b"hello"))
        assert latency >= 0
        await asyncio.sleep(0.1)  # ten pings that the library sends by itself
        await ws.send("still there")
        assert await ws.recv() == "still there"


async def the_servers_close_arrives():
    """close codes and reasons, both ways"""
    async with connect(url("/close/4001/enough")) as ws:
        error = await raised(ConnectionClosed, ws.recv())
        assert (error.rcvd.code, error.rcvd.reason) == (4001, "enough")
    for code, sent in ((1000, 1000), (1001, 4001), (1011, 4011), (4999, 4999)):
        key = f"dropin-{websockets.__version__}-{code}"
        async with connect(url(f"/report-close/{key}")) as ws:
            await ws.close(code, "bye")
        assert (ws.close_code, ws.close_reason) == (code, "bye")
        async with connect(url(f"/closes/{key}")) as ws:
            assert await ws.recv() == f'[{sent}, "bye"]'


async def a_lost_connection_is_1006():
    """a lost connection"""
    async with connect(url("/drop")) as ws:
        await ws.send("x")
        error = await raised(ConnectionClosed, ws.recv())
        assert error.rcvd is None and ws.close_code == 1006


async def a_subprotocol_is_agreed_on():
    """subprotocols"""
    async with connect(url("/subprotocol"), subprotocols=["first", "last"]) as ws:
        assert ws.subprotocol == await ws.recv() == "last"


async def a_refused_handshake_is_a_502():
    """a refused handshake, which is a 502"""
    error = await raised(InvalidStatus, connect(url("/refuse")))
    assert error.response.status_code == 502 and b"does not tell a page why" in error.response.body


async def a_timeout_ends_the_attempt():
    """`open_timeout`, and cancelling"""
    await raised(TimeoutError, connect(url("/hold"), open_timeout=0.1))
    task = asyncio.create_task(connect(url("/hold")).__aenter__())
    await asyncio.sleep(0.05)  # the server never answers: whenever it is cancelled, the handshake is under way
    task.cancel()
    await raised(asyncio.CancelledError, task)


async def iteration_reconnects():
    """`async for ws in connect()`"""
    seen = []
    async for ws in connect(url("/close-after/1000")):
        await ws.send(str(len(seen)))
        seen.append(await ws.recv())
        if len(seen) == 3:
            break
    await ws.close()
    assert seen == ["0", "1", "2"]


async def fifty_connections_at_once():
    """many connections at once"""

    async def one(number):
        async with connect(url("/echo")) as ws:
            await ws.send(str(number))
            assert await ws.recv() == str(number)

    await asyncio.gather(*map(one, range(50)))


async def a_slow_server_pauses_send():
    """`await send()` waits for a slow server"""
    key = f"dropin-{websockets.__version__}-slow"
    async with connect(url(f"/deaf/{key}"), max_queue=None) as ws:  # closing reads the answers
        sent = 0

        async def send():
            nonlocal sent
            for _ in range(40):
                await ws.send(bytes(1 << 20))
                sent += 1

        task = asyncio.create_task(send())
        before = -1
        while before != sent:  # until the buffers of the network are full
            before = sent
            await asyncio.sleep(0.3)
        assert sent < 40 and ws.transport.get_write_buffer_size() > 1 << 16
        async with connect(url(f"/wake/{key}")):
            pass
        await task


async def legacy_works():
    """the legacy API"""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        legacy = importlib.import_module("websockets.legacy.client")
    async with legacy.connect(url("/echo")) as ws:
        for message in ("text ☃", b"\0\xff", os.urandom(1 << 17)):
            await ws.send(message)
            assert await ws.recv() == message
        await (await ws.ping())
    assert ws.close_code == 1000


async def refuses_headers():
    """`additional_headers`: they are named, and `install(rewrite=...)` can put them elsewhere"""
    error = await raised(NotInPages, refused(additional_headers={"X-Key": "1"}))
    assert "X-Key" in str(error) and "rewrite" in str(error)


async def refused(**options):
    async with connect(url("/echo"), **options):
        pass


async def headers_can_be_rewritten():
    """headers that `rewrite` puts into the URL or the subprotocols"""

    def rewrite(url, headers, subprotocols):
        return url, [*subprotocols, "key." + headers.pop("x-key")]

    with browserws.dropin.install(rewrite=rewrite):
        async with connect(url("/subprotocol"), additional_headers={"X-Key": "1"}, subprotocols=["a"]) as ws:
            assert await ws.recv() == "key.1" and ws.subprotocol is None


async def refuses_ssl_contexts_proxies_and_sockets():
    """SSL contexts, proxies, `sock`, Unix sockets"""
    import socket
    import ssl

    from websockets.asyncio.client import unix_connect

    wss = url("/echo", "wss")
    for attempt in (
        connect(wss, ssl=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)),
        connect(url("/echo"), sock=socket.socket()),
        connect(url("/echo"), proxy="http://localhost:1"),
        unix_connect("/tmp/socket"),
    ):
        await raised(NotImplementedError, attempt)


async def with_backpressure():
    browserws.dropin.install(backpressure=True)


async def a_slow_reader_pauses_the_server():
    """`install(backpressure=True)`: a reader that takes its time pauses the server"""
    if not hasattr(js, "WebSocketStream"):
        error = await raised(NotImplementedError, with_backpressure())
        assert "WebSocketStream" in str(error)
        return
    key = f"dropin-{websockets.__version__}-push"
    with browserws.dropin.install(backpressure=True):
        async with connect(url(f"/push/{key}/400/200000"), max_queue=4) as ws:
            await ws.send("go")
            async with connect(url(f"/pushed/{key}")) as other:
                assert int(await other.recv()) < 400
            for _ in range(400):
                assert len(await ws.recv()) == 200_000
