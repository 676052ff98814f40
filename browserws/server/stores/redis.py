"""A store in Redis: any number of hub processes are one hub. `redis_client.py` says what is where.

What belongs together is done in one script (`lua/`), so it is done whole or not at all. Redis has to keep its
data (`appendonly yes`, no eviction) if channels are to survive its restart; where it has not, a new epoch begins.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from itertools import groupby

from ..._pure.protocol import MAX_PENDING
from ..settings import Settings
from . import (
    ADDED,
    BATCH_SIZE,
    REPEAT,
    ChannelRefused,
    Entry,
    Listener,
    Position,
    Publish,
    Published,
    Session,
    StoreUnavailable,
)
from .redis_client import HUB, Argument, RedisClient
from .redis_control import ControlReader
from .redis_presence import RedisPresence
from .redis_publisher import RedisPublisher
from .redis_reader import ChannelReader, Cursor, order, read_entry

log = logging.getLogger("browserws.server")

READER_CHANNELS = 200  # that one connection to Redis reads
HEARTBEAT = 3  # seconds
MAX_DIRECT = 1000  # messages past channels that are kept for processes that did not read them yet ...
DIRECT_TTL = 60  # ... and seconds
MAX_LEFT = 10_000  # channels of which is known how far they went, though nobody is there who reads them


class RedisStore:
    """For hub processes that share the Redis at `url`, such as `redis://localhost:6379/0` (`redis_connect.py`).
    `ValueError` for a wrong URL or prefix.
    """

    def __init__(self, url: str, prefix: str = "browserws:") -> None:
        self.client = RedisClient(url, prefix)
        self._publish = self.client.script("publish")
        self._open = self.client.script("open")
        self._rotate = self.client.script("rotate")
        self._open_session = self.client.script("session")
        self._begin_session = self.client.script("begin")
        self._publishers: dict[str, RedisPublisher] = {}  # by the place of their channels
        self._presence = RedisPresence(self.client)
        self._control = ControlReader(self.client, "control")
        self._readers: list[ChannelReader] = []
        self._reader_of: dict[str, ChannelReader] = {}
        self._left: dict[str, tuple[str, int]] = {}  # channel that is not read -> how far it was read, or published to
        self._failures = 0  # of calls, after which what was lost was looked for
        self._beating: asyncio.Task[None] | None = None
        self._hearing: asyncio.Task[None] | None = None

    # --- life ---

    async def start(self, listener: Listener, settings: Settings) -> None:
        """Raises `StoreUnavailable` if Redis cannot be reached: a wrong address should not go unnoticed."""
        self._listener = listener
        self._settings = settings
        await self._presence.start(listener)
        await self._control.start(listener)
        await self._presence.beat()
        self._beating = asyncio.create_task(self._repeat(self._beat))
        self._hearing = asyncio.create_task(self._repeat(self.client.check_parts))

    async def stop(self) -> None:
        for reader in [*self._readers, self._presence, self._control]:
            reader.stop()
        for task in (self._beating, self._hearing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        try:
            await self._presence.leave_all()
        except StoreUnavailable:
            pass  # other processes will notice
        await self.client.close()

    async def _repeat(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                await work()
            except StoreUnavailable:
                pass  # it was logged
            except Exception:
                log.exception("looking after redis failed")

    async def _beat(self) -> None:
        await self._presence.beat()
        for reader in list(self._readers):
            await reader.check()
            await reader.keep()
        await self._check_left()

    def silent_for(self) -> float:
        """Seconds since Redis last answered; it is asked something on every heartbeat."""
        return self.client.silent_for()

    # --- sessions ---

    async def open_session(self, name: str | None, user: str, connection: int | None) -> tuple[Session, bool]:
        ttl = round(self._settings.session_ttl)
        if name is not None:
            asked = "" if connection is None else connection
            opened = await self.client.call(self._open_session, [self.client.key("c", name)], [user, asked, ttl])
            if opened:
                return Session(name, int(opened)), True
        name = secrets.token_urlsafe(16)
        await self.client.call(self._begin_session, [self.client.key("c", name)], [user, connection or 1, ttl])
        return Session(name, connection or 1), False

    async def keep_sessions(self, sessions: list[str]) -> None:
        if not sessions:
            return
        pipe = self.client.redis.pipeline(transaction=False)
        for session in sessions:
            pipe.expire(self.client.key("c", session), round(self._settings.session_ttl))
        await self.client.call(pipe.execute)

    # --- messages ---

    async def publish(self, publishes: list[Publish]) -> list[Published]:
        """Those that follow each other in one place are made in one script, together with those of others."""
        result = []
        for place, group in groupby(publishes, key=lambda publish: self.client.together(publish.channel)):
            publisher = self._publishers.setdefault(place, RedisPublisher(self._run_publish))
            result += await publisher.publish(list(group))
        return result

    def publish_at_once(self, publish: Publish) -> None:
        """Redis is waited for."""

    async def _run_publish(self, publishes: list[Publish]) -> list[Published]:
        channels = {channel: number for number, channel in enumerate(dict.fromkeys(p.channel for p in publishes), 1)}
        s = self._settings
        arguments: list[Argument] = [len(channels), secrets.randbelow(1024), s.history, s.history_bytes]
        arguments += [round(s.history_ttl), round(s.channel_ttl), round(s.remembered), MAX_PENDING]
        keys: list[str] = []
        for channel in channels:
            keys += self.client.channel_keys(channel)
            arguments += self._known(channel)
        for p in publishes:
            name, connection = p.session or ("", 0)
            kind = "b" if isinstance(p.data, bytes) else "j"
            arguments += [channels[p.channel], name, connection, p.id, p.floor, p.sent_on, p.may]
            arguments += [p.user or "", p.time, kind, p.data]
        answers = await self.client.call(self._publish, keys, arguments)
        result = [_published(*answer) for answer in answers]
        for publish, published in zip(publishes, result, strict=True):
            if published.status in (ADDED, REPEAT):
                self._note(publish, published)
        return result

    def _note(self, publish: Publish, published: Published) -> None:
        """How far a channel is now: should Redis lose it before anybody has read it, it is noticed."""
        cursor = self._cursor(publish.channel)
        if cursor is not None:
            time = publish.time if published.status == ADDED else None
            cursor.add_made((published.epoch, published.offset), time)
        else:
            self._note_left(publish.channel, (published.epoch, published.offset))

    def _note_left(self, channel: str, position: tuple[str, int]) -> None:
        self._left[channel] = max(position, self._left.pop(channel, ("", 0)), key=order)
        if len(self._left) > MAX_LEFT:
            del self._left[next(iter(self._left))]

    def _cursor(self, channel: str) -> Cursor | None:
        reader = self._reader_of.get(channel)
        return None if reader is None else reader.cursors.get(self.client.stream(channel))

    def _known(self, channel: str) -> tuple[str, int]:
        """The epoch and offset up to which this process knows the channel: if there is less, it was lost."""
        cursor = self._cursor(channel)
        return self._left.get(channel, ("", 0)) if cursor is None else cursor.known

    async def _check_left(self) -> None:
        """Whether Redis, which was away, has lost what this process has published to channels that others read."""
        failures = self.client.failures
        if failures == self._failures:
            return
        pipe = self.client.redis.pipeline(transaction=False)
        left = list(self._left.items())
        for channel, _ in left:
            pipe.hmget(self.client.channel_key("m", channel), "epoch", "offset")
        for (channel, known), (epoch, offset) in zip(left, await self.client.call(pipe.execute), strict=True):
            if epoch is not None and order((epoch.decode(), int(offset))) < order(known):
                await self._open_channel(channel)  # it begins a new epoch
        self._failures = failures

    async def listen(self, channel: str, may_be_made: bool = True) -> tuple[Position, bool]:
        here, is_new = await self._open_channel(channel, may_be_made)
        reader = self._reader_for(self.client.together(channel))
        cursor = Cursor(channel, here.epoch, here.offset, str(here.time or ""))
        reader.add_channel(self.client.stream(channel), cursor)
        self._reader_of[channel] = reader
        cursor.add_made(self._left.pop(channel, ("", 0)), None)
        return here, is_new

    def _reader_for(self, place: str) -> ChannelReader:
        for reader in self._readers:
            if reader.place == place and len(reader.positions) < READER_CHANNELS:
                return reader
        name = str(len(self._readers))
        self._readers.append(ChannelReader(self.client, name, place, self, self._listener, self._settings))
        return self._readers[-1]

    async def forget(self, channel: str) -> None:
        reader = self._reader_of.get(channel)
        if reader is None:
            return
        known = self._known(channel)
        del self._reader_of[channel]
        self._note_left(channel, known)
        reader.remove(self.client.stream(channel))
        if not reader.positions:
            reader.stop()
            self._readers.remove(reader)

    async def look_again(self, channel: str) -> None:
        reader = self._reader_of.get(channel)
        if reader is not None:
            await reader.check([self.client.stream(channel)])

    async def since(self, channel: str, position: Position) -> tuple[Position, bool]:
        meta, stream, *_ = self.client.channel_keys(channel)
        epoch, offset = await self.client.call(self.client.redis.hmget, meta, "epoch", "offset")
        here = Position(epoch.decode() if epoch else "", int(offset or 0))
        if position.epoch != here.epoch or position.offset > here.offset:
            return here, False
        if position.offset == here.offset and position.time is None:
            return here, True  # nothing came after it
        start = f"{position.epoch}-{position.offset}"
        found = await self.client.call(self.client.redis.xrange, stream, min=start, count=2)
        return here, _follows(position, here, [read_entry(item)[0] for item in found])

    async def between(self, channel: str, epoch: str, after: int, up_to: int) -> list[Entry]:
        stream = self.client.stream(channel)
        low, high = f"({epoch}-{after}", f"{epoch}-{up_to}"
        found = await self.client.call(self.client.redis.xrange, stream, min=low, max=high, count=BATCH_SIZE)
        return [read_entry(item)[0] for item in found]

    async def history(self, channel: str, limit: int, before: int | None) -> tuple[str, list[Entry]]:
        """No more of them than fit into an answer."""
        here, _ = await self._open_channel(channel)
        entries: list[Entry] = []
        room = self._settings.max_message
        newest = "+" if before is None else f"({here.epoch}-{before}"
        while limit > 0 and room > 0 and (before is None or before > 1):
            count = min(limit, BATCH_SIZE)
            stream = self.client.stream(channel)
            found = await self.client.call(self.client.redis.xrevrange, stream, max=newest, count=count)
            entries += [read_entry(item)[0] for item in found]
            if len(found) < count:
                break
            limit -= count
            newest = "(" + found[-1][0].decode()
            room -= sum(len(entry.data) for entry in entries[-count:])
        return here.epoch, entries[::-1]

    async def _open_channel(self, channel: str, may_be_made: bool = True) -> tuple[Position, bool]:
        s = self._settings
        arguments: list[Argument] = [
            secrets.randbelow(1024),
            round(s.channel_ttl),
            int(may_be_made),
            *self._known(channel),
        ]
        answer = await self.client.call(self._open, self.client.channel_keys(channel), arguments)
        if answer is None:
            raise ChannelRefused
        epoch, offset, time_, is_new = answer
        return Position(epoch.decode(), int(offset), int(time_) if time_ else None), bool(is_new)

    async def rotate(self, channel: str, epoch: str) -> Position:
        """Begin a new epoch, unless that one has ended already; where the channel is then."""
        await self.client.call(self._rotate, self.client.channel_keys(channel), [secrets.randbelow(1024), epoch])
        here, _ = await self._open_channel(channel)
        return here

    async def find_epoch(self, channel: str) -> tuple[Position, tuple[Entry, str] | None]:
        """Where the channel is, and the first entry of its present epoch that there is."""
        here, _ = await self._open_channel(channel)
        stream = self.client.stream(channel)
        found = await self.client.call(self.client.redis.xrange, stream, min=f"{here.epoch}-0", count=1)
        return here, read_entry(found[0]) if found else None

    # --- members ---

    async def enter(self, channel: str, user: str) -> None:
        await self._presence.enter(channel, user)

    async def leave(self, channel: str, user: str) -> None:
        await self._presence.leave(channel, [user])

    async def check_members(self, channel: str) -> None:
        await self._presence.check(channel)

    async def remove(self, channel: str, user: str, reason: str) -> None:
        fields = {"c": channel, "r": user, "w": reason}
        await self.client.call(self.client.redis.xadd, self.client.key("control", HUB), fields, maxlen=10_000)

    async def members(self, channel: str) -> list[str]:
        return await self._presence.members(channel)

    # --- past channels ---

    async def send(self, whom: str, name: str, payload: str | bytes) -> None:
        """It is kept for as long as the slowest process may take to read it, at most."""
        pipe = self.client.redis.pipeline(transaction=False)
        fields = {"to": whom, "name": name, "b" if isinstance(payload, bytes) else "j": payload}
        pipe.xadd(self.client.key("direct", HUB), fields, maxlen=MAX_DIRECT)
        pipe.expire(self.client.key("direct", HUB), DIRECT_TTL)
        await self.client.call(pipe.execute)


def _follows(position: Position, here: Position, found: list[Entry]) -> bool:
    """Whether all that came after `position` is among what was found from there on."""
    if not found:
        return position.offset == here.offset
    if found[0].offset == position.offset:
        if position.time is not None and found[0].time != position.time:
            return False  # the end of the history was lost, and others went on from before
        return len(found) == 1 or found[1].offset == position.offset + 1
    return found[0].offset == position.offset + 1


def _published(status: bytes, epoch: bytes = b"", offset: int = 0) -> Published:
    """What the script answers to one publish. If it failed, the error stands in the place of the epoch."""
    return Published(status.decode(), epoch.decode(), offset)
