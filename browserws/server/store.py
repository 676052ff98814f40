"""Where channels live: their messages, their members, and the publishes that clients have made.

A store has the methods of `MemoryStore`. It calls `listener.on_entry(channel, entry)` for each message of the
channels that it was told to `listen` to, in order; `listener.on_presence(channel, come, gone)`;
`listener.on_removed(channel, user, reason)`; and `listener.on_reset(channel, position)` when a channel's history
was lost.

An *epoch* names a history: offsets (1, 2, 3 ...) are comparable within one. An unreachable store raises
`StoreUnavailable`; then nobody knows whether the call was carried out, or how far, and it can be made again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from itertools import islice
from typing import Any, NamedTuple

from .._pure.protocol import MAX_PENDING
from .settings import Settings

PIECE = 32  # messages that are taken out at once: they may be large
MAX_CHANNELS = 100_000  # that have a history; then those that were unused for longest lose theirs ...
MAX_BYTES = 512 * 1024 * 1024  # ... and so do they when all histories are larger than this


class StoreUnavailable(Exception):
    """The store cannot be reached."""


class Superseded(Exception):
    """The session goes on on another connection: what this one still wanted to publish comes from there."""


class Session(NamedTuple):
    """What a client has published is known by it; `turn` counts its connections, of which the last one publishes."""

    name: str
    turn: int


class Entry(NamedTuple):
    """A message of a channel: its data as JSON, or bytes; `time` in ms since 1970."""

    offset: int
    user: str | None
    time: int
    data: str | bytes


class Position(NamedTuple):
    epoch: str
    offset: int


class Publish(NamedTuple):
    """An entry to be. A session's publishes are known again by their numbers, and not made twice."""

    channel: str
    user: str | None
    time: int
    data: str | bytes
    session: Session | None
    number: int


class Published(NamedTuple):
    epoch: str
    offset: int
    is_repeat: bool


