"""What Pyodide and MicroPython share: the page's URL, and tasks of the event loop."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any

    from .callbacks import Callbacks
    from .interface import Ffi, Link, Result
    from .storage import PageStorage

import json

import js

from .._pure.numbers import MAX_TIMER
from .javascript import bind, construct
from .link import SocketLink
from .report import report

MISSING = "there is no WebSocket here: browsers have one, and Node since version 22"


class BrowserHost:
    """A page or worker."""

    endpoint = None

    def __init__(self, ffi: "Ffi") -> None:
        self.ffi = ffi
        self.clock = ffi.clock
        self.cannot_block = ffi.cannot_block
        self.missing = "" if hasattr(js, "WebSocket") else MISSING
        self.supports_backpressure = hasattr(js, "WebSocketStream")
        self._tasks: "list[Callable[[], None]]" = []
        self._post: "Any" = None

    def block(self, awaitable: "Awaitable[Result]") -> "Result":
        return self.ffi.block(awaitable)

    @property
    def page_origin(self) -> str:
        return str(js.location.origin) if hasattr(js, "location") else ""  # Node has no page

    @property
    def page_is_known(self) -> bool:
        return hasattr(js, "document") or not self._base().startswith("blob:")

    def _base(self) -> str:
        if hasattr(js, "document"):  # PyScript puts the page's document here in a worker, where it can
            return str(js.document.baseURI)
        return str(js.location.href) if hasattr(js, "location") else ""

    def parse(self, url: str) -> "str | None":
        base = self._base()
        for parts in ([url, base[5:] if base.startswith("blob:") else base], [url]):
            # as JSON: on MicroPython, a string that crosses ends at its first NUL
            arguments = js.JSON.parse(json.dumps(parts))
            if js.Reflect.apply(js.Reflect.get(js.URL, "canParse"), js.URL, arguments):
                return str(js.Reflect.construct(js.URL, arguments).href)
        return None

    def open(self, url: str, protocols: "Sequence[str]", callbacks: "Callbacks") -> "Link":
        socket = construct(js.WebSocket, url, js.Array.of(*protocols))
        return self._refused(url, callbacks) if socket is None else SocketLink(self, socket, callbacks)

    def open_stream(
        self, marks: "tuple[float, float]", url: str, protocols: "Sequence[str]", callbacks: "Callbacks"
    ) -> "Link":
        from .stream import StreamLink  # only who asks for it has to load it

        stream = construct(js.WebSocketStream, url, js.JSON.parse(json.dumps({"protocols": list(protocols)})))
        return self._refused(url, callbacks) if stream is None else StreamLink(self.ffi, stream, marks, callbacks)

    def _refused(self, url: str, callbacks: "Callbacks") -> "Link":
        from .refused import RefusedLink  # only who meets it has to load it

        return RefusedLink(self, url, callbacks)

    def call_later(self, seconds: float, callback: "Callable[[], object]") -> "Delayed":
        return Delayed(self.ffi, seconds, callback)

    def watch_page(self, callback: "Callable[[str], None]") -> "Callable[[], None]":
        from .page import watch_page  # only who asks for it has to load it

        return watch_page(self.ffi, callback)

    def storage(self, name: str) -> "PageStorage | None":
        if not hasattr(js, "self"):  # Node
            return None
        from .storage import PageStorage  # only who asks for it has to load it

        return PageStorage(self.ffi, name)

    def soon(self, callback: "Callable[[], None]") -> None:
        """Call back in a task of its own, as soon as the event loop gets to it."""
        if self._post is None:
            run = self.ffi.listener(self._run_tasks)  # one for all sockets, kept for the life of the page
            if hasattr(js, "setImmediate"):  # Node's, which keeps timers waiting while ports are posted to
                self._post = bind(js.setImmediate, None, run)
            else:
                channel = js.MessageChannel.new()
                channel.port1.onmessage = run
                self._post = bind(js.Reflect.get(channel.port2, "postMessage"), channel.port2, None)
        self._tasks.append(callback)
        if len(self._tasks) == 1:
            self._post()

    def _run_tasks(self, *event: "Any") -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            try:
                task()
            except BaseException as error:  # one socket's trouble is not another's
                report(error)


class Delayed:
    """A callback after some time. (That of asyncio's loop in Pyodide is kept until its time, also when it is
    cancelled; that of MicroPython has none.)"""

    def __init__(self, ffi: "Ffi", seconds: float, callback: "Callable[[], object]") -> None:
        self._ffi = ffi
        self._callback = callback
        self._listener = ffi.listener(self._run)
        self._number = js.setTimeout(self._listener, min(seconds * 1000, MAX_TIMER))

    def _run(self, *ignored: "Any") -> None:
        self.cancel()
        self._callback()

    def cancel(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            js.clearTimeout(self._number)
            self._ffi.release(listener)
