"""The types of options and handlers, for type checkers alone: at run time there is nothing here.

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from browserws.types import ReliableOptions

    options: "ReliableOptions" = {"max_retries": 20}

The types of what exists at run time are where it is: events in `browserws.events`, `Answer` in `browserws.answer`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sequence
    from typing import Any, Generic, Literal, TypedDict, TypeVar, Union

    from typing_extensions import Buffer  # of Python 3.12; type checkers know it in any version

    from .codecs import Codec
    from .events import (
        ChannelEvent,
        ChatEvent,
        CloseEvent,
        ErrorEvent,
        LiveEvent,
        MessageEvent,
        OpenEvent,
        ReliableEvent,
    )

    Data = Union[str, Buffer]  # what can be sent
    Message = Union[Data, Iterable[Data], AsyncIterable[Data]]  # ... by `ClientConnection.send`, joined into one
    URL = Union[str, Callable[[], Union[str, Awaitable[str]]]]
    Protocols = Union[str, Sequence[str], None]

    # --- handlers: with the event or with nothing; also async ---

    E = TypeVar("E")
    R = TypeVar("R")
    Takes = Callable[[E], R]
    Handler = Union[Takes[E, object], Callable[[], object]]

    class On(Generic[E]):
        """An attribute `onX`."""

        def __get__(self, target: object, owner: Any) -> Callable[..., object] | None: ...
        def __set__(self, target: object, handler: Handler[E] | None) -> None: ...

    # what `bind` as a decorator leaves as it is
    OnOpen = TypeVar("OnOpen", bound=Handler[OpenEvent])
    OnMessage = TypeVar("OnMessage", bound=Handler[MessageEvent])
    OnError = TypeVar("OnError", bound=Handler[ErrorEvent])
    OnClose = TypeVar("OnClose", bound=Handler[CloseEvent])
    ReliableError = Union[ErrorEvent, ReliableEvent]
    OnAnyError = TypeVar("OnAnyError", bound=Handler[ReliableError])
    OnReliable = TypeVar("OnReliable", bound=Handler[ReliableEvent])
    OnChannel = TypeVar("OnChannel", bound=Handler[ChannelEvent])
    OnChat = TypeVar("OnChat", bound=Handler[ChatEvent])
    OnLive = TypeVar("OnLive", bound=Handler[LiveEvent])

    SocketName = Literal["open", "message", "error", "close"]
    ReliableOwnName = Literal[
        "connecting", "reconnecting", "reconnected", "offline", "online", "undelivered", "giveup", "statechange"
    ]
    ReliableName = Literal[SocketName, ReliableOwnName]
    ChannelsOwnName = Literal["ready", "message", "error", "close", "statechange", "restored"]
    ChannelsReliableName = Literal["reconnecting", "giveup", "undelivered"]
    ChannelsName = Literal[ChannelsOwnName, ChannelsReliableName]
    ChannelName = Literal["message", "joined", "left", "members", "gap"]
    ChatName = Literal["message", "join", "leave", "members", "private", "history", "gap", "left", "error", "state"]
    LiveName = Literal["update", "gap", "error", "state"]

    class SocketHandlers(TypedDict, total=False):
        """Keywords of `WebSocket`."""

        onopen: Handler[OpenEvent] | None
        onmessage: Handler[MessageEvent] | None
        onerror: Handler[ErrorEvent] | None
        onclose: Handler[CloseEvent] | None

    class ReliableHandlers(TypedDict, total=False):
        """Keywords of `ReliableWebSocket`."""

        onopen: Handler[OpenEvent] | None
        onmessage: Handler[MessageEvent] | None
        onerror: Handler[ReliableError] | None
        onclose: Handler[CloseEvent] | None
        onconnecting: Handler[ReliableEvent] | None
        onreconnecting: Handler[ReliableEvent] | None
        onreconnected: Handler[ReliableEvent] | None
        onoffline: Handler[ReliableEvent] | None
        ononline: Handler[ReliableEvent] | None
        onundelivered: Handler[ReliableEvent] | None
        ongiveup: Handler[ReliableEvent] | None
        onstatechange: Handler[ReliableEvent] | None

    class ChannelsHandlers(TypedDict, total=False):
        """Keywords of `Channels`."""

        onready: Handler[ChannelEvent] | None
        onmessage: Handler[ChannelEvent] | None
        onerror: Handler[ChannelEvent] | None
        onclose: Handler[ChannelEvent] | None
        onstatechange: Handler[ChannelEvent] | None
        onrestored: Handler[ChannelEvent] | None
        onreconnecting: Handler[ReliableEvent] | None
        ongiveup: Handler[ReliableEvent] | None
        onundelivered: Handler[ReliableEvent] | None

    class ChatHandlers(TypedDict, total=False):
        """Keywords of `ChatClient`."""

        onmessage: Handler[ChatEvent] | None
        onjoin: Handler[ChatEvent] | None
        onleave: Handler[ChatEvent] | None
        onmembers: Handler[ChatEvent] | None
        onprivate: Handler[ChatEvent] | None
        onhistory: Handler[ChatEvent] | None
        ongap: Handler[ChatEvent] | None
        onleft: Handler[ChatEvent] | None
        onerror: Handler[ChatEvent] | None
        onstate: Handler[ChatEvent] | None

    class LiveHandlers(TypedDict, total=False):
        """Keywords of `LiveDataClient`."""

        onupdate: Handler[LiveEvent] | None
        ongap: Handler[LiveEvent] | None
        onerror: Handler[LiveEvent] | None
        onstate: Handler[LiveEvent] | None

    # --- options: the classes that take them say what they mean ---

    class ReliableOptions(TypedDict, total=False):
        """Options of `ReliableWebSocket`; times are milliseconds."""

        reconnect_interval: float
        max_reconnect_interval: float
        reconnect_decay: float
        jitter: bool
        max_retries: int
        connect_timeout: float
        close_timeout: float
        min_uptime: float
        max_queue_messages: int
        max_queue_bytes: int
        protocols: Protocols | Callable[[], Protocols | Awaitable[Protocols]]
        auto_connect: bool
        auto_reconnect: bool
        should_reconnect: Callable[[CloseEvent], object] | None

    class ChannelsOptions(ReliableOptions, total=False):
        """Options of `Channels` and `ChatClient`."""

        user: str | None
        token: URL | None  # as a URL: a str, or a function, also async, that gives one
        timeout: float
        max_pending: int
        max_pending_bytes: int
        heartbeat: float | None
        codec: Codec | None
        persist: str | None

    class LiveOptions(ChannelsOptions, total=False):
        """Options of `LiveDataClient`."""

        conflate: bool

    class IgnoredOptions(TypedDict, total=False):
        """What `websockets.connect` takes and a page cannot do, with the values that ask for nothing."""

        additional_headers: None
        extra_headers: None
        origin: None
        extensions: None
        compression: Literal["deflate"]
        ping_interval: None
        ping_timeout: None
        ssl: None
        server_hostname: None
        proxy: Literal[True]
        proxy_ssl: None
        proxy_server_hostname: None
        create_connection: None
        sock: None
        host: None
        port: None
        family: Literal[0]
        local_addr: None
        unix: Literal[False]

    class ConnectOptions(IgnoredOptions, total=False):
        """Keywords of `connect`."""

        subprotocols: Sequence[str] | None
        open_timeout: float | None
        close_timeout: float | None
        max_size: int | tuple[int | None, int | None] | None
        max_queue: int | tuple[int | None, int | None] | None
        backpressure: bool | Literal["prefer"]
        write_limit: int | tuple[int, int | None]
        reconnect_delays: Callable[[], Iterator[float]] | None
        process_exception: Callable[[Exception], Exception | None]
        logger: Any