class _Log:
    """The history of a channel."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.offset = 0
        self.entries: deque[Entry] = deque()
        self.size = 0
        self.used = 0.0
        self.members: dict[str, None] = {}

    def add(self, entry: Entry, settings: Settings) -> None:
        self.offset = entry.offset
        self.entries.append(entry)
        self.size += len(entry.data)
        while len(self.entries) > settings.history or self.size > settings.history_bytes:
            self.size -= len(self.entries.popleft().data)


class _Session:
    def __init__(self, user: str) -> None:
        self.user = user
        self.turn = 0
        self.offsets: dict[int, int] = {}  # of its publishes, by their ids
        self.used = 0.0


class MemoryStore:
    """For one hub process: all is gone when it ends."""

    def __init__(self) -> None:
        self._logs: dict[str, _Log] = {}  # those used last come last
        self._sessions: dict[str, _Session] = {}
        self._listening: set[str] = set()
        self._size = 0  # of all histories

    async def start(self, listener: Any, settings: Settings) -> None:
        self._listener = listener
        self._settings = settings
        self._loop = asyncio.get_running_loop()

    async def stop(self) -> None:
        pass

    # --- sessions ---

    async def open_session(self, name: str | None, user: str) -> tuple[Session, bool]:
        """The session of that name, if it is this user's and not too old, and True; else a new one."""
        known = self._sessions.get(name or "")
        is_known = known is not None and known.user == user
        if name is None or known is None or not is_known:
            name = secrets.token_urlsafe(16)
            known = self._sessions[name] = _Session(user)
        known.used = self._loop.time()
        known.turn += 1
        return Session(name, known.turn), is_known

    async def keep_sessions(self, sessions: list[str]) -> None:
        """These have a connection. Others go in time, and so do channels that nobody uses."""
        now = self._loop.time()
        for session in sessions:
            if session in self._sessions:
                self._sessions[session].used = now
        for session, known in list(self._sessions.items()):
            if now - known.used > self._settings.session_ttl:
                del self._sessions[session]
        for channel, log in list(self._logs.items()):
            if now - log.used > self._settings.history_ttl:
                self._drop_history(channel)

    # --- messages ---

    async def publish(self, publishes: list[Publish]) -> list[Published]:
        """Add messages in this order, up to the first that fails. `Superseded`."""
        return [self._publish(*publish) for publish in publishes]

    def _publish(
        self, channel: str, user: str | None, time: int, data: str | bytes, session: Session | None, number: int
    ) -> Published:
        log = self._log(channel)
        known = self._sessions.get(session.name) if session is not None else None
        if known is not None and session is not None and known.turn != session.turn:
            raise Superseded
        if known is not None and number in known.offsets:
            return Published(log.epoch, known.offsets[number], True)
        entry = Entry(log.offset + 1, user, time, data)
        before = log.size
        log.add(entry, self._settings)
        self._size += log.size - before
        self._make_room()
        if known is not None:
            known.offsets[number] = entry.offset
            if len(known.offsets) > MAX_PENDING:
                del known.offsets[next(iter(known.offsets))]
        if channel in self._listening:
            self._listener.on_entry(channel, entry)
        return Published(log.epoch, entry.offset, False)

    async def published(self, session: Session, number: int) -> int | None:
        """The offset of a session's publish, if it was made."""
        known = self._sessions.get(session.name)
        return None if known is None else known.offsets.get(number)

    async def listen(self, channel: str) -> Position:
        """Tell of what comes after this position."""
        self._listening.add(channel)
        log = self._log(channel)
        return Position(log.epoch, log.offset)

    async def forget(self, channel: str) -> None:
        """The end of `listen`."""
        self._listening.discard(channel)

    async def since(self, channel: str, position: Position) -> tuple[Position, bool]:
        """Where the channel is, and whether all that came after `position` is known."""
        log = self._log(channel)
        first = log.entries[0].offset if log.entries else log.offset + 1
        is_known = position.epoch == log.epoch and first - 1 <= position.offset <= log.offset
        return Position(log.epoch, log.offset), is_known

    async def between(self, channel: str, after: int, up_to: int) -> list[Entry]:
        """The messages after one offset and up to another, `PIECE` at most."""
        found = (entry for entry in self._log(channel).entries if after < entry.offset <= up_to)
        return list(islice(found, PIECE))

    async def history(self, channel: str, limit: int, before: int | None) -> tuple[str, list[Entry]]:
        """The epoch, and the last messages, those before an offset if it is given; oldest first."""
        log = self._log(channel)
        entries = [entry for entry in log.entries if before is None or entry.offset < before]
        return log.epoch, entries[len(entries) - limit :] if limit < len(entries) else entries

    def _make_room(self) -> None:
        """Histories that were unused for longest go first; whoever misses them is told of a gap."""
        for channel in list(self._logs) if self._size > MAX_BYTES or len(self._logs) > MAX_CHANNELS else ():
            if self._size <= 0.9 * MAX_BYTES and len(self._logs) <= 0.9 * MAX_CHANNELS:
                break
            self._drop_history(channel)

    def _drop_history(self, channel: str) -> None:
        log = self._logs[channel]
        self._size -= log.size
        log.size = 0
        log.entries.clear()
        if channel not in self._listening:
            del self._logs[channel]

    def _log(self, channel: str) -> _Log:
        log = self._logs.pop(channel, None) or _Log()
        self._logs[channel] = log
        log.used = self._loop.time()
        return log

    # --- members ---

    async def enter(self, channel: str, user: str) -> None:
        """A user has come to this hub process."""
        log = self._log(channel)
        if user not in log.members:
            log.members[user] = None
            self._listener.on_presence(channel, [user], [])

    async def leave(self, channel: str, user: str) -> None:
        """A user has gone from this hub process."""
        log = self._log(channel)
        if user in log.members:
            del log.members[user]
            self._listener.on_presence(channel, [], [user])

    async def remove(self, channel: str, user: str, reason: str) -> None:
        """A user is to be put out of a channel, wherever they are."""
        self._listener.on_removed(channel, user, reason)

    async def members(self, channel: str) -> list[str]:
        return list(self._log(channel).members)
