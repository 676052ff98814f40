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

With automatic reconnection:

    from browserws import ReliableWebSocket

    ws = ReliableWebSocket("wss://example.org/chat")
    ws.set_heartbeat(25_000)
    ws.onmessage = lambda event: print(event.data)
    ws.send("now, or when there is a connection")

With channels, rooms and subscriptions, and the hub (`python -m browserws.server`):

    from browserws import Channels, ChatClient, LiveDataClient

    chat = ChatClient("wss://example.org/hub", "ada")
    chat.bind("message", lambda event: print(event.user, event.text))
    chat.connect()
    chat.join_room("lobby")
    chat.send_message("hello")

`supported` tells whether there is a WebSocket. The exceptions are in `browserws.errors`, close
codes in `browserws.codes`; `browserws.testing` lets a page's code be tested without a browser.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .answer import Answer
    from .channels import Channels
    from .chat import ChatClient
    from .live import LiveDataClient
    from .reliable import ReliableWebSocket

from . import errors as exceptions  # as `websockets` calls them: `except browserws.exceptions.ConnectionClosed`
from .client import ClientConnection, State, connect
from .codes import Close
from .errors import (
    BufferFull,
    ChannelError,
    ConcurrencyError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    GiveUp,
    InvalidHandshake,
    InvalidURI,
    MessageTooLong,
    NotAllowed,
    NotDelivered,
    NotJoined,
    NotOpen,
    ProtocolViolation,
    UnknownChannel,
    WebSocketException,
)
from .events import WebSocketEvent
from .websocket import WebSocket, supported

__all__ = [
    "Answer",
    "BufferFull",
    "ChannelError",
    "Channels",
    "ChatClient",
    "ClientConnection",
    "Close",
    "ConcurrencyError",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "GiveUp",
    "InvalidHandshake",
    "InvalidURI",
    "LiveDataClient",
    "MessageTooLong",
    "NotAllowed",
    "NotDelivered",
    "NotJoined",
    "NotOpen",
    "ProtocolViolation",
    "ReliableWebSocket",
    "State",
    "UnknownChannel",
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
    if name == "Answer":
        from .answer import Answer

        return Answer
    if name == "Channels":
        from .channels import Channels

        return Channels
    if name == "ChatClient":
        from .chat import ChatClient

        return ChatClient
    if name == "LiveDataClient":
        from .live import LiveDataClient

        return LiveDataClient
    raise AttributeError(f"module 'browserws' has no attribute {name!r}")
