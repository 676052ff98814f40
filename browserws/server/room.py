"""One channel in this hub process: who of its clients gets what."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from . import frames
from .outlet import Outlet
from .stores import Entry, Position

PRESENCE_DELAY = 0.05  # seconds, in which changes are gathered: many may come or go at once


class Room:
    """`outlets` get everything, `conflating` ones the newest at least, `watchers` the presence, too.

    A client that joins is `entering` until its answer is written, then it is `catching_up` with what it missed.
    """

    def __init__(self, channel: str, position: Position) -> None:
        self.channel = channel
        self.epoch = position.epoch
        self.offset = position.offset
        self.began = position.offset  # where the epoch did, as far as this process knows
        self.outlets: set[Outlet] = set()
        self.conflating: set[Outlet] = set()
        self.watchers: set[Outlet] = set()
        self.entering: set[Outlet] = set()
        self.catching_up: set[Outlet] = set()
        self.members: dict[str, int] = {}  # how many clients here each user has, who want to be seen
        self.present: set[str] = set()  # who is there, in all processes
        self._ahead: dict[
            Outlet, tuple[int, bool]
        ] = {}  # who has read more than this process: up to where, and `conflate`
        self._come: set[str] = set()
        self._gone: set[str] = set()

    @property
    def is_empty(self) -> bool:
        return not (self.outlets or self.conflating or self.entering or self.catching_up or self.members)

    # --- what comes from the store ---

    def add_entry(self, entry: Entry) -> int:
        """Send a message to all; the number of deliveries."""
        if entry.epoch != self.epoch:
            self.reset(Position(entry.epoch, entry.offset - 1))
        elif entry.offset <= self.offset:
            return 0  # it came before
        self.offset = entry.offset
        frame = frames.of_entry(self.channel, entry)
        for outlet in self.outlets:
            outlet.write(frame)
        for outlet in self.conflating:
            outlet.latest(self.channel, frame)
        for outlet, (offset, conflate) in list(self._ahead.items()) if self._ahead else ():
            self.add(outlet, conflate, offset)
        return len(self.outlets) + len(self.conflating)

    def reset(self, position: Position) -> None:
        """The history was lost, and a new one begins after this position."""
        if position.epoch == self.epoch:
            return
        self.epoch, self.offset = position.epoch, position.offset
        self.began = position.offset
        message = {"type": "reset", "channel": self.channel, "epoch": self.epoch, "offset": self.offset}
        frame = frames.of(message)
        for outlet, (_, conflate) in list(self._ahead.items()):
            self.add(outlet, conflate, 0)
        for outlet in self.outlets | self.conflating | self.catching_up:
            outlet.drop_latest(self.channel)
            outlet.write(frame)

    # --- presence ---

    def add_presence(self, come: list[str], gone: list[str]) -> None:
        """Tell of it soon, together with what else changes."""
        come = [user for user in come if user not in self.present]
        gone = [user for user in gone if user in self.present]
        if not (come or gone):
            return
        if not (self._come or self._gone):
            asyncio.get_running_loop().call_later(PRESENCE_DELAY, self._send_presence)
        self.present.update(come)
        self.present.difference_update(gone)
        self._come = (self._come | set(come)) - set(gone)
        self._gone = (self._gone | set(gone)) - set(come)

    def set_members(self, members: Collection[str]) -> None:
        """This is who is there."""
        if len(members) == len(self.present) and self.present.issuperset(members):
            return
        now = set(members)
        self.add_presence(sorted(now - self.present), sorted(self.present - now))

    def _send_presence(self) -> None:
        come, gone = sorted(self._come), sorted(self._gone)
        self._come, self._gone = set(), set()
        frame = frames.of({"type": "presence", "channel": self.channel, "join": come, "leave": gone})
        for outlet in self.watchers:
            outlet.write(frame)

    # --- who is there ---

    def answered(self, outlet: Outlet, presence: bool) -> None:
        """It knows where the channel is: from here on it is told of what happens to it."""
        self.entering.discard(outlet)
        self.catching_up.add(outlet)
        if presence:
            self.watchers.add(outlet)

    def add(self, outlet: Outlet, conflate: bool, offset: int) -> None:
        """It has got everything up to `offset`, and from there on gets what comes."""
        if outlet not in self.catching_up:
            return  # it was removed meanwhile
        if offset > self.offset:
            self._ahead[outlet] = (offset, conflate)
            return
        self._ahead.pop(outlet, None)
        self.catching_up.discard(outlet)
        (self.conflating if conflate else self.outlets).add(outlet)

    def remove(self, outlet: Outlet) -> None:
        for group in (self.outlets, self.conflating, self.watchers, self.entering, self.catching_up):
            group.discard(outlet)
        self._ahead.pop(outlet, None)
        outlet.drop_latest(self.channel)
