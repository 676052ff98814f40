"""One channel in this hub process: who of its clients gets what."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from . import frames
from .membership import Membership, State
from .outlet import Outlet
from .stores import Entry, Position

PRESENCE_DELAY = 0.05  # seconds for which changes are gathered: many users may join or leave at once


class Room:
    """`memberships` are all that have not left. What each of them is sent follows from its state:

    `outlets` get each message, `conflating` the newest at least, `watchers` presence, too.
    """

    def __init__(self, channel: str, position: Position) -> None:
        self.channel = channel
        self.epoch = position.epoch
        self.offset = position.offset
        self.began = position.offset  # where the epoch did, as far as this process knows
        self.memberships: set[Membership] = set()
        self.outlets: set[Outlet] = set()
        self.conflating: set[Outlet] = set()
        self.watchers: set[Outlet] = set()
        self.members: dict[str, int] = {}  # user -> clients here that show it: they may be disconnected for a moment
        self.present: set[str] = set()  # who is there, in all processes
        self._ahead: set[Membership] = set()
        self._joined: set[str] = set()
        self._left: set[str] = set()

    @property
    def is_empty(self) -> bool:
        return not (self.memberships or self.members)

    # --- a membership, from its first to its last move ---

    def enter(self, membership: Membership) -> None:
        membership.move(State.ENTERED)
        self.memberships.add(membership)
        if membership.presence:
            self.members[membership.user] = self.members.get(membership.user, 0) + 1

    def answered(self, membership: Membership) -> None:
        """The client knows where the channel is: from here on it gets what happens to it."""
        membership.move(State.CATCHING_UP)
        if membership.presence:
            self.watchers.add(membership.outlet)

    def caught_up(self, membership: Membership, offset: int) -> None:
        """The client has everything up to `offset`, and gets what comes after it."""
        if membership.has_left:
            return
        if offset > self.offset:
            membership.move(State.AHEAD)
            membership.offset = offset
            self._ahead.add(membership)
        else:
            self._go_live(membership)

    def _go_live(self, membership: Membership) -> None:
        self._ahead.discard(membership)
        if membership.conflate:
            membership.move(State.CONFLATING)
            self.conflating.add(membership.outlet)
        else:
            membership.move(State.LIVE)
            self.outlets.add(membership.outlet)

    def leave(self, membership: Membership) -> None:
        """Its user stays among the `members` until `forget_member`."""
        membership.move(State.LEFT)
        self.memberships.discard(membership)
        self._ahead.discard(membership)
        for outlets in (self.outlets, self.conflating, self.watchers):
            outlets.discard(membership.outlet)
        membership.outlet.drop_latest(self.channel)

    def forget_member(self, user: str) -> bool:
        """One client fewer that shows this user; whether it was the last one."""
        self.members[user] -= 1
        if self.members[user]:
            return False
        del self.members[user]
        return True

    # --- messages from the store ---

    def add_entry(self, entry: Entry) -> int:
        """Send a message to all; the number of deliveries."""
        if entry.epoch != self.epoch:
            self.reset(Position(entry.epoch, entry.offset - 1))
        elif entry.offset <= self.offset:
            return 0  # it came before
        self.offset = entry.offset
        frame = frames.of_entry(self.channel, entry).for_all()
        for outlet in self.outlets:
            outlet.write(frame)
        for outlet in self.conflating:
            outlet.latest(self.channel, frame)
        for membership in list(self._ahead) if self._ahead else ():
            if membership.offset <= self.offset:
                self._go_live(membership)
        return len(self.outlets) + len(self.conflating)

    def reset(self, position: Position) -> None:
        """The history was lost, and a new one begins after this position."""
        if position.epoch == self.epoch:
            return
        self.epoch, self.offset = position.epoch, position.offset
        self.began = position.offset
        frame = frames.of({"type": "reset", "channel": self.channel, "epoch": self.epoch, "offset": self.offset})
        for membership in list(self._ahead):
            self._go_live(membership)  # what it has read more was of the history that was lost
        for membership in self.memberships:
            if membership.state is not State.ENTERED:
                membership.outlet.drop_latest(self.channel)
                membership.outlet.write(frame)

    # --- presence ---

    def add_presence(self, joined: Collection[str], left: Collection[str]) -> None:
        """Send changes to the watchers soon, together with those that follow."""
        joined = [user for user in joined if user not in self.present]
        left = [user for user in left if user in self.present]
        if not (joined or left):
            return
        if not (self._joined or self._left):
            asyncio.get_running_loop().call_later(PRESENCE_DELAY, self._send_presence)
        self.present.update(joined)
        self.present.difference_update(left)
        self._joined = (self._joined | set(joined)) - set(left)
        self._left = (self._left | set(left)) - set(joined)

    def set_members(self, members: Collection[str]) -> None:
        """This is who is there."""
        if len(members) == len(self.present) and self.present.issuperset(members):
            return
        now = set(members)
        self.add_presence(sorted(now - self.present), sorted(self.present - now))

    def _send_presence(self) -> None:
        joined, left = sorted(self._joined), sorted(self._left)
        self._joined, self._left = set(), set()
        frame = frames.of({"type": "presence", "channel": self.channel, "join": joined, "leave": left}).for_all()
        for outlet in self.watchers:
            outlet.write(frame)
