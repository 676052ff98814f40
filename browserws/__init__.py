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
    from .client import ClientConnection, State, connect
    from .live import LiveDataClient
    from .reliable import ReliableWebSocket

from . import errors as exceptions  # as `websockets` calls them: `except browserws.exceptions.ConnectionClosed`
from .codes import Close
from .errors import (
    BufferFull,
    CallError,
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
    "CallError",
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

__version__ = "0.2.0"


# What a page that does not use it should not wait for, and the module that has it.
_LATER = {
    "Answer": "answer",
    "Channels": "channels",
    "ChatClient": "chat",
    "ClientConnection": "client",
    "LiveDataClient": "live",
    "ReliableWebSocket": "reliable",
    "State": "client",
    "connect": "client",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        found: object = getattr(__import__("browserws." + _LATER[name], None, None, [name]), name)
    elif name in _LATER.values():
        found = __import__("browserws." + name, None, None, [name])
    else:
        raise AttributeError(f"module 'browserws' has no attribute {name!r}")
    globals()[name] = found
    return found
