"""`Channels`: many channels over one connection, and nothing lost in any of them.

    from browserws import Channels

    channels = Channels("wss://example.org/hub", {"user": "ada"})
    news = channels.join("news")
    news.bind("message", lambda event: print(event.user, event.data))
    news.publish("hello")                   # `await` it to know that the hub has it
    async for event in news:
        print(event.data)

The server is the hub (`python -m browserws.server`), or another one by way of a codec (`codecs.py`).
What is sent and emitted, and when, is decided in `_pure/multiplex.py`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Unpack, overload

    from ._host.interface import Storage
    from ._pure.kept import KeptMultiplex
    from ._runtime.keeper import Keeper
    from .codecs import Codec
    from .types import (
        URL,
        ChannelsHandlers,
        ChannelsName,
        ChannelsOptions,
        ChannelsOwnName,
        ChannelsReliableName,
        On,
        OnChannel,
        OnReliable,
        R,
        Takes,
    )

import asyncio

from ._host import current
from ._pure import numbers, protocol, reconnection
from ._pure import options as checked
from ._pure.json_text import MAX_INTEGER
from ._pure.multiplex import Multiplex
from ._runtime.handlers import Handlers, is_awaitable
from ._runtime.reconnector import Reconnector, check_url_or_function
from ._runtime.runner import Runner
from ._runtime.target import EventTarget, on
from .answer import Answer, Call
from .channel import CLOSED, Channel
from .codecs import HubCodec
from .codes import BAD_MESSAGE, UNAUTHORIZED
from .errors import CallError, ChannelError, ProtocolViolation, WebSocketException
from .events import CHANNELS_EVENTS, RELIABLE_EVENTS, ChannelEvent, CloseEvent, MessageEvent, ReliableEvent


class Channels(EventTarget):
    """A connection to the hub at `url`, with automatic reconnection, and the channels on it.

    `url` and `options` are those of `ReliableWebSocket`, and these options:

    user              None     the user's name; a hub that authenticates takes it from the token
    token             None     for the hub's authentication: a str, or a function, also async, that returns one
                               and is called before each attempt
    timeout           10000    ms that an answer may take while there is a connection
    max_pending       1000     publishes and calls that wait for the hub's answer ...
    max_pending_bytes 1 MiB    ... and their size; then `publish` raises `BufferFull`
    heartbeat         25000    ms; None for none
    codec             None     a codec for a server that is not the hub
    persist           None     a name: after a reload the page goes on, see docs/how-to/reload.md

    Events: `ready` (user, resumed) when the hub has accepted the connection, `message` (data) from its program,
    `error` (error) for a failure that nothing awaits, and of the connection `close`, `reconnecting`, `giveup`,
    `statechange`; `undelivered` with a codec for a server that acknowledges nothing; with `persist`, `restored`
    (pending: publishes that are sent again, channels: in which it goes on).

    Each call takes effect at once. Awaiting its result raises `ChannelError` (`NotDelivered` is one), `TimeoutError`,
    or `ConnectionClosed` if the connection is closed for good meanwhile; after that, the call itself raises it. The
    `timeout` of a call is in seconds and also runs without a connection. After a `TimeoutError`, a publish that was
    sent may still be made.

    What it promises with the hub: each publish that is answered comes to each member of the channel
    once and in the hub's order, whatever connections do; where the hub's history does not reach back
    far enough, a `gap` event says so.
    """

    EVENTS = CHANNELS_EVENTS
    onready: "On[ChannelEvent]" = on("ready")
    onmessage: "On[ChannelEvent]" = on("message")
    onerror: "On[ChannelEvent]" = on("error")
    onclose: "On[ChannelEvent]" = on("close")
    onreconnecting: "On[ReliableEvent]" = on("reconnecting")
    ongiveup: "On[ReliableEvent]" = on("giveup")
    onstatechange: "On[ChannelEvent]" = on("statechange")
    onundelivered: "On[ReliableEvent]" = on("undelivered")
    onrestored: "On[ChannelEvent]" = on("restored")

    def __init__(
        self, url: "URL", options: "ChannelsOptions | None" = None, **handlers: "Unpack[ChannelsHandlers]"
    ) -> None:
        super().__init__(handlers)
        self._host = current()
        self._options = checked.ChannelsOptions(options)
        codec = self._options.codec or HubCodec()
        limits = (self._options.timeout, self._options.max_pending, self._options.max_pending_bytes)
        kept: "KeptMultiplex | None" = None
        storage: "Storage | None" = None
        if self._options.persist is None:
            self._multiplex = Multiplex(codec, *limits, asyncio.TimeoutError)
        else:
            from ._pure.kept import KeptMultiplex  # only who asks for it has to load it

            storage = self._host.storage(self._options.persist) if isinstance(codec, HubCodec) else None
            if storage is None:
                raise NotImplementedError("persist needs a page and a hub: only pages are loaded again")
            self._multiplex = kept = KeptMultiplex(codec, *limits, asyncio.TimeoutError)
        functions: "dict[str, Callable[..., None]]" = {
            "send": self._send,
            "settle": self._settle,
            "feed": Call.feed,
            "emit": self._emit,
        }
        self._runner = Runner(self._host, self._multiplex, functions, after=self._after)
        self._keeper: "Keeper | None" = None
        self._hello_waits = False  # until the keeper is open
        self._channels: "dict[str, Channel]" = {}
        self._shown_state = reconnection.IDLE
        self._url = url
        self._token: "str | None" = None
        self._asked = 0  # how often it was asked for a token
        if callable(self._options.token):
            check_url_or_function(url, self._host)
            url = self._url_and_token
        else:
            self._token = self._options.token
        self._reconnector = Reconnector(
            self, self._connection_handlers(codec), url, checked.Options(self._options.of_the_connection)
        )
        if codec.heartbeat is not None:
            self._reconnector.set_heartbeat(self._options.heartbeat, codec.heartbeat[0], codec.heartbeat[1])
        self._reconnector.expect_ping(codec.ping_interval)
        if kept is not None and storage is not None:
            self._keeper = self._keep(kept, storage)

    def _keep(self, multiplex: "KeptMultiplex", storage: "Storage") -> "Keeper":
        from ._runtime.keeper import Keeper

        has_token = self._options.token is not None
        multiplex.begin(storage.time, self._options.user, has_token, lambda: Answer(self._emit_error))
        return Keeper(self._host, storage, multiplex, self._runner.run, self._on_kept, self._emit_error)

    def _connection_handlers(self, codec: "Codec") -> Handlers:
        handlers = Handlers(RELIABLE_EVENTS)
        handlers.add("open", self._on_open)
        handlers.add("message", self._on_message)
        handlers.add("close", self._on_close)
        handlers.add("error", self._on_error)
        handlers.add("giveup", self._on_giveup)
        handlers.add("reconnecting", self._pass_on)
        handlers.add("statechange", lambda event: self._show_state())
        if not codec.acknowledges:
            handlers.add("undelivered", self._pass_on)
        return handlers

    def __repr__(self) -> str:
        return f"<Channels {self._reconnector.url} {self.state} {sorted(self._channels)}>"

    if TYPE_CHECKING:  # what is bound as each name; as a decorator, `bind` leaves the function as it is

        @overload
        def bind(self, event: ChannelsOwnName, callback: Takes[ChannelEvent, R]) -> Takes[ChannelEvent, R]: ...
        @overload
        def bind(self, event: ChannelsOwnName, callback: None = None) -> Callable[[OnChannel], OnChannel]: ...
        @overload
        def bind(self, event: ChannelsReliableName, callback: Takes[ReliableEvent, R]) -> Takes[ReliableEvent, R]: ...
        @overload
        def bind(self, event: ChannelsReliableName, callback: None = None) -> Callable[[OnReliable], OnReliable]: ...
        @overload
        def bind(self, event: ChannelsName, callback: Callable[[], R]) -> Callable[[], R]: ...
        def bind(self, event: Any, callback: Any = None) -> Any: ...
        def unbind(self, event: ChannelsName, callback: Callable[..., object] | None = None) -> None: ...

    def join(
        self, name: str, *, presence: bool = False, conflate: bool = False, timeout: "float | None" = None
    ) -> "Channel":
        """Join a channel: now, and again on each new connection. `await` it to know that it is joined.

        With `presence` the user is among the members that others see, and `members` events come. With `conflate` the
        hub may leave out messages for a page that does not keep up, but never the newest.

        Raises `ChannelError` if it is joined already, `ValueError` for what is not the name of a channel.
        """
        within = numbers.timeout(timeout)
        if name in self._channels:  # also if its `left` event is still to come
            raise ChannelError(name, "is joined already")
        answer = self._answer()
        topic = self._multiplex.join(self._now(), name, presence, conflate, answer, within)
        channel = self._channels[name] = Channel(self, topic, answer)
        if topic.request is None or name not in self._multiplex.topics:  # a codec has answered at once
            self._host.call_later(0, self._runner.run)  # when the channel's handlers are bound
        else:
            self._runner.run()
        return channel

    def leave(self, name: str, *, timeout: "float | None" = None) -> "Answer[None]":
        """Leave a channel: nothing of it comes any more."""
        within = numbers.timeout(timeout)
        answer = self._answer()
        self._multiplex.leave(self._now(), name, answer, within)
        self._channels.pop(name)._emit("left", {"reason": ""})
        self._runner.run()
        return answer

    def publish(self, name: str, data: "Any", *, timeout: "float | None" = None) -> "Answer[int | None]":
        """Publish a JSON value, or bytes. The answer is its offset in the channel, None from a server without offsets.

        Without a connection it is queued. The channel has to be joined, except `"@user"`, the inbox of a user. The
        hub's size limit is known once the first connection is open: a larger message that was published before it
        fails then, with `MessageTooLong`.

        Raises `NotJoined`, `MessageTooLong`, `BufferFull`, and `TypeError` or `ValueError` for data that
        cannot be sent.
        """
        within = numbers.timeout(timeout)
        answer = self._answer()
        self._multiplex.publish(self._now(), name, data, answer, within)
        self._runner.run()
        return answer

    def history(
        self,
        name: str,
        limit: int = protocol.HISTORY,
        *,
        before: "int | None" = None,
        timeout: "float | None" = None,
    ) -> "Answer[list[ChannelEvent]]":
        """The newest messages of a channel, or the newest before the offset `before`: a list of `ChannelEvent`, oldest
        first. It may be shorter than `limit`: the hub keeps a limited history, and answers with at most 1000 messages
        and the bytes of one frame. Raises `NotJoined`.
        """
        limit = numbers.integer("limit", limit, 1, MAX_INTEGER)
        if before is not None:
            before = numbers.integer("before", before, 1, MAX_INTEGER)
        within = numbers.timeout(timeout)
        answer = self._answer()
        channel = self._channels.get(name)
        self._multiplex.history(self._now(), name, limit, before, answer, within)
        events = answer.map(lambda messages: [_history_event(name, channel, fields) for fields in messages])
        self._runner.run()
        return events

    def call(self, name: str, arguments: "dict[str, Any] | None" = None, *, timeout: "float | None" = None) -> "Call":
        """Call a function of the hub's program, with JSON values by name. Without a connection it waits for one.
        `timeout` is for the answer, or for a stream to begin.

        It is made at most once. Awaiting it raises `NotDelivered` if nobody knows whether it was, and `CallError` or
        `NotAllowed` if it failed.
        """
        within = numbers.timeout(timeout)
        if not isinstance(self._multiplex.codec, HubCodec):
            raise NotImplementedError("only a hub has functions")
        if arguments is not None and not isinstance(arguments, dict):
            raise TypeError(f"arguments must be a dict, not {type(arguments).__name__}")
        self._check_open()
        call = Call(self._emit_error, self._follow)
        call.number = self._multiplex.call(self._now(), name, arguments, call, within)
        self._runner.run()
        return call

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close for good. Publishes that were not answered fail with `ConnectionClosed`, and nothing is kept any more
        for a reload.
        """
        if self._keeper is not None:
            self._keeper.end()
        self._reconnector.close(code, reason)

    def reconnect(self) -> None:
        """Connect now; also after `close()` and after it gave up."""
        self._reconnector.reconnect()

    @property
    def state(self) -> str:
        """As `ReliableWebSocket.state`, but `"OPEN"` only when the hub has accepted us."""
        state = self._reconnector.state
        if state == reconnection.OPEN and not self._multiplex.ready:
            return reconnection.CONNECTING
        return state

    @property
    def user(self) -> "str | None":
        """The user's name, as the hub has it; None before the first `ready` event."""
        return self._multiplex.user

    @property
    def channels(self) -> "list[str]":
        """The names of the channels that are joined or being joined."""
        return sorted(self._channels)

    @property
    def pending(self) -> int:
        """How many publishes and calls wait for the hub's answer."""
        return self._multiplex.pending.count

    # --- what the connection says ---

    async def _url_and_token(self) -> str:
        """Asked for before each attempt, so a token that cannot be had is an attempt that failed."""
        self._asked += 1
        asked = self._asked
        token: "Any" = self._options.token
        token = token()
        token = await token if is_awaitable(token) else token
        url: "Any" = self._url() if callable(self._url) else self._url
        url = await url if is_awaitable(url) else url
        if asked == self._asked:  # else the attempt is over, and the function goes on though it was cancelled
            self._token = token
        return url  # type: ignore[no-any-return]  # checked when it is used

    def _on_open(self, event: "Any") -> None:
        self._hello_waits = True
        if self._keeper is None or self._keeper.is_open:
            self._on_kept()

    def _on_kept(self) -> None:
        """What was kept before a reload is known: the hub can be told who we are."""
        if self._hello_waits:
            self._hello_waits = False
            self._multiplex.opened(self._options.user, self._token)
            self._runner.run()

    def _on_message(self, event: MessageEvent) -> None:
        try:
            self._multiplex.received(self._host.clock(), event.data)
        except WebSocketException as error:
            self._emit_error(error)
            if isinstance(error, ProtocolViolation):
                self._reconnector.close(BAD_MESSAGE, "not the hub's protocol")
            else:
                self._reconnector.close()
        actions = self._multiplex.actions
        self._runner.run(
            len(actions) == 1 and actions[0][0] == "emit" and actions[0][1] is not None and self._keeper is None
        )

    def _on_close(self, event: CloseEvent) -> None:
        self._hello_waits = False
        self._multiplex.lost()
        if self._reconnector.state == reconnection.CLOSED:
            self._end(event)
        self._handlers.call("close", (ChannelEvent("close", self, _close_fields(event)),))
        self._runner.run()

    def _on_giveup(self, event: ReliableEvent) -> None:
        self._end(event)
        self._pass_on(event)

    def _end(self, event: "CloseEvent | ReliableEvent") -> None:
        if event.code == UNAUTHORIZED:
            self._multiplex.end(WebSocketException(f"the hub refused the token: {event.reason}"))
        else:
            self._multiplex.end(self._reconnector.why_not_sendable())
        self._runner.run()
        for name in self.channels:
            self._emit(name, CLOSED, {})

    def _on_error(self, event: "Any") -> None:
        if isinstance(event, ReliableEvent):  # an attempt that could not begin; the error of a socket says nothing
            self._emit_error(event.error)
            if self._reconnector.state == reconnection.CLOSED:
                self._multiplex.end(event.error)
                self._runner.run()

    def _pass_on(self, event: ReliableEvent) -> None:
        self._handlers.call(event.type, (event,))

    def _after(self) -> None:
        self._show_state()
        if self._keeper is not None:
            self._keeper.save()

    def _show_state(self) -> None:
        """Not the socket's own: that is open before the hub has accepted us."""
        previous, self._shown_state = self._shown_state, self.state
        if previous != self._shown_state:
            fields = {"state": self._shown_state, "previous": previous}
            self._handlers.call("statechange", (ChannelEvent("statechange", self, fields),))

    def _emit_error(self, error: Exception) -> None:
        self._handlers.call("error", (ChannelEvent("error", self, {"error": error}),))

    # --- carrying out what the multiplex wants ---

    def _now(self) -> float:
        return self._host.clock()

    def _answer(self) -> "Answer[Any]":
        """For a request that is about to be made; raises if it would never be answered."""
        self._check_open()
        return Answer(self._emit_error)

    def _check_open(self) -> None:
        if self._reconnector.state == reconnection.CLOSED:
            raise self._reconnector.why_not_sendable()
        if self._multiplex.ready and not self._reconnector.is_connected:
            self._multiplex.lost()  # the browser knows it already, its event is still to come

    def _follow(self, number: int, is_cancelled: bool) -> None:
        """Somebody took an item of a call, or cancelled it."""
        if is_cancelled:
            self._multiplex.cancel(self._now(), number, CallError(None, "the call was cancelled", "cancelled"))
        else:
            self._multiplex.took(self._now(), number)
        self._runner.run()

    def _send(self, frame: "Any") -> None:
        """Now or never: what the socket would queue would go out in front of the next hello."""
        if self._reconnector.is_connected:
            self._reconnector.send(frame)

    def _settle(self, answer: "Answer[Any]", value: "Any", error: "Exception | None") -> None:
        if error is not None:
            for channel in list(self._channels.values()):
                if channel.joined is answer:
                    self._emit(channel.name, "left", {"reason": str(error)})
        answer.settle(value, error)

    def _emit(self, name: "str | None", kind: str, fields: "dict[str, Any]") -> None:
        if name is None:
            self._handlers.call(kind, (ChannelEvent(kind, self, fields),))
            return
        channel = self._channels.get(name)
        if channel is not None:
            if kind == "left":
                del self._channels[name]
            channel._emit(kind, fields)


def _history_event(name: str, channel: "Channel | None", fields: "dict[str, Any]") -> ChannelEvent:
    fields["channel"] = name
    return ChannelEvent("message", channel, fields)


def _close_fields(event: CloseEvent) -> "dict[str, Any]":
    return {"code": event.code, "reason": event.reason, "wasClean": event.wasClean}
