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

    def put_back(self, message: "Iterable[str | bytes]") -> None:
        """A batch of one: the message that was taken last. It is the next one again."""
        self.messages = self._before(self.messages, message)
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

    def _before(
        self, rest: "Iterator[str | bytes | None]", batch: "Iterable[str | bytes]"
    ) -> "Iterator[str | bytes | None]":
        self.messages = rest
        for message in batch:
            self.backlog -= 1
            yield message
