"""`SocketLink`: one JavaScript WebSocket, from its first event to its last.

How messages come in. A lone message costs least when its event goes straight to Python. In a
flood that is too dear: each crossing costs several times what JavaScript itself needs. So a link
is in one of two modes, and changes the message listener with it:

    quiet   the listener is Python: one crossing a message, at once
    flood   the listener is `queue.push`, JavaScript's own: no crossing a message. Once a task of
            the event loop, `_drain` empties the queue in one batch; when it finds it empty, the
            link is quiet again.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .callbacks import Callbacks
    from .interface import Runtime

import js

from .javascript import getter, method

# It is a flood when so many messages come before a task that was put behind them gets its turn: the page is slower than
# the server, however fast either is. (The page's other tasks wait as long, and in Firefox, which holds no server up,
# ever longer.) A page that answers each message and waits for the next never gets there.
FLOOD = 8
BATCH = 200  # at most so many messages at a time: between batches the page gets its turn
# An error is followed by a close in one of the next tasks. But none ever comes where Chromium blocks the URL by the
# page's Content Security Policy, where WebKit blocks its port (it is CONNECTING still when the error comes), and for
# each handshake that fails in Node 22 (it stays CONNECTING): this is how long we wait.
CLOSE_GRACE = 0.1  # seconds


class SocketLink:
    def __init__(self, host: "Runtime", socket: "Any", callbacks: "Callbacks") -> None:
        self._host = host
        self._ffi = host.ffi
        self._callbacks: "Callbacks | None" = callbacks  # until the end

        self.js = socket
        self.js.binaryType = "arraybuffer"
        self.send = self._ffi.sender(self.js)

        self._queue = js.Array.new()
        self._push = method(self._queue, "push")
        self._read_data: "Any" = None  # gives the data of an event, as a JavaScript function
        self._from_quiet = self._ffi.listener(self._quiet_listener(callbacks))
        self._flooded = False
        self._grace: "Any" = None
        self._is_in_close = False
        self._has_failed = False
        self._listeners = {
            "open": self._ffi.listener(callbacks.on_open),
            "error": self._ffi.listener(self._on_error),
            "close": self._ffi.listener(self._on_close),
        }
        for name, listener in self._listeners.items():
            self.js.addEventListener(name, listener)
        self.js.addEventListener("message", self._from_quiet)

    def is_open(self) -> bool:
        return bool(self.js.readyState == 1)

    def close(self, code: int, reason: str) -> None:
        self._is_in_close = True
        self._ffi.close(self.js, code, reason)
        self._is_in_close = False

    # --- messages ---

    def _quiet_listener(self, callbacks: "Callbacks") -> "Callable[[Any], None]":
        """A closure: local variables are found faster than attributes. After a while without a message, nothing of
        Python is in the processor's cache, and each look-up counts."""
        messages = 0  # in this iteration of the event loop
        convert = self._ffi.message

        def calm() -> None:
            nonlocal messages
            messages = 0

        def on_message(event: "Any") -> None:
            nonlocal messages
            messages += 1
            if messages >= FLOOD:
                if messages == FLOOD:
                    self._host.soon(calm)  # behind what is waiting now
                elif messages == 2 * FLOOD and self._can_read_without_python(event):
                    self._begin_flood()
            receive = callbacks.on_message
            if receive is None:
                callbacks.on_messages(in_its_turn(event), 1, (event,))
                return
            try:
                data = event.data
                if not isinstance(data, str):
                    data = convert(data, callbacks)
            except MemoryError as error:
                callbacks.on_messages(_raise(error), 1, (event,))  # who gets a batch knows what to do
            else:
                receive(data, event)

        def in_its_turn(event: "Any") -> "Iterator[Any]":
            """As in a batch."""
            yield convert(event.data, callbacks)

        return on_message

    def _begin_flood(self) -> None:
        self._flooded = True
        self._ffi.flood(True)
        self.js.removeEventListener("message", self._from_quiet)
        self.js.addEventListener("message", self._push)
        self._host.soon(self._drain)

    def _can_read_without_python(self, event: "Any") -> bool:
        """Whether there is a JavaScript function that reads an event's data. (Node's are no MessageEvent of the
        global class, and a stand-in for WebSocket may have any.)"""
        if self._read_data is None:
            prototype = js.Object.getPrototypeOf(event)
            if js.Object.hasOwn(prototype, "data"):
                self._read_data = getter(prototype, "data")
        return self._read_data is not None

    def _drain(self) -> None:
        if self._callbacks is None:
            return
        found = True
        try:
            found = self._take() > 0
        finally:
            if found:
                self._host.soon(self._drain)
        if not found and self._flooded:
            self._end_flood()
            self.js.addEventListener("message", self._from_quiet)

    def _end_flood(self) -> None:
        self._flooded = False
        self._ffi.flood(False)
        self.js.removeEventListener("message", self._push)

    def _take(self) -> int:
        """Hand over a batch of what is in the queue; the number of messages."""
        callbacks = self._callbacks
        if callbacks is None:
            return 0
        events = self._queue.splice(0, BATCH)
        count = int(events.length)
        if count:
            data = events.map(self._read_data)
            callbacks.on_messages(self._ffi.messages(data, callbacks), count, events)
        return count

    def flush(self) -> None:
        while self._take():
            pass

    # --- the end ---

    def _on_error(self, event: "Any") -> None:
        if self._is_in_close:  # Node 24 dispatches events inside of close(): nobody expects them there
            self._host.soon(lambda: self._on_error(event))
            return
        self.flush()
        if self._callbacks is not None and not self._has_failed:  # Node 22 says it twice
            self._has_failed = True
            self._callbacks.on_failure(event)
        if self._callbacks is not None:
            self._grace = self._host.call_later(CLOSE_GRACE, self._end_unless_open)

    def _end_unless_open(self) -> None:
        if not self.is_open():
            self._end_without_close()

    def abort(self) -> None:
        self.flush()
        self._end_without_close()

    def _end_without_close(self) -> None:
        self._end(1006, "", False, None)

    def _on_close(self, event: "Any") -> None:
        if self._is_in_close:
            self._host.soon(lambda: self._on_close(event))
            return
        self.flush()
        code, reason, was_clean = self._ffi.close_details(event)
        self._end(code, reason, was_clean, event)

    def _end(self, code: int, reason: str, was_clean: bool, source: "Any") -> None:
        callbacks, self._callbacks = self._callbacks, None
        if callbacks is None:
            return
        if self._grace is not None:
            self._grace.cancel()
        for name, listener in self._listeners.items():
            self.js.removeEventListener(name, listener)
        if self._flooded:
            self._end_flood()
        self.js.removeEventListener("message", self._from_quiet)
        callbacks.on_end(code, reason, was_clean, source)
        for listener in list(self._listeners.values()) + [self._from_quiet]:
            self._ffi.release(listener)
        # Not one listener may be known here any longer: it is JavaScript's and knows this link, and
        # no collector sees through such a circle. (On MicroPython, a proxy cannot be destroyed.)
        self._listeners = {}
        self._from_quiet = None


def _raise(error: MemoryError) -> "Iterator[Any]":
    raise error
    yield
