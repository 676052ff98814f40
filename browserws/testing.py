"""Test a page's code in plain CPython: a network in memory, with a server of your own behind it.

    from browserws.testing import FakeNetwork

    async def server(connection):             # written as for websockets.serve()
        async for message in connection:
            await connection.send(message)

    async def test_my_page():
        with FakeNetwork(server):
            await my_page.main()              # its WebSocket("/chat") talks to `server`

The fake passes the same conformance suite as the browsers. It has no real timing, no limits of size and no
compression.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from typing import NoReturn

    from ._host.callbacks import Callbacks
    from ._host.interface import Host

import asyncio
from urllib.parse import urljoin, urlsplit

from ._host import use
from ._pure.checks import size
from .codes import ABNORMAL_CLOSURE, INTERNAL_ERROR, NORMAL_CLOSURE, Close
from .errors import ConnectionClosed, ConnectionClosedOK, connection_closed

LOST = (ABNORMAL_CLOSURE, "", False, False)  # code, reason, was_clean, failed


class FakeNetwork:
    """Inside its `with` block all connections of the page lead to `server` (asyncio must be running). At the end of the
    block open connections are lost, and timers and coroutines of the server are cancelled.

    `server(connection)` is a coroutine function: it is called for each `FakeConnection`, and the
    connection is closed with 1000 when it returns, with 1011 when it raises. `refuse(path)` says
    which handshakes fail, `hold(path)` which are never answered, `blocked(url)` which URLs the
    page's Content Security Policy forbids, `select_subprotocol(connection, offered)` chooses one.
    `page` is the page's URL. `connections` are the connections so far.
    """

    missing = ""
    page_is_known = True
    supports_backpressure = True
    endpoint = None

    def __init__(
        self,
        server: "Callable[[FakeConnection], Awaitable[None]]",
        *,
        page: str = "http://localhost/index.html",
        refuse: "Callable[[str], bool]" = lambda path: False,
        hold: "Callable[[str], bool]" = lambda path: False,
        blocked: "Callable[[str], bool]" = lambda url: False,
        select_subprotocol: "Callable[[FakeConnection, Sequence[str]], str | None]" = lambda c, offered: None,
    ) -> None:
        self.server = server
        self.page = page
        self.refuse = refuse
        self.hold = hold
        self.blocked = blocked
        self.select_subprotocol = select_subprotocol
        self.connections: "list[FakeConnection]" = []
        self._watchers: "list[Callable[..., None]]" = []
        self._links: "list[FakeLink]" = []
        self._left = False
        self._before: "Host | None" = None  # where the page was

    def __enter__(self) -> "FakeNetwork":
        self._left = False
        self._before = use(self)
        return self

    def __exit__(self, *exception: object) -> None:
        self._left = True
        links, self._links = self._links, []
        for link in links:
            link.leave()
        if self._before is not None:
            use(self._before)

    @property
    def page_origin(self) -> str:
        parts = urlsplit(self.page)
        return f"{parts.scheme}://{parts.netloc}"

    def parse(self, url: str) -> "str | None":
        encoded = "".join([character if character >= " " else f"%{ord(character):02X}" for character in url])
        absolute = urljoin(self.page, encoded)
        try:
            parts = urlsplit(absolute)
            valid = bool(parts.scheme and parts.hostname) and parts.port != -1
            valid = valid and not any(character in parts.netloc for character in " %")
        except ValueError:
            return None
        if not valid and parts.scheme in ("", "ws", "wss", "http", "https"):
            return None
        if valid and not parts.path:
            absolute = parts._replace(path="/").geturl()
        return absolute if "#" not in url or "#" in absolute else absolute + "#"

    def clock(self) -> float:
        return asyncio.get_running_loop().time() * 1000

    def watch_page(self, callback: "Callable[..., None]") -> "Callable[[], None]":
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    def happen(self, what: str, *details: str) -> None:
        """Something happens to the page: "offline", "online", "pagehide", "pageshow", "visible" or "resume"."""
        for watcher in list(self._watchers):
            watcher(what, *details)

    def cannot_block(self) -> str:
        return "calls cannot block in a FakeNetwork: its server has to run meanwhile"

    def block(self, awaitable: object) -> "NoReturn":
        raise NotImplementedError(self.cannot_block())

    def call_later(self, seconds: float, callback: "Callable[[], object]") -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, lambda: None if self._left else callback())

    def open(self, url: str, protocols: "Sequence[str]", callbacks: "Callbacks") -> "FakeLink":
        return self._open(None, url, protocols, callbacks)

    def open_stream(
        self, marks: "tuple[float, float]", url: str, protocols: "Sequence[str]", callbacks: "Callbacks"
    ) -> "FakeLink":
        return self._open(marks, url, protocols, callbacks)

    def _open(
        self, marks: "tuple[float, float] | None", url: str, protocols: "Sequence[str]", callbacks: "Callbacks"
    ) -> "FakeLink":
        link = FakeLink(marks, url, callbacks)
        link.task = asyncio.create_task(self._connect(link, protocols))
        self._links.append(link)
        return link

    async def _connect(self, link: "FakeLink", protocols: "Sequence[str]") -> None:
        await asyncio.sleep(0)
        connection = FakeConnection(link)
        path = connection.request.path
        if self.hold(path):
            return
        if self.blocked(link.js.url):
            self.happen("forbidden", link.js.url)
        if link.js.readyState != 0 or self.blocked(link.js.url) or self.refuse(path):
            link.end(ABNORMAL_CLOSURE, "", False, failed=True)
            return
        chosen = self.select_subprotocol(connection, protocols)
        if protocols and chosen not in protocols:
            link.end(ABNORMAL_CLOSURE, "", False, failed=True)  # as Chromium does
            return
        connection.subprotocol = link.js.protocol = chosen or ""
        self.connections.append(connection)
        connection.open()
        try:
            await self.server(connection)
        except ConnectionClosed:
            pass  # the page has gone, as it may at any time
        except Exception:
            await connection.close(INTERNAL_ERROR)
        else:
            await connection.close()


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
        if connecting:
            return  # the handshake finds it closed
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
