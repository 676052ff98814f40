"""Publishes to Redis: one script adds those of all clients that came while the last one ran."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from . import Publish, Published, StoreUnavailable

MAX_BATCH = 250  # publishes in one script, or ...
MAX_BATCH_SIZE = 1024 * 1024  # ... characters or bytes of them: meanwhile Redis does nothing else

FAILED = "failed"  # a status: Redis refuses this one

Call = tuple[list[Publish], "asyncio.Future[list[Published]]"]


class RedisPublisher:
    """`script` makes publishes in their order and answers for each of them."""

    def __init__(self, script: Callable[[list[Publish]], Awaitable[list[Published]]]) -> None:
        self._script = script
        self._calls: deque[Call] = deque()
        self._task: asyncio.Task[None] | None = None

    async def publish(self, publishes: list[Publish]) -> list[Published]:
        answer: asyncio.Future[list[Published]] = asyncio.get_running_loop().create_future()
        self._calls.append((publishes, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._calls:
                await self._run(self._take())
        finally:
            self._task = None

    def _take(self) -> list[Call]:
        calls = []
        count = size = 0
        while self._calls and count < MAX_BATCH and size < MAX_BATCH_SIZE:
            calls.append(self._calls.popleft())
            publishes = calls[-1][0]
            count += len(publishes)
            size += sum(len(publish.data) for publish in publishes)
        return calls

    async def _run(self, calls: list[Call]) -> None:
        try:
            published = await self._script([publish for publishes, _ in calls for publish in publishes])
        except Exception as error:
            for _, answer in calls:
                if not answer.done():
                    answer.set_exception(error)
            return
        for publishes, answer in calls:
            own, published = published[: len(publishes)], published[len(publishes) :]
            failed = [one for one in own if one.status == FAILED]
            if answer.done():
                continue  # whoever asked was cancelled
            if failed:
                answer.set_exception(StoreUnavailable(failed[0].epoch))
            else:
                answer.set_result(own)
