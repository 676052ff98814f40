"""`BlockingSocket`: a wire for libraries that block. Their calls suspend the Python code that made them, by JavaScript
Promise Integration; the page and other tasks go on meanwhile (`browserws.sync` says where that works).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from .._host import current
from .errors import NotInPages
from .settings import Settings
from .wire import Wire

EVENT_READ, EVENT_WRITE = 1, 2  # as `selectors` has them

Result = TypeVar("Result")


def check_blocking() -> None:
    """Raise `NotInPages` where Python cannot block, and say why."""
    reason = current().cannot_block()
    if reason:
        raise NotInPages(reason)


def block(awaitable: Awaitable[Result]) -> Result:
    return current().block(awaitable)


def sleep(seconds: float) -> None:
    """As `time.sleep`, but the page goes on."""
    block(asyncio.sleep(seconds))


class BlockingSocket(asyncio.Protocol):
    """What libraries use of a connected `socket.socket`."""

    def __init__(self, host: str, port: int, secure: bool, settings: Settings) -> None:
        check_blocking()
        self._timeout: float | None = None
        self._arrived = bytearray()
        self._has_ended = False
        self._error: Exception | None = None
        self._wake = asyncio.Event()  # something has come, or the time is up
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._closed = False  # libraries look at this one
        self._wire = Wire(self, host, port, secure, settings)

    # --- what the wire says ---

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        self._wake.set()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_ended, self._error = True, exc
        self._wake.set()
        self._may_write.set()

    # --- what a library asks for ---

    def recv(self, size: int) -> bytes:
        """At least one byte, b"" at the end; `TimeoutError` if none comes in time."""
        if not self.select(self._timeout):
            if self._timeout == 0:
                raise BlockingIOError("nothing has arrived")
            raise TimeoutError("timed out")
        if not self._arrived and self._error is not None:
            raise self._error
        data = bytes(self._arrived[:size])
        del self._arrived[:size]
        return data

    def send(self, data: bytes) -> int:
        """Blocks while the browser's send buffer is full. Raises `NotInPages` for what a page cannot do."""
        if self._closed or self._has_ended:
            raise BrokenPipeError("the connection has ended")
        self._wire.write(data)
        if not self._may_write.is_set() and self._timeout != 0:
            block(self._may_write.wait())
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.send(data)

    def select(self, timeout: float | None) -> bool:
        """Whether there is something to receive, or the end, within so many seconds."""
        if not self._is_readable() and timeout != 0:
            self._wake.clear()
            # not `asyncio.wait_for`: it asks for the task that runs, and that is the one which blocks
            timer = None if timeout is None else asyncio.get_running_loop().call_later(timeout, self._wake.set)
            block(self._wake.wait())
            if timer is not None:
                timer.cancel()
        return self._is_readable()

    def _is_readable(self) -> bool:
        return bool(self._arrived) or self._has_ended

    def pending(self) -> int:
        """Bytes that are there already, as an `SSLSocket` says."""
        return len(self._arrived)

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def setsockopt(self, *arguments: object) -> None:
        """Has no effect."""

    def fileno(self) -> int:
        return -1

    def shutdown(self, how: int) -> None:
        self._wire.close()

    def close(self) -> None:
        self._closed = True
        self._wire.close()


class DefaultSelector:
    """What libraries use of a `selectors.DefaultSelector`, for one `BlockingSocket`."""

    def register(self, socket: BlockingSocket, events: int) -> None:
        self._socket, self._events = socket, events

    def select(self, timeout: float | None = None) -> list[tuple[BlockingSocket, int]]:
        is_ready = self._events == EVENT_WRITE or self._socket.select(timeout)
        return [(self._socket, self._events)] if is_ready else []

    def close(self) -> None: ...
