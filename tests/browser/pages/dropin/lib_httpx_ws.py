"""httpx-ws, and httpx itself, by way of anyio."""

import os

import browserws.dropin

browserws.dropin.install()

import httpx
from browserws.dropin.errors import NotInPages
from httpx_ws import WebSocketDisconnect, WebSocketUpgradeError, aconnect_ws
from tools import raised, server, url


async def messages_go_both_ways():
    """text, binary and JSON messages"""
    async with httpx.AsyncClient() as client, aconnect_ws(url("/echo"), client) as ws:
        await ws.send_text("text ☃")
        assert await ws.receive_text() == "text ☃"
        for message in (b"\0\xff", os.urandom(1 << 18)):
            await ws.send_bytes(message)
            assert await ws.receive_bytes() == message
        await ws.send_json({"a": 1})
        assert await ws.receive_json() == {"a": 1}


async def a_client_is_not_needed():
    """`aconnect_ws` without a client"""
    async with aconnect_ws(url("/greet")) as ws:
        assert await ws.receive_text() == "welcome"


async def subprotocols():
    """subprotocols"""
    async with aconnect_ws(url("/subprotocol"), subprotocols=["first", "last"]) as ws:
        assert ws.subprotocol == await ws.receive_text() == "last"


async def pings():
    """pings, answered in the page"""
    async with aconnect_ws(url("/echo"), keepalive_ping_interval_seconds=0.05) as ws:
        await (await ws.ping()).wait()


async def the_servers_close():
    """the server's close code"""
    async with aconnect_ws(url("/close/4001/enough")) as ws:
        error = await raised(WebSocketDisconnect, ws.receive())
        assert (error.code, error.reason) == (4001, "enough")


async def a_refused_handshake():
    """a refused handshake, which is a 502"""
    error = await raised(WebSocketUpgradeError, aconnect_ws(url("/refuse")).__aenter__())
    assert error.response.status_code == 502


async def requests():
    """plain requests of httpx"""
    async with httpx.AsyncClient() as client:
        response = await client.post(server("http", "/answer"), json={"a": 1}, headers={"X-Key": "1"})
        assert response.json()["body"] == '{"a":1}' and response.json()["headers"]["X-Key"] == "1"
        async with client.stream("GET", server("http", "/stream")) as response:
            assert [line async for line in response.aiter_lines()] == list("01234")
        assert (await client.get(server("http", "/missing"))).status_code == 404


async def refuses_headers():
    """headers of a WebSocket: they are named"""
    error = await raised(NotInPages, aconnect_ws(url("/echo"), headers={"X-Key": "1"}).__aenter__())
    assert "x-key" in str(error)
