"""The rooms of this hub process, and which client is in which: one table, which only `Rooms` changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine

from . import frames
from .membership import Membership, State
from .metrics import Metrics
from .outlet import Outlet
from .room import Room
from .stores import Entry, Position, Store, StoreUnavailable


class Rooms:
    """What is known of a client here is its `outlet`, which stands for it, and its user's name.

    It is the store's `Listener`; `disconnect(user, reason)` closes all connections of a user, `deliver(whom, name,
    payload)` sends to some.
    """

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        disconnect: Callable[[str, str], None],
        deliver: Callable[[str, str, str | bytes], None] = lambda whom, name, payload: None,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._disconnect = disconnect
        self._deliver = deliver
        self._rooms: dict[str, Room] = {}
        self._opening: dict[str, asyncio.Task[bool]] = {}
        self._memberships: dict[Outlet, dict[str, Membership]] = {}
        self._requested: dict[Outlet, Membership] = {}  # those that are in no room yet: one for each client at most
        self._graces: set[asyncio.TimerHandle] = set()  # of members that may reconnect
        self._tasks: set[asyncio.Task[None]] = set()  # calls of the store for which nobody waits

    # --- rooms ---

    def find(self, channel: str) -> Room | None:
        return self._rooms.get(channel)

    async def open(self, channel: str, may_be_made: bool = True) -> tuple[Room, bool]:
        """The room of a channel, and whether the channel is new; the store is asked once, however many clients wait.

        Raises `ChannelRefused`, `StoreUnavailable`.
        """
        is_new = False
        while channel not in self._rooms:
            opening = self._opening.get(channel)
            if opening is not None:
                await asyncio.wait([opening])  # its result is for who began it
                continue
            opening = self._opening[channel] = asyncio.create_task(self._open(channel, may_be_made))
            is_new = await opening
        return self._rooms[channel], is_new

    async def _open(self, channel: str, may_be_made: bool) -> bool:
        try:
            position, is_new = await self._store.listen(channel, may_be_made)
            self._rooms[channel] = Room(channel, position)
            self._metrics.channels = len(self._rooms)
            return is_new
        finally:
            del self._opening[channel]

    def close_if_empty(self, room: Room) -> None:
        if room.is_empty and self._rooms.get(room.channel) is room:
            del self._rooms[room.channel]
            self._metrics.channels = len(self._rooms)
            self._in_background(self._forget(room.channel))

    async def _forget(self, channel: str) -> None:
        if channel not in self._rooms:
            await self._store.forget(channel)

    # --- who is in which of them ---

    def membership(self, outlet: Outlet, channel: str) -> Membership | None:
        return self._memberships.get(outlet, {}).get(channel)

    def count(self, outlet: Outlet) -> int:
        """How many rooms a client is in."""
        return len(self._memberships.get(outlet, ()))

    def request(self, membership: Membership) -> None:
        """A join begins: until `close_request` it is in no room, and its user may be removed from the channel."""
        self._requested[membership.outlet] = membership

    def close_request(self, membership: Membership) -> None:
        """The room is open, or the join was refused."""
        del self._requested[membership.outlet]

    def enter(self, membership: Membership, room: Room) -> None:
        """The client is in the room; it gets messages when it has what it missed (`Room.caught_up`)."""
        self._memberships.setdefault(membership.outlet, {})[membership.channel] = membership
        room.enter(membership)

    def leave(self, membership: Membership, grace: float = 0, *, replaced: bool = False) -> None:
        """`grace`: the seconds for which its user is still shown. `replaced`: the client joins again."""
        memberships = self._memberships[membership.outlet]
        del memberships[membership.channel]
        if not memberships:
            del self._memberships[membership.outlet]
        room = self._rooms[membership.channel]
        room.leave(membership)
        if membership.on_left is not None and not replaced:
            membership.on_left(membership.channel)
        if not membership.presence:
            self.close_if_empty(room)
        elif grace:
            self._forget_member_after(grace, room, membership.user)
        else:
            self._forget_member(room, membership.user)

    def leave_all(self, outlet: Outlet, grace: float) -> None:
        """The client's connection has ended."""
        for membership in list(self._memberships.get(outlet, {}).values()):
            self.leave(membership, grace)

    # --- presence ---

    def _forget_member_after(self, seconds: float, room: Room, user: str) -> None:
        def forget() -> None:
            self._graces.discard(handle)
            self._forget_member(room, user)

        handle = asyncio.get_running_loop().call_later(seconds, forget)
        self._graces.add(handle)

    def _forget_member(self, room: Room, user: str) -> None:
        if room.forget_member(user):
            self.check_presence(room.channel, user)
        self.close_if_empty(room)

    def check_presence(self, channel: str, user: str) -> None:
        """Soon, remove the user from the store's members if it has left this process: a late call may have added it."""
        self._in_background(self._leave_store(channel, user))

    async def _leave_store(self, channel: str, user: str) -> None:
        if user in self.members_here(channel):
            return  # reconnected already
        try:
            await self._store.leave(channel, user)
        except StoreUnavailable:
            pass  # it compares who is here when it is available again

    async def stop(self, timeout: float) -> None:
        """Remove all who were here from the store's members."""
        for handle in self._graces:
            handle.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=timeout)
        for room in list(self._rooms.values()):
            for user in list(room.members):
                try:
                    await self._store.leave(room.channel, user)
                except StoreUnavailable:
                    return  # the other processes will notice

    # --- the store's listener ---

    def on_entry(self, channel: str, entry: Entry) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            self._metrics.delivered += room.add_entry(entry)

    def on_reset(self, channel: str, position: Position) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            room.reset(position)

    def on_presence(self, channel: str, joined: list[str], left: list[str]) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            room.add_presence(joined, left)

    def on_members(self, channel: str, members: Collection[str]) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            room.set_members(members)

    def on_removed(self, channel: str, user: str, reason: str) -> None:
        if not channel:
            self._disconnect(user, reason)
            return
        for membership in self._requested.values():
            if (membership.channel, membership.user) == (channel, user) and not membership.has_left:
                membership.move(State.LEFT)
        room = self._rooms.get(channel)
        for membership in list(room.memberships) if room is not None else ():
            if membership.user == user:
                self.leave(membership)
                left = {"type": "left", "channel": channel, "reason": reason}
                membership.outlet.write(frames.of(left))

    def on_direct(self, whom: str, name: str, payload: str | bytes) -> None:
        self._deliver(whom, name, payload)

    def channels_with_members(self) -> list[str]:
        return [room.channel for room in self._rooms.values() if room.members]

    def members_here(self, channel: str) -> Collection[str]:
        room = self._rooms.get(channel)
        return () if room is None else room.members.keys()

    def _in_background(self, coroutine: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
