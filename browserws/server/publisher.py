"""The queue of one client's publishes: they are made in their order, and in one batch those that came while others
were made. So a quick client does not wait for a slow store after each of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .stores import Publish

MAX_WAITING = 100  # publishes that wait, or ...
MAX_WAITING_SIZE = 64 * 1024  # ... characters or bytes of them: then no more are taken


class Publisher:
    """`make` makes and answers a batch of publishes, and says whether to go on. If not, none is made any more: those
    that are sent again would come after later ones. `make_at_once` does so with a single one, where that takes no
    waiting; else it does nothing and returns None.
    """

    def __init__(
        self,
        make: Callable[[list[Publish]], Awaitable[bool]],
        make_at_once: Callable[[Publish], bool | None] = lambda publish: None,
    ) -> None:
        self._make = make
        self._make_at_once = make_at_once
        self._is_over = False
        self._waiting: list[Publish] = []
        self._size = 0
        self._task: asyncio.Task[None] | None = None

    async def add(self, publish: Publish) -> None:
        """Waits while too many wait."""
        if self._is_over:
            return
        if self._task is None:
            goes_on = self._make_at_once(publish)
            if goes_on is not None:
                self._is_over = not goes_on
                return
            self._task = asyncio.create_task(self._work())
        self._waiting.append(publish)
        self._size += len(publish.data)
        if len(self._waiting) >= MAX_WAITING or self._size >= MAX_WAITING_SIZE:
            await self.idle()

    async def idle(self) -> None:
        """Wait until all are made, or none is made any more."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        while self._waiting:
            publishes, self._waiting, self._size = self._waiting, [], 0
            if not await self._make(publishes):
                self._is_over = True
                break
        self._task = None
