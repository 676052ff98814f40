"""A store in Redis: any number of hub processes are one hub.

What is where (`P` is the prefix, `browserws:` if not given otherwise):

    P m:CHANNEL    hash    epoch and offset of the channel
    P s:CHANNEL    stream  its last messages; the id of an entry is OFFSET-0
    P c:SESSION    hash    the session's user and turn, and the offsets of its publishes by their ids
    P u:CHANNEL    hash    user -> in how many processes they are
    P h:HUB        set     who is in this process, as CHANNEL, line feed, USER
    P l:HUB        string  the process lives (it expires)
    P hubs         set     the processes
    P presence     stream  who has come and gone, and who is to go
    P w:HUB:N      stream  wakes a reader that waits, to read another set of channels

Channel names are parts of keys, never patterns. What belongs together is done in one script (`lua/`), so it is
done whole or not at all. Redis has to keep its data (`appendonly yes`) if channels are to survive its restart;
where it has not, a new epoch begins.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from .._pure.protocol import MAX_PENDING
from .redis_publisher import RedisPublisher
from .redis_reader import AWAY, BLOCK, Reader, new_epoch
from .settings import Settings
from .store import PIECE, Entry, Position, Publish, Published, Session, StoreUnavailable, Superseded

log = logging.getLogger("browserws.server")

READER_CHANNELS = 200  # that one connection to Redis reads
LIFE = 10  # seconds after which a process that is silent counts as dead
HEARTBEAT = 3
PATIENCE = 5  # seconds for an answer of Redis
CONNECTIONS = 32  # for commands


def _script(name: str) -> str:
    return (Path(__file__).parent / "lua" / f"{name}.lua").read_text()


class RedisStore:
    """For hub processes that share the Redis at `url`, such as `redis://localhost:6379/0`."""

    def __init__(self, url: str, prefix: str = "browserws:") -> None:
        self.prefix = prefix
        self.hub = secrets.token_hex(8)
        # no retries by the library: whether a call may be made again is for the caller to know
        options: dict[str, Any] = {"socket_connect_timeout": PATIENCE, "retry": Retry(NoBackoff(), 0)}
        pool = BlockingConnectionPool.from_url(
            url, max_connections=CONNECTIONS, timeout=PATIENCE, socket_timeout=PATIENCE, **options
        )
        self.redis: Any = Redis.from_pool(pool)
        readers: Any = {"socket_timeout": PATIENCE + BLOCK / 1000, "max_connections": 2**31}
        self.blocking: Any = Redis.from_url(url, **readers, **options)
        self._publish = self.redis.register_script(_script("publish"))
        self._publisher = RedisPublisher(self._run_publish)
        self._rotate = self.redis.register_script(_script("rotate"))
        self._open = self.redis.register_script(_script("open"))
        self._enter = self.redis.register_script(_script("enter"))
        self._leave = self.redis.register_script(_script("leave"))
        self._readers: list[Reader] = []
        self._reader_of: dict[str, Reader] = {}
        self._presence = Reader(self, "presence", self._on_presence)
        self._tasks: list[asyncio.Task[None]] = []

    def key(self, kind: str, name: str = "") -> str:
        return f"{self.prefix}{kind}:{name}" if name else self.prefix + kind

    async def start(self, listener: Any, settings: Settings) -> None:
        """Raises `StoreUnavailable` if Redis cannot be reached: a wrong address should not go unnoticed."""
        self.listener = listener
        self.settings = settings
        last = await self._call(self.redis.xrevrange, self.key("presence"), count=1)
        self._presence.add(self.key("presence"), last[0][0].decode() if last else "0-0")
        await self._beat()
        self._tasks.append(asyncio.create_task(self._live()))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for reader in [*self._readers, self._presence]:
            reader.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._bury(self.hub)
        except StoreUnavailable:
            pass  # another process will
        await self.redis.aclose()
        await self.blocking.aclose()

    async def _call(self, call: Callable[..., Awaitable[Any]], *arguments: Any, **options: Any) -> Any:
        try:
            return await call(*arguments, **options)
        except AWAY as error:
            log.warning("redis: %s", type(error).__name__)
            raise StoreUnavailable(type(error).__name__) from None

    # --- sessions ---

    async def open_session(self, name: str | None, user: str) -> tuple[Session, bool]:
        is_known = name is not None and await self._call(self.redis.hget, self.key("c", name), "user") == user.encode()
        if name is None or not is_known:
            name = secrets.token_urlsafe(16)
        key = self.key("c", name)
        pipe = self.redis.pipeline()
        pipe.hset(key, "user", user)
        pipe.hincrby(key, "turn", 1)
        pipe.expire(key, round(self.settings.session_ttl))
        turn = (await self._call(pipe.execute))[1]
        return Session(name, turn), is_known and turn > 1

    async def keep_sessions(self, sessions: list[str]) -> None:
        pipe = self.redis.pipeline(transaction=False)
        for session in sessions:
            pipe.expire(self.key("c", session), round(self.settings.session_ttl))
        await self._call(pipe.execute)

    # --- messages ---

    async def publish(self, publishes: list[Publish]) -> list[Published]:
        return await self._call(self._publisher.publish, publishes)  # type: ignore[no-any-return]

    async def _run_publish(self, publishes: list[Publish]) -> list[Published]:
        keys: list[str] = []
        arguments: list[Any] = [new_epoch(), self.settings.history, round(self.settings.history_ttl), MAX_PENDING]
        for channel, user, time, data, session, number in publishes:
            name, turn = session or ("-", 0)
            keys += [self.key("m", channel), self.key("s", channel), self.key("c", name)]
            kind = "b" if isinstance(data, bytes) else "j"
            arguments += [number if session else "", turn, user or "", time, kind, data]
        try:
            answers = await self._publish(keys, arguments)
        except ResponseError as error:
            if "SUPERSEDED" in str(error):
                raise Superseded from None
            raise
        return [Published(epoch.decode(), offset, bool(repeat)) for epoch, offset, repeat in answers]

    async def published(self, session: Session, number: int) -> int | None:
        offset = await self._call(self.redis.hget, self.key("c", session.name), number)
        return None if offset is None else int(offset)

    async def listen(self, channel: str) -> Position:
        position = await self._open_channel(channel)
        reader = next((reader for reader in self._readers if len(reader.positions) < READER_CHANNELS), None)
        if reader is None:
            reader = Reader(self, str(len(self._readers)), self._on_entries)
            self._readers.append(reader)
        reader.add(self.key("s", channel), f"{position.offset}-0")
        reader.channels[self.key("s", channel)] = (channel, position.epoch)
        self._reader_of[channel] = reader
        return position

    async def forget(self, channel: str) -> None:
        reader = self._reader_of.pop(channel, None)
        if reader is not None:
            reader.remove(self.key("s", channel))

    async def since(self, channel: str, position: Position) -> tuple[Position, bool]:
        pipe = self.redis.pipeline()
        pipe.hmget(self.key("m", channel), "epoch", "offset")
        pipe.xrange(self.key("s", channel), min=f"({position.offset}-0", count=1)
        (epoch, offset), found = await self._call(pipe.execute)
        here = Position(epoch.decode() if epoch else "", int(offset or 0))
        follows = _entry(*found[0]).offset == position.offset + 1 if found else position.offset == here.offset
        return here, position.epoch == here.epoch and follows

    async def between(self, channel: str, after: int, up_to: int) -> list[Entry]:
        key = self.key("s", channel)
        found = await self._call(self.redis.xrange, key, min=f"({after}-0", max=f"{up_to}-0", count=PIECE)
        return [_entry(*item) for item in found]

    async def history(self, channel: str, limit: int, before: int | None) -> tuple[str, list[Entry]]:
        """No more of them than fit into an answer."""
        epoch = (await self._open_channel(channel)).epoch
        entries: list[Entry] = []
        room = self.settings.max_message
        while limit > 0 and room > 0 and (before is None or before > 1):
            newest = "+" if before is None else f"({before}-0"
            count = min(limit, PIECE)
            found = await self._call(self.redis.xrevrange, self.key("s", channel), max=newest, count=count)
            entries += [_entry(*item) for item in found]
            if len(found) < count:
                break
            limit -= count
            before = entries[-1].offset
            room -= sum(len(entry.data) for entry in entries[-count:])
        return epoch, entries[::-1]

    async def _open_channel(self, channel: str) -> Position:
        arguments = [new_epoch(), round(self.settings.history_ttl)]
        epoch, offset = await self._call(self._open, [self.key("m", channel)], arguments)
        return Position(epoch.decode(), int(offset))

    def _on_entries(self, reader: Reader, key: str, items: list[Any]) -> None:
        channel, _ = reader.channels[key]
        for item in items:
            self.listener.on_entry(channel, _entry(*item))

    # --- members ---

    async def enter(self, channel: str, user: str) -> None:
        keys = [self.key("h", self.hub), self.key("u", channel), self.key("presence")]
        await self._call(self._enter, keys, [channel, user])

    async def leave(self, channel: str, user: str) -> None:
        await self._leave_from(self.hub, channel, user)

    async def remove(self, channel: str, user: str, reason: str) -> None:
        fields = {"c": channel, "r": user, "w": reason}
        await self._call(self.redis.xadd, self.key("presence"), fields, maxlen=10_000)

    async def members(self, channel: str) -> list[str]:
        return [user.decode() for user in await self._call(self.redis.hkeys, self.key("u", channel))]

    async def _leave_from(self, hub: str, channel: str, user: str) -> None:
        keys = [self.key("h", hub), self.key("u", channel), self.key("presence")]
        await self._call(self._leave, keys, [channel, user])

    def _on_presence(self, reader: Reader, key: str, items: list[Any]) -> None:
        for _, fields in items:
            texts = {name.decode(): value.decode() for name, value in fields.items()}
            if "r" in texts:
                self.listener.on_removed(texts["c"], texts["r"], texts["w"])
                continue
            come = [texts["j"]] if "j" in texts else []
            gone = [texts["l"]] if "l" in texts else []
            self.listener.on_presence(texts["c"], come, gone)

    # --- the processes, and what Redis may have forgotten ---

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                await self._beat()
                await self._compare_epochs()
            except StoreUnavailable:
                pass  # it was logged
            except Exception:
                log.exception("looking after redis failed")

    async def _beat(self) -> None:
        """This process lives; those that do not are buried; who is here is so in Redis, too."""
        pipe = self.redis.pipeline()
        pipe.set(self.key("l", self.hub), "1", ex=LIFE)
        pipe.sadd(self.key("hubs"), self.hub)
        pipe.smembers(self.key("hubs"))
        pipe.smembers(self.key("h", self.hub))
        *_, hubs, known = await self._call(pipe.execute)
        for channel, user in self.listener.present():
            member = f"{channel}\n{user}".encode()
            if member not in known and (channel, user) in self.listener.present():
                await self.enter(channel, user)
        for hub in hubs:
            name = hub.decode()
            if name != self.hub and not await self._call(self.redis.exists, self.key("l", name)):
                await self._bury(name)

    async def _bury(self, hub: str) -> None:
        for member in await self._call(self.redis.smembers, self.key("h", hub)):
            channel, _, user = member.decode().rpartition("\n")
            await self._leave_from(hub, channel, user)
        await self._call(self.redis.srem, self.key("hubs"), hub)

    async def _compare_epochs(self) -> None:
        """A channel that has another epoch than we know has lost its history."""
        for reader in self._readers:
            if reader.channels:
                await reader.compare_epochs()


def _entry(number: bytes, fields: dict[bytes, bytes]) -> Entry:
    data: str | bytes = fields[b"b"] if b"b" in fields else fields[b"j"].decode()
    return Entry(int(number.split(b"-")[0]), fields[b"u"].decode() or None, int(fields[b"t"]), data)
