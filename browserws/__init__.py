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
    from . import errors as exceptions
    from .answer import Answer
    from .channels import Channels
    from .chat import ChatClient
    from .client import ClientConnection, State, connect
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
    from .live import LiveDataClient
    from .reliable import ReliableWebSocket
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


# The module of each name but the exceptions. It is imported when it is asked for: a page waits for what it uses alone.
_MODULES = {
    "Answer": "answer",
    "Channels": "channels",
    "ChatClient": "chat",
    "ClientConnection": "client",
    "Close": "codes",
    "LiveDataClient": "live",
    "ReliableWebSocket": "reliable",
    "State": "client",
    "WebSocket": "websocket",
    "WebSocketEvent": "events",
    "connect": "client",
    "supported": "websocket",
}


def __getattr__(name: str) -> object:
    if name == "exceptions":  # as `websockets` calls them: `except browserws.exceptions.ConnectionClosed`
        found = _module("errors")
    elif name in __all__:
        found = getattr(_module(_MODULES.get(name, "errors")), name)
    elif name == "errors" or name in _MODULES.values():
        found = _module(name)
    else:
        raise AttributeError(f"module 'browserws' has no attribute {name!r}")
    globals()[name] = found
    return found


def _module(name: str) -> object:
    return __import__("browserws." + name, None, None, [name])


def __dir__() -> "list[str]":
    return sorted(set(globals()) | set(__all__))
