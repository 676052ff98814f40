"""The seams: where a library leaves Python for the network, by the module in which that is.

One file for each library; each function patches one module.
"""

from __future__ import annotations

from typing import Any

from ..finder import Changes
from . import (
    aiohttp,
    event_loop,
    httpcore,
    httpx2,
    masks,
    network,
    paho,
    signals,
    threading,
    websocket_client,
    websockets,
    websockets_messages,
    websockets_sync,
)


def patch_loop(module: Any, changes: Changes) -> None:
    event_loop.patch(module, changes)
    signals.patch(module, changes)
    threading.patch(changes)
    network.patch(changes)


PATCHES = {
    "pyodide.webloop": patch_loop,
    "aiohttp._websocket.writer": masks.patch_aiohttp,
    "aiohttp.connector": aiohttp.patch,
    "httpcore._backends.anyio": httpcore.patch,
    "httpcore2._backends.anyio": httpcore.patch,
    "httpx2_jsfetch": httpx2.patch,
    "paho.mqtt.client": paho.patch,
    "ssl": network.patch_ssl,
    "websocket._core": websocket_client.patch_core,
    "websocket._dispatcher": websocket_client.patch_dispatcher,
    "websockets.asyncio.client": websockets.patch_asyncio,
    "websockets.asyncio.connection": websockets_messages.patch,
    "websockets.frames": masks.patch_websockets,
    "websockets.legacy.client": websockets.patch_legacy,
    "websockets.sync.client": websockets_sync.patch_client,
    "websockets.sync.connection": websockets_sync.patch_connection,
}
