"""`Meter`: the server's end of a WebSocket, that reads no more than its client's budget allows.

What comes is counted as it is parsed, a little at a time: a ping, a fragment of one byte and a frame that nobody
awaits cost as much as a message. While much waits for a client that does not read, nothing is read from it, so that
its pings are not answered either. What has come is parsed before more is taken from the network: what a client sends
too fast waits at its own side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, Protocol, State

from .budget import Budget
from .quick_handshake import request_of

try:
    from websockets.speedups import apply_mask
except ImportError:  # it has no wheel for this machine
    from websockets.utils import apply_mask

SLICE = 1024  # bytes that are parsed at once: they may hold more than a hundred frames

# Why nothing is parsed: bits of a number.
QUEUE = 1  # messages wait for the hub
WRITING = 2  # more waits for the client than the transport's high-water mark
BUDGET = 4  # the client has used up its budget


class Meter:
    """What a protocol (`asyncio.Protocol`) adds to how it parses. It calls `begin` and `end`, and `wait_for` and
    `go_on` where there is a reason to parse nothing for a while."""

    budget: Budget
    transport: asyncio.Transport
    heard_at: float  # when a frame came, of whatever kind
    unpacked = 0  # bytes by which the last of what came has become more, where it was compressed

    def parse(self, data: bytes) -> int:
        """How many frames have ended in it."""
        raise NotImplementedError

    def begin(self) -> None:
        """`transport` and `budget` are there."""
        self._loop = asyncio.get_running_loop()
        self._reasons = 0
        self._unparsed = bytearray()
        self._takes_more = True  # from the network
        self.heard_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def end(self) -> None:
        self._unparsed.clear()
        if self._timer is not None:
            self._timer.cancel()
        self.budget.close()

    def data_received(self, data: bytes) -> None:
        if self._unparsed or self._reasons or len(data) > SLICE:
            self._unparsed += data
            self._parse()
        elif not self.transport.is_closing():
            self._parse_slice(data)

    def _parse(self) -> None:
        """Parse what has come, until there is a reason to wait."""
        while self._unparsed and not self._reasons and not self.transport.is_closing():
            data = bytes(self._unparsed[:SLICE])
            del self._unparsed[:SLICE]
            self._parse_slice(data)
        self._take_more_or_not()

    def _parse_slice(self, data: bytes) -> None:
        frames = self.parse(data)
        if frames:
            self.heard_at = self._loop.time()
        wait = self.budget.take_read(len(data) + self.unpacked, frames)
        if wait > 0:
            self.wait_for(BUDGET)
            self._timer = self._loop.call_later(wait, self.go_on, BUDGET)

    def wait_for(self, reason: int) -> None:
        self._reasons |= reason
        self._take_more_or_not()

    def go_on(self, reason: int) -> None:
        self._reasons &= ~reason
        if self._unparsed:
            self._loop.call_soon(self._parse)
        else:
            self._take_more_or_not()

    def _take_more_or_not(self) -> None:
        takes_more = not self._reasons and not self._unparsed
        if takes_more != self._takes_more and not self.transport.is_closing():
            self._takes_more = takes_more
            if takes_more:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()


class MeteredConnection(Meter, ServerConnection):
    """One of `websockets`. A subclass that knows the hub opens the budget: see `serving.connection_class`.

    `on_closing` is called when a close frame is sent, so that nothing else follows it (RFC 6455 §5.5.1)."""

    on_closing: Callable[[], None] | None = None

    def open_budget(self) -> None:
        raise NotImplementedError

    def draw_on_address(self) -> None:
        """The request has come: now the address is known, also behind proxies."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.open_budget()
        self.recv_messages.pause = self._pause
        self.recv_messages.resume = self._resume
        self._frames = 0
        self._paid = 0  # bytes that have come and were not part of a message yet, or of its head
        self._is_first = True  # what comes next
        self._is_between_frames = False
        limit = self.protocol.max_message_size or SLICE
        self._limit = limit if self.protocol.max_fragment_size is None else -1  # of what is read here
        setattr(self.protocol.reader, "at_eof", self._wait_between_frames)  # noqa: B010 - it is a method, to mypy
        self.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self.end()
        super().connection_lost(exc)

    def send_data(self) -> None:
        super().send_data()
        if self.on_closing is not None and self.protocol.state is not State.OPEN:
            self.on_closing()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.wait_for(WRITING)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.go_on(WRITING)

    def _wait_between_frames(self) -> Generator[None, None, bool]:
        """What the parser of `websockets` asks before each frame: whether there is none any more."""
        reader = self.protocol.reader
        while not reader.buffer:
            if reader.eof:
                return True
            self._is_between_frames = True
            yield
            self._is_between_frames = False
        return False

    def parse(self, data: bytes) -> int:
        """Most of what comes are a plain request, and messages of one frame each: they are read here, at a third of
        the cost."""
        protocol = self.protocol
        self._frames = self.unpacked = 0
        if self._is_first:
            self._is_first = False
            request = request_of(data)
            if request is not None:
                protocol.parser = Protocol.parse(protocol)  # of frames alone
                next(protocol.parser)
                self.process_event(request)
                return self._frames
        elif self._is_between_frames and protocol.state is State.OPEN and protocol.current_size is None:
            frames = whole_messages(data, self._limit)
            for frame in frames:
                self.recv_messages.put(frame)
            if frames:
                return len(frames)
        self._paid += len(data)
        ServerConnection.data_received(self, data)
        return self._frames

    def process_event(self, event: Event) -> None:
        self._frames += 1
        if self.protocol.extensions and isinstance(event, Frame):
            size = len(event.data)
            self.unpacked += max(0, size - self._paid)
            self._paid = max(0, self._paid - size)
        super().process_event(event)

    def _pause(self) -> None:
        self.wait_for(QUEUE)

    def _resume(self) -> None:
        self.go_on(QUEUE)


OPCODES = {0x81: Opcode.TEXT, 0x82: Opcode.BINARY}  # of the first byte of a frame that is a message


def whole_messages(data: bytes, limit: int) -> list[Frame]:
    """The messages, if `data` is nothing but frames of a client that are a message each, of at most `limit` bytes;
    else none (RFC 6455 §5.2)."""
    frames = []
    at, end = 0, len(data)
    while at < end:
        if end - at < 6:
            return []
        opcode, size = OPCODES.get(data[at]), data[at + 1] - 0x80  # it says that there is a mask
        at += 2
        if size == 126:
            size = int.from_bytes(data[at : at + 2], "big")
            at += 2
        elif size == 127:
            return []
        start = at + 4
        if opcode is None or not 0 <= size <= limit or start + size > end:
            return []
        frames.append(Frame(opcode, apply_mask(data[start : start + size], data[at:start])))
        at = start + size
    return frames
