"""`LiveDataClient`: subscriptions to values that change.

from browserws import LiveDataClient

live = LiveDataClient("wss://example.org/hub")
live.subscribe("ticker.ACME", lambda update: print(update.data))

async for update in live.updates("ticker.ACME", conflate=True):     # the newest, for a slow reader
    print(update.data)
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Unpack, overload

    from .answer import Answer
    from .events import ChannelEvent
    from .types import URL, Handler, LiveHandlers, LiveName, LiveOptions, On, OnLive, R, Takes

from ._pure.reconnection import CLOSED
from ._runtime.target import EventTarget, on
from .channel import Channel, Reader
from .channels import Channels
from .errors import NotJoined
from .events import LIVE_EVENTS, LiveEvent


class LiveDataClient(EventTarget):
    """Subscriptions on the hub at `data_url`; `options` are those of `Channels`, and

    conflate    False   True: the hub may leave out updates for a page that does not keep up, never the newest

    event      attributes of the event
    update     channel, data, user, time (ms since 1970): an update of any subscription
    gap        channel, missed: updates are lost for good
    error      error: what went wrong, unhandled
    state      state, previous: of the connection, as `Channels.state`

    A callback of `subscribe` is called as a handler is, with the update or with nothing, and may be async. An update
    that a callback or a reader gets has `channel`, `data`, `user`, `offset` and `time`.
    """

    EVENTS = LIVE_EVENTS
    onupdate: "On[LiveEvent]" = on("update")
    ongap: "On[LiveEvent]" = on("gap")
    onerror: "On[LiveEvent]" = on("error")
    onstate: "On[LiveEvent]" = on("state")

    def __init__(
        self, data_url: "URL", options: "LiveOptions | None" = None, **handlers: "Unpack[LiveHandlers]"
    ) -> None:
        super().__init__(handlers)
        settings: "Any" = dict(options or {})
        self._conflate = bool(settings.pop("conflate", False))
        self._subscriptions: "dict[str, Channel]" = {}
        self._callbacks: "dict[str, list[Callable[..., Any]]]" = {}
        self._channels = Channels(data_url, settings)
        self._channels.bind("error", lambda event: self._emit("error", error=event.error))
        self._channels.bind("statechange", self._on_state)

    def __repr__(self) -> str:
        return f"<LiveDataClient {self.state} {self.subscriptions}>"

    if TYPE_CHECKING:  # what is bound as each name; as a decorator, `bind` leaves the function as it is

        @overload
        def bind(self, event: LiveName, callback: Takes[LiveEvent, R]) -> Takes[LiveEvent, R]: ...
        @overload
        def bind(self, event: LiveName, callback: None = None) -> Callable[[OnLive], OnLive]: ...
        @overload
        def bind(self, event: LiveName, callback: Callable[[], R]) -> Callable[[], R]: ...
        def bind(self, event: Any, callback: Any = None) -> Any: ...
        def unbind(self, event: LiveName, callback: Callable[..., object] | None = None) -> None: ...

    def subscribe(self, channel: str, callback: "Handler[ChannelEvent]") -> "Answer[str]":
        """Call `callback` with each update of a channel, also on later connections. It may have several callbacks."""
        if not callable(callback):
            raise TypeError(f"a callback must be callable, not {type(callback).__name__}")
        subscription = self._subscription(channel)
        subscription.bind("message", callback)
        self._callbacks[channel].append(callback)
        return subscription.joined

    def unsubscribe(self, channel: str, callback: "Callable[..., object] | None" = None) -> None:
        """Remove one callback, or without `callback` all and the readers. With the last one the subscription ends.

        `NotJoined` if there is no subscription.
        """
        subscription = self._subscriptions.get(channel)
        if subscription is None:
            raise NotJoined(channel, "there is no subscription")
        callbacks = self._callbacks[channel]
        if callback is not None:
            subscription.unbind("message", callback)
            callbacks[:] = [other for other in callbacks if other != callback]
        if callback is None:
            self._channels.leave(channel)
        else:
            self._leave_if_unused(subscription)

    def updates(self, channel: str, conflate: bool = False) -> Reader:
        """An async iterator of the updates of a channel from now on. It subscribes if needed.

        With `conflate` only the newest waits for a reader that is slow, else all do. It ends with
        `unsubscribe(channel)`; for a loop that ends before, use it in an `async with`. The subscription ends
        with the last reader, unless there are callbacks.
        """
        subscription = self._subscription(channel)
        reader = subscription.reader(conflate)
        reader.onclose = lambda: self._leave_if_unused(subscription)
        return reader

    def close(self) -> None:
        """Close for good."""
        self._channels.close()

    def reconnect(self) -> None:
        """Connect now; also after `close()` and after it gave up."""
        self._channels.reconnect()

    @property
    def subscriptions(self) -> "list[str]":
        """The channels that are subscribed to."""
        return sorted(self._subscriptions)

    @property
    def state(self) -> str:
        """As `Channels.state`."""
        return self._channels.state

    # --- what happens ---

    def _subscription(self, name: str) -> Channel:
        if name not in self._subscriptions:
            channel = self._channels.join(name, conflate=self._conflate)
            channel.bind("message", self._on_message)
            channel.bind("gap", self._on_gap)
            channel.bind("left", self._on_left)
            self._subscriptions[name] = channel
            self._callbacks[name] = []
        return self._subscriptions[name]

    def _leave_if_unused(self, subscription: Channel) -> None:
        name = subscription.name
        is_used = self._callbacks.get(name) or subscription.readers
        if self._subscriptions.get(name) is subscription and not is_used and self.state != CLOSED:
            self._channels.leave(name)

    def _on_message(self, event: "ChannelEvent") -> None:
        if self._handlers.has("update"):
            self._emit("update", channel=event.channel, data=event.data, user=event.user, time=event.time)

    def _on_gap(self, event: "ChannelEvent") -> None:
        self._emit("gap", channel=event.channel, missed=event.missed)

    def _on_left(self, event: "ChannelEvent") -> None:
        del self._subscriptions[event.channel]
        del self._callbacks[event.channel]
        if event.reason and event.target.joined.done:  # else it was refused, and its answer says so
            self._emit("error", error=NotJoined(event.channel, event.reason))

    def _on_state(self, event: "ChannelEvent") -> None:
        self._emit("state", state=event.state, previous=event.previous)

    def _emit(self, name: str, **fields: "Any") -> None:
        self._handlers.call(name, (LiveEvent(name, self, fields),))
