"""`wss:`, where the browser trusts the server's certificate (or was told to)."""

import browserws.dropin

browserws.dropin.install()

import aiohttp
import httpx
import httpx_ws
from tools import url
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
