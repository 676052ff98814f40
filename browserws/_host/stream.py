"""`StreamLink`: one JavaScript WebSocketStream. It stands where `SocketLink` stands, and supports back-pressure.

A WebSocket takes whatever comes. A WebSocketStream is read message by message: while nobody reads,
the browser's buffers fill, then those of the network, and then the server's `send` has to wait.

Chromium drops what it had not handed over when the server's close comes: a page whose sender is paused then
would lose messages and see a good end. So such an end counts as a lost connection (1006).
Reading is JavaScript's own (`pipeTo`), as Python in between would delay every message for a while.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .callbacks import Callbacks
    from .interface import Ffi

import json

import js

from .._pure.stream_lifecycle import (
    CLOSE_ASKED,
    CONNECTING,
    END,
    FINISHED,
    LAST_MESSAGE,
    OPEN,
    OPENED,
    TABLE,
)
from .javascript import bind


class StreamLink:
    """The sender is paused while as many messages as the high mark says wait to be taken, until only as many as the
    low mark are left.

    Once this side closes, it takes all that comes: the server's close frame is behind it.
    """

    def __init__(self, ffi: "Ffi", stream: "Any", marks: "tuple[float, float]", callbacks: "Callbacks") -> None:
        self._ffi = ffi
        self._high, self._low = marks
        self._callbacks: "Callbacks | None" = callbacks  # until the end, or abort()
        self._state = CONNECTING
        self._waiting = 0  # messages handed over and not yet taken
        self._resume: "Any" = None  # a function of JavaScript, while the sender is paused
        self._write: "Any" = None
        self._unwritten: "list[int]" = []  # sizes in bytes of messages that the browser has not taken yet
        self._close_with: "tuple[int, str] | None" = None  # the arguments of close()
        self._end: "tuple[int, str, bool]" = (1006, "", False)

        self.js = StreamState(stream)
        self._listeners: "list[Any]" = []
        self._then(stream.opened, self._on_open, self._on_refusal)
        self._then(stream.closed, self._on_end, self._on_loss)

    def _listener(self, callback: "Callable[..., Any]") -> "Any":
        listener = self._ffi.listener(callback)
        self._listeners.append(listener)
        return listener

    def _then(self, promise: "Any", *callbacks: "Callable[..., None]") -> None:
        """`promise.then(...)` of JavaScript: that of Pyodide calls back some iterations of the event loop later."""
        then = bind(js.Reflect.get(js.Promise.prototype, "then"), promise)
        then(*[self._listener(callback) for callback in callbacks])

    def _move(self, trigger: str) -> None:
        self._state = TABLE.move(self._state, trigger)

    # --- opening ---

    def _on_open(self, connection: "Any") -> None:
        self.js.protocol = connection.protocol
        self.js.extensions = connection.extensions
        self._write = self._ffi.writer(connection.writable.getWriter())
        self._move(OPENED)
        sink = js.Object.new()
        sink.write = self._listener(self._on_message)
        connection.readable.pipeTo(js.WritableStream.new(sink)).then(self._on_last_message, self._on_last_message)
        if self._callbacks is not None and self._state == OPEN:
            self._callbacks.on_open(None)

    def _on_refusal(self, error: "Any") -> None:
        if self._callbacks is not None:
            self._callbacks.on_failure(None)

    def is_open(self) -> bool:
        return self._state == OPEN

    # --- messages ---

    def _on_message(self, data: "Any", controller: "Any" = None) -> "Any":
        """The next one comes when the promise that this returns is fulfilled; at once without one."""
        if self._callbacks is None:
            return None
        self._waiting += 1
        self._callbacks.on_messages(self._taken(data, self._callbacks), 1, None)
        if self._waiting < self._high or self._state != OPEN:
            return None
        paused = js.Promise.withResolvers()
        self._resume = paused.resolve
        return paused.promise

    def _taken(self, data: "Any", callbacks: "Callbacks") -> "Iterator[Any]":
        yield self._ffi.message(data, callbacks)
        self._waiting -= 1
        if self._waiting <= self._low:
            self._resume_sender()

    def _resume_sender(self) -> None:
        resume, self._resume = self._resume, None
        if resume is not None:
            resume(None)

    def send(self, data: "str | memoryview") -> None:
        size = _bytes(data)
        self._unwritten.append(size)
        self.js.bufferedAmount += size
        self._write(data).then(self._on_written, self._on_written)

    def _on_written(self, ignored: "Any" = None) -> None:
        self.js.bufferedAmount -= self._unwritten.pop(0)
        self._close_when_written()

    def flush(self) -> None:
        """Each message was handed over as it came."""

    # --- the end ---

    def close(self, code: int, reason: str) -> None:
        self._close_with = (code, reason)
        self._move(CLOSE_ASKED)
        self._close_when_written()
        self._resume_sender()

    def _close_when_written(self) -> None:
        if self._close_with is not None and not self._unwritten:
            code, reason = self._close_with
            self.js.stream.close(_object({"closeCode": code, "reason": reason}))

    def _on_end(self, info: "Any") -> None:
        if self._resume is None:
            self._end = (info.closeCode, info.reason, True)
        self._has_ended()

    def _on_loss(self, error: "Any") -> None:
        self._has_ended()

    def _has_ended(self) -> None:
        self._move(END)
        self._resume_sender()
        self._finish_if_over()

    def _on_last_message(self, ignored: "Any" = None) -> None:
        self._move(LAST_MESSAGE)
        self._finish_if_over()

    def _finish_if_over(self) -> None:
        """When all promises are settled, nothing of this connection will happen any more."""
        if self._state != FINISHED:
            return
        self._tell_end(*self._end)
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            self._ffi.release(listener)

    def abort(self) -> None:
        self._tell_end(1006, "", False)

    def _tell_end(self, code: int, reason: str, was_clean: bool) -> None:
        callbacks, self._callbacks = self._callbacks, None
        if callbacks is not None:
            callbacks.on_end(code, reason, was_clean, None)


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
