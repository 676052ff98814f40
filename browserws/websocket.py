"""`WebSocket`: the browser's WebSocket, with Python's manners.

    from browserws.websocket import WebSocket, supported

    ws = WebSocket("/echo")

    @ws.bind("open")
    def greet():
        ws.send("hello")

    @ws.bind("message")
    def show(event):
        print(event.data)

The names are JavaScript's (WHATWG WebSockets §3.1); `bind` is Brython's, the `onX` keywords are
PyScript's: code for either runs with only its import changed.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Literal, Unpack, overload

    from ._host.callbacks import Received
    from ._host.interface import JsSocket
    from .types import (
        Data,
        On,
        OnClose,
        OnError,
        OnMessage,
        OnOpen,
        R,
        SocketHandlers,
        SocketName,
        Takes,
    )

from ._host import current
from ._host.callbacks import Callbacks
from ._host.report import report
from ._host.unread import Unread
from ._runtime.socket import Socket
from ._runtime.target import EventTarget, on
from .codes import PAGE_MESSAGE_TOO_BIG
from .events import (
    SOCKET_EVENTS,
    BatchedMessageEvent,
    CloseEvent,
    ErrorEvent,
    LargeMessageEvent,
    MessageEvent,
    OpenEvent,
    WebSocketEvent,
)

__all__ = ["WebSocket", "WebSocketEvent", "supported"]

supported = not current().missing


class WebSocket(EventTarget):
    """A connection to a WebSocket server.

    `url` is a `ws:`, `wss:`, `http:` or `https:` URL, or one relative to the page. `protocols`
    is a subprotocol or a list of them. `handlers` are `onopen`, `onmessage`, `onerror`, `onclose`.

    A handler takes the event (`WebSocketEvent`) or takes nothing, and may be async: then it gets
    its next event when it has finished with the last. An exception in a handler is shown with its
    traceback and goes no further.

    Raises `NotImplementedError` where there is no WebSocket (`supported` is False), `InvalidURI`
    for a URL that the browser would refuse, `ValueError` for a bad or repeated subprotocol,
    `TypeError` for an unknown keyword or a wrong type. All before anything happens.

    Lost silently: what was sent but had not arrived when the connection broke. The close event
    shows the break; `ReliableWebSocket` and acknowledgements are for more.
    """

    CONNECTING = 0
    OPEN = 1
    CLOSING = 2
    CLOSED = 3

    EVENTS = SOCKET_EVENTS
    onopen: "On[OpenEvent]" = on("open")
    onmessage: "On[MessageEvent]" = on("message")
    onerror: "On[ErrorEvent]" = on("error")
    onclose: "On[CloseEvent]" = on("close")

    def __init__(
        self, url: str, protocols: "str | Sequence[str] | None" = None, **handlers: "Unpack[SocketHandlers]"
    ) -> None:
        super().__init__(handlers)
        self._binary_type = "arraybuffer"
        self._wants_messages = True  # until close() is called
        callbacks = Callbacks(
            memoryview,
            self._on_open,
            self._on_messages,
            self._on_failure,
            self._on_end,
            self._deliverer(),
            reads_later=True,
        )
        self._socket = Socket(url, protocols, callbacks)

    def __repr__(self) -> str:
        return f"<WebSocket {self.url} {self._socket.state}>"

    if TYPE_CHECKING:  # what is bound as each name; as a decorator, `bind` leaves the function as it is

        @overload
        def bind(self, event: Literal["open"], callback: Takes[OpenEvent, R]) -> Takes[OpenEvent, R]: ...
        @overload
        def bind(self, event: Literal["open"], callback: None = None) -> Callable[[OnOpen], OnOpen]: ...
        @overload
        def bind(self, event: Literal["message"], callback: Takes[MessageEvent, R]) -> Takes[MessageEvent, R]: ...
        @overload
        def bind(self, event: Literal["message"], callback: None = None) -> Callable[[OnMessage], OnMessage]: ...
        @overload
        def bind(self, event: Literal["error"], callback: Takes[ErrorEvent, R]) -> Takes[ErrorEvent, R]: ...
        @overload
        def bind(self, event: Literal["error"], callback: None = None) -> Callable[[OnError], OnError]: ...
        @overload
        def bind(self, event: Literal["close"], callback: Takes[CloseEvent, R]) -> Takes[CloseEvent, R]: ...
        @overload
        def bind(self, event: Literal["close"], callback: None = None) -> Callable[[OnClose], OnClose]: ...
        @overload
        def bind(self, event: SocketName, callback: Callable[[], R]) -> Callable[[], R]: ...
        def bind(self, event: Any, callback: Any = None) -> Any: ...
        def unbind(self, event: SocketName, callback: Callable[..., object] | None = None) -> None: ...

    # --- sending and closing ---

    def send(self, data: "Data") -> None:
        """Send `data`: a `str`, or an object with the buffer protocol, sent as its bytes.

        Raises `TypeError` for anything else, `ValueError` for text with a lone surrogate,
        `NotOpen` before the connection is open, `ConnectionClosed` when it is closing or closed.
        """
        self._socket.send(data)

    def close(self, code: "int | None" = 1000, reason: "str | None" = "") -> None:
        """Close the connection; harmless when it is closing or closed already.

        `code` is 1000 or 3000-4999 and `reason` has at most 123 bytes in UTF-8, else `ValueError`.
        Messages that were sent go out first. No `message` event comes after it; `close` does.
        """
        self._socket.close(code, reason)
        self._wants_messages = False

    # --- attributes, as in JavaScript ---

    @property
    def readyState(self) -> int:
        """`CONNECTING` (0), `OPEN` (1), `CLOSING` (2) or `CLOSED` (3)."""
        return self._socket.ready_state

    @property
    def url(self) -> str:
        """The absolute URL."""
        return str(self._socket.js.url)

    @property
    def protocol(self) -> str:
        """The subprotocol that the server chose, `""` if none."""
        return str(self._socket.js.protocol)

    @property
    def extensions(self) -> str:
        """The extensions in use, such as `"permessage-deflate"`."""
        return str(self._socket.js.extensions)

    @property
    def bufferedAmount(self) -> int:
        """Bytes of data that were sent and wait in the browser for the network.

        WebKitGTK says 0 whatever waits: there, nothing shows how far the network is behind.
        """
        return int(self._socket.js.bufferedAmount)

    @property
    def binaryType(self) -> str:
        """`"arraybuffer"` or `"blob"`; either way, binary messages come as a `memoryview`."""
        return self._binary_type

    @binaryType.setter
    def binaryType(self, value: str) -> None:
        if value not in ("arraybuffer", "blob"):
            raise ValueError(f"binaryType is 'arraybuffer' or 'blob', not {value!r}")
        self._binary_type = value

    @property
    def _js_websocket(self) -> "JsSocket":
        """The JavaScript WebSocket, for what is not wrapped."""
        return self._socket.js

    # --- what the socket says ---

    def _on_open(self, source: "Any") -> None:
        self._handlers.call("open", (OpenEvent(self, source),))

    def _deliverer(self) -> "Callable[[Any, Any], None]":
        """What hands out a message that came alone: a closure, as in `_host/link.py`."""
        call = self._handlers.call

        def deliver(data: "str | memoryview | Unread", source: "Any") -> None:
            if self._wants_messages:
                if isinstance(data, Unread):
                    call("message", (LargeMessageEvent(self, data, (source,), 0, self._reject),))
                else:
                    call("message", (MessageEvent(self, data, source),))

        return deliver

    def _on_messages(self, messages: "Received", count: int, sources: "Any") -> None:
        try:
            self._handlers.call("message", self._message_events(messages, sources))
        except MemoryError as error:
            self._reject()  # it is not a handler's: the next message does not fit
            report(error)

    def _reject(self) -> None:
        """A message does not fit. Nothing may come without it; after close() nothing does."""
        self.close(PAGE_MESSAGE_TOO_BIG, "a message did not fit in memory")

    def _message_events(self, messages: "Received", sources: "Any") -> "Iterator[MessageEvent]":
        """None after close(): what comes to a socket that is not OPEN fires no event (WHATWG WebSockets §4)."""
        for index, data in enumerate(messages):
            if not self._wants_messages:
                return
            if isinstance(data, Unread):
                yield LargeMessageEvent(self, data, sources, index, self._reject)
            else:
                yield BatchedMessageEvent(self, data, sources, index)

    def _on_failure(self, source: "Any") -> None:
        self._handlers.call("error", (ErrorEvent(self, source),))

    def _on_end(self, code: int, reason: str, was_clean: bool, source: "Any") -> None:
        event = CloseEvent(self, code, reason, was_clean, source)
        self._handlers.call("close", (event,))
