"""`StreamLink`: one JavaScript WebSocketStream. It stands where `Link` stands, and can hold up the sender.

A WebSocket takes whatever comes. A WebSocketStream is read message by message: while nobody reads,
the browser's buffers fill, then those of the network, and then the server's `send` has to wait.

Chromium drops what it had not handed over when the server's close comes: whoever is held up then
would lose messages and be told of a good end. So such an end counts as a lost connection (1006).
Reading is JavaScript's own (`pipeTo`), as Python in between would hold up every message for a while.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

import json

import js

from .javascript import bind


class StreamLink:
    """The sender is held up while `high` messages wait to be taken, until only `low` are left.

    Once this side closes, it takes all that comes: the server's close frame is behind it.
    """

    def __init__(
        self,
        ffi: "Any",
        stream: "Any",
        limits: "tuple[int, int]",
        binary: "type[bytes] | type[memoryview]",
        opened: "Callable[[Any], None]",
        received: "Callable[[Iterable[str | bytes | memoryview], int, Any], None]",
        failed: "Callable[[Any], None]",
        closed: "Callable[[int, str, bool, Any], None]",
    ) -> None:
        self._ffi = ffi
        self._high, self._low = limits
        self._binary = binary
        self._opened = opened
        self._received = received
        self._failed = failed
        self._closed: "Callable[[int, str, bool, Any], None] | None" = closed

        self._open = False
        self._waiting = 0  # messages handed over and not yet taken
        self._let_go: "Any" = None  # ends the time in which the sender is held up
        self._write: "Any" = None
        self._unwritten: "list[int]" = []  # sizes in bytes of messages that the browser has not taken yet
        self._asked: "tuple[int, str] | None" = None  # the arguments of close()
        self._flows = False  # messages may still come out of the stream
        self._told: "tuple[int, str, bool] | None" = None  # how it ended

        self.js = StreamState(stream)
        self._listeners: "list[Any]" = []
        self._then(stream.opened, self._on_open, self._on_refusal)
        self._then(stream.closed, self._on_end, self._on_loss)

    def _listener(self, callback: "Callable[..., Any]") -> "Any":
        listener = self._ffi.listener(callback)
        self._listeners.append(listener)
        return listener

    def _then(self, promise: "Any", *callbacks: "Callable[..., None]") -> None:
        """`promise.then(...)` of JavaScript: that of Pyodide calls back some turns of the event loop later."""
        then = bind(js.Reflect.get(js.Promise.prototype, "then"), promise)
        then(*[self._listener(callback) for callback in callbacks])

    # --- opening ---

    def _on_open(self, connection: "Any") -> None:
        self.js.protocol = connection.protocol
        self.js.extensions = connection.extensions
        self._write = self._ffi.writer(connection.writable.getWriter())
        self._open = True
        self._flows = True
        sink = js.Object.new()
        sink.write = self._listener(self._on_message)
        connection.readable.pipeTo(js.WritableStream.new(sink)).then(self._on_dry, self._on_dry)
        if self._closed is not None:
            self._opened(None)

    def _on_refusal(self, error: "Any") -> None:
        if self._closed is not None:
            self._failed(None)

    def is_open(self) -> bool:
        return self._open and self._asked is None and self._told is None

    # --- messages ---

    def _on_message(self, data: "Any", controller: "Any" = None) -> "Any":
        """The next one comes when the promise that this returns is fulfilled; at once without one."""
        if self._closed is None:
            return None
        self._waiting += 1
        self._received(self._taken(data), 1, None)
        if self._waiting < self._high or self._asked is not None or self._told is not None:
            return None
        held_up = js.Promise.withResolvers()
        self._let_go = held_up.resolve
        return held_up.promise

    def _taken(self, data: "Any") -> "Iterator[str | bytes | memoryview]":
        yield self._ffi.message(data, self._binary)
        self._waiting -= 1
        if self._waiting <= self._low:
            self._go_on()

    def _go_on(self) -> None:
        let_go, self._let_go = self._let_go, None
        if let_go is not None:
            let_go(None)

    def send(self, data: "str | memoryview") -> None:
        size = _bytes(data)
        self._unwritten.append(size)
        self.js.bufferedAmount += size
        self._write(data).then(self._on_written, self._on_written)

    def _on_written(self, ignored: "Any" = None) -> None:
        self.js.bufferedAmount -= self._unwritten.pop(0)
        self._close_when_written()

    # --- the end ---

    def close(self, code: int, reason: str) -> None:
        self._asked = (code, reason)
        self._close_when_written()
        self._go_on()

    def _close_when_written(self) -> None:
        if self._asked is not None and not self._unwritten:
            code, reason = self._asked
            self.js.stream.close(_object({"closeCode": code, "reason": reason}))

    def _on_end(self, info: "Any") -> None:
        if self._let_go is None:
            self._tell(info.closeCode, info.reason, True)
        else:
            self._on_loss(None)

    def _on_loss(self, error: "Any") -> None:
        self._tell(1006, "", False)

    def _tell(self, code: int, reason: str, was_clean: bool) -> None:
        self._told = (code, reason, was_clean)
        self._go_on()
        if not self._flows:
            self._finish()

    def _on_dry(self, ignored: "Any" = None) -> None:
        self._flows = False
        if self._told is not None:
            self._finish()

    def _finish(self) -> None:
        """All promises are settled: nothing of this socket will happen any more."""
        self._end(*self._told)  # type: ignore[misc]
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            self._ffi.release(listener)

    def abandon(self) -> None:
        """Have done with the connection now: nothing that still happens to it is told."""
        self._end(1006, "", False)

    def _end(self, code: int, reason: str, was_clean: bool) -> None:
        closed, self._closed = self._closed, None
        if closed is not None:
            closed(code, reason, was_clean, None)


class StreamState:
    """The attributes of a JavaScript WebSocket that are read."""

    def __init__(self, stream: "Any") -> None:
        self.stream = stream
        self.url = str(stream.url)
        self.protocol = ""
        self.extensions = ""
        self.bufferedAmount = 0


def _bytes(data: "str | memoryview") -> int:
    """How many bytes go out."""
    if isinstance(data, str):
        return len(data.encode())
    return data.nbytes if hasattr(data, "nbytes") else len(bytes(data))  # MicroPython has no nbytes


def _object(values: "dict[str, Any]") -> "Any":
    """A JavaScript object. (Strings that cross on MicroPython end at their first NUL; in JSON it is an escape.)"""
    return js.JSON.parse(json.dumps(values))
