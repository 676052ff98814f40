"""Reads the streams of many channels, on one connection to Redis that waits for news."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from redis import exceptions

from .store import StoreUnavailable

if TYPE_CHECKING:
    from .redis_store import RedisStore

log = logging.getLogger("browserws.server")

BLOCK = 2000  # ms that a reader waits, at most
AWAY = (exceptions.RedisError, OSError)  # it cannot be reached, or refuses: its disk is full, a replica, busy ...


def new_epoch() -> str:
    return secrets.token_hex(8)


class Reader:
    """Waits for entries of some streams, on a connection of its own."""

    def __init__(self, store: RedisStore, name: str, on_entries: Callable[[Reader, str, list[Any]], None]) -> None:
        self.positions: dict[str, str] = {}  # key -> id of the last entry that was read
        self.channels: dict[str, tuple[str, str]] = {}  # key -> channel and epoch
        self._store = store
        self._on_entries = on_entries
        self._wake_key = store.key("w", f"{store.hub}:{name}")
        self._wake_position = "0-0"
        self._waking: asyncio.Task[None] | None = None
        self._wake_again = False
        self._task: asyncio.Task[None] | None = None

    def add(self, key: str, position: str) -> None:
        self.positions[key] = position
        if self._task is None:
            self._task = asyncio.create_task(self._read())
        elif self._waking is None:
            self._waking = asyncio.create_task(self._wake())
        else:
            self._wake_again = True

    def remove(self, key: str) -> None:
        self.positions.pop(key, None)
        self.channels.pop(key, None)

    def stop(self) -> None:
        for task in (self._task, self._waking):
            if task is not None:
                task.cancel()

    async def compare_epochs(self) -> None:
        """Whether Redis has lost what we have read: all of it, or the end. Also keeps it from forgetting
        channels that are in use.
        """
        keys = list(self.channels)
        pipe = self._store.redis.pipeline(transaction=False)
        for key in keys:
            meta = self._store.key("m", self.channels[key][0])
            pipe.hmget(meta, "epoch", "offset")
            pipe.expire(meta, round(self._store.settings.history_ttl))
        read = {key: int(self.positions[key].split("-")[0]) for key in keys}
        answers = await self._store._call(pipe.execute)
        for key, (epoch, offset) in zip(keys, answers[::2], strict=True):
            if key not in self.channels:
                continue  # it was forgotten meanwhile
            channel, known = self.channels[key]
            if epoch != known.encode():
                await self._begin_anew(key, channel)
            elif int(offset) < read[key]:
                await self._store._call(self._store._rotate, [self._store.key("m", channel)], [known, new_epoch()])
                await self._begin_anew(key, channel)

    async def _begin_anew(self, key: str, channel: str) -> None:
        position = await self._store._open_channel(channel)
        if key in self.channels:
            self.channels[key] = (channel, position.epoch)
            self.positions[key] = f"{position.offset}-0"
            self._store.listener.on_reset(channel, position)
            await self._wake()

    async def _wake(self) -> None:
        """The reader is to look at its list again. If Redis is away it does so anyway when it comes back."""
        try:
            while True:
                self._wake_again = False
                pipe = self._store.redis.pipeline(transaction=False)
                pipe.xadd(self._wake_key, {"": ""}, maxlen=1, approximate=False)
                pipe.expire(self._wake_key, 60)
                await pipe.execute()
                if not self._wake_again:
                    break
        except AWAY:
            pass
        finally:
            self._waking = None

    async def _read(self) -> None:
        was_away = False
        while True:
            try:
                if was_away:
                    await self.compare_epochs()  # before anything is read at a position that may be gone
                    was_away = False
                asked = {self._wake_key: self._wake_position, **self.positions}
                for key, items in await self._store.blocking.xread(asked, count=500, block=BLOCK) or ():
                    self._take(key.decode(), items, asked)
            except (*AWAY, StoreUnavailable):
                was_away = True
                await asyncio.sleep(0.2)
            except Exception:
                log.exception("reading from redis failed")
                await asyncio.sleep(1)

    def _take(self, key: str, items: list[Any], asked: dict[str, str]) -> None:
        last = items[-1][0].decode()
        if key == self._wake_key:
            self._wake_position = last
        elif self.positions.get(key) == asked[key]:  # else it was forgotten or reset meanwhile
            self.positions[key] = last
            self._on_entries(self, key, items)
