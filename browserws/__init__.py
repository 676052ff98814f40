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

With a connection that is made anew when it is lost:

    from browserws import ReliableWebSocket

    ws = ReliableWebSocket("wss://example.org/chat")
    ws.set_heartbeat(25_000)
    ws.onmessage = lambda event: print(event.data)
    ws.send("now, or when there is a connection")

`supported` tells whether there is a WebSocket. The exceptions are in `browserws.errors`, close
codes in `browserws.codes`; `browserws.testing` lets a page's code be tested without a browser.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reliable import ReliableWebSocket

from . import errors as exceptions  # as `websockets` calls them: `except browserws.exceptions.ConnectionClosed`
from .client import ClientConnection, State, connect
from .codes import Close
from .errors import (
    BufferFull,
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
    "BufferFull",
    "ClientConnection",
    "Close",
    "ConcurrencyError",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "InvalidHandshake",
    "InvalidURI",
    "NotOpen",
    "ReliableWebSocket",
    "State",
    "WebSocket",
    "WebSocketEvent",
    "WebSocketException",
    "connect",
    "exceptions",
    "supported",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """What a page that does not use it should not wait for."""
    if name == "ReliableWebSocket":
        from .reliable import ReliableWebSocket

        return ReliableWebSocket
    raise AttributeError(f"module 'browserws' has no attribute {name!r}")
