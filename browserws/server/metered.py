"""`MeteredConnection`: the server's end of a WebSocket, that reads no more than its client's budget allows.

What comes is counted as it is parsed, a little at a time: a ping, a fragment of one byte and a frame that nobody
awaits cost as much as a message. While much waits for a client that does not read, nothing is read from it, so that
its pings are not answered either. What has come is parsed before more is taken from the network: what a client sends
too fast waits at its own side.
"""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import ServerConnection
from websockets.protocol import Event

from .budget import Budget

SLICE = 1024  # bytes that are parsed at once: they may hold more than a hundred frames

# Why nothing is parsed: bits of a number.
QUEUE = 1  # messages wait for the hub
WRITING = 2  # more waits for the client than the transport's high-water mark
BUDGET = 4  # the client has used up its budget


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
        self.recv_messages.pause = self._pause
        self.recv_messages.resume = self._resume
        self._reasons = 0
        self._unparsed = bytearray()
        self._takes_more = True  # from the network
        self._frames = 0
        self.heard_at = 0.0  # when a frame came, of whatever kind
        self._timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._unparsed.clear()
        if self._timer is not None:
            self._timer.cancel()
        self.budget.close()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait_for(WRITING)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._go_on(WRITING)

    def data_received(self, data: bytes) -> None:
        self._unparsed += data
        self._parse()

    def process_event(self, event: Event) -> None:
        self._frames += 1
        self.heard_at = self.loop.time()
        super().process_event(event)

    def _parse(self) -> None:
        """Parse what has come, until there is a reason to wait."""
        while self._unparsed and not self._reasons and not self.transport.is_closing():
            data = bytes(self._unparsed[:SLICE])
            del self._unparsed[:SLICE]
            self._frames = 0
            super().data_received(data)
            wait = max(self.budget.take("bytes", len(data)), self.budget.take("frames", self._frames))
            if wait > 0:
                self._wait_for(BUDGET)
                self._timer = self.loop.call_later(wait, self._go_on, BUDGET)
        self._take_more_or_not()

    def _pause(self) -> None:
        self._wait_for(QUEUE)

    def _resume(self) -> None:
        self._go_on(QUEUE)

    def _wait_for(self, reason: int) -> None:
        self._reasons |= reason
        self._take_more_or_not()

    def _go_on(self, reason: int) -> None:
        self._reasons &= ~reason
        if self._unparsed:
            self.loop.call_soon(self._parse)
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
