"""WebSockets for Python in the browser: Pyodide and MicroPython, page and worker.

With handlers, as in JavaScript:

    from browserws import WebSocket

    ws = WebSocket("wss://example.org/chat")
    ws.onopen = lambda: ws.send("hello")
    ws.onmessage = lambda event: print(event.data)

With asyncio, as in the `websockets` library:

    from browserws import connect

    async with connect("wss://example.org/chat") as ws:
        await ws.send("hello")
        async for message in ws:
            print(message)

`supported` tells whether there is a WebSocket. The exceptions are in `browserws.errors`, close
codes in `browserws.codes`; `browserws.testing` lets a page's code be tested without a browser.
"""

from . import errors as exceptions  # as `websockets` calls them: `except browserws.exceptions.ConnectionClosed`
from .client import ClientConnection, State, connect
from .codes import Close
from .errors import (
    ConcurrencyError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidHandshake,
    InvalidURI,
    NotOpen,
    WebSocketException,
)
from .events import WebSocketEvent
from .websocket import WebSocket, supported

__all__ = [
    "ClientConnection",
    "Close",
    "ConcurrencyError",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "InvalidHandshake",
    "InvalidURI",
    "NotOpen",
    "State",
    "WebSocket",
    "WebSocketEvent",
    "WebSocketException",
    "connect",
    "exceptions",
    "supported",
]

__version__ = "0.1.0"
