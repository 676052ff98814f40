"""httpx2: WebSockets. (Its own transport in a page is `fetch`, which opens none.)"""

import os

import browserws.dropin

browserws.dropin.install()

import httpx2
from browserws.dropin.errors import NotInPages
from httpx2.websockets import WebSocketDisconnect, WebSocketUpgradeError
from tools import raised, server, url


async def messages_go_both_ways():
    """`AsyncClient.websocket`: text, binary and JSON messages"""
    async with httpx2.AsyncClient() as client, client.websocket(url("/echo")) as ws:
        await ws.send_text("text ☃")
        assert await ws.receive_text() == "text ☃"
        for message in (b"\0\xff", os.urandom(60_000)):
            await ws.send_bytes(message)
            assert await ws.receive_bytes() == message
        await ws.send_json({"a": 1})
        assert await ws.receive_json() == {"a": 1}


async def subprotocols():
    """subprotocols"""
    async with httpx2.AsyncClient() as client, client.websocket(url("/subprotocol"), subprotocols=["last"]) as ws:
        assert ws.subprotocol == await ws.receive_text() == "last"


async def pings():
    """pings, answered in the page"""
    async with httpx2.AsyncClient() as client, client.websocket(url("/echo")) as ws:
        await (await ws.ping()).wait()


async def the_servers_close():
    """the server's close code"""
    async with httpx2.AsyncClient() as client, client.websocket(url("/close/4001/enough")) as ws:
        error = await raised(WebSocketDisconnect, ws.receive())
        assert (error.code, error.reason) == (4001, "enough")


async def a_refused_handshake():
    """a refused handshake, which is a 502"""
    async with httpx2.AsyncClient() as client:
        error = await raised(WebSocketUpgradeError, client.websocket(url("/refuse")).__aenter__())
        assert error.response.status_code == 502


async def requests_are_its_own():
    """plain requests, by httpx2's own transport"""
    async with httpx2.AsyncClient() as client:
        response = await client.post(server("http", "/answer"), json={"a": 1})
        assert response.json()["body"] == '{"a":1}'


async def refuses_headers():
    """headers of a WebSocket: they are named"""
    async with httpx2.AsyncClient() as client:
        error = await raised(NotInPages, client.websocket(url("/echo"), headers={"X-Key": "1"}).__aenter__())
        assert "x-key" in str(error)


async def refuses_threads():
    """`Client.websocket`, which needs threads: use `AsyncClient`"""

    async def connect():
        with httpx2.Client() as client, client.websocket(url("/echo")):
            pass

    assert "AsyncClient" in str(await raised(NotInPages, connect()))
