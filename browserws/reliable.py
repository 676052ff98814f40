"""`ReliableWebSocket`: a `WebSocket` that reconnects, queues what cannot be sent, and notices a dead connection.

    from browserws import ReliableWebSocket

    ws = ReliableWebSocket("/chat", {"max_retries": 20})
    ws.set_heartbeat(25_000)
    ws.onmessage = lambda event: print(event.data)
    ws.send("hello")            # now, or when there is a connection

What it does when is decided in `_pure/reconnection.py` and carried out in `_runtime/reconnector.py`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Unpack, overload

    from .types import (
        URL,
        Data,
        On,
        OnAnyError,
        OnClose,
        OnMessage,
        OnOpen,
        OnReliable,
        R,
        ReliableError,
        ReliableHandlers,
        ReliableName,
        ReliableOptions,
        ReliableOwnName,
        Takes,
    )

from ._pure import reconnection
from ._pure.options import Options
from ._runtime.reconnector import Reconnector
from ._runtime.target import EventTarget, on
from .events import RELIABLE_EVENTS, CloseEvent, MessageEvent, OpenEvent, ReliableEvent
from .websocket import WebSocket

_READY_STATE = {
    reconnection.OPEN: WebSocket.OPEN,
    reconnection.CLOSING: WebSocket.CLOSING,
    reconnection.IDLE: WebSocket.CLOSED,
    reconnection.CLOSED: WebSocket.CLOSED,
}


class ReliableWebSocket(EventTarget):
    """A connection to the server at `url`, with automatic reconnection.

    `url` is a URL, as for `WebSocket`, or a function, also async, that is asked for one before
    each attempt, so that it can bring a fresh token; so may be `protocols`. Such a function is cancelled when its
    attempt is over, and may raise `GiveUp` to end all attempts. Times are in milliseconds, `math.inf` is no limit.
    `options`:

    reconnect_interval      1000    the cap of the first delay; the delay is random, between 0 and the cap
    max_reconnect_interval  30000   the largest cap
    reconnect_decay         2.0     the factor by which the cap grows at each retry
    jitter                  True    False: the delay is the cap
    max_retries             -1      without limit
    connect_timeout         10000   for an attempt, the function `url` included
    close_timeout           10000   for the server's answer to `close`
    min_uptime              5000    only a connection that lived so long resets the delays
    max_queue_messages      10000   of messages that wait for a connection
    max_queue_bytes         1 MiB   their size
    protocols               None    subprotocols: a str, a list of str, or a function that gives them
    auto_connect            True    False: `reconnect()` makes the first attempt
    auto_reconnect          True    False: it does not reconnect
    should_reconnect        None    a function of the close event that returns whether to reconnect

    It does not reconnect after a server's close with 1000, 1002, 1003, 1007 to 1010 or 4400 to 4499, but does after
    4408 and 4409.
    After 4401 it is tried once more if `url` or `protocols` is a function. A URL that the page's
    Content-Security-Policy forbids is tried three times; `close` and `giveup` say so in `reason`.

    Handlers are as for `WebSocket`; the events are those of `events.RELIABLE_EVENTS`.

    What it promises: what was queued is sent once, in order. What was sent when a connection broke
    may have arrived or not: the `undelivered` event has it, up to 1000 messages and 256 KiB; with
    `set_heartbeat`, only what came after the last ping that was answered. Nothing is lost silently.

    Raises what `WebSocket` raises, `TypeError` and `ValueError` for options.
    """

    CONNECTING = WebSocket.CONNECTING
    OPEN = WebSocket.OPEN
    CLOSING = WebSocket.CLOSING
    CLOSED = WebSocket.CLOSED

    EVENTS = RELIABLE_EVENTS
    onopen: "On[OpenEvent]" = on("open")
    onmessage: "On[MessageEvent]" = on("message")
    onerror: "On[ReliableError]" = on("error")
    onclose: "On[CloseEvent]" = on("close")
    onconnecting: "On[ReliableEvent]" = on("connecting")
    onreconnecting: "On[ReliableEvent]" = on("reconnecting")
    onreconnected: "On[ReliableEvent]" = on("reconnected")
    onoffline: "On[ReliableEvent]" = on("offline")
    ononline: "On[ReliableEvent]" = on("online")
    onundelivered: "On[ReliableEvent]" = on("undelivered")
    ongiveup: "On[ReliableEvent]" = on("giveup")
    onstatechange: "On[ReliableEvent]" = on("statechange")

    def __init__(
        self, url: "URL", options: "ReliableOptions | None" = None, **handlers: "Unpack[ReliableHandlers]"
    ) -> None:
        super().__init__(handlers)
        self._binary_type = "arraybuffer"
        self._options = Options(options)
        self._decay = self._options.reconnect_decay
        self._reconnector = Reconnector(self, self._handlers, url, self._options)

    def __repr__(self) -> str:
        return f"<ReliableWebSocket {self.url} {self.state}>"

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
        def bind(self, event: Literal["error"], callback: Takes[ReliableError, R]) -> Takes[ReliableError, R]: ...
        @overload
        def bind(self, event: Literal["error"], callback: None = None) -> Callable[[OnAnyError], OnAnyError]: ...
        @overload
        def bind(self, event: Literal["close"], callback: Takes[CloseEvent, R]) -> Takes[CloseEvent, R]: ...
        @overload
        def bind(self, event: Literal["close"], callback: None = None) -> Callable[[OnClose], OnClose]: ...
        @overload
        def bind(self, event: ReliableOwnName, callback: Takes[ReliableEvent, R]) -> Takes[ReliableEvent, R]: ...
        @overload
        def bind(self, event: ReliableOwnName, callback: None = None) -> Callable[[OnReliable], OnReliable]: ...
        @overload
        def bind(self, event: ReliableName, callback: Callable[[], R]) -> Callable[[], R]: ...
        def bind(self, event: Any, callback: Any = None) -> Any: ...
        def unbind(self, event: ReliableName, callback: Callable[..., object] | None = None) -> None: ...

    # --- what one can ask of it ---

    def send(self, data: "Data", *, volatile: bool = False) -> bool:
        """Send `data`, as `WebSocket.send` does: True if it went out, False if it waits for a connection.

        With `volatile`, for what is useless later (the position of a cursor), it is not queued: False means that it was
        dropped. No `undelivered` event has it.

        Raises `BufferFull` if the queue is full, `ConnectionClosed` after `close()` or when it gave up,
        `TypeError` and `ValueError` for what cannot be sent.
        """
        return self._reconnector.send(data, volatile)

    def close(self, code: "int | None" = 1000, reason: "str | None" = "") -> None:
        """Close for good, whatever the server answers; after that only `reconnect()` opens a connection.

        Messages that were sent go out first; those still queued come in an `undelivered` event.
        """
        self._reconnector.close(code, reason)

    def reconnect(self) -> None:
        """Connect now; a connection that is open is replaced; also after `close()` and after it gave up."""
        self._reconnector.reconnect()

    def set_heartbeat(
        self,
        interval: "float | None",
        message: "Data | Callable[[], Data]" = "ping",
        reply: "Data | None" = "pong",
        timeout: "float | None" = None,
    ) -> None:
        """Send `message` every `interval` ms, and count the connection as lost if nothing comes back.

        `message` may be a function. `reply` is what the server answers: it is not handed to handlers, and
        shows that what was sent before has arrived; None if any message will do. `timeout` (ms)
        for an answer is `interval` by default: a dead connection is noticed within twice the interval, later where a
        hidden tab's timers are slowed down. `interval=None` ends the heartbeat.
        """
        self._reconnector.set_heartbeat(interval, message, reply, timeout)

    def expect_ping(self, interval: "float | None") -> None:
        """The server sends something every `interval` ms: after twice that time without, the connection is lost.

        For servers that send the heartbeat: hidden tabs have their timers slowed down, not their messages.
        """
        self._reconnector.expect_ping(interval)

    def enable_auto_reconnect(self, max_retries: int = -1, backoff: bool = True) -> None:
        """Reconnect from now on; without `backoff`, always after up to `reconnect_interval`."""
        self._options.max_retries = Options({"max_retries": max_retries}).max_retries
        self._options.auto_reconnect = True
        self._reconnector.set_decay(self._decay if backoff else 1)

    def disable_auto_reconnect(self) -> None:
        """The next loss of the connection is the end."""
        self._options.auto_reconnect = False

    # --- attributes ---

    @property
    def state(self) -> str:
        """`"IDLE"`, `"CONNECTING"`, `"OPEN"`, `"WAITING"`, `"OFFLINE"`, `"SUSPENDED"`, `"CLOSING"` or `"CLOSED"`."""
        return self._reconnector.state

    @property
    def readyState(self) -> int:
        """As in JavaScript; `CONNECTING` (0) also while it waits to reconnect."""
        return _READY_STATE.get(self._reconnector.state, WebSocket.CONNECTING)

    @property
    def url(self) -> str:
        """The absolute URL of the last attempt; before it, what was given."""
        return self._reconnector.url

    @property
    def protocol(self) -> str:
        """The subprotocol that the server chose, `""` if none."""
        socket = self._reconnector.socket
        return "" if socket is None else str(socket.js.protocol)

    @property
    def extensions(self) -> str:
        """The extensions in use."""
        socket = self._reconnector.socket
        return "" if socket is None else str(socket.js.extensions)

    @property
    def bufferedAmount(self) -> int:
        """Bytes that wait: in the queue, and in the browser for the network."""
        socket = self._reconnector.socket
        return self._reconnector.outbox.queued_bytes + (0 if socket is None else int(socket.js.bufferedAmount))

    binaryType = WebSocket.binaryType

    @property
    def queued(self) -> int:
        """How many messages wait for a connection."""
        return len(self._reconnector.outbox.queue)

    @property
    def latency(self) -> "float | None":
        """Milliseconds between the last heartbeat that was answered and its answer."""
        return self._reconnector.latency

    @property
    def _js_websocket(self) -> "Any":
        """The JavaScript WebSocket of the present attempt, None if there is none."""
        socket = self._reconnector.socket
        return None if socket is None else socket.js
