"""Messages on their way out: those that wait for a connection, and those whose fate is not known yet."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Message = str | bytes

from ..errors import BufferFull

IN_FLIGHT = 1000  # messages that are remembered after they were sent ...
IN_FLIGHT_BYTES = 256 * 1024  # ... and their size


class Outbox:
    """`queue` waits for a connection. `in_flight` was handed to the browser, which does not tell what arrives.

    A message leaves the queue once and for all when it is sent. What is in flight leaves with
    `confirm`, when the server has shown that it got it, or with `lost`, when the connection ended.
    """

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        self.max_messages = max_messages
        self.max_bytes = max_bytes
        self.queue: "list[Message]" = []
        self.queued_bytes = 0
        self.in_flight: "list[Message]" = []
        self._in_flight_bytes = 0
        self.forgotten = 0  # in flight, too, but more than is remembered
        self._sent = 0  # on this connection
        self._confirmed = 0

    def put(self, message: "Message") -> None:
        """Queue a message; `BufferFull` if it does not fit."""
        size = len(message)
        if len(self.queue) >= self.max_messages or self.queued_bytes + size > self.max_bytes:
            raise BufferFull(
                f"the queue is full: {len(self.queue)} messages with {self.queued_bytes} bytes wait for a connection; "
                f"it takes {self.max_messages} messages and {self.max_bytes} bytes"
            )
        self.queue.append(message)
        self.queued_bytes += size

    def take(self, count: int) -> None:
        """The first `count` messages of the queue were sent."""
        for message in self.queue[:count]:
            self.queued_bytes -= len(message)
            self.sent(message)
        self.queue = self.queue[count:]

    def sent(self, message: "Message") -> None:
        """A message was handed to the browser."""
        self._sent += 1
        self.in_flight.append(message)
        self._in_flight_bytes += len(message)
        while len(self.in_flight) > IN_FLIGHT or self._in_flight_bytes > IN_FLIGHT_BYTES:
            self._in_flight_bytes -= len(self.in_flight.pop(0))
            self.forgotten += 1

    def mark(self) -> int:
        """A place in what was sent, for `confirm`."""
        return self._sent

    def confirm(self, mark: int) -> None:
        """All that was sent before `mark()` gave this has arrived."""
        count = mark - self._confirmed
        if count > 0:
            self._confirmed = mark
            remembered = max(0, count - self.forgotten)
            self.forgotten = max(0, self.forgotten - count)
            for message in self.in_flight[:remembered]:
                self._in_flight_bytes -= len(message)
            self.in_flight = self.in_flight[remembered:]

    def lost(self) -> "tuple[list[Message], int]":
        """What was in flight when the connection ended, and how many more there were; then it starts anew."""
        messages, forgotten = self.in_flight, self.forgotten
        self.in_flight = []
        self._in_flight_bytes = self.forgotten = self._sent = self._confirmed = 0
        return messages, forgotten

    def clear(self) -> "list[Message]":
        """What was queued and will not be sent."""
        messages, self.queue, self.queued_bytes = self.queue, [], 0
        return messages
