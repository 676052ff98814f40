"""`Connection`: the server's end of a WebSocket, that reads no more than its client's budget allows.

What comes is counted as it is parsed, a little at a time: a ping, a fragment of one byte and a frame that nobody
awaits cost as much as a message. While much waits for a client that does not read, nothing is read from it, so that
its pings are not answered either.
"""

from __future__ import annotations

import asyncio
from typing import Any

from websockets.asyncio.server import ServerConnection

from .budget import Budget

SLICE = 1024  # bytes that are parsed at once: they may hold more than a hundred frames
HIGH_WATER = 64 * 1024  # bytes that wait for the client


class ReadGate:
    """Reading goes on when nobody has a reason against it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._reasons: set[str] = set()

    def shut(self, reason: str) -> None:
        if not self._reasons and not self._transport.is_closing():
            self._transport.pause_reading()
        self._reasons.add(reason)

    def open(self, reason: str) -> None:
        if reason in self._reasons:
            self._reasons.discard(reason)
            if not self._reasons and not self._transport.is_closing():
                self._transport.resume_reading()

    @property
    def is_shut(self) -> bool:
        return bool(self._reasons)


class Connection(ServerConnection):
    """A subclass that knows the hub opens the budget: see `serving.connection_class`."""

    budget: Budget

    def open_budget(self) -> None:
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.open_budget()
        gate = self._gate = ReadGate(self.transport)
        self.recv_messages.pause = lambda: gate.shut("queue")
        self.recv_messages.resume = lambda: self._let_in("queue")
        self._unread = b""
        self._frames = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._unread = b""
        if self._timer is not None:
            self._timer.cancel()
        self.budget.close()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._let_in("writing")

    def data_received(self, data: bytes) -> None:
        self._unread += data
        self._read()

    def process_event(self, event: Any) -> None:
        self._frames += 1
        super().process_event(event)

    def _read(self) -> None:
        """Parse what has come, until there is a reason to wait."""
        while self._unread and not self._gate.is_shut and not self.transport.is_closing():
            data, self._unread = self._unread[:SLICE], self._unread[SLICE:]
            self._frames = 0
            super().data_received(data)
            wait = max(self.budget.take("bytes", len(data)), self.budget.take("frames", self._frames))
            if wait > 0:
                self._gate.shut("budget")
                self._timer = self.loop.call_later(wait, self._let_in, "budget")
            if self.transport.get_write_buffer_size() > HIGH_WATER:
                self._gate.shut("writing")

    def _let_in(self, reason: str) -> None:
        self._gate.open(reason)
        if self._unread:
            self.loop.call_soon(self._read)
