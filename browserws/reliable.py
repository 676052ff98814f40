"""`ReliableWebSocket`: a `WebSocket` that connects again, queues what cannot be sent, and notices a dead line.

    from browserws import ReliableWebSocket

    ws = ReliableWebSocket("/chat", {"max_retries": 20})
    ws.set_heartbeat(25_000)
    ws.onmessage = lambda event: print(event.data)
    ws.send("hello")            # now, or when there is a connection

What it does when is decided in `_pure/session.py`; this module carries it out in a browser.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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

import random

from ._asking import Asking
from ._pure import checks, numbers, session
from ._pure.options import Options
from ._pure.outbox import Outbox
from ._pure.session import Session
from ._report import report
from ._target import EventTarget, on
from .codes import PAGE_MESSAGE_TOO_BIG
from .errors import ConnectionClosed, connection_closed
from .events import RELIABLE_EVENTS, CloseEvent, ErrorEvent, MessageEvent, OpenEvent, ReliableEvent
from .websocket import WebSocket

_READY_STATE = {
    session.OPEN: WebSocket.OPEN,
    session.CLOSING: WebSocket.CLOSING,
    session.IDLE: WebSocket.CLOSED,
    session.CLOSED: WebSocket.CLOSED,
}


class ReliableWebSocket(EventTarget):
    """A connection to the server at `url`, made anew when it is lost.

    `url` is an address, as for `WebSocket`, or a function, also async, that is asked for one before
    each attempt, so that it can bring a fresh token; so may be `protocols`. Such a function is cancelled when its
    attempt is over, and may raise `GiveUp` to end all attempts. Times are in milliseconds, `math.inf` is no limit.
    `options`:

    reconnect_interval      1000    the cap of the first delay; the delay is between 0 and the cap, by chance
    max_reconnect_interval  30000   the largest cap
    reconnect_decay         2.0     by which the cap grows at each retry
    jitter                  True    False: the delay is the cap
    max_retries             -1      without limit
    connect_timeout         10000   for an attempt, the function `url` included
    close_timeout           10000   for the server's answer to `close`
    min_uptime              5000    only a connection that lived so long starts the delays anew
    max_queue_messages      10000   of messages that wait for a connection
    max_queue_bytes         1 MiB   their size
    protocols               None    subprotocols: a str, a list of str, or a function that gives them
    auto_connect            True    False: `reconnect()` makes the first attempt
    auto_reconnect          True
    should_reconnect        None    a function of the close event that decides over all

    Not tried again after a server's close with 1000, 1002, 1003, 1007 to 1010 or 4400 to 4499 but 4408 and 4409.
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

    _url: "str | Callable[[], Any]" = ""
    _options: "Any" = None
    _session: "Any" = None
    _socket: "_Attempt | None" = None  # the one whose events count
    _last: "_Attempt | None" = None
    _binary_type = "arraybuffer"
    _performing = False
    _timer: "Any" = None
    _timer_at: "float | None" = None
    _forget_page: "Callable[[], None] | None" = None
    _message: "Any" = None  # of the heartbeat
    _reply: "Any" = None
    _pings: "list[tuple[int, float]]" = []  # that were not answered: what had been sent before, and when
    _latency: "float | None" = None
    _asking: "Asking | None" = None
    _forbidden = ""  # what of the page's policy was heard of last

    def __init__(
        self, url: "URL", options: "ReliableOptions | None" = None, **handlers: "Unpack[ReliableHandlers]"
    ) -> None:
        self._take_handlers(handlers)
        self._options = Options(options)
        if not callable(self._options.protocols):
            checks.subprotocols(self._options.protocols)
        if isinstance(url, str):
            WebSocket._address(url)  # raises
        elif not callable(url):
            raise TypeError(f"url must be a str or a function that returns one, not {type(url).__name__}")
        elif WebSocket._host.missing:
            raise NotImplementedError(WebSocket._host.missing)
        self._url = url
        self._session = Session(
            self._options, random.random, refreshable=callable(url) or callable(self._options.protocols)
        )
        if self._options.auto_connect:
            self._session.connect(self._now())
            # in a task of its own, so that handlers that are set now hear of the first attempt, too
            WebSocket._host.call_later(0, self._perform)

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

        With `volatile`, for what is worth nothing later (the position of a cursor), False means that it was dropped
        instead of queued. No `undelivered` event has it.

        Raises `BufferFull` if the queue is full, `ConnectionClosed` after `close()` or when it gave up,
        `TypeError` and `ValueError` for what cannot be sent.
        """
        message = checks.message(data)
        state = self._session.state
        if state in (session.CLOSING, session.CLOSED):
            raise self._why_not_sendable()
        # kept as it is now: a bytearray may change
        kept = data if isinstance(data, (str, bytes)) else bytes(message)  # type: ignore[arg-type]
        if state == session.OPEN and not self._outbox.queue:
            try:
                self._socket.send(message)  # type: ignore[union-attr]
                if not volatile:
                    self._outbox.sent(kept)
                return True
            except ConnectionClosed:
                pass  # the browser has begun to close: its event is still to come
        if not volatile:
            self._outbox.put(kept)
        return False

    def close(self, code: "int | None" = 1000, reason: "str | None" = "") -> None:
        """Close for good, whatever the server answers; `reconnect()` alone leads out of it.

        Messages that were sent go out first; those still queued come in an `undelivered` event.
        """
        code, reason = checks.close_arguments(code, reason)
        self._session.close(self._now(), code, reason)
        self._perform()

    def reconnect(self) -> None:
        """Connect now, anew if there is a connection; also after `close()` and after it gave up."""
        self._session.connect(self._now())
        self._perform()

    def set_heartbeat(
        self,
        interval: "float | None",
        message: "Data | Callable[[], Data]" = "ping",
        reply: "Data | None" = "pong",
        timeout: "float | None" = None,
    ) -> None:
        """Send `message` every `interval` ms, and count the connection as lost if nothing comes back.

        `message` may be a function. `reply` is what the server answers: it is not handed to handlers, and
        shows that what was sent before has arrived; None if any message will do. `timeout` (ms) is
        `interval` if not given: a dead line is noticed within twice the interval. None as `interval`
        ends it.
        """
        interval = numbers.limit("interval", interval)
        if timeout is not None:
            numbers.check("timeout", timeout, 1)
        if not callable(message):
            checks.message(message)
        self._message = message
        self._reply = reply
        self._session.heartbeat.set(interval or None, timeout or interval or 0)
        self._restart_heartbeat()

    def expect_ping(self, interval: "float | None") -> None:
        """The server sends something every `interval` ms: after twice that time without, the connection is lost.

        For servers that send the heartbeat: hidden tabs have their timers slowed down, not their messages.
        """
        interval = numbers.limit("interval", interval)
        self._session.heartbeat.expected = interval or None
        self._restart_heartbeat()

    def enable_auto_reconnect(self, max_retries: int = -1, backoff: bool = True) -> None:
        """Connect again from now on; without `backoff`, always after up to `reconnect_interval`."""
        options = Options({"max_retries": max_retries})
        self._options.auto_reconnect = True
        self._options.max_retries = options.max_retries
        self._options.reconnect_decay = options.reconnect_decay if backoff else 1

    def disable_auto_reconnect(self) -> None:
        """The next loss of the connection is the end."""
        self._options.auto_reconnect = False

    # --- attributes ---

    @property
    def state(self) -> str:
        """`"IDLE"`, `"CONNECTING"`, `"OPEN"`, `"WAITING"`, `"OFFLINE"`, `"SUSPENDED"`, `"CLOSING"` or `"CLOSED"`."""
        return self._session.state  # type: ignore[no-any-return]

    @property
    def readyState(self) -> int:
        """As in JavaScript; `CONNECTING` (0) also while it waits to connect again."""
        return _READY_STATE.get(self._session.state, WebSocket.CONNECTING)

    @property
    def url(self) -> str:
        """The absolute address of the last attempt; before it, what was given."""
        if self._last is not None:
            return self._last.url
        return self._url if isinstance(self._url, str) else ""

    @property
    def protocol(self) -> str:
        """The subprotocol that the server chose, `""` if none."""
        return "" if self._socket is None else self._socket.protocol

    @property
    def extensions(self) -> str:
        """The extensions in use."""
        return "" if self._socket is None else self._socket.extensions

    @property
    def bufferedAmount(self) -> int:
        """Bytes that wait: in the queue, and in the browser for the network."""
        return self._outbox.queued_bytes + (0 if self._socket is None else self._socket.bufferedAmount)

    binaryType: str = WebSocket.binaryType  # type: ignore[assignment]

    @property
    def queued(self) -> int:
        """How many messages wait for a connection."""
        return len(self._outbox.queue)

    @property
    def latency(self) -> "float | None":
        """Milliseconds between the last heartbeat that was answered and its answer."""
        return self._latency

    @property
    def _js_websocket(self) -> "Any":
        """The JavaScript WebSocket of the present attempt, None if there is none."""
        return None if self._socket is None else self._socket._js_websocket

    @property
    def _outbox(self) -> Outbox:
        return self._session.outbox  # type: ignore[no-any-return]

    # --- carrying out what the session wants ---

    def _now(self) -> float:
        return WebSocket._host.clock()  # type: ignore[no-any-return]

    def _perform(self) -> None:
        """What is asked for inside a handler is done after the handlers that are running."""
        if self._performing:
            return
        self._performing = True
        try:
            while self._session.actions:
                what, *arguments = self._session.actions.pop(0)
                getattr(self, "_do_" + what)(*arguments)
        finally:
            self._performing = False
        self._watch_page()
        self._set_timer()

    def _do_told(self, name: str, fields: "dict[str, Any]") -> None:
        event: "Any"
        if name == "open":
            event = OpenEvent(self)
        elif name == "close":
            event = CloseEvent(self, fields["code"], fields["reason"], fields["wasClean"])
        else:
            event = ReliableEvent(name, self, fields)
        self._handlers.call(name, (event,))

    def _do_undelivered(self, queued: "list[str | bytes]") -> None:
        messages, forgotten = self._outbox.lost()
        if messages or forgotten or queued:
            self._do_told("undelivered", {"messages": messages, "forgotten": forgotten, "queued": queued})

    def _do_due(self, name: str, fields: "dict[str, Any]", serial: int) -> None:
        if serial == self._session.serial:
            self._do_told(name, fields)

    def _do_connect(self, generation: int) -> None:
        if not self._is_current(generation):
            return
        self._pings = []
        self._asking = Asking(WebSocket._host, (self._url, self._options.protocols), self._open)

    def _is_current(self, generation: int) -> bool:
        return self._session.state == session.CONNECTING and self._session.generation == generation  # type: ignore[no-any-return]

    def _open(self, error: "Exception | None", arguments: "list[Any]") -> None:
        """The URL and the subprotocols of the attempt are known, or cannot be had."""
        if error is None:
            try:
                self._socket = self._last = _Attempt(self, *arguments)
            except Exception as raised:
                error = raised
        if error is not None:
            self._session.ended(self._now(), 1006, "", False, error=error)
        self._perform()

    def _do_close(self, code: int, reason: str) -> None:
        if self._socket is not None:
            self._socket.close(code, reason)

    def _do_drop(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()
        socket = self._socket
        if socket is not None:
            socket.dropped = True
            socket._abandon()  # what has come is still handed over
            self._socket = None

    def _do_flush(self) -> None:
        sent = 0
        for message in self._outbox.queue:
            try:
                self._socket.send(message)  # type: ignore[union-attr]
            except ConnectionClosed:
                break  # the end is still to come
            sent += 1
        self._outbox.take(sent)

    def _do_ping(self) -> None:
        try:
            message = self._message() if callable(self._message) else self._message
            self._socket.send(message)  # type: ignore[union-attr]
            self._pings.append((self._outbox.mark(), self._now()))
        except ConnectionClosed:
            pass  # the end is still to come
        except Exception as error:
            report(error)

    def _set_timer(self) -> None:
        due = self._session.due()
        if due == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = None
        if due is not None:
            self._timer = WebSocket._host.call_later(max(0, due - self._now()) / 1000, self._wake)

    def _wake(self) -> None:
        self._timer = self._timer_at = None
        self._session.wake(self._now())
        self._perform()

    def _restart_heartbeat(self) -> None:
        self._pings = []
        if self._session.state == session.OPEN:
            self._session.heartbeat.start(self._now())
        self._set_timer()

    def _watch_page(self) -> None:
        alive = self._session.state not in (session.IDLE, session.CLOSED)
        if alive and self._forget_page is None:
            self._forget_page = WebSocket._host.watch_page(self._on_page)
        elif not alive and self._forget_page is not None:
            forget, self._forget_page = self._forget_page, None
            forget()

    def _why_not_sendable(self) -> Exception:
        if self._last is None or self._last.readyState == WebSocket.CONNECTING:
            return connection_closed(None, None)
        return self._last._why_not_sendable()

    # --- what happens ---

    def _on_page(self, what: str, detail: str = "") -> None:
        if what == "forbidden":
            self._forbidden = detail
            return
        now = self._now()
        if what in ("offline", "online"):
            self._session.network(now, what == "online")
        elif what == "pagehide":
            self._session.page_gone()
        elif what == "pageshow":
            self._session.page_back(now)
        else:  # visible, resume
            self._session.doubt(now)
        self._perform()

    def _on_open(self) -> None:
        self._forbidden = ""
        self._session.opened(self._now())
        self._perform()

    def _on_error(self, event: ErrorEvent) -> None:
        event.target = self
        self._handlers.call("error", (event,))

    def _on_messages(self, messages: "Iterable[str | memoryview]", sources: "Any") -> None:
        outer, self._performing = self._performing, True
        try:
            self._session.heartbeat.heard(self._now())
            self._handlers.call("message", self._message_events(messages, sources))
        except MemoryError as error:
            # Not a handler's: the next message does not fit. What follows must not come without it.
            self.unbind("message")
            report(error)
            self.close(PAGE_MESSAGE_TOO_BIG, "a message did not fit in memory")
        finally:
            self._performing = outer
        self._perform()

    def _message_events(self, messages: "Iterable[str | memoryview]", sources: "Any") -> "Iterator[MessageEvent]":
        """Those that are no answers to the heartbeat; none after `close()`, as a socket has none."""
        for index, data in enumerate(messages):
            if self._session.state in (session.CLOSING, session.CLOSED):
                return
            if not self._pings or not self._is_reply(data):
                yield MessageEvent(self, data, sources, index)

    def _is_reply(self, data: "str | memoryview") -> bool:
        """Whether it answers the heartbeat. What looks like an answer and is none, is a message."""
        if self._reply is None or data != self._reply:
            return False
        mark, sent_at = self._pings.pop(0)
        self._latency = self._now() - sent_at
        self._outbox.confirm(mark)
        return True

    def _on_close(self, event: CloseEvent) -> None:
        # Browsers tell of it by an event of its own, which may come later than the end of the first attempt.
        forbidden = "://" in self._forbidden and self.url.startswith(self._forbidden)
        if forbidden:
            event.reason = f"the page's Content-Security-Policy (connect-src) forbids {self.url.split('?')[0]}"
        self._socket = None
        wanted = None
        if self._options.should_reconnect is not None:
            event.target = self
            try:
                wanted = self._options.should_reconnect(event)
            except BaseException as error:
                report(error)
        self._session.ended(self._now(), event.code, event.reason, event.wasClean, wanted, forbidden=forbidden)
        self._perform()


class _Attempt(WebSocket):
    """One connection of a `ReliableWebSocket`, or the attempt at one."""

    owner: "Any" = None
    dropped = False

    def __init__(self, owner: ReliableWebSocket, url: str, protocols: "Any") -> None:
        self.owner = owner
        super().__init__(url, protocols, onopen=self._opened, onerror=self._failed, onclose=self._ended)

    def _opened(self, event: "Any") -> None:
        if not self.dropped:
            self.owner._on_open()

    def _on_messages(self, messages: "Iterable[str | memoryview]", count: int, sources: "Any") -> None:
        self.owner._on_messages(messages, sources)

    def _failed(self, event: "Any") -> None:
        if not self.dropped:
            self.owner._on_error(event)

    def _ended(self, event: "Any") -> None:
        if not self.dropped:
            self.owner._on_close(event)
