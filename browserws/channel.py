"""`Channel`: one channel that was joined, and `Reader`, its messages for `async for`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, Protocol, overload

    from ._pure.topic import Topic
    from .answer import Answer
    from .types import ChannelName, On, OnChannel, R, Takes

    class Owner(Protocol):
        """What a channel asks of `Channels`."""

        def publish(self, name: str, data: Any, *, timeout: float | None = None) -> Answer[int | None]: ...
        def history(
            self, name: str, limit: int, *, before: int | None = None, timeout: float | None = None
        ) -> "Answer[list[ChannelEvent]]": ...
        def leave(self, name: str, *, timeout: float | None = None) -> Answer[None]: ...


from ._pure import protocol
from ._runtime.signal import Signal
from ._runtime.target import EventTarget, on
from .errors import ConcurrencyError
from .events import CHANNEL_EVENTS, ChannelEvent

CLOSED = "closed"  # no event: there is no connection any more, nor another attempt


class Channel(EventTarget):
    """A channel that was joined; `Channels.join` makes it. `await` it to know that the hub has accepted it.

    event      attributes of the event, beside `channel`, its name
    message    data, user, offset, time (ms since 1970)
    joined     offset: the hub has accepted the join, also on each new connection
    left       reason: we have left, were removed, or refused
    members    members, join, leave: who is there, who has come and who has gone (with `presence`)
    gap        missed: messages are lost for good; how many, None if that is not known
    """

    EVENTS = CHANNEL_EVENTS
    onmessage: "On[ChannelEvent]" = on("message")
    onjoined: "On[ChannelEvent]" = on("joined")
    onleft: "On[ChannelEvent]" = on("left")
    onmembers: "On[ChannelEvent]" = on("members")
    ongap: "On[ChannelEvent]" = on("gap")

    name = ""

    def __init__(self, channels: "Owner", topic: "Topic", joined: "Answer[str]") -> None:
        super().__init__()
        self.name = topic.name
        self._joined = joined
        self._channels = channels
        self._topic = topic
        topic.waiting = self._first_waiting
        self._is_left = False
        self._readers: "list[Reader]" = []

    def __repr__(self) -> str:
        return f"<Channel {self.name!r}>"

    if TYPE_CHECKING:  # what is bound as each name; as a decorator, `bind` leaves the function as it is

        @overload
        def bind(self, event: ChannelName, callback: Takes[ChannelEvent, R]) -> Takes[ChannelEvent, R]: ...
        @overload
        def bind(self, event: ChannelName, callback: None = None) -> Callable[[OnChannel], OnChannel]: ...
        @overload
        def bind(self, event: ChannelName, callback: Callable[[], R]) -> Callable[[], R]: ...
        def bind(self, event: Any, callback: Any = None) -> Any: ...
        def unbind(self, event: ChannelName, callback: Callable[..., object] | None = None) -> None: ...

    def publish(self, data: "Any", *, timeout: "float | None" = None) -> "Answer[int | None]":
        """As `Channels.publish`."""
        return self._channels.publish(self.name, data, timeout=timeout)

    def history(
        self, limit: int = protocol.HISTORY, *, before: "int | None" = None, timeout: "float | None" = None
    ) -> "Answer[list[ChannelEvent]]":
        """As `Channels.history`."""
        return self._channels.history(self.name, limit, before=before, timeout=timeout)

    def leave(self, *, timeout: "float | None" = None) -> "Answer[None]":
        """As `Channels.leave`."""
        return self._channels.leave(self.name, timeout=timeout)

    @property
    def joined(self) -> "Answer[str]":
        """The answer to `join`."""
        return self._joined

    @property
    def members(self) -> "list[str]":
        """Who is there, as far as is known (with `presence`)."""
        return [] if self._is_left else sorted(self._topic.presence.members)

    @property
    def readers(self) -> int:
        """How many readers there are."""
        return len(self._readers)

    def reader(self, conflate: bool = False) -> "Reader":
        """An async iterator of the messages from now on:

        async with channel.reader() as messages:
            async for message in messages: ...

        It ends when the channel is left, and with the last connection: after `Channels.close()`, or when no further
        attempt is made. With `conflate` only the newest waits for a reader that is slow.
        """
        reader = Reader(conflate, self._readers.remove)
        self._readers.append(reader)
        if self._is_left:
            reader.close()
        return reader

    def __aiter__(self) -> "Reader":
        """A reader that nobody closes: for a loop that is left with `break`, use `reader()`."""
        return self.reader()

    async def wait(self) -> "Channel":
        """What `await channel` does, as a coroutine."""
        await self.joined
        return self

    def __await__(self) -> "Generator[Any, None, Channel]":
        return self.wait().__await__()

    if not TYPE_CHECKING:

        def __iter__(self):
            """What `await` asks for on MicroPython."""
            return self.wait()

    def _first_waiting(self) -> "ChannelEvent | None":
        """The earliest message that waits for a handler or in a reader. (With `persist`: each has an epoch.)"""
        waiting: "list[Any]" = self._handlers.waiting("message")
        waiting = waiting + [message for reader in self._readers for message in reader.waiting[:1]]
        epoch = self._topic.epoch
        return min(waiting, key=lambda event: (event.epoch == epoch, event.offset)) if waiting else None

    def _emit(self, kind: str, fields: "dict[str, Any]") -> None:
        self._is_left = self._is_left or kind == "left"
        fields["channel"] = self.name
        event = ChannelEvent(kind, self, fields)
        if kind != CLOSED:
            self._handlers.call(kind, (event,))
        if kind == "message":
            for reader in list(self._readers) if self._readers else ():
                reader._put(event)
        elif kind in ("left", CLOSED):
            for reader in list(self._readers):
                reader.close()


class Reader:
    """Messages of a channel for `async for`, from when it was made until it is closed or the channel left.

    `backlog` is how many have come and wait; `onclose` is called when it is closed.
    """

    def __init__(self, conflate: bool, forget: "Callable[[Reader], None]") -> None:
        self.onclose: "Callable[[], None]" = _nothing
        self._forget = forget
        self._conflate = conflate
        self.waiting: "list[ChannelEvent]" = []
        self._news = Signal()
        self._closed = False
        self._is_waiting = False

    @property
    def backlog(self) -> int:
        return len(self.waiting)

    def close(self) -> None:
        """No more messages; those that wait are still handed out."""
        if not self._closed:
            self._closed = True
            self._forget(self)
            self._news.set()
            self.onclose()

    async def __aenter__(self) -> "Reader":
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()

    def __aiter__(self) -> "Reader":
        return self

    async def __anext__(self) -> "ChannelEvent":
        if self._is_waiting:
            raise ConcurrencyError("cannot read while another task is already reading: give each its own reader")
        while not self.waiting:
            if self._closed:
                raise StopAsyncIteration
            self._is_waiting = True
            try:
                await self._news.wait()
            finally:
                self._is_waiting = False
        return self.waiting.pop(0)

    def _put(self, event: "ChannelEvent") -> None:
        if self._conflate:
            self.waiting.clear()
        self.waiting.append(event)
        self._news.set()


def _nothing() -> None: ...
