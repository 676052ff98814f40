"""Messages that have arrived and wait for `recv`, in order."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Inbox:
    """`next(inbox.messages)` is the oldest message, or None if there is none.

    Batches are kept as they come and iterated when their turn comes: until then, their messages
    are in JavaScript's memory. `backlog` counts messages.
    """

    def __init__(self) -> None:
        self.backlog = 0
        self._batches: "list[Iterable[str | bytes]]" = []
        self.messages = self._in_order()

    def add(self, batch: "Iterable[str | bytes]", count: int) -> None:
        self._batches.append(batch)
        self.backlog += count

    def put_back(self, message: "str | bytes") -> None:
        """Make it the next one. Only for one that came when there was none before it."""
        self._batches.insert(0, (message,))
        self.backlog += 1

    def clear(self) -> None:
        self.backlog = 0
        self._batches = []
        self.messages = self._in_order()

    def _in_order(self) -> "Iterator[str | bytes | None]":
        while True:
            batches, self._batches = self._batches, []
            for batch in batches:
                for message in batch:
                    self.backlog -= 1
                    yield message
            if not self._batches:
                yield None
