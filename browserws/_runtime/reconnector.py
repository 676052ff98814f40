"""`Reconnector`: keeps a connection to a server. What it does when is decided in `_pure/reconnection.py`; this carries
it out: makes connections, keeps the timer, watches the page.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .._host.callbacks import Received
    from .._host.interface import Host
    from .._pure.outbox import Outbox
    from ..types import URL, Data

import random

from .._host import current
from .._host.callbacks import Callbacks
from .._host.refused import NoSocket
from .._host.report import report
from .._host.unread import Unread
from .._pure import checks, numbers, reconnection
from .._pure.options import Options
from .._pure.reconnection import Reconnection
from ..codes import ABNORMAL_CLOSURE, PAGE_MESSAGE_TOO_BIG
from ..errors import ConnectionClosed, connection_closed
from ..events import (
    BatchedMessageEvent,
    CloseEvent,
    ErrorEvent,
    LargeMessageEvent,
    MessageEvent,
    OpenEvent,
    ReliableEvent,
)
from .asking import Asking
from .handlers import Handlers
from .runner import Runner
from .socket import Socket, check_url


def check_url_or_function(url: object, host: "Host") -> None:
    """Raises `TypeError`, `InvalidURI`, and `NotImplementedError` where nothing can be opened."""
    if isinstance(url, str):
        check_url(url, host)
    elif not callable(url):
        raise TypeError(f"url must be a str or a function that returns one, not {type(url).__name__}")
    elif host.missing:
        raise NotImplementedError(host.missing)


class Reconnector:
    """A connection to the server at `url`, with automatic reconnection.

    `handlers` get its events (`events.RELIABLE_EVENTS`), whose target is `target`. `options` are those of
    `ReliableWebSocket`, as are the arguments of the methods and what they raise.
    """

    def __init__(self, target: object, handlers: Handlers, url: "URL", options: Options) -> None:
        self._host = current()
        self._target = target
        self._handlers = handlers
        self._url = url
        self._options = options
        self._check()
        self._state = Reconnection(options, random.random, refreshable=callable(url) or callable(options.protocols))
        self._asking: "Asking | None" = None  # for the URL and the subprotocols of an attempt
        self.socket: "Socket | None" = None  # the present connection, or attempt at one, ...
        self._generation = 0  # ... and its number
        self._last: "Socket | None" = None  # the one before, if there is none now
        self._forget_page: "Callable[[], None] | None" = None
        self._forbidden = ""  # the URL of which the page's policy was heard last
        self._message: "Data | Callable[[], Data]" = ""  # of the heartbeat
        self._reply: "Data | None" = None
        self._pings: "list[tuple[int, float]]" = []  # not answered: what had been sent before, and when
        self.latency: "float | None" = None
        functions: "dict[str, Callable[..., None]]" = {
            "connect": self._connect,
            "close": self._close,
            "drop": self._drop,
            "flush": self._flush,
            "ping": self._ping,
            "undelivered": self._emit_undelivered,
            "emit": self._emit,
            "emit if current": self._emit_if_current,
        }
        self._runner = Runner(self._host, self._state, functions, after=self._watch_page)
        if options.auto_connect:
            self._state.connect(self._now())
            # in a task of its own, so that handlers that are set now hear of the first attempt, too
            self._host.call_later(0, self._runner.run)

    def _check(self) -> None:
        """Refuse a URL and subprotocols that no attempt could use."""
        if not callable(self._options.protocols):
            checks.subprotocols(self._options.protocols)
        check_url_or_function(self._url, self._host)

    # --- what one can ask of it ---

    def send(self, data: object, volatile: bool = False) -> bool:
        message = checks.message(data)
        state = self._state.state
        if state in (reconnection.CLOSING, reconnection.CLOSED):
            raise self.why_not_sendable()
        is_sent = state == reconnection.OPEN and not self.outbox.queue and self._transmit(message)
        if not volatile:
            # kept as it is now: a bytearray may change
            kept = message if isinstance(message, str) else data if isinstance(data, bytes) else bytes(message)
            if is_sent:
                self.outbox.sent(kept)
            else:
                self.outbox.put(kept)
        return is_sent

    def _transmit(self, message: object) -> bool:
        """Whether it goes out. If the browser has begun to close, its event is still to come."""
        try:
            if self.socket is not None:
                self.socket.send(message)
                return True
        except ConnectionClosed:
            pass
        return False

    def close(self, code: "int | None" = 1000, reason: "str | None" = "") -> None:
        code, reason = checks.close_arguments(code, reason)
        self._state.close(self._now(), code, reason)
        self._runner.run()

    def reconnect(self) -> None:
        self._state.connect(self._now())
        self._runner.run()

    def set_heartbeat(
        self,
        interval: "float | None",
        message: "Data | Callable[[], Data]",
        reply: "Data | None",
        timeout: "float | None" = None,
    ) -> None:
        interval = numbers.limit("interval", interval)
        if timeout is not None:
            timeout = numbers.check("timeout", timeout, 1)
        if not callable(message):
            checks.message(message)
        self._message = message
        self._reply = reply
        self._state.heartbeat.set(interval or None, timeout or interval or 0)
        self._restart_heartbeat()

    def set_decay(self, decay: float) -> None:
        """Of the delays, from the next one on."""
        self._options.reconnect_decay = decay
        self._state.restart_delays()

    def expect_ping(self, interval: "float | None") -> None:
        interval = numbers.limit("interval", interval)
        self._state.heartbeat.expected = interval or None
        self._restart_heartbeat()

    # --- what there is ---

    @property
    def state(self) -> str:
        """One of the states of `_pure/reconnection.py`."""
        return self._state.state

    @property
    def is_connected(self) -> bool:
        """Whether what is sent now goes out. A browser knows of an end before it says so."""
        return self.socket is not None and self.socket.ready_state == 1

    @property
    def outbox(self) -> "Outbox":
        return self._state.outbox

    @property
    def url(self) -> str:
        """The absolute URL of the last attempt; before it, what was given."""
        if self._last is not None:
            return str(self._last.js.url)
        return self._url if isinstance(self._url, str) else ""

    def why_not_sendable(self) -> Exception:
        """The exception for who wants to send after the end."""
        if self._last is None or self._last.ready_state == 0:
            return connection_closed(None, None)
        return self._last.why_not_sendable()

    # --- carrying out what the state machine wants ---

    def _now(self) -> float:
        return self._host.clock()

    def _emit(self, name: str, fields: "dict[str, Any]") -> None:
        event: "OpenEvent | CloseEvent | ReliableEvent"
        if name == "open":
            event = OpenEvent(self._target)
        elif name == "close":
            event = CloseEvent(self._target, fields["code"], fields["reason"], fields["wasClean"])
        else:
            event = ReliableEvent(name, self._target, fields)
        self._handlers.call(name, (event,))

    def _emit_if_current(self, name: str, fields: "dict[str, Any]", serial: int) -> None:
        if serial == self._state.serial:
            self._emit(name, fields)

    def _emit_undelivered(self, queued: "list[str | bytes]") -> None:
        messages, forgotten = self.outbox.lost()
        if messages or forgotten or queued:
            self._emit("undelivered", {"messages": messages, "forgotten": forgotten, "queued": queued})

    def _connect(self, generation: int) -> None:
        if self._state.state == reconnection.CONNECTING and self._state.generation == generation:
            self._pings = []
            self._asking = Asking(self._host, (self._url, self._options.protocols), self._open)

    def _open(self, error: "Exception | None", arguments: "list[Any]") -> None:
        """The URL and the subprotocols of the attempt are known, or cannot be had."""
        if error is None:
            try:
                self.socket = self._last = self._make(*arguments)
            except Exception as raised:
                error = raised
        if error is not None:
            self._state.ended(self._now(), ABNORMAL_CLOSURE, "", False, error=error)
        self._runner.run()

    def _close(self, code: int, reason: str) -> None:
        if self.socket is not None:
            self.socket.close(code, reason)

    def _drop(self) -> None:
        """End the attempt now. What has come is still handed over; of its end nobody hears."""
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()
        socket = self.socket
        if socket is not None:
            socket.flush()
            self._let_go()
            socket.abort()

    def _let_go(self) -> None:
        """Nothing of the present connection counts any more."""
        self.socket = None
        self._generation = 0

    def _flush(self) -> None:
        sent = 0
        try:
            for message in self.outbox.queue:
                if not self._transmit(message):
                    break
                sent += 1
        finally:  # also where there is no memory for the next one
            self.outbox.take(sent)

    def _ping(self) -> None:
        try:
            message = self._message() if callable(self._message) else self._message
            if self._transmit(message) and self._reply is not None:
                self._pings.append((self.outbox.mark(), self._now()))
        except Exception as error:
            report(error)

    def _restart_heartbeat(self) -> None:
        self._pings = []
        if self._state.state == reconnection.OPEN:
            self._state.heartbeat.start(self._now())
        self._runner.set_timer()

    # --- what happens to the page ---

    def _watch_page(self) -> None:
        alive = self._state.state not in (reconnection.IDLE, reconnection.CLOSED)
        if alive and self._forget_page is None:
            self._forget_page = self._host.watch_page(self._on_page)
        elif not alive and self._forget_page is not None:
            forget, self._forget_page = self._forget_page, None
            forget()

    def _on_page(self, what: str, detail: str = "") -> None:
        if what == "forbidden":
            self._forbidden = detail
            return
        now = self._now()
        if what in ("offline", "online"):
            self._state.network(now, what == "online")
        elif what == "pagehide":
            self._state.page_gone()
        elif what == "pageshow":
            self._state.page_back(now)
        else:  # visible, resume
            self._state.doubt(now)
        self._runner.run()

    # --- what happens to the connection ---

    def _make(self, url: str, protocols: "Any") -> Socket:
        """A connection. What it does counts only while it is the present one: this is looked at here, once for all."""
        generation = self._generation = self._state.generation

        def while_present(callback: "Callable[..., None]") -> "Callable[..., None]":
            def call(*arguments: "Any") -> None:
                if generation == self._generation:
                    callback(*arguments)

            return call

        callbacks = Callbacks(
            memoryview,
            while_present(self._on_open),
            while_present(self._on_messages),
            while_present(self._on_failure),
            while_present(self._on_end),
            reads_later=True,
        )
        return Socket(url, protocols, callbacks, host=self._host)

    def _on_open(self, source: "Any") -> None:
        self._forbidden = ""
        self._state.opened(self._now())
        self._runner.run()

    def _on_messages(self, messages: "Received", count: int, sources: "Any") -> None:
        outer, self._runner.is_running = self._runner.is_running, True
        try:
            self._state.heartbeat.heard(self._now())
            self._handlers.call("message", self._message_events(messages, sources))
        except MemoryError as error:
            self._reject()  # it is not a handler's: the next message does not fit
            report(error)
        finally:
            self._runner.is_running = outer
        self._runner.run()

    def _reject(self) -> None:
        """A message does not fit. Nothing may come without it; after close() nothing does."""
        self.close(PAGE_MESSAGE_TOO_BIG, "a message did not fit in memory")

    def _message_events(self, messages: "Received", sources: "Any") -> "Iterator[MessageEvent]":
        """Those that are no answers to the heartbeat; none after `close()`, as a socket has none."""
        for index, data in enumerate(messages):
            if self._state.state in (reconnection.CLOSING, reconnection.CLOSED):
                return
            if not self._pings or not self._is_reply(data):
                if isinstance(data, Unread):
                    yield LargeMessageEvent(self._target, data, sources, index, self._reject)
                else:
                    yield BatchedMessageEvent(self._target, data, sources, index)

    def _is_reply(self, data: "str | memoryview") -> bool:
        """Whether it answers the heartbeat. What looks like an answer and is none, is a message."""
        if self._reply is None or data != self._reply:
            return False
        mark, sent_at = self._pings.pop(0)
        self.latency = self._now() - sent_at
        self.outbox.confirm(mark)
        return True

    def _on_failure(self, source: "Any") -> None:
        self._handlers.call("error", (ErrorEvent(self._target, source),))

    def _on_end(self, code: int, reason: str, was_clean: bool, source: "Any") -> None:
        # Firefox and WebKit make no socket. Chromium reports it by an event, which may come later than the first end.
        was_made = self._last is None or not isinstance(self._last.js, NoSocket)
        forbidden = not was_made or ("://" in self._forbidden and self.url.startswith(self._forbidden))
        if forbidden:
            reason = f"the page's Content-Security-Policy (connect-src) forbids {self.url.split('?')[0]}"
        self._let_go()
        wanted = None
        if self._options.should_reconnect is not None:
            event = CloseEvent(self._target, code, reason, was_clean, source)
            try:
                wanted = self._options.should_reconnect(event)
            except BaseException as error:
                report(error)
        self._state.ended(self._now(), code, reason, was_clean, wanted, forbidden=forbidden)
        self._runner.run()
