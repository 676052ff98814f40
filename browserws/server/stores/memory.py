"""A store for one hub process: all is lost when it ends."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from itertools import islice

from ..._pure.protocol import MAX_PENDING
from ..settings import Settings
from . import (
    ABSENT,
    ADDED,
    BATCH_SIZE,
    CONFLICT,
    CREATE,
    FIND,
    LOST,
    NEW_CHANNEL,
    REPEAT,
    ChannelRefused,
    Entry,
    Listener,
    Position,
    Publish,
    Published,
    Session,
)


class _Publishes:
    """Which publishes of one session were made in one channel."""

    __slots__ = ("connection", "floor", "made")

    def __init__(self) -> None:
        self.connection = 0  # the latest that published here: earlier ones may not any more
        self.floor = 0
        self.made: dict[tuple[int, int], int] = {}  # the connection that sent it first, and its id -> offset

    def offset_of(self, publish: Publish) -> int | None:
        if publish.sent_on:
            return self.made.get((publish.sent_on, publish.id))
        return next((offset for (_, id_), offset in self.made.items() if id_ == publish.id), None)

    def has_later(self, publish: Publish) -> bool:
        """Whether one is there that was sent after it, on an earlier connection: so it was made, too, or refused."""
        if publish.sent_on in (0, self.connection):
            return False
        return any(sent_on == publish.sent_on and id_ > publish.id for sent_on, id_ in self.made)

    def raise_to(self, connection: int, floor: int) -> None:
        """The page is there now: it will not ask again for what it sent on this connection below the floor."""
        if connection > self.connection:
            self.connection, self.floor = connection, floor
        elif floor > self.floor:
            self.floor = floor
            for key in [(sent_on, id_) for sent_on, id_ in self.made if sent_on == connection and id_ < floor]:
                del self.made[key]

    def add(self, publish: Publish, offset: int) -> None:
        self.made[publish.sent_on or self.connection, publish.id] = offset
        if len(self.made) > MAX_PENDING:
            del self.made[next(iter(self.made))]


class _Log:
    """A channel: its history, its members, and which publishes were made.

    What a session has published is forgotten when it published nothing here for `settings.remembered` seconds: at least
    so long, and at most twice so long, `_recent` and `_older` keep it.
    """

    __slots__ = ("_older", "_recent", "_turned_at", "entries", "epoch", "members", "offset", "size", "used")

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.offset = 0
        self.entries: deque[Entry] = deque()
        self.size = 0
        self.used = 0.0
        self.members: dict[str, None] = {}
        self._recent: dict[str, _Publishes] = {}
        self._older: dict[str, _Publishes] = {}
        self._turned_at = 0.0

    def publishes(self, session: str) -> _Publishes | None:
        return self._recent.get(session) or self._older.get(session)

    def remember(self, session: str, publishes: _Publishes, seconds: float) -> None:
        if self.used - self._turned_at > seconds:
            self._older, self._recent, self._turned_at = self._recent, {}, self.used
        self._recent[session] = publishes

    def add(self, entry: Entry, settings: Settings) -> None:
        self.offset = entry.offset
        self.entries.append(entry)
        self.size += _size(entry)
        while len(self.entries) > settings.history or self.size > settings.history_bytes:
            self.size -= _size(self.entries.popleft())

    def clear(self) -> None:
        self.size = 0
        self.entries.clear()


class _Session:
    __slots__ = ("connection", "used", "user")

    def __init__(self, user: str) -> None:
        self.user = user
        self.connection = 0
        self.used = 0.0


class MemoryStore:
    """For one hub process."""

    def __init__(self) -> None:
        self._logs: dict[str, _Log] = {}  # those used last come last ...
        self._idle: dict[str, None] = {}  # ... and so do those to which nobody listens
        self._sessions: dict[str, _Session] = {}  # likewise
        self._listening: set[str] = set()
        self._size = 0  # of all histories

    async def start(self, listener: Listener, settings: Settings) -> None:
        self._listener = listener
        self._settings = settings
        self._loop = asyncio.get_running_loop()

    async def stop(self) -> None:
        pass

    def silent_for(self) -> float:
        """Seconds since the store last answered."""
        return 0

    # --- sessions ---

    async def open_session(self, name: str | None, user: str, connection: int | None) -> tuple[Session, bool]:
        """The session of that name for a later connection than the last, if it is this user's and not forgotten,
        and True; else a new one. A hello that comes late must not take it from the page's present connection.

        A page that does not count its connections gives None: each hello is then a later one.
        """
        known = self._sessions.pop(name or "", None)
        if name is not None and known is not None:
            self._sessions[name] = known
            if connection is None:
                connection = known.connection + 1
            if known.user == user and connection > known.connection:
                known.connection = connection
                known.used = self._loop.time()
                return Session(name, connection), True
        name = secrets.token_urlsafe(16)
        opened = self._sessions[name] = _Session(user)
        opened.connection = connection or 1
        opened.used = self._loop.time()
        if len(self._sessions) > 2 * self._settings.max_connections:
            del self._sessions[next(iter(self._sessions))]
        return Session(name, opened.connection), False

    async def keep_sessions(self, sessions: list[str]) -> None:
        """These have a connection. Others expire, and so do channels that nobody uses."""
        now = self._loop.time()
        for session in sessions:
            known = self._sessions.pop(session, None)
            if known is not None:
                known.used = now
                self._sessions[session] = known
        for session, known in list(self._sessions.items()):
            if now - known.used > self._settings.session_ttl:
                del self._sessions[session]
        for channel, log in list(self._logs.items()):
            if now - log.used <= self._settings.history_ttl:
                break
            self._drop_history(channel)

    # --- messages ---

    async def publish(self, publishes: list[Publish]) -> list[Published]:
        """Make publishes in this order."""
        return [self._publish(publish) for publish in publishes]

    def publish_at_once(self, publish: Publish) -> Published | None:
        """As `publish`, which a subclass may have changed: then None."""
        is_mine = getattr(self.publish, "__func__", None) is MemoryStore.publish
        return self._publish(publish) if is_mine else None

    def _publish(self, publish: Publish) -> Published:
        log = self._log(publish.channel, may_be_made=publish.may == CREATE)
        if log is None:
            return Published(ABSENT if publish.may == FIND else NEW_CHANNEL)
        session = publish.session
        if session is None:
            return self._add(log, publish)
        publishes = log.publishes(session.name) or _Publishes()
        if session.connection < publishes.connection:
            return Published(CONFLICT)
        known = publishes.offset_of(publish)
        if known is not None:
            return Published(REPEAT, log.epoch, known)
        publishes.raise_to(session.connection, publish.floor)
        log.remember(session.name, publishes, self._settings.remembered)
        if publish.may == FIND:
            return Published(ABSENT)
        if publishes.has_later(publish):
            return Published(LOST)
        publishes.add(publish, log.offset + 1)
        return self._add(log, publish)

    def _add(self, log: _Log, publish: Publish) -> Published:
        entry = Entry(log.epoch, log.offset + 1, publish.user, publish.time, publish.data)
        before = log.size
        log.add(entry, self._settings)
        self._size += log.size - before
        self._make_room()
        if publish.channel in self._listening:
            self._listener.on_entry(publish.channel, entry)
        return Published(ADDED, log.epoch, entry.offset)

    async def listen(self, channel: str, may_be_made: bool = True) -> tuple[Position, bool]:
        """Call the listener with what comes after this position; and whether the channel is new. `ChannelRefused`."""
        is_new = channel not in self._logs
        log = self._log(channel, may_be_made)
        if log is None:
            raise ChannelRefused
        self._listening.add(channel)
        self._idle.pop(channel, None)
        return Position(log.epoch, log.offset), is_new

    async def forget(self, channel: str) -> None:
        """The end of `listen`."""
        self._listening.discard(channel)
        if channel in self._logs:
            self._idle[channel] = None

    async def look_again(self, channel: str) -> None:
        """Call the listener at once, should the channel's history have been lost: here it is called in any case."""

    async def since(self, channel: str, position: Position) -> tuple[Position, bool]:
        """Where the channel is, and whether all that came after `position` is known."""
        log = self._logs[channel]
        first = log.entries[0].offset if log.entries else log.offset + 1
        is_known = position.epoch == log.epoch and first - 1 <= position.offset <= log.offset
        return Position(log.epoch, log.offset), is_known

    async def between(self, channel: str, epoch: str, after: int, up_to: int) -> list[Entry]:
        """The messages of an epoch after one offset and up to another, `BATCH_SIZE` at most."""
        log = self._logs.get(channel)
        if log is None or log.epoch != epoch or not log.entries:
            return []
        start = max(0, after + 1 - log.entries[0].offset)
        return [entry for entry in islice(log.entries, start, start + BATCH_SIZE) if entry.offset <= up_to]

    async def history(self, channel: str, limit: int, before: int | None) -> tuple[str, list[Entry]]:
        """The epoch, and the last messages, those before an offset if it is given; oldest first."""
        log = self._logs[channel]
        first = log.entries[0].offset if log.entries else log.offset + 1
        end = len(log.entries) if before is None else max(0, min(len(log.entries), before - first))
        return log.epoch, list(islice(log.entries, max(0, end - limit), end))

    def _log(self, channel: str, may_be_made: bool) -> _Log | None:
        log = self._logs.pop(channel, None)
        if log is None:
            if not may_be_made or not self._has_room():
                return None
            log = _Log()
        self._logs[channel] = log
        log.used = self._loop.time()
        if channel not in self._listening:
            self._idle.pop(channel, None)
            self._idle[channel] = None
        return log

    def _has_room(self) -> bool:
        """For one channel more. One that is in use never makes room for another."""
        if len(self._logs) >= self._settings.store_channels and self._idle:
            self._drop_history(next(iter(self._idle)))
        return len(self._logs) < self._settings.store_channels

    def _make_room(self) -> None:
        """Histories that were unused for longest are dropped first, before those of channels that somebody listens to;
        whoever misses them gets a gap."""
        if self._size <= self._settings.store_bytes:
            return
        enough = 0.9 * self._settings.store_bytes
        for channel in [*self._idle, *self._logs]:
            if self._size <= enough:
                break
            if channel in self._logs:
                self._drop_history(channel)

    def _drop_history(self, channel: str) -> None:
        log = self._logs[channel]
        self._size -= log.size
        log.clear()
        if channel not in self._listening:
            del self._logs[channel]
            del self._idle[channel]

    # --- members ---

    async def enter(self, channel: str, user: str) -> None:
        """A user has joined on this hub process."""
        members = self._logs[channel].members
        if user not in members:
            members[user] = None
            self._listener.on_presence(channel, [user], [])

    async def leave(self, channel: str, user: str) -> None:
        """A user has left on this hub process."""
        log = self._logs.get(channel)
        if log is not None and user in log.members:
            del log.members[user]
            self._listener.on_presence(channel, [], [user])

    async def check_members(self, channel: str) -> None:
        """Call the listener with all who are there (`Listener.on_members`)."""
        self._listener.on_members(channel, self._logs[channel].members)

    async def remove(self, channel: str, user: str, reason: str) -> None:
        """Remove a user from a channel, or from the hub where `channel` is empty."""
        self._listener.on_removed(channel, user, reason)

    async def members(self, channel: str) -> list[str]:
        """Who is there; nobody where there is no such channel."""
        log = self._logs.get(channel)
        return [] if log is None else list(log.members)

    # --- past channels ---

    async def send(self, whom: str, name: str, payload: str | bytes) -> None:
        """Call the listener."""
        self._listener.on_direct(whom, name, payload)


def _size(entry: Entry) -> int:
    """Bytes, about: an entry costs something beside its data."""
    return len(entry.data) + 100
