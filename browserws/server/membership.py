"""One client in one room, and how far its join has come. Its `Room` moves it, and before it is in one, `Rooms`."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from .outlet import Outlet


class State(Enum):
    REQUESTED = "requested"  # it is not in the room yet: may it join, and can the room be opened?
    ENTERED = "entered"  # the hub asks its store where the channel is; the client is not sent anything yet
    CATCHING_UP = "catching up"  # it was sent `joined`, and gets what it missed, and a reset
    AHEAD = "ahead"  # it has read more than this process: it waits until the process has come so far
    LIVE = "live"  # it gets each message
    CONFLATING = "conflating"  # it gets the newest message at least
    LEFT = "left"  # it left or was removed, or its connection ended

    __hash__ = object.__hash__  # that of an `Enum` is in Python, and asked at each move


MOVES = {
    State.REQUESTED: {State.ENTERED, State.LEFT},
    State.ENTERED: {State.CATCHING_UP, State.LEFT},
    State.CATCHING_UP: {State.AHEAD, State.LIVE, State.CONFLATING, State.LEFT},
    State.AHEAD: {State.LIVE, State.CONFLATING, State.LEFT},
    State.LIVE: {State.LEFT},
    State.CONFLATING: {State.LEFT},
    State.LEFT: set[State](),
}


class Membership:
    """`presence`: its user is shown to the others, and it gets their presence. `conflate`: see `Outlet.latest`.

    `offset` is how far a client has read that is ahead of this process. `on_left` is called with the channel when it
    has left it and does not join it again at once.
    """

    __slots__ = ("channel", "conflate", "offset", "on_left", "outlet", "presence", "state", "user")

    def __init__(
        self,
        channel: str,
        user: str,
        outlet: Outlet,
        *,
        presence: bool = False,
        conflate: bool = False,
        on_left: Callable[[str], None] | None = None,
    ) -> None:
        self.channel = channel
        self.user = user
        self.outlet = outlet
        self.presence = presence
        self.conflate = conflate
        self.on_left = on_left
        self.offset = 0
        self.state = State.REQUESTED

    @property
    def has_left(self) -> bool:
        return self.state is State.LEFT

    def move(self, state: State) -> None:
        """`ValueError` for a move that is not in the table: then nothing changes."""
        if state not in MOVES[self.state]:
            raise ValueError(f"a membership that is {self.state.value} cannot be {state.value} next")
        self.state = state
