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
        self._returned: "Iterable[str | bytes]" = ()
        self.messages = self._in_order()

    def add(self, batch: "Iterable[str | bytes]", count: int) -> None:
        self._batches.append(batch)
        self.backlog += count

    def put_back(self, message: "Iterable[str | bytes]") -> None:
        """A batch of one: the message that was taken last. It is the next one again."""
        self._returned = message
        self.backlog += 1

    def clear(self) -> None:
        self.backlog = 0
        self._batches = []
        self._returned = ()
        self.messages = self._in_order()

    def _in_order(self) -> "Iterator[str | bytes | None]":
        while True:
            yield from self._again()
            batches, self._batches = self._batches, []
            for batch in batches:
                for message in batch:
                    self.backlog -= 1
                    yield message
                    if self._returned:
                        yield from self._again()
            if not self._batches:
                yield None

    def _again(self) -> "Iterator[str | bytes]":
        while self._returned:
            batch, self._returned = self._returned, ()
            for message in batch:
                self.backlog -= 1
                yield message
