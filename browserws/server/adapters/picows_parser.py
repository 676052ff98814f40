"""`Parser`: picows' protocol, which is fed by hand, so that it reads no more than the budget of its client allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import picows

from ..settings import Settings

BUFFER_SIZE = 2048  # bytes, at first
NO_PINGS = (False, 1, 1, picows.WSAutoPingStrategy.PING_WHEN_IDLE, False)  # and no pongs, which would not be counted
PROTOCOL: Any = vars(picows.picows)["WSProtocol"]  # of which its types do not know

log = logging.getLogger("browserws.server.picows")
log.setLevel(logging.ERROR)
log.addFilter(lambda record: bool(record.exc_info))  # what clients do wrong is no error
QUIET = logging.LoggerAdapter(log, {})  # of a logger it would make another for each connection


class Parser:
    """`negotiate` gets the request, and returns the listener for frames or a response; `close` is called to close the
    transport when all has been written."""

    def __init__(
        self,
        transport: asyncio.Transport,
        negotiate: Callable[[picows.WSUpgradeRequest], object],
        close: Callable[[], None],
        settings: Settings,
    ) -> None:
        limits = (settings.max_message, None, BUFFER_SIZE)
        timeout = settings.handshake_timeout
        self._protocol = PROTOCOL(None, None, False, negotiate, QUIET, True, timeout, *NO_PINGS, *limits)
        self._protocol.connection_made(_Transport(transport, close))
        self.transport: picows.WSTransport = self._protocol.transport
        self.lost: Callable[[Exception | None], None] = self._protocol.connection_lost

    def feed(self, data: bytes) -> None:
        while data:
            buffer = self._protocol.get_buffer(-1)
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            self._protocol.buffer_updated(size)
            data = data[size:]


class _Transport:
    """What picows uses of a transport, and of its socket, whose options the event loop has set."""

    __slots__ = ("_transport", "abort", "close", "get_write_buffer_size", "write", "writelines")

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self.get_write_buffer_size = transport.get_write_buffer_size
        self.write = transport.write
        self.writelines = transport.writelines
        self.abort = transport.abort
        self.close = close

    def get_extra_info(self, name: str) -> object:
        if name == "socket":
            return self
        return self._transport.get_extra_info(name) if name == "ssl_object" else None

    def fileno(self) -> int:
        fileno: int = self._transport.get_extra_info("socket").fileno()
        return fileno

    def setsockopt(self, *option: int) -> None:
        pass

    def getsockopt(self, *option: int) -> int:
        return 0
