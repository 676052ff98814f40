"""Where channels live: their messages, their members, and which publishes were made.

    memory.py           for one hub process: all is lost when it ends
    redis.py            for any number of processes that share a Redis
    redis_connect.py    one Redis, sentinels or a cluster, by URL
    redis_client.py     the calls of Redis, and the names of the keys in it
    redis_reader.py     reads what is new in the streams of many channels
    redis_publisher.py  merges the publishes of all clients into few calls
    redis_control.py    reads what the program does past channels
    redis_presence.py   who is in which channel, on which process
    lua/                the scripts that Redis runs

A `Store` calls a `Listener`, which the hub gives it.

An *epoch* names a history: offsets (1, 2, 3 ...) are comparable within one. Every entry bears its epoch, so that a
history that was lost, in whole or in part, shows at the next entry and never later. An unreachable store raises
`StoreUnavailable`; then nobody knows whether the call was carried out, or how far, and it can be made again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol

from ..settings import Settings

BATCH_SIZE = 32  # messages that are taken out at once: they may be large

ADDED = "added"
REPEAT = "repeat"  # a duplicate: the store has it already
CONFLICT = "conflict"  # the session is used by a later connection
LOST = "lost"  # it was made and is gone; what its page sent after it is there
ABSENT = "absent"  # it was to be found only, and was not made
NEW_CHANNEL = "new channel"  # it would make a channel, and may not

EVERYBODY, USER, CONNECTION = "everybody", "user", "connection"  # whom something is sent to

FIND, ADD, CREATE = 0, 1, 2  # what a publish may do: be found, be added to a channel that there is, or make a channel


class StoreUnavailable(Exception):
    """The store cannot be reached."""


class ChannelRefused(Exception):
    """There is no such channel, and it may not be made, or the store takes no more."""


class Session(NamedTuple):
    """The memory of a page across its connections, which the page counts: `connection` is the present one."""

    name: str
    connection: int


class Entry(NamedTuple):
    """A message of a channel: its data as JSON, or bytes; `time` in ms since 1970."""

    epoch: str
    offset: int
    user: str | None
    time: int
    data: str | bytes


class Position(NamedTuple):
    """A place in a channel; `time` is that of the entry there, None if that is not known."""

    epoch: str
    offset: int
    time: int | None = None


class Publish(NamedTuple):
    """An entry to be.

    A session's publishes are deduplicated by their ids. `floor` is the lowest id that the
    page still waits for: those below are forgotten. `sent_on` is the connection that has sent it first, 0 if that is
    not known: the same id from another connection is that of another page, which uses the same session.
    """

    channel: str
    user: str | None
    time: int
    data: str | bytes
    session: Session | None = None
    id: int = 0
    floor: int = 0
    sent_on: int = 0
    may: int = CREATE


class Published(NamedTuple):
    """The result of a publish: `status` is one of the words above, `offset` where it is."""

    status: str
    epoch: str = ""
    offset: int = 0


class Listener(Protocol):
    """What a store calls, in the order of events."""

    def on_entry(self, channel: str, entry: Entry) -> None:
        """A message of a channel to which the store listens (`Store.listen`). An entry of another epoch than the last
        begins a new history."""

    def on_reset(self, channel: str, position: Position) -> None:
        """The history was lost, and this is where the new one begins."""

    def on_presence(self, channel: str, joined: list[str], left: list[str]) -> None:
        """Users have joined a channel, or left it."""

    def on_members(self, channel: str, members: Collection[str]) -> None:
        """This is who is there: what was reported before may have been wrong."""

    def on_removed(self, channel: str, user: str, reason: str) -> None:
        """A user is to leave a channel; all channels and the hub where `channel` is empty."""

    def on_direct(self, whom: str, name: str, payload: str | bytes) -> None:
        """The program sends something to pages, as `Store.send` says."""

    def channels_with_members(self) -> list[str]:
        """Channels in which somebody of this process wants to be seen."""

    def members_here(self, channel: str) -> Collection[str]:
        """Who of this process is there, and wants to be seen."""


class Store(Protocol):
    """All but `silent_for` raise `StoreUnavailable`."""

    async def start(self, listener: Listener, settings: Settings) -> None: ...

    async def stop(self) -> None: ...

    def silent_for(self) -> float:
        """Seconds since the store last answered."""

    # --- sessions ---

    async def open_session(self, name: str | None, user: str, connection: int | None) -> tuple[Session, bool]:
        """The session of that name for a later connection than the last, if it is this user's and not expired,
        and True; else a new one. A hello that comes late must not take it from the page's present connection.

        A page that does not count its connections gives None: each hello is then a later one.
        """

    async def keep_sessions(self, sessions: list[str]) -> None:
        """These have a connection: they do not expire."""

    # --- messages ---

    async def publish(self, publishes: list[Publish]) -> list[Published]:
        """Make publishes in this order."""

    def publish_at_once(self, publish: Publish) -> Published | None:
        """As `publish`, where that takes no waiting; else None, and nothing was done."""

    async def listen(self, channel: str, may_be_made: bool = True) -> tuple[Position, bool]:
        """Call the listener with what comes after this position; and whether the channel is new. `ChannelRefused`."""

    async def forget(self, channel: str) -> None:
        """The end of `listen`."""

    async def look_again(self, channel: str) -> None:
        """Call the listener at once, should the channel's history have been lost."""

    async def since(self, channel: str, position: Position) -> tuple[Position, bool]:
        """Where the channel is, and whether all that came after `position` is known."""

    async def between(self, channel: str, epoch: str, after: int, up_to: int) -> list[Entry]:
        """The messages of an epoch after one offset and up to another, `BATCH_SIZE` at most."""

    async def history(self, channel: str, limit: int, before: int | None) -> tuple[str, list[Entry]]:
        """The epoch, and the last messages, those before an offset if it is given; oldest first."""

    # --- members ---

    async def enter(self, channel: str, user: str) -> None:
        """A user has joined on this hub process."""

    async def leave(self, channel: str, user: str) -> None:
        """A user has left on this hub process."""

    async def check_members(self, channel: str) -> None:
        """Call the listener with all who are there (`Listener.on_members`)."""

    async def remove(self, channel: str, user: str, reason: str) -> None:
        """Remove a user from a channel, or from the hub where `channel` is empty, in all processes."""

    async def members(self, channel: str) -> list[str]:
        """Who is there, in all processes; nobody where there is no such channel."""

    # --- past channels ---

    async def send(self, whom: str, name: str, payload: str | bytes) -> None:
        """Call the listeners of all processes. `whom` is `EVERYBODY`, or `USER` or `CONNECTION`, which `name` is that
        of.
        """
