"""`join` and `leave`."""

from __future__ import annotations

from ..._pure import protocol
from .. import frames
from ..connection import Connection
from ..frames import Message
from ..membership import Membership
from ..outcomes import Refused
from ..room import Room
from ..stores import ChannelRefused, Position
from .replay import Replay


class JoinRequests:
    def __init__(self, connection: Connection, replay: Replay) -> None:
        self._connection = connection
        self._replay = replay
        self._rooms = connection.services.rooms
        self._store = connection.services.store

    async def join(self, request: Message) -> None:
        """While anything is waited for, the user may be removed from the channel: then the membership has left."""
        connection, channel, since = self._connection, request["channel"], request.get("since")
        handlers = connection.services.handlers
        presence, conflate = request.get("presence", False), request.get("conflate", False)
        membership = Membership(
            channel,
            connection.user,
            connection.outlet,
            presence=presence,
            conflate=conflate,
            on_left=connection.departures.add if handlers.has("leave") else None,
        )
        self._rooms.request(membership)
        try:
            await connection.services.access.check(connection.user, channel, "join")
            await connection.departures.idle()
            await handlers.call("join", connection.page, channel=channel)
            _check_not_removed(membership)
            self._leave(channel, replaced=True)  # a second join replaces the first
            self._check_count()
            room = await self._open(membership)
        finally:
            self._rooms.close_request(membership)
        self._rooms.enter(membership, room)
        here, is_known = await self._position(membership, room, since)
        if presence:
            await connection.retry(self._store.enter, channel, connection.user)
            await connection.retry(self._store.check_members, channel)
        if membership.has_left:
            self._rooms.check_presence(channel, connection.user)  # the store may count it as a member
        _check_not_removed(membership)
        # Nothing is waited for from here to the answer: it says what is so when the room goes on.
        offset = here.offset if here.epoch == room.epoch else room.offset
        has_gap = since is not None and not (is_known and since["epoch"] == room.epoch)
        members = list(room.present) if presence else None
        connection.outlet.write(frames.joined(request["id"], channel, room.epoch, offset, has_gap, members))
        if since is not None and not has_gap:
            offset = since["offset"]
        room.answered(membership)
        offset = await self._replay.catch_up(membership, room, offset)
        room.caught_up(membership, offset)
        if members is not None:
            await self._replay.charge(sum(map(len, members)))

    async def leave(self, request: Message) -> None:
        self._leave(request["channel"])
        self._connection.send({"type": "left", "id": request["id"], "channel": request["channel"]})
        await self._connection.departures.idle()

    def _leave(self, channel: str, replaced: bool = False) -> None:
        membership = self._rooms.membership(self._connection.outlet, channel)
        if membership is not None:
            self._rooms.leave(membership, replaced=replaced)

    def _check_count(self) -> None:
        limit = self._connection.services.settings.max_channels
        if self._rooms.count(self._connection.outlet) >= limit:
            raise Refused(f"a client joins at most {limit} channels", protocol.TOO_MANY)

    async def _open(self, membership: Membership) -> Room:
        """The room. A channel that did not exist before is paid for."""
        open_room = self._rooms.find(membership.channel)
        if open_room is not None:
            return open_room
        budget = self._connection.budget
        may_be_made = budget.allows("channels")
        try:
            room, is_new = await self._connection.retry(self._rooms.open, membership.channel, may_be_made)
        except ChannelRefused:
            raise self._connection.too_many_channels() from None
        if is_new:
            budget.take("channels", 1)
        if membership.has_left:
            self._rooms.close_if_empty(room)
        _check_not_removed(membership)
        return room

    async def _position(self, membership: Membership, room: Room, since: Message | None) -> tuple[Position, bool]:
        """Where the channel is, in the epoch in which the room is, and whether all that came after a position is known.

        The store is asked in any case: this process may be behind it, and who has read more elsewhere must not get it
        once more.
        """
        asked = Position(room.epoch, room.offset)
        if since is not None:
            asked = Position(since["epoch"], since["offset"], since.get("time"))
        while True:
            here, is_known = await self._connection.retry(self._store.since, room.channel, asked)
            if here.epoch == room.epoch or membership.has_left:
                return here, is_known
            await self._connection.retry(self._store.look_again, room.channel)


def _check_not_removed(membership: Membership) -> None:
    if membership.has_left:
        raise Refused("removed from the channel while joining it", protocol.NOT_JOINED)
