"""What handlers are given: one `WebSocketEvent` for each event of a socket.

Every event has all the attributes of the table; where an event has no such thing, it is `None`.

    event      type       data                 code  reason  wasClean
    open       "open"     -                    -     -       -
    message    "message"  str or memoryview    -     -       -
    error      "error"    -                    -     -       -
    close      "close"    -                    int   str     bool

A `ReliableWebSocket` has more events (`RELIABLE_EVENTS`): see `ReliableEvent`. Those of `Channels` are a
`ChannelEvent`, those of what stands on it a `ChatEvent` or a `LiveEvent`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ._host.unread import Unread

OPEN = "open"
MESSAGE = "message"
ERROR = "error"
CLOSE = "close"

SOCKET_EVENTS = (OPEN, MESSAGE, ERROR, CLOSE)
RELIABLE_EVENTS = SOCKET_EVENTS + (
    "connecting",
    "reconnecting",
    "reconnected",
    "offline",
    "online",
    "undelivered",
    "giveup",
    "statechange",
)
CHANNELS_EVENTS = SOCKET_EVENTS[1:] + ("ready", "reconnecting", "giveup", "statechange", "undelivered", "restored")
CHANNEL_EVENTS = ("message", "joined", "left", "members", "gap")
CHAT_EVENTS = ("message", "join", "leave", "members", "private", "history", "gap", "left", "error", "state")
LIVE_EVENTS = ("update", "gap", "error", "state")


_TABLE = ("data", "code", "reason", "wasClean")


class WebSocketEvent:
    """An event of a socket; `target` is the socket, names that are not in the table above are those of the JavaScript
    event (`event.timeStamp`, `event.origin`).
    """

    target: "Any"
    timeStamp: float  # these, and others, are of the JavaScript event
    isTrusted: bool

    type: "str | None" = None
    data: "str | memoryview | None"
    code: "int | None"
    reason: "str | None"
    wasClean: "bool | None"

    def __init__(self, target: "Any", source: "Any" = None) -> None:
        self.target = target
        self._source = source

    def _event(self) -> "Any":
        return self._source

    if not TYPE_CHECKING:  # type checkers refuse a name that is not declared: getattr(event, name) for rare ones

        def __getattr__(self, name):
            if name in _TABLE:
                return None
            source = None if name.startswith("_") else self._event()
            if source is not None and hasattr(source, name):
                return getattr(source, name)
            raise AttributeError(f"a WebSocket event of type {self.type!r} has no attribute {name!r}")

    def __repr__(self) -> str:
        return f"<WebSocketEvent {self.type}>"


class OpenEvent(WebSocketEvent):
    """The connection is open: messages can be sent."""

    type = OPEN


class MessageEvent(WebSocketEvent):
    """A message came; `data` is a `str`, or a `memoryview` of its bytes."""

    type = MESSAGE
    data: "str | memoryview"
    origin: str  # of the JavaScript event

    def __init__(self, target: "Any", data: "str | memoryview", source: "Any" = None) -> None:
        self.target = target
        self.data = data
        self._source = source

    def __repr__(self) -> str:
        return f"<WebSocketEvent message data={self.data!r}>"


class BatchedMessageEvent(MessageEvent):
    """One of several messages that came at once. `sources` are the JavaScript events of all: its own is fetched only
    when it is asked for, so that a batch costs nothing for it.
    """

    def __init__(
        self, target: object, data: "str | memoryview", sources: "Sequence[object] | None", index: int
    ) -> None:
        self.target = target
        self.data = data
        self._sources = sources
        self._index = index

    def _event(self) -> "Any":
        return None if self._sources is None else self._sources[self._index]


class LargeMessageEvent(BatchedMessageEvent):
    """A message of many bytes. They are read when `data` is asked for: who does not need them, pays nothing.

    Where they do not fit in memory, that raises `MemoryError`, and the socket is closed (4009); `ValueError` where a
    script of the page has transferred them.
    """

    def __init__(
        self,
        target: object,
        data: "Unread",
        sources: "Sequence[object] | None",
        index: int,
        reject: "Callable[[], None]",
    ) -> None:
        self.target = target
        self._unread = data
        self._sources = sources
        self._index = index
        self._reject = reject

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name != "data":
                return WebSocketEvent.__getattr__(self, name)
            try:
                self.data = self._unread.read()
            except MemoryError:
                self._reject()
                raise
            self._unread = self._reject = None
            return self.data


class ErrorEvent(WebSocketEvent):
    """The connection failed; browsers do not tell a page why. A `close` event follows."""

    type = ERROR


class CloseEvent(WebSocketEvent):
    """The connection is closed: `code` and `reason` as received, `wasClean` after a closing handshake.

    Code 1005 stands for a close frame without a code, 1006 for a connection lost without a close
    frame (RFC 6455 §7.1.5).
    """

    type = CLOSE
    code: int
    reason: str
    wasClean: bool

    def __init__(self, target: "Any", code: int, reason: str, was_clean: bool, source: "Any" = None) -> None:
        super().__init__(target, source)
        self.code = code
        self.reason = reason
        self.wasClean = was_clean

    def __repr__(self) -> str:
        return f"<WebSocketEvent close code={self.code} reason={self.reason!r} wasClean={self.wasClean}>"


class FieldsEvent(WebSocketEvent):
    """An event with attributes of its own: base class of those below."""

    type: str

    def __init__(self, name: str, target: object, fields: "dict[str, Any]") -> None:
        self.target = target
        self.type = name
        self._fields = fields

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name[:1] != "_" and name in self._fields:
                return self._fields[name]
            if name in _TABLE:
                return None
            raise AttributeError(f"an event of type {self.type!r} has no attribute {name!r}")

    def __repr__(self) -> str:
        fields = "".join([f" {name}={value!r}" for name, value in self._fields.items()])
        return f"<{type(self).__name__} {self.type}{fields}>"


class ReliableEvent(FieldsEvent):
    """What happens to a `ReliableWebSocket` beside the four events of a socket.

    type            attributes
    connecting      attempt (0 for the first, then the number of the retry)
    reconnecting    attempt, delay (ms): a retry will be made
    reconnected     attempt: open again; `open` comes before it
    offline         the page has lost the network, or seems to; no attempt is made for a while
    online          the network is back
    undelivered     messages: sent, but nothing shows that they arrived; forgotten: how many more there were,
                    older ones; queued: not sent, and not to be sent any more
    giveup          code, reason: no retry will be made
    statechange     state, previous
    error           error: the exception of an attempt that could not even begin
    """

    attempt: int
    delay: float
    messages: "list[str | bytes]"
    forgotten: int
    queued: "list[str | bytes]"
    code: int
    reason: str
    state: str
    previous: str
    error: Exception


class ChannelEvent(FieldsEvent):
    """What happens to `Channels` or a `Channel`: their docstrings say which event has which attributes."""

    channel: str
    data: "Any"
    user: "str | None"
    offset: "int | None"
    time: "float | None"
    epoch: "str | None"
    resumed: bool
    members: "list[str]"
    join: "list[str]"
    leave: "list[str]"
    missed: "int | None"
    code: int
    reason: str
    wasClean: bool
    error: Exception
    state: str
    previous: str
    pending: int
    channels: "list[str]"


class ChatEvent(FieldsEvent):
    """What happens to a `ChatClient`: its docstring says which event has which attributes."""

    room: str
    user: "str | None"  # None: the hub's own program
    text: str
    time: "float | None"
    own: bool
    to: str
    messages: "list[ChatEvent]"
    members: "list[str]"
    reason: str
    error: Exception
    state: str
    previous: str


class LiveEvent(FieldsEvent):
    """What happens to a `LiveDataClient`: its docstring says which event has which attributes."""

    channel: str
    data: "Any"
    user: "str | None"
    time: "float | None"
    missed: "int | None"
    error: Exception
    state: str
    previous: str
