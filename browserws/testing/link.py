"""`FakeLink`: the page's end of a fake connection."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .._host.callbacks import Callbacks

import asyncio

from ..codes import ABNORMAL_CLOSURE, Close

LOST = (ABNORMAL_CLOSURE, "", False, False)  # code, reason, was_clean, failed


class FakeLink:
    """The page's end of a fake connection: stands where `SocketLink` and `StreamLink` of `_host` stand."""

    def __init__(self, marks: "tuple[float, float] | None", url: str, callbacks: "Callbacks") -> None:
        self._marks = marks
        self._waiting = 0  # messages that were delivered and not yet taken
        self._room = asyncio.Event()
        self._room.set()
        self.js = FakeJsWebSocket(url)
        self._arrived: "Callable[[str | bytes | Close], None]" = _nowhere  # at the server, when it has accepted
        self._drop: "Callable[[], None]" = lambda: None
        self.task: "asyncio.Task[None] | None" = None
        self._ended = False
        self._how = LOST
        self._callbacks = callbacks
        self._inbox: "list[str | bytes | memoryview]" = []

    def is_open(self) -> bool:
        return self.js.readyState == 1

    def send(self, data: "str | memoryview") -> None:
        self._arrived(data if isinstance(data, str) else bytes(data))

    def close(self, code: int, reason: str) -> None:
        connecting = self.js.readyState == 0
        self.js.readyState = 2
        self._room.set()
        if connecting:  # also where the handshake is never answered
            asyncio.get_running_loop().call_soon(self.end, ABNORMAL_CLOSURE, "", False, True)
        else:
            self._arrived(Close(code, reason))

    def open(self, arrived: "Callable[[str | bytes | Close], None]", drop: "Callable[[], None]") -> None:
        self._arrived, self._drop = arrived, drop
        self.js.readyState = 1
        self._callbacks.on_open(None)

    def deliver(self, data: "str | bytes") -> None:
        """Messages are handed over in a later iteration of the event loop, all that came so far at once."""
        if not self._inbox:
            asyncio.get_running_loop().call_soon(self.flush)
        self._inbox.append(data if isinstance(data, str) else self._callbacks.binary(data))
        self._waiting += 1
        if self._marks is not None and self._waiting >= self._marks[0]:
            self._room.clear()

    def flush(self) -> None:
        messages, self._inbox = self._inbox, []
        if messages:
            self._callbacks.on_messages(self._taken(messages), len(messages), None)

    def _taken(self, messages: "list[str | bytes | memoryview]") -> "Iterator[str | bytes | memoryview]":
        for message in messages:
            yield message
            self._waiting -= 1
            if self._marks is not None and self._waiting <= self._marks[1]:
                self._room.set()

    async def room(self) -> None:
        """Wait while the page's back-pressure pauses the sender. (A page that is closing takes all.)"""
        if self.is_open():
            await self._room.wait()

    def abort(self) -> None:
        if not self._ended:
            self.js.readyState = 3
            self._room.set()
            self._drop()
            self._how = LOST
            self._finish()

    def leave(self) -> None:
        """The network is closed: end as was intended, or now."""
        if self.task is not None:
            self.task.cancel()
        self._drop()
        self.js.readyState = 3
        self._finish()

    def end(self, code: int, reason: str, was_clean: bool, failed: bool = False) -> None:
        if self.js.readyState != 3:
            self.js.readyState = 3
            self._room.set()
            self._how = (code, reason, was_clean, failed)
            asyncio.get_running_loop().call_soon(self._finish)

    def _finish(self) -> None:
        if self._ended:
            return
        code, reason, was_clean, failed = self._how
        self._ended = True
        self.flush()
        if failed:
            self._callbacks.on_failure(None)
        self._callbacks.on_end(code, reason, was_clean, None)


def _nowhere(what: object) -> None:
    """Nobody is there yet."""


class FakeJsWebSocket:
    """The attributes of a JavaScript WebSocket."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.readyState = 0
        self.protocol = ""
        self.extensions = ""
        self.bufferedAmount = 0
