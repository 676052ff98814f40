"""`FakeConnection`: the server's end of a fake connection."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

import asyncio
from urllib.parse import urlsplit

from .._pure.checks import size
from ..codes import ABNORMAL_CLOSURE, NORMAL_CLOSURE, Close
from ..errors import ConnectionClosedOK, connection_closed
from .link import FakeLink


class FakeRequest:
    def __init__(self, path: str) -> None:
        self.path = path


class FakeTransport:
    def __init__(self, abort: "Callable[[], None]", pause: "Callable[[], None]", resume: "Callable[[], None]") -> None:
        self.abort = abort
        self.pause_reading = pause
        self.resume_reading = resume


class FakeConnection:
    """The server's end: the part of `websockets.asyncio.server.ServerConnection` that servers use.

    `request.path`, `subprotocol`, `recv`, `send`, `close`, `wait_closed`, `close_code`,
    `close_reason`, `async for`, and of its `transport` `abort()`, which drops the connection, and
    `pause_reading()` and `resume_reading()`.
    """

    def __init__(self, link: FakeLink) -> None:
        parts = urlsplit(link.js.url)
        self.request = FakeRequest(parts.path + (f"?{parts.query}" if parts.query else ""))
        self.transport = FakeTransport(self._drop, self._pause, self._resume)
        self.subprotocol: "str | None" = None
        self._link = link
        self._inbox: "list[str | bytes]" = []
        self._news = asyncio.Event()
        self._ended = asyncio.Event()
        self._received: "Close | None" = None
        self._sent: "Close | None" = None
        self._page_closed = False
        self._reads = True
        self._unread: "list[str | bytes | Close]" = []

    def open(self) -> None:
        """The handshake has succeeded."""
        self._link.open(self._arrived, self._drop)

    async def recv(self) -> "str | bytes":
        while not self._inbox:
            if self._ended.is_set():
                raise connection_closed(self._received, self._sent, self._page_closed)
            self._news.clear()
            await self._news.wait()
        return self._inbox.pop(0)

    def __aiter__(self) -> "FakeConnection":
        return self

    async def __anext__(self) -> "str | bytes":
        try:
            return await self.recv()
        except ConnectionClosedOK:
            pass
        raise StopAsyncIteration

    async def send(self, message: "str | bytes") -> None:
        if self._ended.is_set():
            raise connection_closed(self._received, self._sent, self._page_closed)
        self._link.deliver(message)
        await asyncio.sleep(0)
        await self._link.room()

    async def close(self, code: int = NORMAL_CLOSURE, reason: str = "") -> None:
        if not self._ended.is_set():
            self._sent = self._received = Close(code, reason)
            self._end()
            self._link.end(code, reason, True)

    async def wait_closed(self) -> None:
        await self._ended.wait()

    @property
    def close_code(self) -> "int | None":
        if not self._ended.is_set():
            return None
        return ABNORMAL_CLOSURE if self._received is None else self._received.code

    @property
    def close_reason(self) -> "str | None":
        if not self._ended.is_set():
            return None
        return "" if self._received is None else self._received.reason

    def _arrived(self, what: "str | bytes | Close") -> None:
        """A message or a close frame from the page."""
        if not self._reads:
            self._unread.append(what)
            self._link.js.bufferedAmount += 0 if isinstance(what, Close) else size(what)
        elif isinstance(what, Close):
            self._page_closes(what)
        else:
            self._inbox.append(what)
            self._news.set()

    def _pause(self) -> None:
        self._reads = False

    def _resume(self) -> None:
        self._reads = True
        unread, self._unread = self._unread, []
        self._link.js.bufferedAmount = 0
        for what in unread:
            self._arrived(what)

    def _page_closes(self, close: Close) -> None:
        if not self._ended.is_set():
            self._received = self._sent = close
            self._page_closed = True
            self._end()
            self._link.end(close.code, close.reason, True)

    def _drop(self) -> None:
        if not self._ended.is_set():
            self._end()
            self._link.end(ABNORMAL_CLOSURE, "", False)

    def _end(self) -> None:
        self._ended.set()
        self._news.set()
