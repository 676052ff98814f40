"""Who is in a channel: the whole list now and then, and what has changed in between."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Presence:
    """The members of one channel. Each method answers who has come and who has gone, each of them once."""

    def __init__(self) -> None:
        self.members: "set[str]" = set()

    def sync(self, members: "Iterable[str]") -> "tuple[list[str], list[str]]":
        """This is the whole list."""
        now = set(members)
        return self.diff(now - self.members, self.members - now)

    def diff(self, joined: "Iterable[str]", left: "Iterable[str]") -> "tuple[list[str], list[str]]":
        """These have come, and these have gone. Who is in both has gone and come back: nothing changes."""
        come = set(joined)
        gone = set(left) - come
        come -= self.members
        gone &= self.members
        self.members |= come
        self.members -= gone
        return sorted(come), sorted(gone)
