"""Who is in which channel, on which of the processes that share a Redis.

    P u:{PART}CHANNEL  hash     'PROCESS USER' for each that is there, and `:version`, which names its last change
    P l:PROCESS        string   the process lives (it expires)
    P presence:{hub}   stream   the changes, each with its version and the one before it

A change is read from the stream, which is quick. That it is right does not depend on the stream, which gets the change
after the hash has it: on every beat each process compares versions and fetches the whole hash where it missed a change,
adds and removes what is not as it is here, and removes what dead processes left behind. So whatever was lost, all agree
two beats later.
"""

from __future__ import annotations

from . import Listener
from .redis_client import HUB, RedisClient, Script, texts_of
from .redis_reader import Item, StreamReader

LIFETIME = 10  # seconds without a heartbeat after which a process counts as dead
TTL = 60  # seconds for which a channel's members are kept when no process with members in it has a heartbeat
MAX_CHANGES = 10_000  # that are kept for processes that did not read them yet
UNUSED_BEATS = 3  # for so long a channel is looked after when nobody is there any more: a late call may still add them


class _Channel:
    """The members of a channel as they were at `version`: user -> the processes where they are."""

    def __init__(self) -> None:
        self.version = -1  # not known
        self.processes: dict[str, set[str]] = {}
        self.unused = 0

    @property
    def members(self) -> list[str]:
        return list(self.processes)

    def users_on(self, process: str) -> set[str]:
        return {user for user, where in self.processes.items() if process in where}


class RedisPresence(StreamReader):
    """Reads the stream of changes, and knows the channels that have members here."""

    def __init__(self, client: RedisClient) -> None:
        super().__init__(client, "presence")
        self._changes = client.key("presence", HUB)
        self._channels: dict[str, _Channel] = {}
        self._enter = client.script("enter")
        self._leave = client.script("leave")

    async def start(self, listener: Listener) -> None:
        self._listener = listener
        await self.add_end(self._changes)

    async def enter(self, channel: str, user: str) -> None:
        self._channels.setdefault(channel, _Channel())
        await self._emit(self._enter, "j", channel, self._client.process, user, TTL)

    async def leave(self, channel: str, users: list[str], process: str | None = None) -> None:
        """Users have left on this process, or all on another one that is dead."""
        await self._emit(self._leave, "l", channel, process or self._client.process, *users)

    async def _emit(self, script: Script, kind: str, channel: str, process: str, *arguments: str | int) -> None:
        """Tell all processes what a script has changed."""
        changes = await self._client.call(script, [self._key(channel)], [process, *arguments])
        if not changes:
            return
        pipe = self._client.redis.pipeline(transaction=False)
        for user, version, before in changes:
            fields = {"c": channel, "v": version, "b": before, "h": process, kind: user}
            pipe.xadd(self._changes, fields, maxlen=MAX_CHANGES)
        await self._client.call(pipe.execute)

    async def check(self, channel: str) -> None:
        """Fetch the members, and call the listener with them."""
        version, processes = await self._fetch(channel)
        known = self._channels.setdefault(channel, _Channel())
        if known.version <= version:  # else a later change was read meanwhile
            known.version, known.processes = version, processes
        for process in await self._dead(set().union(*known.processes.values())):
            await self.leave(channel, [], process)
            for user in known.users_on(process):
                known.processes[user].discard(process)
        known.processes = {user: where for user, where in known.processes.items() if where}
        self._listener.on_members(channel, known.members)

    async def members(self, channel: str) -> list[str]:
        """Who is there, on a process that lives."""
        _, processes = await self._fetch(channel)
        dead = await self._dead(set().union(*processes.values()))
        return [user for user, where in processes.items() if where - dead]

    async def _fetch(self, channel: str) -> tuple[int, dict[str, set[str]]]:
        """The version, and user -> the processes where they are."""
        fields = await self._client.call(self._client.redis.hgetall, self._key(channel))
        version = int(fields.pop(b":version", 0))
        processes: dict[str, set[str]] = {}
        for field in fields:
            process, _, user = field.decode().partition(" ")
            processes.setdefault(user, set()).add(process)
        return version, processes

    # --- what changes ---

    async def take(self, key: str, items: list[Item]) -> None:
        for _, fields in items:
            await self._change(texts_of(fields))

    async def _change(self, texts: dict[str, str]) -> None:
        channel, version, process = texts["c"], int(texts["v"]), texts["h"]
        known = self._channels.get(channel)
        if known is None or version <= known.version:
            return
        if int(texts["b"]) != known.version:
            await self.check(channel)  # a change was missed, or all was lost
            return
        known.version = version
        user = texts.get("j") or texts["l"]
        where = known.processes.setdefault(user, set())
        was_there = bool(where)
        if "j" in texts:
            where.add(process)
        else:
            where.discard(process)
        if not where:
            del known.processes[user]
        if was_there != bool(where):
            self._listener.on_presence(channel, [user] if where else [], [] if where else [user])

    # --- what makes it right ---

    async def beat(self) -> None:
        """This process lives. What is known is compared with what is so, here and in Redis."""
        alive = self._client.key("l", self._client.process)
        await self._client.call(self._client.redis.set, alive, "1", ex=LIFETIME)
        await self._fetch_what_changed()
        await self._correct()

    async def _fetch_what_changed(self) -> None:
        pipe = self._client.redis.pipeline(transaction=False)
        channels = list(self._channels)
        for channel in channels:
            pipe.hget(self._key(channel), ":version")
            pipe.expire(self._key(channel), TTL)
        answers = await self._client.call(pipe.execute)
        processes = {p for known in self._channels.values() for where in known.processes.values() for p in where}
        dead = await self._dead(processes)
        for channel, version in zip(channels, answers[::2], strict=True):
            known = self._channels[channel]
            has_dead = dead and any(where & dead for where in known.processes.values())
            if int(version or 0) != known.version or has_dead:
                known.version = min(known.version, int(version or 0))
                await self.check(channel)

    async def _correct(self) -> None:
        """Correct what Redis has of this process."""
        for channel in self._listener.channels_with_members():
            self._channels.setdefault(channel, _Channel())
        for channel, known in list(self._channels.items()):
            recorded = known.users_on(self._client.process)
            here = self._listener.members_here(channel)
            for user in [user for user in here if user not in recorded]:
                if user in self._listener.members_here(channel):
                    await self.enter(channel, user)
            left = [user for user in recorded if user not in self._listener.members_here(channel)]
            if left:
                await self.leave(channel, left)
            known.unused = 0 if here or recorded else known.unused + 1
            if known.unused > UNUSED_BEATS:
                del self._channels[channel]

    async def _dead(self, processes: set[str]) -> set[str]:
        others = sorted(processes - {self._client.process})
        if not others:
            return set()
        pipe = self._client.redis.pipeline(transaction=False)
        for process in others:
            pipe.exists(self._client.key("l", process))
        answers = await self._client.call(pipe.execute)
        return {process for process, lives in zip(others, answers, strict=True) if not lives}

    async def leave_all(self) -> None:
        """This process stops."""
        for channel in list(self._channels):
            await self.leave(channel, [])
        await self._client.call(self._client.redis.delete, self._client.key("l", self._client.process))

    def _key(self, channel: str) -> str:
        return self._client.channel_key("u", channel)
