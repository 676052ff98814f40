"""`Wire`: what a library takes for its TCP or TLS connection, an asyncio transport that ends in this page.

It begins as HTTP (`exchange.py`); a request to upgrade makes a WebSocket of it (`tunnel.py`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, cast

from .exchange import Exchange
from .extra import EndOfWire
from .frames import MAX_UTF8, frames
from .settings import Settings
from .sink import Sink

CHUNK = 64 * 1024  # bytes that a protocol is handed at once; a longer message is not copied for it
WRITE_LIMIT = 64 * 1024  # bytes, as asyncio has it
POLL = 0.002  # seconds: browsers have no event for their send buffer
MAX_POLL = 0.05
LATE = 0.25  # who waits for a short while waits at most this part of it longer than need be


class Wire(asyncio.Transport):
    """Connected from the beginning: whether a server can be reached is known when the first request is answered."""

    def __init__(self, protocol: asyncio.BaseProtocol, host: str, port: int, secure: bool, settings: Settings) -> None:
        self.host, self.port, self.secure, self.settings = host, port, secure, settings
        super().__init__(EndOfWire(host, port).extra_info(secure))
        self._loop = asyncio.get_running_loop()
        self.set_protocol(protocol)
        self._closing = False
        self._lost = False

        self._incoming: deque[Iterator[bytes]] = deque()
        self._end: list[Exception | None] = []  # one, when nothing comes any more
        self._reading = True
        self._is_flushing = False  # or will be, in a later iteration of the event loop
        self.room = asyncio.Event()  # is set while nothing waits for the protocol
        self.room.set()

        self._high, self._low = WRITE_LIMIT, WRITE_LIMIT // 4
        self._unflushed = 0  # bytes written since the browser's buffer was last looked at
        self._paused_at: float | None = None  # when writing was paused, while it is: seconds of the loop
        self._sink: Sink = Exchange(self)
        protocol.connection_made(self)

    # --- what the peer says ---

    def become(self, sink: Sink) -> None:
        self._sink = sink

    def deliver(self, pieces: Iterable[bytes], at_once: bool = False) -> None:
        """Hand these to the protocol, in their order: `at_once` where no method of the protocol is running."""
        if self._closing:
            return
        self._incoming.append(iter(pieces))
        self.room.clear()
        if at_once and self._reading and not self._is_flushing:
            self._flush()
        else:
            self._flush_soon()

    def deliver_messages(self, messages: Iterable[str | bytes]) -> None:
        self._may_resume()  # they may be the answer to what was written
        self.deliver(self._pieces(iter(messages)), at_once=True)

    def _pieces(self, messages: Iterator[str | bytes]) -> Iterator[bytes]:
        """Frames of the messages that the protocol does not take as they are (patches/websockets_messages.py)."""
        take = getattr(self._protocol, "messages_received", None)
        if take is not None:
            yield from take(messages)
        yield from frames(messages)

    def end(self, error: Exception | None) -> None:
        """The peer has closed the connection, after all that was delivered; with an error if it was lost."""
        self._end.append(error)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._reading and not self._is_flushing:
            self._is_flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flushing = True
        while self._incoming and self._reading and not self._closing:
            if self._hand_over(self._incoming[0]):
                self._incoming.popleft()
        self._is_flushing = False
        if not self._incoming:
            self.room.set()
            if self._end and self._reading and not self._closing:
                self._finish(self._end[0])

    def _hand_over(self, pieces: Iterator[bytes]) -> bool:
        """Until there are no more of them (True) or the protocol wants no more, which an empty one asks."""
        chunk: list[bytes] = []
        size = 0
        for piece in pieces:
            if len(piece) >= CHUNK:
                self._receive(b"".join(chunk))
                self._receive(piece)
                chunk, size = [], 0
            else:
                chunk.append(piece)
                size += len(piece)
                if piece and size < CHUNK:
                    continue
                self._receive(b"".join(chunk))
                chunk, size = [], 0
            if self._closing or not self._reading:
                return False
        self._receive(b"".join(chunk))
        return not self._closing  # then nothing is left in the queue

    def _receive(self, data: bytes) -> None:
        if not data or self._closing:
            return
        try:
            if isinstance(self._protocol, asyncio.BufferedProtocol):
                _receive_buffered(self._protocol, data)
            else:
                self._protocol.data_received(data)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """As asyncio's own transports do."""
        context = {"message": "Fatal error: protocol.data_received() call failed.", "exception": error}
        self._loop.call_exception_handler({**context, "transport": self, "protocol": self._protocol})
        self._leave(error)

    def _finish(self, error: Exception | None) -> None:
        if error is None and hasattr(self._protocol, "eof_received"):
            self._protocol.eof_received()
        self._leave(error)

    # --- what the library asks for: reading ---

    def is_reading(self) -> bool:
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        if not self._reading:
            self._reading = True
            if self._incoming or self._end:
                self._flush_soon()

    # --- writing ---

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Raises `NotInPages` for what a page cannot do."""
        if self._closing:
            return
        try:
            self._sink.feed(data if type(data) is bytes else bytes(data))
        except Exception as error:
            self._leave(error)
            raise
        self._count_written(len(data))

    def send_message(self, message: str | bytes) -> bool:
        """Send it without frames, after all that was written. False if it cannot be sent so."""
        if self._closing:
            return False
        try:
            self._sink.send(message)
        except ValueError:
            return False
        self._count_written(len(message) if isinstance(message, bytes) else MAX_UTF8 * len(message))
        return True

    def _count_written(self, size: int) -> None:
        self._unflushed += size
        if self._unflushed > self._high and self._paused_at is None:
            self._look_at_buffer()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        self.write(b"".join(list_of_data))

    def _look_at_buffer(self) -> None:
        self._unflushed = self.get_write_buffer_size()
        if self._unflushed > self._high:
            self._paused_at = self._loop.time()
            self._protocol.pause_writing()
            self._loop.call_later(POLL, self._poll, self._paused_at)

    def _poll(self, paused_at: float) -> None:
        if self._paused_at == paused_at and not self._may_resume():
            interval = min(MAX_POLL, max(POLL, (self._loop.time() - paused_at) * LATE))
            self._loop.call_later(interval, self._poll, paused_at)

    def _may_resume(self) -> bool:
        """Whether writing is not paused, now that it has been looked whether it has to be."""
        if self._paused_at is not None and not self._lost:
            self._unflushed = self.get_write_buffer_size()
            if self._unflushed > self._low:
                return False
            self._paused_at = None
            self._protocol.resume_writing()
        return True

    def get_write_buffer_size(self) -> int:
        return 0 if self._lost else self._sink.buffered()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._low, self._high

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        if high is None:
            high = WRITE_LIMIT if low is None else 4 * low
        if low is None:
            low = high // 4
        if not high >= low >= 0:
            raise ValueError(f"high ({high!r}) must be >= low ({low!r}) must be >= 0")
        self._high, self._low = high, low

    def can_write_eof(self) -> bool:
        return False

    # --- the end ---

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = cast(asyncio.Protocol, protocol)  # or a BufferedProtocol

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._leave(None)

    abort = close  # the browser sends what it has, in either case

    def _leave(self, error: Exception | None) -> None:
        if not self._closing:
            self._closing = True
            self._incoming.clear()
            self.room.set()
            self._loop.call_soon(self._lose, error)

    def _lose(self, error: Exception | None) -> None:
        self._lost = True
        sink, self._sink = self._sink, Nowhere()
        sink.drop()
        self._protocol.connection_lost(error)


class Nowhere:
    """The sink of a connection that has ended."""

    def feed(self, data: bytes) -> None: ...
    def send(self, message: str | bytes) -> None: ...
    def drop(self) -> None: ...
    def buffered(self) -> int:
        return 0


def _receive_buffered(protocol: asyncio.BufferedProtocol, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        buffer = memoryview(protocol.get_buffer(len(rest)))
        size = min(len(buffer), len(rest))
        buffer[:size] = rest[:size]
        protocol.buffer_updated(size)
        rest = rest[size:]
