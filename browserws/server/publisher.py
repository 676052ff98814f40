"""The publishes of one client: in their order, and in one go those that have come while others were made.

A store that is far away is asked once for many of them, so a quick client does not wait for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .store import Publish

AT_ONCE = 100  # publishes that wait, or ...
SIZE_AT_ONCE = 64 * 1024  # ... characters or bytes of them: then no more are taken


class Publisher:
    """`make` makes and answers some publishes. When it fails none is made after that, `failed` is called, and
    whoever adds or waits gets the error.
    """

    def __init__(self, make: Callable[[list[Publish]], Awaitable[None]], failed: Callable[[], None]) -> None:
        self._make = make
        self._failed = failed
        self._waiting: list[Publish] = []
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    async def add(self, publish: Publish) -> None:
        if self._error is not None:
            raise self._error
        self._waiting.append(publish)
        self._size += len(publish.data)
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        if len(self._waiting) >= AT_ONCE or self._size >= SIZE_AT_ONCE:
            await self.idle()

    async def idle(self) -> None:
        """Wait until all are made and answered."""
        if self._task is not None:
            await asyncio.wait([self._task])
        if self._error is not None:
            raise self._error

    async def _work(self) -> None:
        try:
            while self._waiting:
                publishes, self._waiting, self._size = self._waiting, [], 0
                await self._make(publishes)
        except Exception as error:
            self._error = error
            self._failed()
        finally:
            self._task = None
