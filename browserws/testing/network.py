"""`FakeNetwork`: stands where a browser or a program stands, in memory."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any, NoReturn

    from .._host.callbacks import Callbacks
    from .._host.interface import Host

import asyncio
from urllib.parse import urljoin, urlsplit

from .._host import use
from ..codes import ABNORMAL_CLOSURE, INTERNAL_ERROR
from ..errors import ConnectionClosed
from .connection import FakeConnection
from .link import FakeLink
from .storage import FakeStorage


class FakeNetwork:
    """Inside its `with` block all connections of the page lead to `server` (asyncio must be running). At the end of the
    block open connections are lost, and timers and coroutines of the server are cancelled.

    `server(connection)` is a coroutine function: it is called for each `FakeConnection`, and the
    connection is closed with 1000 when it returns, with 1011 when it raises. `refuse(path)` says
    which handshakes fail, `hold(path)` which are never answered, `blocked(url)` which URLs the
    page's Content Security Policy forbids, `select_subprotocol(connection, offered)` chooses one.
    `page` is the page's URL. `connections` are the connections so far, `kept` what pages keep for a reload.
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
        self.kept: "dict[str, list[Any]]" = {}
        self._pages = 0  # that keep something
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

    def storage(self, name: str) -> "FakeStorage":
        self._pages += 1
        return FakeStorage(self.kept.setdefault(name, []), 1e12 + 1000 * self._pages)

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
