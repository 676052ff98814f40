"""A store in Redis: any number of hub processes are one hub.

What is where (`P` is the prefix, `browserws:` if not given otherwise):

    P m:{CHANNEL}   hash    epoch and offset of the channel, time of its last message, bytes of those that are kept
    P s:{CHANNEL}   stream  its last messages; the id of an entry is EPOCH-OFFSET
    P d:{CHANNEL}   hash    which publishes of which session were made of late ...
    P e:{CHANNEL}   hash    ... and before
    P u:{CHANNEL}   hash    its members (redis_presence.py), as are
    P l:PROCESS     string  a process lives
    P presence      stream  who has come and gone
    P c:SESSION     hash    the session's user, and its last connection
    P control       stream  who is to go
    P w:PROCESS:N   stream  wakes a reader that waits, to read another set of channels

All that one publish touches is in one hash slot, that of its channel (`{...}`). Channel names are parts of keys, never
patterns. What belongs together is done in one script (`lua/`), so it is done whole or not at all. Redis has to keep its
data (`appendonly yes`, no eviction) if channels are to survive its restart; where it has not, a new epoch begins.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from ..._pure.protocol import MAX_PENDING
from ..settings import Settings
from . import BATCH_SIZE, ChannelRefused, Entry, Listener, Position, Publish, Published, Session, StoreUnavailable
from .redis_presence import RedisPresence
from .redis_publisher import RedisPublisher
from .redis_reader import BLOCK, UNAVAILABLE_ERRORS, ChannelReader, Cursor, StreamReader, read_entry

log = logging.getLogger("browserws.server")

READER_CHANNELS = 200  # that one connection to Redis reads
HEARTBEAT = 3  # seconds
COMMAND_TIMEOUT = 5  # seconds for an answer of Redis
MAX_LEFT = 10_000  # channels of which is known how far they were read, though nobody is there any more
MAX_COMMAND_CONNECTIONS = 32

SCRIPTS = Path(__file__).parent / "lua"
BEGINNINGS = {  # script -> what it begins with
    "open": "channel",
    "publish": "channel",
    "rotate": "channel",
    "enter": "members",
    "leave": "members",
}


class RedisStore:
    """For hub processes that share the Redis at `url`, such as `redis://localhost:6379/0`."""

    def __init__(self, url: str, prefix: str = "browserws:") -> None:
        self.prefix = prefix
        self.hub = secrets.token_hex(8)
        # no retries by the library: whether a call may be made again is for the caller to know
        options: dict[str, Any] = {"socket_connect_timeout": COMMAND_TIMEOUT, "retry": Retry(NoBackoff(), 0)}
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MAX_COMMAND_CONNECTIONS,
            timeout=COMMAND_TIMEOUT,
            socket_timeout=COMMAND_TIMEOUT,
            **options,
        )
        self.redis: Any = Redis.from_pool(pool)
        readers: Any = {"socket_timeout": COMMAND_TIMEOUT + BLOCK / 1000, "max_connections": 2**31}
        self.blocking: Any = Redis.from_url(url, **readers, **options)
        self._publish = self.script("publish")
        self._open = self.script("open")
        self._rotate = self.script("rotate")
        self._open_session = self.script("session")
        self._publisher = RedisPublisher(self._run_publish)
        self._presence = RedisPresence(self)
        self._control = _ControlReader(self, "control")
        self._readers: list[ChannelReader] = []
        self._reader_of: dict[str, ChannelReader] = {}
        self._left: dict[str, tuple[str, int]] = {}  # channel that is not read any more -> how far it was read
        self._beating: asyncio.Task[None] | None = None
        self._heard_at = time.monotonic()

    def script(self, name: str) -> Any:
        parts = [BEGINNINGS[name], name] if name in BEGINNINGS else [name]
        return self.redis.register_script("\n".join((SCRIPTS / f"{part}.lua").read_text() for part in parts))

    # --- keys ---

    def key(self, kind: str, name: str = "") -> str:
        return f"{self.prefix}{kind}:{name}" if name else self.prefix + kind

    def tag(self, channel: str) -> str:
        """The channel's name where a key has it in braces: it may have no brace of its own."""
        return channel.replace("%", "%25").replace("}", "%7d")

    def channel_keys(self, channel: str) -> list[str]:
        tag = "{" + self.tag(channel) + "}"
        return [self.key(kind, tag) for kind in "msde"]

    # --- life ---

    async def start(self, listener: Listener, settings: Settings) -> None:
        """Raises `StoreUnavailable` if Redis cannot be reached: a wrong address should not go unnoticed."""
        self.listener = listener
        self.settings = settings
        await self._presence.start()
        await self._control.start()
        await self._presence.beat()
        self._beating = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        for reader in [*self._readers, self._presence, self._control]:
            reader.stop()
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        try:
            await self._presence.leave_all()
        except StoreUnavailable:
            pass  # other processes will notice
        await self.redis.aclose()
        await self.blocking.aclose()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                await self._presence.beat()
                for reader in list(self._readers):
                    await reader.check()
                    await reader.keep()
            except StoreUnavailable:
                pass  # it was logged
            except Exception:
                log.exception("looking after redis failed")

    def silent_for(self) -> float:
        """Seconds since the store was last heard of; it is asked something on every beat."""
        return time.monotonic() - self._heard_at

    async def call(self, call: Callable[..., Awaitable[Any]], *arguments: Any, **options: Any) -> Any:
        try:
            answer = await call(*arguments, **options)
        except UNAVAILABLE_ERRORS as error:
            if isinstance(error, ResponseError):
                self._heard_at = time.monotonic()
            log.warning("redis: %s", type(error).__name__)
            raise StoreUnavailable(type(error).__name__) from None
        self._heard_at = time.monotonic()
        return answer

    # --- sessions ---

    async def open_session(self, name: str | None, user: str, connection: int | None) -> tuple[Session, bool]:
        ttl = round(self.settings.session_ttl)
        if name is not None:
            asked = "" if connection is None else connection
            opened = await self.call(self._open_session, [self.key("c", name)], [user, asked, ttl])
            if opened:
                return Session(name, int(opened)), True
        name = secrets.token_urlsafe(16)
        pipe = self.redis.pipeline()
        pipe.hset(self.key("c", name), mapping={"user": user, "connection": connection or 1})
        pipe.expire(self.key("c", name), ttl)
        await self.call(pipe.execute)
        return Session(name, connection or 1), False

    async def keep_sessions(self, sessions: list[str]) -> None:
        if not sessions:
            return
        pipe = self.redis.pipeline(transaction=False)
        for session in sessions:
            pipe.expire(self.key("c", session), round(self.settings.session_ttl))
        await self.call(pipe.execute)

    # --- messages ---

    async def publish(self, publishes: list[Publish]) -> list[Published]:
        return await self.call(self._publisher.publish, publishes)  # type: ignore[no-any-return]

    async def _run_publish(self, publishes: list[Publish]) -> list[Published]:
        channels = {channel: number for number, channel in enumerate(dict.fromkeys(p.channel for p in publishes), 1)}
        s = self.settings
        arguments: list[Any] = [len(channels), secrets.randbelow(1024), s.history, s.history_bytes]
        arguments += [round(s.history_ttl), round(s.channel_ttl), round(s.remembered), MAX_PENDING]
        keys: list[str] = []
        for channel in channels:
            keys += self.channel_keys(channel)
            arguments += self._read(channel)
        for p in publishes:
            name, connection = p.session or ("", 0)
            kind = "b" if isinstance(p.data, bytes) else "j"
            arguments += [channels[p.channel], name, connection, p.id, p.floor, p.sent_on, p.may]
            arguments += [p.user or "", p.time, kind, p.data]
        answers = await self._publish(keys, arguments)
        return [Published(status.decode(), *map(_text_or_number, rest)) for status, *rest in answers]

    def _read(self, channel: str) -> tuple[str, int]:
        """The epoch and offset up to which this process has read the channel: what is less was lost."""
        reader = self._reader_of.get(channel)
        cursor = None if reader is None else reader.cursors.get(self.channel_keys(channel)[1])
        return self._left.get(channel, ("", 0)) if cursor is None else (cursor.epoch, cursor.offset)

    async def listen(self, channel: str, may_be_made: bool = True) -> tuple[Position, bool]:
        here, is_new = await self._open_channel(channel, may_be_made)
        reader = next((reader for reader in self._readers if len(reader.positions) < READER_CHANNELS), None)
        if reader is None:
            reader = ChannelReader(self, str(len(self._readers)))
            self._readers.append(reader)
        cursor = Cursor(channel, here.epoch, here.offset, str(here.time or ""))
        reader.add_channel(self.channel_keys(channel)[1], cursor)
        self._reader_of[channel] = reader
        self._left.pop(channel, None)
        return here, is_new

    async def forget(self, channel: str) -> None:
        reader = self._reader_of.get(channel)
        if reader is None:
            return
        self._left[channel] = self._read(channel)
        del self._reader_of[channel]
        if len(self._left) > MAX_LEFT:
            del self._left[next(iter(self._left))]
        reader.remove(self.channel_keys(channel)[1])
        if not reader.positions:
            reader.stop()
            self._readers.remove(reader)

    async def look_again(self, channel: str) -> None:
        reader = self._reader_of.get(channel)
        if reader is not None:
            await reader.check([self.channel_keys(channel)[1]])

    async def since(self, channel: str, position: Position) -> tuple[Position, bool]:
        meta, stream, *_ = self.channel_keys(channel)
        epoch, offset = await self.call(self.redis.hmget, meta, "epoch", "offset")
        here = Position(epoch.decode() if epoch else "", int(offset or 0))
        if position.epoch != here.epoch or position.offset > here.offset:
            return here, False
        start = f"{position.epoch}-{position.offset}"
        found = await self.call(self.redis.xrange, stream, min=start, count=2)
        return here, _follows(position, here, [read_entry(item)[0] for item in found])

    async def between(self, channel: str, epoch: str, after: int, up_to: int) -> list[Entry]:
        stream = self.channel_keys(channel)[1]
        low, high = f"({epoch}-{after}", f"{epoch}-{up_to}"
        found = await self.call(self.redis.xrange, stream, min=low, max=high, count=BATCH_SIZE)
        return [read_entry(item)[0] for item in found]

    async def history(self, channel: str, limit: int, before: int | None) -> tuple[str, list[Entry]]:
        """No more of them than fit into an answer."""
        here, _ = await self._open_channel(channel)
        entries: list[Entry] = []
        room = self.settings.max_message
        newest = "+" if before is None else f"({here.epoch}-{before}"
        while limit > 0 and room > 0 and (before is None or before > 1):
            count = min(limit, BATCH_SIZE)
            stream = self.channel_keys(channel)[1]
            found = await self.call(self.redis.xrevrange, stream, max=newest, count=count)
            entries += [read_entry(item)[0] for item in found]
            if len(found) < count:
                break
            limit -= count
            newest = "(" + found[-1][0].decode()
            room -= sum(len(entry.data) for entry in entries[-count:])
        return here.epoch, entries[::-1]

    async def _open_channel(self, channel: str, may_be_made: bool = True) -> tuple[Position, bool]:
        s = self.settings
        arguments = [secrets.randbelow(1024), round(s.channel_ttl), int(may_be_made), *self._read(channel)]
        answer = await self.call(self._open, self.channel_keys(channel), arguments)
        if answer is None:
            raise ChannelRefused
        epoch, offset, time_, is_new = answer
        return Position(epoch.decode(), int(offset), int(time_) if time_ else None), bool(is_new)

    async def rotate(self, channel: str, epoch: str) -> Position:
        """Begin a new epoch, unless that one has ended already; where the channel is then."""
        await self.call(self._rotate, self.channel_keys(channel), [secrets.randbelow(1024), epoch])
        here, _ = await self._open_channel(channel)
        return here

    async def find_epoch(self, channel: str) -> tuple[Position, tuple[Entry, str] | None]:
        """Where the channel is, and the first entry of its present epoch that there is."""
        here, _ = await self._open_channel(channel)
        stream = self.channel_keys(channel)[1]
        found = await self.call(self.redis.xrange, stream, min=f"{here.epoch}-0", count=1)
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
        await self.call(self.redis.xadd, self.key("control"), fields, maxlen=10_000)


class _ControlReader(StreamReader):
    """Hears who is to go."""

    async def start(self) -> None:
        key = self._store.key("control")
        last = await self._store.call(self._store.redis.xrevrange, key, count=1)
        self.add(key, last[0][0].decode() if last else "0-0")

    async def take(self, key: str, items: list[Any]) -> None:
        for _, fields in items:
            texts = {name.decode(): value.decode() for name, value in fields.items()}
            self._store.listener.on_removed(texts["c"], texts["r"], texts["w"])


def _follows(position: Position, here: Position, found: list[Entry]) -> bool:
    """Whether all that came after `position` is among what was found from there on."""
    if not found:
        return position.offset == here.offset
    if found[0].offset == position.offset:
        if position.time is not None and found[0].time != position.time:
            return False  # the end of the history was lost, and others went on from before
        return len(found) == 1 or found[1].offset == position.offset + 1
    return found[0].offset == position.offset + 1


def _text_or_number(value: Any) -> Any:
    return value if isinstance(value, int) else value.decode()
