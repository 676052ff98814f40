"""Reads what is new in streams of Redis: `StreamReader` in any, `ChannelReader` in those of channels."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from ..settings import Settings
from . import Entry, Listener, Position, StoreUnavailable
from .redis_client import BLOCK, HUB, UNAVAILABLE_ERRORS, RedisClient

log = logging.getLogger("browserws.server")

Item = tuple[bytes, dict[bytes, bytes]]  # of a stream: id, fields


class StreamReader:
    """Waits for entries of some streams, on a connection of its own. A subclass says what becomes of them. `place` is
    where in a cluster they are (`RedisClient.together`)."""

    def __init__(self, client: RedisClient, name: str, place: str = HUB) -> None:
        self.positions: dict[str, str] = {}  # key -> id of the last entry that was read
        self.place = place
        self._client = client
        self._wake_key = client.key("w", f"{place}{client.process}:{name}")
        self._wake_position = "0-0"
        self._waking: asyncio.Task[None] | None = None
        self._wake_again = False
        self._task: asyncio.Task[None] | None = None

    def add(self, key: str, position: str) -> None:
        self.positions[key] = position
        if self._task is None:
            self._task = asyncio.create_task(self._read())
        else:
            self.wake()

    def remove(self, key: str) -> None:
        self.positions.pop(key, None)

    def stop(self) -> None:
        for task in (self._task, self._waking):
            if task is not None:
                task.cancel()

    async def add_end(self, *keys: str) -> None:
        """Read what comes after the present ends of streams."""
        for key in keys:
            last: list[Item] = await self._client.call(self._client.redis.xrevrange, key, count=1)
            self.positions[key] = last[0][0].decode() if last else "0-0"
        self.add(key, self.positions[key])

    async def take(self, key: str, items: list[Item]) -> None:
        """New entries of a stream."""
        raise NotImplementedError

    async def reconnected(self) -> None:
        """Redis is available again: what it may have lost meanwhile is to be found before more is read."""

    def wake(self) -> None:
        """The reader is to look at its list again. If Redis is unavailable it does so anyway when it reconnects."""
        if self._waking is None:
            self._waking = asyncio.create_task(self._wake())
        else:
            self._wake_again = True

    async def _wake(self) -> None:
        try:
            while True:
                self._wake_again = False
                pipe = self._client.redis.pipeline(transaction=False)
                pipe.xadd(self._wake_key, {"": ""}, maxlen=1, approximate=False)
                pipe.expire(self._wake_key, 60)
                await self._client.ask(pipe.execute)
                if not self._wake_again:
                    break
        except UNAVAILABLE_ERRORS:
            pass
        finally:
            self._waking = None

    async def _read(self) -> None:
        was_unavailable = False
        while True:
            try:
                if was_unavailable:
                    await self.reconnected()
                    was_unavailable = False
                asked = {self._wake_key: self._wake_position, **self.positions}
                read = self._client.blocking.xread
                for key, items in await self._client.ask(read, asked, count=500, block=BLOCK) or ():
                    await self._take(key.decode(), items, asked)
            except (*UNAVAILABLE_ERRORS, StoreUnavailable):
                was_unavailable = True
                self._client.failures += 1
                await asyncio.sleep(0.2)
            except Exception:
                log.exception("reading from redis failed")
                await asyncio.sleep(1)

    async def _take(self, key: str, items: list[Item], asked: dict[str, str]) -> None:
        last = items[-1][0].decode()
        if key == self._wake_key:
            self._wake_position = last
        elif self.positions.get(key) == asked[key]:  # else it was forgotten or moved meanwhile
            await self.take(key, items)
            if self.positions.get(key) == asked[key]:
                self.positions[key] = last


class Cursor:
    """How far a channel was read: the next entry has the next offset of this epoch, and names this time before its own;
    or its epoch is a later one. Entries of the `former` epoch that come behind belong to this one.

    What this process has published, it knows before it reads it: who is to read it must hear if it is lost until then.
    """

    __slots__ = ("_made", "channel", "epoch", "former", "offset", "time")

    def __init__(self, channel: str, epoch: str, offset: int, time: str) -> None:
        self.channel = channel
        self.epoch = epoch
        self.former = ""
        self.offset = offset
        self.time = time
        self._made: dict[tuple[str, int], int | None] = {}  # epoch and offset -> time, of what was not read yet

    @property
    def id(self) -> str:
        return f"{self.epoch}-{self.offset}"

    @property
    def known(self) -> tuple[str, int]:
        """The epoch and offset that there were."""
        return max((self.epoch, self.offset), next(reversed(self._made), ("", 0)), key=order)

    def add_made(self, position: tuple[str, int], time: int | None) -> None:
        """It was acknowledged. The time is None if it is not known."""
        if order(position) > order(self.known):
            self._made[position] = time

    def is_other(self, entry: Entry) -> bool:
        """Whether this process has published something else that was there."""
        at = (entry.epoch, entry.offset)
        made = self._made.get(at)
        while self._made and order(next(iter(self._made))) <= order(at):
            del self._made[next(iter(self._made))]
        return made is not None and made != entry.time


def order(position: tuple[str, int]) -> tuple[int, int]:
    """By which positions are compared."""
    epoch, offset = position
    return int(epoch or 0), offset


class Epochs(Protocol):
    async def rotate(self, channel: str, epoch: str) -> Position:
        """Begin a new epoch, unless that one has ended already; where the channel is then."""

    async def find_epoch(self, channel: str) -> tuple[Position, tuple[Entry, str] | None]:
        """Where the channel is, and the first entry of its present epoch that there is (as `read_entry`)."""


class ChannelReader(StreamReader):
    """Reads the streams of channels and calls the listener with each entry, in order and once; and with a history that
    was lost before anything that follows."""

    def __init__(
        self, client: RedisClient, name: str, place: str, epochs: Epochs, listener: Listener, settings: Settings
    ) -> None:
        super().__init__(client, name, place)
        self._epochs = epochs
        self._listener = listener
        self._settings = settings
        self.cursors: dict[str, Cursor] = {}  # key -> how far
        self._kept_at = 0.0  # when these channels were last kept from expiring

    def add_channel(self, key: str, cursor: Cursor) -> None:
        self.cursors[key] = cursor
        self.add(key, cursor.id)

    def remove(self, key: str) -> None:
        super().remove(key)
        self.cursors.pop(key, None)

    async def take(self, key: str, items: list[Item]) -> None:
        for item in items:
            cursor = self.cursors.get(key)
            if cursor is None:
                return  # nobody listens any more
            entry, follows = read_entry(item)
            is_next = entry.offset == cursor.offset + 1 and follows == cursor.time
            is_next = not cursor.is_other(entry) and is_next
            was_trimmed = entry.offset > cursor.offset + 1  # before it was read: pages see it by the offsets
            if entry.epoch in (cursor.epoch, cursor.former) and not is_next and not was_trimmed:
                await self._begin_anew(cursor, entry.offset - 1)
            if entry.epoch == cursor.former:
                entry = entry._replace(epoch=cursor.epoch)
            cursor.epoch, cursor.offset, cursor.time = entry.epoch, entry.offset, str(entry.time)
            self.positions[key] = item[0].decode()
            self._listener.on_entry(cursor.channel, entry)

    async def reconnected(self) -> None:
        await self.check()

    async def check(self, keys: list[str] | None = None) -> None:
        """Whether Redis has lost what was read: all of it, or the end."""
        cursors = {key: self.cursors[key] for key in keys or list(self.cursors) if key in self.cursors}
        if not cursors:
            return
        known = {key: cursor.known for key, cursor in cursors.items()}
        pipe = self._client.redis.pipeline(transaction=False)
        for cursor in cursors.values():
            pipe.hmget(self._client.channel_key("m", cursor.channel), "epoch", "offset")
        answers = await self._client.call(pipe.execute)
        for (key, cursor), (epoch, offset) in zip(cursors.items(), answers, strict=True):
            known_epoch, known_offset = known[key]
            is_here = epoch is not None and epoch.decode() == known_epoch and int(offset) >= known_offset
            if not is_here and self.cursors.get(key) is cursor and cursor.known == known[key]:
                await self._move(key, cursor)

    async def keep(self) -> None:
        """Keep channels that are in use from expiring in Redis."""
        ttl = self._settings.channel_ttl
        now = asyncio.get_running_loop().time()
        if not self.cursors or now - self._kept_at < ttl / 4:
            return
        self._kept_at = now
        pipe = self._client.redis.pipeline(transaction=False)
        for cursor in self.cursors.values():
            meta, _, recent, older = self._client.channel_keys(cursor.channel)
            for key in (meta, recent, older):
                pipe.expire(key, round(ttl))
        await self._client.call(pipe.execute)

    async def _begin_anew(self, cursor: Cursor, offset: int) -> None:
        """The end of what was read was lost, and others went on from before it: from here on it is another history."""
        here = await self._epochs.rotate(cursor.channel, cursor.epoch)
        cursor.epoch, cursor.former = here.epoch, cursor.epoch
        self._listener.on_reset(cursor.channel, Position(here.epoch, offset))

    async def _move(self, key: str, cursor: Cursor) -> None:
        """To the beginning of the epoch in which the channel is now: nothing of that was read."""
        here, first = await self._epochs.find_epoch(cursor.channel)
        if self.cursors.get(key) is not cursor or here.epoch == cursor.epoch:
            return
        if first is None:
            cursor.epoch, cursor.offset, cursor.time = here.epoch, here.offset, str(here.time or "")
        else:
            entry, follows = first
            cursor.epoch, cursor.offset, cursor.time = entry.epoch, entry.offset - 1, follows
        self.positions[key] = cursor.id
        self._listener.on_reset(cursor.channel, Position(cursor.epoch, cursor.offset))
        self.wake()


def read_entry(item: Item) -> tuple[Entry, str]:
    """An entry, and the time of the one that it follows."""
    number, fields = item
    epoch, _, offset = number.decode().partition("-")
    data: str | bytes = fields[b"b"] if b"b" in fields else fields[b"j"].decode()
    entry = Entry(epoch, int(offset), fields[b"u"].decode() or None, int(fields[b"t"]), data)
    return entry, fields[b"p"].decode()
