"""Publishes on their way to the store: in one go those of all clients that came while others were made.

So nobody waits for a store that is far away longer than for one answer. Those of a client are made in their order:
while the store cannot be reached, what comes later waits as well.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .store import Publish, Published, StoreUnavailable

if TYPE_CHECKING:
    from .metrics import Metrics

MOST_OF_ONE = 100  # publishes of one client that wait, or ...
SIZE_OF_ONE = 64 * 1024  # ... characters or bytes of them: then no more of it are read
MOST = 250  # publishes that go at once, or ...
SIZE = 1024 * 1024  # ... characters or bytes of them
LONGEST_DELAY = 1.0  # seconds between two attempts


class Pending:
    """The publishes of one client that wait. After an error none is made any more, as those that are sent again
    would come later; whoever adds one or waits gets it.
    """

    def __init__(
        self,
        publisher: Publisher,
        made: Callable[[Publish, Published], None],
        failed: Callable[[], None],
        is_gone: Callable[[], bool],
    ) -> None:
        self._publisher = publisher
        self._made = made
        self._failed = failed
        self.is_gone = is_gone  # nobody waits for an answer
        self.error: Exception | None = None
        self._count = 0
        self._size = 0
        self._idle: asyncio.Future[None] | None = None

    async def add(self, publish: Publish) -> None:
        """Waits while too many wait."""
        if self.error is not None:
            raise self.error
        self._count += 1
        self._size += len(publish.data)
        self._publisher.add(self, publish)
        if self._count >= MOST_OF_ONE or self._size >= SIZE_OF_ONE:
            await self.idle()

    async def idle(self) -> None:
        """Wait until all are made."""
        if self._count and self.error is None:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle
        if self.error is not None:
            raise self.error

    def done(self, publish: Publish, published: Published) -> None:
        self._count -= 1
        self._size -= len(publish.data)
        self._made(publish, published)
        if not self._count:
            self._wake()

    def end(self, error: Exception) -> None:
        self.error = error
        self._failed()
        self._wake()

    def _wake(self) -> None:
        idle, self._idle = self._idle, None
        if idle is not None and not idle.done():
            idle.set_result(None)


class Publisher:
    def __init__(self, store: Any, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics
        self._waiting: deque[tuple[Pending, Publish]] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, pending: Pending, publish: Publish) -> None:
        self._waiting.append((pending, publish))
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        while self._waiting:
            batch = self._take()
            try:
                await self._make(batch)
            except Exception as error:
                for pending in {pending for pending, _ in batch}:
                    pending.end(error)
        self._task = None

    def _take(self) -> list[tuple[Pending, Publish]]:
        batch: list[tuple[Pending, Publish]] = []
        size = 0
        while self._waiting and len(batch) < MOST and size < SIZE:
            pending, publish = self._waiting.popleft()
            if pending.error is None:
                batch.append((pending, publish))
                size += len(publish.data)
        return batch

    async def _make(self, batch: list[tuple[Pending, Publish]]) -> None:
        delay = 0.05
        while batch:
            try:
                answers = await self._store.publish([publish for _, publish in batch])
            except StoreUnavailable as error:
                self._metrics.unavailable += 1
                for pending in {pending for pending, _ in batch if pending.is_gone()}:
                    pending.end(error)
                batch = [(pending, publish) for pending, publish in batch if pending.error is None]
                await asyncio.sleep(delay)
                delay = min(LONGEST_DELAY, delay * 2)
            else:
                self._metrics.published += len(batch)
                for (pending, publish), published in zip(batch, answers, strict=True):
                    pending.done(publish, published)
                return
