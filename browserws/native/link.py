"""`NativeLink`: one connection of a program. It stands where the links of a page stand (`_host/link.py`, `stream.py`).

It begins with the handshake, which is a task. Then callbacks of the event loop carry it, up to the last, which says
that the network connection is closed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from .._host.callbacks import Callbacks
from ..codes import ABNORMAL_CLOSURE
from .connection import NativeConnection
from .loops import LoopGuard

# What browsers allow (seconds): for the handshake, for the server's answer to a close frame, and for it to close the
# network connection when both close frames have been exchanged.
HANDSHAKE_TIMEOUT = 240
CLOSE_TIMEOUT = 60
TCP_CLOSE_TIMEOUT = 2

BATCH = 200  # at most so many messages at a time: between batches other tasks have their turn


class NativeEvent:
    """Stands where an event of JavaScript stands. `exception` is why the connection failed, None if it did not."""

    def __init__(self, origin: str, error: BaseException | None = None) -> None:
        self.timeStamp = time.monotonic() * 1000
        self.origin = origin
        self.exception = error


class EachTheSame:
    """The sources of a batch of messages, which came at once."""

    def __init__(self, event: NativeEvent) -> None:
        self._event = event

    def __getitem__(self, index: int) -> NativeEvent:
        return self._event


class NativeState:
    """The attributes of a JavaScript WebSocket that are read. `connection` is that of `websockets`, once it is open."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.protocol = ""
        self.extensions = ""
        self.connection: NativeConnection | None = None

    @property
    def bufferedAmount(self) -> int:
        return 0 if self.connection is None else self.connection.buffered


