"""One channel in this hub process: who of its clients gets what."""

from __future__ import annotations

import asyncio

from . import frames
from .frames import Frame
from .outlet import Outlet
from .store import Entry, Position

PRESENCE_DELAY = 0.05  # seconds, in which changes are gathered: many may come or go at once
MAX_HELD = 10_000  # frames for a client that is still getting what it missed


class Room:
    """`outlets` get everything, `conflating` ones the newest at least, `watchers` the presence, too.

    Those in `joining` are being sent what came before: what comes meanwhile is held for them.
    """

    def __init__(self, channel: str, position: Position) -> None:
        self.channel = channel
        self.epoch, self.offset = position
        self.outlets: set[Outlet] = set()
        self.conflating: set[Outlet] = set()
        self.watchers: set[Outlet] = set()
        self.joining: dict[Outlet, list[tuple[int | None, Frame]]] = {}
        self._come: set[str] = set()
        self._gone: set[str] = set()
        self.members: dict[str, int] = {}  # how many clients of each user are there, and want to be seen

    @property
    def is_empty(self) -> bool:
        return not (self.outlets or self.conflating or self.joining or self.members)

    # --- what comes from the store ---

    def add_entry(self, entry: Entry) -> int:
        """Send a message to all; the number of deliveries."""
        if entry.offset <= self.offset:
            return 0  # it came before
        self.offset = entry.offset
        frame = frames.of_entry(self.channel, entry)
        for outlet in self.outlets:
            outlet.write(frame)
        for outlet in self.conflating:
            outlet.latest(self.channel, frame)
        self._hold(entry.offset, frame)
        return len(self.outlets) + len(self.conflating)

    def add_presence(self, come: list[str], gone: list[str]) -> None:
        """Tell of it soon, together with what else changes."""
        if not (self._come or self._gone):
            asyncio.get_running_loop().call_later(PRESENCE_DELAY, self._tell_presence)
        self._come = (self._come | set(come)) - set(gone)
        self._gone = (self._gone | set(gone)) - set(come)

    def _tell_presence(self) -> None:
        come, gone = sorted(self._come), sorted(self._gone)
        self._come, self._gone = set(), set()
        frame = frames.of({"type": "presence", "channel": self.channel, "join": come, "leave": gone})
        for outlet in self.watchers:
            if outlet in self.joining:
                self.joining[outlet].append((None, frame))
            else:
                outlet.write(frame)

    def reset(self, position: Position) -> None:
        """The history was lost, and a new one begins."""
        self.epoch, self.offset = position
        message = {"type": "reset", "channel": self.channel, "epoch": self.epoch, "offset": self.offset}
        frame = frames.of(message)
        for outlet in self.outlets | self.conflating:
            outlet.drop_latest(self.channel)
            outlet.write(frame)
        self._hold(None, frame)

    def _hold(self, offset: int | None, frame: Frame) -> None:
        for outlet, held in list(self.joining.items()):
            held.append((offset, frame))
            if len(held) > MAX_HELD:
                outlet.overflow()

    # --- who is there ---

    def begin(self, outlet: Outlet, presence: bool) -> None:
        """From here on all is held for that client."""
        self.joining[outlet] = []
        if presence:
            self.watchers.add(outlet)

    def complete(self, outlet: Outlet, offset: int, conflate: bool) -> None:
        """It has got everything up to `offset`: now what was held, then what comes."""
        if outlet not in self.joining:
            return  # it was put out meanwhile
        for at, frame in self.joining.pop(outlet):
            if at is None or at > offset:
                outlet.write(frame)
        (self.conflating if conflate else self.outlets).add(outlet)

    def remove(self, outlet: Outlet) -> None:
        self.joining.pop(outlet, None)
        self.outlets.discard(outlet)
        self.conflating.discard(outlet)
        self.watchers.discard(outlet)
        outlet.drop_latest(self.channel)
