"""`wss:`, where the browser trusts the server's certificate (or was told to)."""

import browserws.dropin

browserws.dropin.install()

import ssl

import aiohttp
import httpx
import httpx_ws
import simple_websocket
from browserws.dropin.errors import NotInPages
from tools import blocking, raised_by, url
from websockets.asyncio.client import connect


async def each_library():
    """`wss:` with websockets, aiohttp and httpx-ws"""
    address = url("/echo", "wss")
    async with connect(address) as ws:
        await ws.send("x")
        assert await ws.recv() == "x"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as ws:
        await ws.send_str("x")
        assert await ws.receive_str() == "x"
    async with httpx.AsyncClient() as client, httpx_ws.aconnect_ws(address, client) as ws:
        await ws.send_text("x")
        assert await ws.receive_text() == "x"


def lacks():
    assert "JSPI" in str(raised_by(NotInPages, simple_websocket.Client.connect, url("/echo", "wss")))


@blocking(lacks)
async def sockets_of_a_library():
    """`wss:` with a library that has sockets of its own, and no SSL context of its own"""
    address = url("/echo", "wss")
    ws = simple_websocket.Client.connect(address)
    ws.send("x")
    assert ws.receive(timeout=5) == "x"
    ws.close()
    ws.thread.join()
    own = ssl.create_default_context(cafile=None)
    own.check_hostname, own.verify_mode = False, ssl.CERT_NONE
    for context in (own, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)):
        assert "SSL" in str(raised_by(NotInPages, simple_websocket.Client.connect, address, ssl_context=context))
