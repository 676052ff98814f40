"""Which sockets are ready: what libraries ask of `select`, and of the event loop by the numbers of sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from .sockets import Readable, socket_of
from .waiting import wait


def select(
    readers: list[Any], writers: list[Any], others: list[Any], timeout: float | None = None
) -> tuple[list[Any], list[Any], list[Any]]:
    """As `select.select`."""
    reading = [(one, socket_of(one.fileno())) for one in readers]
    writing = [(one, socket_of(one.fileno())) for one in writers]

    def ready() -> tuple[list[Any], list[Any]]:
        return (
            [one for one, socket in reading if socket.is_readable()],
            [one for one, socket in writing if socket.is_writable()],
        )

    wait(lambda: any(ready()), [socket.bell for _, socket in reading + writing], timeout)
    return *ready(), []


class Watch:
    """Calls back in each iteration of the event loop in which a socket is ready, until it is stopped."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        socket: Readable,
        is_ready: Callable[[], bool],
        call: Callable[[], object],
    ) -> None:
        self._loop, self._socket, self._is_ready, self._call = loop, socket, is_ready, call
        self._handle: asyncio.Handle | None = None
        socket.bell.callbacks.append(self._look)
        self._look()

    def _look(self) -> None:
        if self._handle is None and self._is_ready():
            self._handle = self._loop.call_soon(self._ready)

    def _ready(self) -> None:
        self._handle = None
        self._call()
        if self._look in self._socket.bell.callbacks:  # else it was stopped
            self._look()

    def stop(self) -> None:
        self._socket.bell.callbacks.remove(self._look)
        if self._handle is not None:
            self._handle.cancel()


class Watches:
    """Those of an event loop, for reading or for writing, by the numbers of the sockets."""

    def __init__(self, is_ready: Callable[[Readable], bool]) -> None:
        self._is_ready = is_ready
        self._watches: dict[int, Watch] = {}

    def add(
        self, loop: asyncio.AbstractEventLoop, number: int, callback: Callable[..., object], *arguments: Any
    ) -> None:
        socket = socket_of(number)
        self.remove(loop, number)
        self._watches[number] = Watch(loop, socket, partial(self._is_ready, socket), partial(callback, *arguments))

    def remove(self, loop: asyncio.AbstractEventLoop, number: int) -> bool:
        """Whether there was one."""
        watch = self._watches.pop(number, None)
        if watch is not None:
            watch.stop()
        return watch is not None
