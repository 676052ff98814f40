"""slack-sdk in Socket Mode, against a fake of the service: its four clients but the one with sockets of its own."""

import browserws.dropin

browserws.dropin.install()

import threading

from slack_sdk.socket_mode import aiohttp, websocket_client, websockets
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient
from tools import blocking, server, until


def options(web_client):
    address = server("http", "/slack/")
    return {"app_token": "xapp-1", "web_client": web_client(token="xoxb-1", base_url=address), "ping_interval": 0.5}


# As its documentation has it: each event is acknowledged.
async def receives(client):
    heard = []

    async def process(client, request):
        heard.append(request.payload["event"]["text"])
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    client.socket_mode_request_listeners.append(process)
    await client.connect()
    await until(lambda: heard == ["message 0", "message 1"])
    assert await client.is_connected()
    await client.close()


async def with_aiohttp():
    """`socket_mode.aiohttp`: events, and their acknowledgements"""
    await receives(aiohttp.SocketModeClient(**options(AsyncWebClient)))


async def with_websockets():
    """`socket_mode.websockets`"""
    await receives(websockets.SocketModeClient(**options(AsyncWebClient)))


def lacks():
    """Nothing to assert: it begins its threads before it can connect."""


@blocking(lacks)
async def with_websocket_client():
    """`socket_mode.websocket_client`, which needs threads, a pool of them, and `urllib.request`"""
    client = websocket_client.SocketModeClient(**options(WebClient))
    heard, both = [], threading.Event()

    def process(client, request):
        heard.append(request.payload["event"]["text"])
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        if len(heard) == 2:
            both.set()

    client.socket_mode_request_listeners.append(process)
    client.connect()
    assert both.wait(10) and heard == ["message 0", "message 1"], heard
    client.close()
