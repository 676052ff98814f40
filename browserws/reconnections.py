"""`Reconnections`: what `async for ws in connect()` goes through."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import Any

import asyncio
import random

from ._host import current
from ._pure import backoff, numbers
from .connection import ClientConnection, begin_to_close


class Reconnections:
    """One open connection after the other. The arguments are those of `connect()`; `reopen` gives a connection."""

    def __init__(
        self,
        reopen: "Callable[[], Awaitable[ClientConnection]]",
        reconnect_delays: "Callable[[], Iterator[float]] | None",
        process_exception: "Callable[[Exception], Exception | None]",
        logger: "Any",
    ) -> None:
        self._reopen = reopen
        self._reconnect_delays = reconnect_delays or (lambda: backoff.delays(random.random))
        self._process_exception = process_exception
        self._logger = logger
        self._clock = current().clock  # milliseconds
        self._delays: "Iterator[float] | None" = None
        self._connection: "ClientConnection | None" = None
        self._opened_at = 0.0
        self._ended = False

    async def __anext__(self) -> "ClientConnection":
        if self._connection is not None:
            if self._clock() - self._opened_at >= backoff.MIN_UPTIME * 1000:
                self._delays = None
            await self._close()
            if not await self._wait("connection ended"):
                self._ended = True
        while not self._ended:
            try:
                self._connection = await self._reopen()
                self._opened_at = self._clock()
                return self._connection
            except Exception as error:
                fatal = self._process_exception(error)
                if fatal is error:
                    raise
                if fatal is not None:
                    raise fatal  # noqa: B904 - MicroPython knows no `from`
                failure = error
            if not await self._wait(f"connect failed: {failure}"):
                raise failure
        raise StopAsyncIteration

    async def _wait(self, reason: str) -> bool:
        """Wait for the time of the next attempt; False if there are no more."""
        if self._delays is None:
            self._delays = iter(self._reconnect_delays())
        try:
            delay = numbers.delay("a delay of reconnect_delays", next(self._delays), 1000)
        except StopIteration:
            return False
        if self._logger is not None:
            self._logger.info("%s; reconnecting in %.1f seconds", reason, delay)
        await asyncio.sleep(delay)
        return True

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def __aiter__(self) -> "Reconnections":
        return self

    async def aclose(self) -> None:
        """Close the connection, and end the loop. As of an asynchronous generator, which `websockets` has here."""
        self._ended = True
        await self._close()

    def __del__(self) -> None:
        """The loop was left: its last connection is closed, as at the end of an `async with`."""
        if self._connection is not None:
            begin_to_close(self._connection)
