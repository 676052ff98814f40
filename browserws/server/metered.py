"""`MeteredConnection`: the server's end of a WebSocket, that reads no more than its client's budget allows.

What comes is counted as it is parsed, a little at a time: a ping, a fragment of one byte and a frame that nobody
awaits cost as much as a message. While much waits for a client that does not read, nothing is read from it, so that
its pings are not answered either.
"""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import ServerConnection
from websockets.protocol import Event

from .budget import Budget

SLICE = 1024  # bytes that are parsed at once: they may hold more than a hundred frames

# Why nothing is read: bits of a number.
QUEUE = 1  # messages wait for the hub
WRITING = 2  # more waits for the client than the transport's high-water mark
BUDGET = 4  # the client has used up its budget


class ReadGate:
    """Reading goes on when there is no reason against it."""

    __slots__ = ("_transport", "reasons")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.reasons = 0

    def shut(self, reason: int) -> None:
        if not self.reasons and not self._transport.is_closing():
            self._transport.pause_reading()
        self.reasons |= reason

    def open(self, reason: int) -> None:
        if self.reasons & reason:
            self.reasons &= ~reason
            if not self.reasons and not self._transport.is_closing():
                self._transport.resume_reading()


class MeteredConnection(ServerConnection):
    """A subclass that knows the hub opens the budget: see `serving.connection_class`."""

    budget: Budget

    def open_budget(self) -> None:
        raise NotImplementedError

    def draw_on_address(self) -> None:
        """The request has come: now the address is known, also behind proxies."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.open_budget()
        self._gate = ReadGate(self.transport)
        self.recv_messages.pause = self._pause
        self.recv_messages.resume = self._resume
        self._unread = b""
        self._frames = 0
        self.heard_at = 0.0  # when a frame came, of whatever kind
        self._timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._unread = b""
        if self._timer is not None:
            self._timer.cancel()
        self.budget.close()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._gate.shut(WRITING)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._open_gate(WRITING)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self._read()

    def process_event(self, event: Event) -> None:
        self._frames += 1
        self.heard_at = self.loop.time()
        super().process_event(event)

    def _read(self) -> None:
        """Parse what has come, until there is a reason to wait."""
        while self._unread and not self._gate.reasons and not self.transport.is_closing():
            data, self._unread = self._unread[:SLICE], self._unread[SLICE:]
            self._frames = 0
            super().data_received(data)
            wait = max(self.budget.take("bytes", len(data)), self.budget.take("frames", self._frames))
            if wait > 0:
                self._gate.shut(BUDGET)
                self._timer = self.loop.call_later(wait, self._open_gate, BUDGET)

    def _pause(self) -> None:
        self._gate.shut(QUEUE)

    def _resume(self) -> None:
        self._open_gate(QUEUE)

    def _open_gate(self, reason: int) -> None:
        self._gate.open(reason)
        if self._unread:
            self.loop.call_soon(self._read)
