"""What Pyodide and MicroPython share: the page's address, and tasks of the event loop."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

import json

import js

from .._pure.numbers import MAX_TIMER
from .._report import report
from .javascript import bind, construct
from .link import Link
from .refused import RefusedLink

MISSING = "there is no WebSocket here: browsers have one, and Node since version 22"


class BrowserHost:
    """A page or worker. `ffi` is the runtime's module, with what differs between the runtimes:

    listener(callback)      a JavaScript function that calls `callback`
    release(listener)       frees it
    message(data, binary)   what `event.data` is, as str or, for bytes, as `binary`
    messages(array, binary) the same for an array of data, in order, when it is iterated
    sender(socket)          a function that sends a str or a memoryview
    writer(stream)          one that writes it to a WritableStreamDefaultWriter and gives the promise
    close(socket, code, reason)
    close_details(event)    (code, reason, was_clean)
    clock()                 milliseconds that never go back
    cannot_block()          why Python cannot wait here without `await`, "" if it can
    block(awaitable)        waits, and gives the result
    """

    def __init__(self, ffi: "Any") -> None:
        self.ffi = ffi
        self.clock = ffi.clock
        self.cannot_block = ffi.cannot_block
        self.missing = "" if hasattr(js, "WebSocket") else MISSING
        self.can_hold_up = hasattr(js, "WebSocketStream")
        self._tasks: "list[Callable[[], None]]" = []
        self._post: "Any" = None

    def block(self, awaitable: "Any") -> "Any":
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
        for address in ([url, base[5:] if base.startswith("blob:") else base], [url]):
            # as JSON: on MicroPython, a string that crosses ends at its first NUL
            arguments = js.JSON.parse(json.dumps(address))
            if js.Reflect.apply(js.Reflect.get(js.URL, "canParse"), js.URL, arguments):
                return str(js.Reflect.construct(js.URL, arguments).href)
        return None

    def open(
        self,
        url: str,
        protocols: "Sequence[str]",
        binary: "type[bytes] | type[memoryview]",
        opened: "Callable[[Any], None]",
        received: "Callable[[Iterable[str | bytes | memoryview], int, Any], None]",
        failed: "Callable[[Any], None]",
        closed: "Callable[[int, str, bool, Any], None]",
    ) -> "Link | RefusedLink":
        socket = construct(js.WebSocket, url, js.Array.of(*protocols))
        if socket is None:
            return RefusedLink(self, url, failed, closed)
        return Link(self, socket, binary, opened, received, failed, closed)

    def open_stream(
        self,
        limits: "tuple[int, int]",
        url: str,
        protocols: "Sequence[str]",
        binary: "type[bytes] | type[memoryview]",
        opened: "Callable[[Any], None]",
        received: "Callable[[Iterable[str | bytes | memoryview], int, Any], None]",
        failed: "Callable[[Any], None]",
        closed: "Callable[[int, str, bool, Any], None]",
    ) -> "Any":
        from .stream import StreamLink  # only who asks for it has to load it

        stream = construct(js.WebSocketStream, url, js.JSON.parse(json.dumps({"protocols": list(protocols)})))
        if stream is None:
            return RefusedLink(self, url, failed, closed)
        return StreamLink(self.ffi, stream, limits, binary, opened, received, failed, closed)

    def call_later(self, seconds: float, callback: "Callable[[], object]") -> "Delayed":
        return Delayed(self.ffi, seconds, callback)

    def watch_page(self, callback: "Callable[[str], None]") -> "Callable[[], None]":
        from .page import watch_page  # only who asks for it has to load it

        return watch_page(self.ffi, callback)

    def soon(self, callback: "Callable[[], None]") -> None:
        """Call back in a task of its own, as soon as the event loop gets to it."""
        if self._post is None:
            channel = js.MessageChannel.new()  # one for all sockets, kept for the life of the page
            channel.port1.onmessage = self.ffi.listener(self._run_tasks)
            if hasattr(channel.port1, "unref"):
                channel.port1.unref()  # Node would not end while somebody listens to it
            self._post = bind(js.Reflect.get(channel.port2, "postMessage"), channel.port2, None)
        self._tasks.append(callback)
        if len(self._tasks) == 1:
            self._post()

    def _run_tasks(self, event: "Any") -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            try:
                task()
            except BaseException as error:  # one socket's trouble is not another's
                report(error)


class Delayed:
    """A callback after some time. (That of asyncio's loop in Pyodide is kept until its time, also when it is
    cancelled; that of MicroPython has none.)"""

    def __init__(self, ffi: "Any", seconds: float, callback: "Callable[[], object]") -> None:
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
