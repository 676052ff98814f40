"""Publishes to Redis: one script adds those of all clients that came while the last one ran."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from redis import exceptions

from .store import Publish, Published

MOST = 250  # publishes in one script, or ...
SIZE = 1024 * 1024  # ... characters or bytes of them: meanwhile Redis does nothing else
UNREACHABLE = (exceptions.ConnectionError, exceptions.TimeoutError, OSError)

Call = tuple[list[Publish], "asyncio.Future[list[Published]]"]


class RedisPublisher:
    """`script` adds some publishes in their order, up to the first that fails."""

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
        while self._calls and count < MOST and size < SIZE:
            calls.append(self._calls.popleft())
            publishes = calls[-1][0]
            count += len(publishes)
            size += sum(len(publish.data) for publish in publishes)
        return calls

    async def _run(self, calls: list[Call]) -> None:
        try:
            published = await self._script([publish for publishes, _ in calls for publish in publishes])
        except Exception as error:
            if len(calls) > 1 and not isinstance(error, UNREACHABLE):
                for call in calls:  # one of them is to blame: the others are not to suffer
                    await self._run([call])
                return
            for _, answer in calls:
                if not answer.done():
                    answer.set_exception(error)
        else:
            for publishes, answer in calls:
                if not answer.done():
                    answer.set_result(published[: len(publishes)])
                published = published[len(publishes) :]
