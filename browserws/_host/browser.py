"""What Pyodide and MicroPython share: the page's address, tasks of the event loop, and `Link`.

How messages come in. A lone message costs least when its event goes straight to Python. In a
flood that is too dear: each crossing costs several times what JavaScript itself needs. So a link
is in one of two modes, and changes the message listener with it:

    quiet   the listener is Python: one crossing a message, at once
    flood   the listener is `queue.push`, JavaScript's own: no crossing a message. Once a task of
            the event loop, `_drain` empties the queue in one batch; when it finds it empty, the
            link is quiet again.

All functions in JavaScript here are built-in ones, bound with `Function.prototype.bind`: there is
no JavaScript in this package, and no page needs `unsafe-eval` for it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

import js

from .._pure.numbers import MAX_TIMER

# So many messages within so many milliseconds are a flood. A page that answers each message and
# waits for the next never gets there: on one machine a round trip takes some 0.2 ms.
FLOOD = 8
FLOOD_MS = 0.8
BATCH = 1000  # at most so many messages at a time: between batches the page gets its turn
SEPARATOR = "\x1e"  # Unicode's record separator: rare, and one in a text changes the number of parts
BUFFER = "[object ArrayBuffer]"  # what bytes become when they are joined with texts
# An error is followed by a close in one of the next tasks, except where the page's Content
# Security Policy refused the address: then no close ever comes, and this is how long we wait.
CLOSE_GRACE = 0.1  # seconds


def method(owner: "Any", name: str) -> "Any":
    """A method of a JavaScript object, bound to it, as a JavaScript function."""
    return bind(js.Reflect.get(owner, name), owner)


def bind(function: "Any", *arguments: "Any") -> "Any":
    """`function.bind(*arguments)`. MicroPython would bind `function.bind` to the wrong object."""
    prototype = js.Function.prototype
    return js.Reflect.apply(js.Reflect.get(prototype, "bind"), function, js.Array.of(*arguments))


def getter(prototype: "Any", name: str) -> "Any":
    """A JavaScript function that reads the attribute `name` of the object it is given."""
    descriptor = js.Object.getOwnPropertyDescriptor(prototype, name)
    return bind(js.Reflect.get(js.Function.prototype, "call"), js.Reflect.get(descriptor, "get"))


def split_texts(array: "Any") -> "list[str] | None":
    """An array of texts as a list; None if there is something else in it.

    They cross as one string: one crossing costs several times what splitting a text off does.
    """
    joined = array.join(SEPARATOR)
    texts: "list[str]" = joined.split(SEPARATOR)
    return texts if len(texts) == array.length and BUFFER not in joined else None


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
        self.missing = "" if hasattr(js, "WebSocket") else "this browser has no WebSocket"
        if not self.missing:
            self.read_data = getter(js.MessageEvent.prototype, "data")
        self.can_hold_up = hasattr(js, "WebSocketStream")
        self._tasks: "list[Callable[[], None]]" = []
        self._post: "Any" = None

    def block(self, awaitable: "Any") -> "Any":
        return self.ffi.block(awaitable)

    @property
    def page_origin(self) -> str:
        return str(js.location.origin)

    @property
    def page_is_known(self) -> bool:
        return hasattr(js, "document") or not js.location.href.startswith("blob:")

    def _base(self) -> str:
        if hasattr(js, "document"):  # PyScript puts the page's document here in a worker, where it can
            return str(js.document.baseURI)
        href = str(js.location.href)
        return href[5:] if href.startswith("blob:") else href

    def parse(self, url: str) -> "str | None":
        base = self._base()
        if js.URL.canParse(url, base):
            return str(js.URL.new(url, base).href)
        return str(js.URL.new(url).href) if js.URL.canParse(url) else None

    def open(
        self,
        url: str,
        protocols: "Sequence[str]",
        binary: "type[bytes] | type[memoryview]",
        opened: "Callable[[Any], None]",
        received: "Callable[[Iterable[str | bytes | memoryview], int, Any], None]",
        failed: "Callable[[Any], None]",
        closed: "Callable[[int, str, bool, Any], None]",
    ) -> "Link":
        return Link(self, url, protocols, binary, opened, received, failed, closed)

    def open_stream(self, limits: "tuple[int, int]", *arguments: "Any") -> "Any":
        from .stream import StreamLink  # only who asks for it has to load it

        return StreamLink(self.ffi, limits, *arguments)

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
            self._post = bind(js.Reflect.get(channel.port2, "postMessage"), channel.port2, None)
        self._tasks.append(callback)
        if len(self._tasks) == 1:
            self._post()

    def _run_tasks(self, event: "Any") -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task()


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


class Link:
    """One JavaScript WebSocket, from its first event to its last."""

    def __init__(
        self,
        host: BrowserHost,
        url: str,
        protocols: "Sequence[str]",
        binary: "type[bytes] | type[memoryview]",
        opened: "Callable[[Any], None]",
        received: "Callable[[Iterable[str | bytes | memoryview], int, Any], None]",
        failed: "Callable[[Any], None]",
        closed: "Callable[[int, str, bool, Any], None]",
    ) -> None:
        self._host = host
        self._ffi = host.ffi
        self._binary = binary
        self._received = received
        self._failed = failed
        self._closed = closed

        self.js = js.WebSocket.new(url, js.Array.of(*protocols))
        self.js.binaryType = "arraybuffer"
        self.send = self._ffi.sender(self.js)

        self._queue = js.Array.new()
        self._push = method(self._queue, "push")
        self._from_quiet = self._ffi.listener(self._on_message)
        self._flooded = False
        self._quiet = 0  # messages since ...
        self._quiet_since = 0  # ... this time, in milliseconds
        self._grace: "Delayed | None" = None
        self._listeners = {
            "open": self._ffi.listener(opened),
            "error": self._ffi.listener(self._on_error),
            "close": self._ffi.listener(self._on_close),
        }
        for name, listener in self._listeners.items():
            self.js.addEventListener(name, listener)
        self.js.addEventListener("message", self._from_quiet)

    def is_open(self) -> bool:
        return bool(self.js.readyState == 1)

    def close(self, code: int, reason: str) -> None:
        self._ffi.close(self.js, code, reason)

    # --- messages ---

    def _on_message(self, event: "Any") -> None:
        self._quiet += 1
        if self._quiet == FLOOD:
            self._look_for_flood()
        self._received(map(self._read, (event,)), 1, (event,))  # read when its turn comes, as in a batch

    def _look_for_flood(self) -> None:
        now = self._host.clock()
        if now - self._quiet_since < FLOOD_MS:
            self._flooded = True
            self.js.removeEventListener("message", self._from_quiet)
            self.js.addEventListener("message", self._push)
            self._host.soon(self._drain)
        self._quiet = 0
        self._quiet_since = now

    def _read(self, event: "Any") -> "str | bytes | memoryview":
        return self._ffi.message(event.data, self._binary)  # type: ignore[no-any-return]

    def _drain(self) -> None:
        if self._closed is None:
            return
        if self._take():
            self._host.soon(self._drain)
        elif self._flooded:
            self._flooded = False
            self.js.removeEventListener("message", self._push)
            self.js.addEventListener("message", self._from_quiet)

    def _take(self) -> int:
        """Hand over a batch of what is in the queue; the number of messages."""
        events = self._queue.splice(0, BATCH)
        count = int(events.length)
        if count:
            self._received(self._ffi.messages(events.map(self._host.read_data), self._binary), count, events)
        return count

    def _take_all(self) -> None:
        while self._take():
            pass

    # --- the end ---

    def _on_error(self, event: "Any") -> None:
        self._take_all()
        self._failed(event)
        if self._closed is not None and self.js.readyState == 3:
            self._grace = self._host.call_later(CLOSE_GRACE, self._end_without_close)

    def abandon(self) -> None:
        """Have done with the socket now: nothing that still happens to it is told."""
        self._take_all()
        self._end_without_close()

    def _end_without_close(self) -> None:
        self._end(1006, "", False, None)

    def _on_close(self, event: "Any") -> None:
        self._take_all()
        code, reason, was_clean = self._ffi.close_details(event)
        self._end(code, reason, was_clean, event)

    def _end(self, code: int, reason: str, was_clean: bool, source: "Any") -> None:
        closed, self._closed = self._closed, None  # type: ignore[assignment]
        if closed is None:
            return
        if self._grace is not None:
            self._grace.cancel()
        for name, listener in self._listeners.items():
            self.js.removeEventListener(name, listener)
        self.js.removeEventListener("message", self._push if self._flooded else self._from_quiet)
        closed(code, reason, was_clean, source)
        for listener in list(self._listeners.values()) + [self._from_quiet]:
            self._ffi.release(listener)
        # Not one listener may be known here any longer: it is JavaScript's and knows this link, and
        # no collector sees through such a circle. (On MicroPython, a proxy cannot be destroyed.)
        self._listeners = {}
        self._from_quiet = None
        self._received = self._failed = None  # type: ignore[assignment]
