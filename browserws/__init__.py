"""WebSockets for Python in the browser: Pyodide and MicroPython, page and worker.

    from browserws import WebSocket

    ws = WebSocket("wss://example.org/chat")
    ws.onopen = lambda: ws.send("hello")
    ws.onmessage = lambda event: print(event.data)

`WebSocket` is the browser's own, with `bind` and handlers that may be async, and with bad arguments
refused before anything happens. `supported` tells whether there is one. The exceptions are in
`browserws.errors`, close codes in `browserws.codes`; `browserws.testing` lets a page's code be
tested without a browser.
"""

from .codes import Close
from .errors import (
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidURI,
    NotOpen,
    WebSocketException,
)
from .events import WebSocketEvent
from .websocket import WebSocket, supported

__all__ = [
    "Close",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "InvalidURI",
    "NotOpen",
    "WebSocket",
    "WebSocketEvent",
    "WebSocketException",
    "supported",
]

__version__ = "0.1.0"
