"""`websockets.sync`, which blocks: where the browser has JavaScript Promise Integration."""

import asyncio
import os
import time
import warnings

import browserws.dropin

browserws.dropin.install()

import websockets
from browserws.dropin.errors import NotInPages
from tools import Ticking, blocking, raised_by, url
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import connect


def asserted_lack():
    assert "JSPI" in str(raised_by(NotInPages, connect, url("/echo")))


@blocking(asserted_lack)
async def messages_go_both_ways():
    """text and binary messages"""
    with connect(url("/echo")) as ws:
        for message in ("text ☃", b"\0\xff", "", b"", "x" * 70_000, os.urandom(1 << 19)):
            ws.send(message)
            assert ws.recv() == message
        ws.send(["frag", "ments"])
        assert list(ws.recv_streaming()) == ["fragments"]
    assert ws.close_code == 1000


@blocking(asserted_lack)
async def a_flood_comes_in_order():
    """a flood of messages, with `max_queue`"""
    with connect(url("/flood/2000")) as ws:
        ws.send("go")
        for number in range(2000):
            assert ws.recv() == str(number)


@blocking(asserted_lack)
async def the_page_goes_on():
    """the page and other tasks go on while a call blocks; `recv(timeout=...)`: `TimeoutError`"""
    with connect(url("/echo")) as ws:
        async with Ticking() as page:
            raised_by(TimeoutError, ws.recv, timeout=0.1)
            raised_by(TimeoutError, ws.recv, timeout=0)
            assert page.ticks > 0
        ws.send("still there")
        assert ws.recv(timeout=5) == "still there"


@blocking(asserted_lack)
async def tasks_have_connections_of_their_own():
    """several connections, one in each task"""
    said = []

    async def talk(name):
        with connect(url("/echo")) as ws:
            for number in range(20):
                ws.send(f"{name} {number}")
                said.append(ws.recv())

    await asyncio.gather(*map(talk, "abc"))
    assert sorted(said) == sorted(f"{name} {number}" for name in "abc" for number in range(20))
    assert said[:20] != [f"a {number}" for number in range(20)]


@blocking(asserted_lack)
async def iteration_ends_with_the_connection():
    """`for message in ws`"""
    with connect(url("/close-after/1000")) as ws:
        ws.send("x")
        assert list(ws) == ["x"] * 3
    with connect(url("/close-after/4002")) as ws:
        ws.send("x")
        assert raised_by(ConnectionClosedError, list, ws).rcvd.code == 4002


@blocking(asserted_lack)
async def close_codes():
    """close codes and reasons, both ways, and the library's own exceptions"""
    with connect(url("/close/4001/enough")) as ws:
        error = raised_by(ConnectionClosed, ws.recv)
        assert (error.rcvd.code, error.rcvd.reason) == (4001, "enough")
        assert (ws.close_code, ws.close_reason) == (4001, "enough")
    for code, sent in ((1000, 1000), (1001, 4001), (4999, 4999)):
        key = f"sync-{websockets.__version__}-{code}"
        with connect(url(f"/report-close/{key}")) as ws:
            ws.close(code, "bye")
            error = raised_by(ConnectionClosedOK if code < 1002 else ConnectionClosedError, ws.send, "too late")
            assert error.sent.code == code
        with connect(url(f"/closes/{key}")) as ws:
            assert ws.recv() == f'[{sent}, "bye"]'


@blocking(asserted_lack)
async def a_lost_connection_is_1006():
    """a lost connection"""
    with connect(url("/drop")) as ws:
        ws.send("x")
        assert raised_by(ConnectionClosedError, ws.recv).rcvd is None
        assert ws.close_code == 1006


@blocking(asserted_lack)
async def subprotocols():
    """subprotocols"""
    with connect(url("/subprotocol"), subprotocols=["first", "last"]) as ws:
        assert ws.subprotocol == ws.recv() == "last"


@blocking(asserted_lack)
async def pings():
    """pings, answered in the page"""
    with connect(url("/echo"), ping_interval=0.01, ping_timeout=1) as ws:
        assert ws.ping().wait(5)
        if hasattr(ws, "keepalive_thread"):
            before = ws.latency
            end = time.monotonic() + 5
            while ws.latency == before and time.monotonic() < end:  # until another one was answered
                raised_by(TimeoutError, ws.recv, timeout=0.01)
            assert ws.latency != before
        ws.send("still there")
        assert ws.recv() == "still there"


@blocking(asserted_lack)
async def a_refused_handshake_is_a_502():
    """a refused handshake, which is a 502"""
    error = raised_by(InvalidStatus, connect, url("/refuse"))
    assert error.response.status_code == 502 and b"does not tell a page why" in error.response.body


@blocking(asserted_lack)
async def open_timeout():
    """`open_timeout`"""
    raised_by(TimeoutError, connect, url("/hold"), open_timeout=0.1)


@blocking(asserted_lack)
async def reconnecting():
    """in 17.4, `for ws in reconnect()`"""
    if websockets.__version__.startswith("15"):
        return
    from websockets.sync.client import reconnect

    seen = []
    for ws in reconnect(url("/close-after/1000")):
        ws.send(str(len(seen)))
        seen.append(ws.recv())
        if len(seen) == 3:
            break
    ws.close()
    assert seen == ["0", "1", "2"]


@blocking(asserted_lack)
async def a_slow_server_blocks_send():
    """`send()` blocks while a server is slow"""
    key = f"sync-{websockets.__version__}-slow"
    sent = []

    async def wake():
        before = -1
        while before != len(sent) or not sent:  # until the buffers of the network are full
            before = len(sent)
            await asyncio.sleep(0.3)
        assert len(sent) < 40
        with connect(url(f"/wake/{key}")):
            pass

    waking = asyncio.create_task(wake())
    with connect(url(f"/deaf/{key}"), max_queue=None) as ws:
        for number in range(40):
            ws.send(bytes(1 << 20))
            sent.append(number)
    await waking


@blocking(asserted_lack)
async def refuses_what_a_page_has_not():
    """`additional_headers`: they are named · SSL contexts, proxies, `sock`, Unix sockets, `server_hostname`"""
    import socket
    import ssl

    from websockets.sync.client import unix_connect

    error = raised_by(NotInPages, connect, url("/echo"), additional_headers={"X-Key": "1"})
    assert "X-Key" in str(error) and "rewrite" in str(error)
    wss = url("/echo", "wss")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, attempt in (
            ("SSL", lambda: connect(wss, ssl=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))),
            ("other.example", lambda: connect(wss, server_hostname="other.example")),
            ("proxy", lambda: connect(url("/echo"), proxy="http://localhost:1")),
            ("sock", lambda: connect(url("/echo"), sock=socket.socket())),
            ("source_address", lambda: connect(url("/echo"), source_address=("127.0.0.1", 0))),
            ("Unix", lambda: unix_connect("/tmp/socket")),
        ):
            assert name in str(raised_by(NotInPages, attempt))
