"""`Fanout`: what is sent in one process, to the others, by Redis (publish and subscribe)"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from ..stores import StoreUnavailable
from ..stores.redis_client import HUB, UNAVAILABLE_ERRORS, RedisClient
from ..stores.redis_connect import is_cluster

log = logging.getLogger("browserws.server")

CHANNEL = "texts"
MAX_WAITING = 8 * 1024 * 1024  # bytes for Redis: with more, the oldest are lost
HIGH_WATER = 64 * 1024  # who sends and awaits it is held up
POLL = 2  # seconds for which it listens at a time
RETRY = 0.5  # seconds after Redis could not be reached

Deliver = Callable[[str, str | None, str], None]  # path, id of a connection or None for all, text


class Fanout:
    """Processes with the same `prefix` are one. What is published while Redis is away is lost for the others, as Redis
    keeps nothing of it; here it is logged. `ValueError` for a wrong URL, and for that of a cluster.
    """

    def __init__(self, url: str, prefix: str, deliver: Deliver) -> None:
        if is_cluster(url):
            raise ValueError(
                "what is sent to all processes goes through one Redis, or sentinels, but not through a cluster"
            )
        self._client = RedisClient(url, prefix)
        self._deliver = deliver
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._has_some = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Raises `StoreUnavailable`."""
        pubsub = self._client.blocking.pubsub()
        await self._client.call(pubsub.subscribe, self._client.key(CHANNEL, HUB))
        self._tasks = [asyncio.create_task(self._listen(pubsub)), asyncio.create_task(self._send())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()

    def publish(self, path: str, recipient_id: str | None, text: str) -> None:
        message = json.dumps([self._client.process, path, recipient_id, text]).encode()
        self._waiting.append(message)
        self._size += len(message)
        while self._size > MAX_WAITING:
            self._size -= len(self._waiting.popleft())
            log.warning("redis does not keep up: a message for other processes is lost")
        if self._size > HIGH_WATER:
            self._has_room.clear()
        self._has_some.set()

    async def drained(self) -> None:
        """Returns when little waits for Redis."""
        await self._has_room.wait()

    async def _send(self) -> None:
        while True:
            await self._has_some.wait()
            self._has_some.clear()
            while self._waiting:
                message = self._waiting.popleft()
                self._size -= len(message)
                try:
                    await self._client.call(self._client.redis.publish, self._client.key(CHANNEL, HUB), message)
                except StoreUnavailable:
                    log.warning("redis is away: a message for other processes is lost")
                if self._size <= HIGH_WATER:
                    self._has_room.set()

    async def _listen(self, pubsub: Any) -> None:
        """`pubsub` subscribes again by itself, when Redis is back."""
        while True:
            try:
                message = await self._client.ask(pubsub.get_message, ignore_subscribe_messages=True, timeout=POLL)
            except UNAVAILABLE_ERRORS as error:
                log.warning("redis: %s", type(error).__name__)
                await asyncio.sleep(RETRY)
                continue
            if message is not None:
                self._take(message["data"])

    def _take(self, message: bytes) -> None:
        try:
            process, path, recipient_id, text = json.loads(message)
        except (ValueError, TypeError):
            log.warning("redis: what came is not from a process of this version")
            return
        if process != self._client.process:
            self._deliver(path, recipient_id, text)
