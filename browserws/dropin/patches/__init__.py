"""The seams: where a library leaves Python for the network, by the module in which that is.

One file for each library; each function patches one module.
"""

from __future__ import annotations

from . import aiohttp, event_loop, httpcore, masks, websocket_client, websockets

PATCHES = {
    "pyodide.webloop": event_loop.patch,
    "aiohttp._websocket.writer": masks.patch_aiohttp,
    "aiohttp.connector": aiohttp.patch,
    "httpcore._backends.anyio": httpcore.patch,
    "websocket._app": websocket_client.patch_app,
    "websocket._core": websocket_client.patch_core,
    "websocket._dispatcher": websocket_client.patch_dispatcher,
    "websockets.asyncio.client": websockets.patch_asyncio,
    "websockets.frames": masks.patch_websockets,
    "websockets.legacy.client": websockets.patch_legacy,
}