class NativeLink:
    """`options` are arguments of `websockets.connect`; `guard` is that of the running event loop.

    With `marks`, (high, low), nothing is read while as many messages as the high mark says wait to be taken, until
    only as many as the low mark are left. Once this side closes, it takes all that comes, as the server's close frame
    is behind it.
    """

    def __init__(
        self,
        marks: tuple[float, float] | None,
        url: str,
        protocols: Sequence[str],
        callbacks: Callbacks,
        options: Mapping[str, object],
        guard: LoopGuard,
    ) -> None:
        self.js = NativeState(url)
        self._callbacks: Callbacks | None = callbacks  # until the end
        self._binary = callbacks.binary
        self._marks = marks
        self._waiting = 0  # messages handed over and not yet taken
        self._is_full = False  # nothing is read until they are taken
        self._is_closing = False  # close() was called
        self._offered = protocols
        self._origin = "/".join(url.split("/", 3)[:3])
        self._timer: asyncio.TimerHandle | None = None
        self._guard = guard
        self._loop = asyncio.get_running_loop()
        opening = connect(
            url,
            subprotocols=cast(Sequence[Subprotocol], protocols) or None,
            create_connection=NativeConnection,
            open_timeout=HANDSHAKE_TIMEOUT,
            # as a page: no pings, and any size, as `ClientConnection` has a limit of its own
            **cast("dict[str, Any]", {"ping_interval": None, "max_size": None, **options}),
        )
        self._handshake = asyncio.ensure_future(opening)
        self._handshake.add_done_callback(self._on_handshake)
        guard.open.add(self)

    # --- opening ---

    def _on_handshake(self, handshake: asyncio.Future[Any]) -> None:
        if handshake.cancelled():
            self._fail(None)
        elif handshake.exception() is not None:
            self._fail(handshake.exception())
        elif self._is_closing or self._callbacks is None:
            self._refuse(handshake.result(), "closed during the handshake")
        elif self._offered and handshake.result().subprotocol is None:
            self._refuse(handshake.result(), "the server chose none of the subprotocols")  # as Chromium does
        else:
            self._open(handshake.result(), self._callbacks)

    def _open(self, connection: NativeConnection, callbacks: Callbacks) -> None:
        self.js.connection = connection
        self.js.protocol = connection.subprotocol or ""
        if connection.response is not None:
            self.js.extensions = ", ".join(connection.response.headers.get_all("Sec-WebSocket-Extensions"))
        connection.listener = self
        callbacks.on_open(NativeEvent(self._origin))
        self.on_data()
        if connection.is_lost:
            self.on_lost(connection.failure)

    def _refuse(self, connection: NativeConnection, reason: str) -> None:
        connection.transport.abort()
        self._fail(ValueError(reason))

    def _fail(self, error: BaseException | None) -> None:
        if self._callbacks is not None:
            self._callbacks.on_failure(NativeEvent(self._origin, error))
        self._end(ABNORMAL_CLOSURE, "", False, error)

    def is_open(self) -> bool:
        return self.js.connection is not None and self.js.connection.is_open

    # --- messages ---

    def on_data(self) -> None:
        self.flush()
        if self.js.connection is not None and self.js.connection.close_code_and_reason is not None:
            self._abort_after(TCP_CLOSE_TIMEOUT)

    def flush(self) -> None:
        """Hand over the messages that have come, as far as the reader keeps up."""
        connection = self.js.connection
        if connection is None:
            return
        self._hand_over(connection, min(self._room(), BATCH))
        self._is_full = self._room() < 1
        if connection.arrived and not self._is_full:
            self._loop.call_soon(self.flush)
        if connection.arrived or self._is_full:
            connection.transport.pause_reading()
        else:
            connection.transport.resume_reading()

    def _room(self) -> float:
        """How many messages the reader may be given."""
        if self._marks is None or self._is_closing or self._callbacks is None:
            return float("inf")
        return self._marks[0] - self._waiting

    def _hand_over(self, connection: NativeConnection, room: float) -> None:
        """Hand over so many messages at most."""
        count = int(max(0, min(room, len(connection.arrived))))
        if count and self._callbacks is not None:
            messages = [connection.arrived.popleft() for _ in range(count)]
            self._waiting += count
            self._callbacks.on_messages(self._taken(messages), count, EachTheSame(NativeEvent(self._origin)))

    def _taken(self, messages: list[str | bytes]) -> Iterator[str | bytes | memoryview]:
        for data in messages:
            yield data if isinstance(data, str) else self._binary(data)
            self._waiting -= 1
            if self._is_full and self._marks is not None and self._waiting <= self._marks[1]:
                self._is_full = False
                self._loop.call_soon(self.flush)

    def send(self, data: str | memoryview) -> None:
        if self.js.connection is not None:
            self.js.connection.send_now(data)

    # --- the end ---

    def close(self, code: int, reason: str) -> None:
        self._is_closing = True
        if self.js.connection is None:
            self._handshake.cancel()
            return
        self.js.connection.close_now(code, reason)
        self._abort_after(CLOSE_TIMEOUT)
        self._loop.call_soon(self.flush)

    def _abort_after(self, seconds: float) -> None:
        """Close the network connection then, if it is not closed before."""
        if self._timer is not None:
            self._timer.cancel()
        if self._callbacks is not None and self.js.connection is not None:
            self._timer = self._loop.call_later(seconds, self.js.connection.transport.abort)

    def abort(self) -> None:
        if self.js.connection is None:
            self._handshake.cancel()
        else:
            self._hand_over(self.js.connection, float("inf"))
            self.js.connection.transport.abort()
        self._end(ABNORMAL_CLOSURE, "", False)

    def on_lost(self, error: Exception | None) -> None:
        connection = self.js.connection
        if connection is None:
            return
        self._hand_over(connection, BATCH)
        if connection.arrived and self._callbacks is not None:
            self._loop.call_soon(self.on_lost, error)
        elif connection.close_code_and_reason is not None:
            self._end(*connection.close_code_and_reason, True)
        elif connection.failure is not None:
            self._fail(connection.failure)
        else:
            self._end(ABNORMAL_CLOSURE, "", False, error)

    def _end(self, code: int, reason: str, was_clean: bool, error: BaseException | None = None) -> None:
        callbacks, self._callbacks = self._callbacks, None
        if self._timer is not None:
            self._timer.cancel()
        self._guard.open.discard(self)
        if callbacks is not None:
            callbacks.on_end(code, reason, was_clean, NativeEvent(self._origin, error))

    async def leave(self) -> None:
        self._callbacks = None
        if self._timer is not None:
            self._timer.cancel()
        if self.js.connection is not None:
            self.js.connection.leave()
        else:
            self._handshake.cancel()
            await asyncio.wait([self._handshake])
        await asyncio.sleep(0)  # in which the transport closes
