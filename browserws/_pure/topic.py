"""One channel as a page sees it: how far it has read, and who is there."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

from .presence import Presence


class Topic:
    """`epoch` and `offset` say up to where the page has read, None before it knows; `time` is that of the last message.

    A server without resume sends neither: then every message is new, and nothing is known of gaps.
    """

    def __init__(self, name: str, presence: bool, conflate: bool) -> None:
        self.name = name
        self.wants_presence = presence
        self.conflate = conflate
        self.epoch: "str | None" = None
        self.offset: "int | None" = None
        self.time: "int | None" = None
        self.presence = Presence()
        self.request: "int | None" = None  # the id of the join that is on its way
        # the first message that was emitted and waits for the application, None if there is none
        self.waiting: "Callable[[], Any]" = _nothing

    def join_request(self, number: int) -> "dict[str, Any]":
        """The message that joins: from where it has read up to, if it has."""
        self.request = number
        message: "dict[str, Any]" = {"type": "join", "id": number, "channel": self.name}
        if self.wants_presence:
            message["presence"] = True
        if self.conflate:
            message["conflate"] = True
        if self.epoch is not None and self.offset is not None:
            message["since"] = {"epoch": self.epoch, "offset": self.offset}
            if self.time is not None:
                message["since"]["time"] = self.time
        return message

    def joined(self, epoch: "str | None", offset: "int | None", gap: bool) -> bool:
        """The hub's answer, or its news that the history was lost. True if messages were missed for good."""
        self.request = None
        first = self.epoch is None
        missed = not first and (gap or epoch != self.epoch)
        if first or missed:
            self.epoch, self.offset, self.time = epoch, offset, None
        return missed

    def advance(self, offset: "int | None", time: "int | None" = None) -> "int | None":
        """A message came. None if it came before; else how many are missing in front of it."""
        if offset is None or self.offset is None:
            return 0
        if offset <= self.offset:
            return None
        missing = offset - self.offset - 1
        self.offset, self.time = offset, time
        return 0 if self.conflate else missing


def _nothing() -> None: ...
