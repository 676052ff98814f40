"""Requests that were not answered yet: their ids, the room that they take, and until when an answer is due."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from ..errors import BufferFull


class Pending:
    """A request that was not answered yet."""

    def __init__(self, message: "dict[str, Any]", ticket: "Any") -> None:
        self.message = message
        self.channel: "str | None" = message.get("channel")
        self.is_call = message["type"] == "call"
        self.taken = 0  # items of a stream that were taken, and that the hub does not know of
        self.ticket = ticket  # what the owner knows it by
        self.encoded: "tuple[list[Any], list[dict[str, Any]]] | None" = None  # of a publish: it is sent again as it is
        self.size = 0  # of a publish or a call, in bytes
        self.sent = 0  # the connection on which it was sent first; -1 if it may have been, on one that is not known
        self.deadline: "float | None" = None
        self.is_strict = False  # the deadline counts without a connection, too


class PendingRequests:
    """All of them, by their ids.

    `timeout` (ms) is how long the hub may be silent while an answer is due. (It answers one request after the other:
    many take their time.)
    """

    def __init__(self, timeout: float, max_count: int, max_bytes: int) -> None:
        self.timeout = timeout
        self.max_count = max_count
        self.max_bytes = max_bytes
        self.by_id: "dict[int, Pending]" = {}  # MicroPython's dicts know no order: see `in_order`
        self.last_id = 0
        self.count = 0  # publishes and calls of them ...
        self.bytes = 0  # ... and their size
        self.answered_at = 0.0  # when the hub has answered something
        self._floor = 1  # no publish below is pending
        # no deadline comes before these (to know the first one is to look at all that is pending, each time)
        self._due: "float | None" = None  # while the hub is silent
        self._strict_due: "float | None" = None

    def get(self, number: "int | None") -> "Pending | None":
        return self.by_id.get(number or 0)  # which is no id

    def in_order(self) -> "list[tuple[int, Pending]]":
        return [(number, self.by_id[number]) for number in sorted(self.by_id)]

    def add(self, message: "dict[str, Any]", ticket: "Any", now: float, limit: "float | None") -> Pending:
        """The message has the id after the last one; with a limit (ms) the answer is due then, connected or not."""
        self.last_id += 1
        pending = self.by_id[self.last_id] = Pending(message, ticket)
        if limit is not None:
            pending.is_strict = True
            self.expect(pending, now + limit)
        return pending

    def remove(self, number: "int | None") -> "Pending | None":
        pending = None if number is None else self.by_id.pop(number, None)
        if pending is not None and pending.size:
            self.count -= 1
            self.bytes -= pending.size
        return pending

    # --- publishes and calls ---

    def check_room(self, size: int) -> None:
        if self.count >= self.max_count or self.bytes + size > self.max_bytes:
            raise BufferFull(
                f"{self.count} messages with {self.bytes} bytes wait for the hub's answer; "
                f"at most {self.max_count} messages and {self.max_bytes} bytes may"
            )

    def keep_encoded(self, pending: Pending, encoded: "tuple[list[Any], list[dict[str, Any]]]", size: int) -> None:
        """It takes room until it is answered."""
        pending.encoded = encoded
        pending.size = size
        self.count += 1
        self.bytes += size

    def runs(self) -> "list[list[int]]":
        """[connection, first id, last id] of the publishes that were sent and not answered."""
        runs: "list[list[int]]" = []
        for number, pending in self.in_order():
            if not pending.size or not pending.sent:
                continue
            sent = max(pending.sent, 0)
            if runs and runs[-1][0] == sent:
                runs[-1][2] = number
            else:
                runs.append([sent, number, number])
        return runs

    def lowest(self) -> int:
        """The lowest id of a publish that is pending, or else that of the next one: the hub may forget those below."""
        while self._floor <= self.last_id and not self._is_publish(self._floor):
            self._floor += 1
        return self._floor

    def _is_publish(self, number: int) -> bool:
        pending = self.by_id.get(number)
        return pending is not None and pending.size > 0 and not pending.is_call

    # --- until when ---

    def expect(self, pending: Pending, deadline: float) -> None:
        """It has to be answered until then."""
        pending.deadline = deadline
        if pending.is_strict:
            self._strict_due = _earlier(self._strict_due, deadline)
        else:
            self._due = _earlier(self._due, deadline)

    def disconnected(self) -> None:
        """No answer is due but where the deadline is strict."""
        self._due = None
        for pending in self.by_id.values():
            if not pending.is_strict:
                pending.deadline = None

    def due(self) -> "float | None":
        """When to look what is late, None if never. It may be that nothing is late yet."""
        if not self.by_id:
            self._due = self._strict_due = None
        due = None if self._due is None else max(self._due, self.answered_at + self.timeout)
        return _earlier(due, self._strict_due)

    def late(self, now: float) -> "list[tuple[int, Pending]]":
        self._due = self._strict_due = None
        late = []
        for number, pending in self.in_order():
            if pending.deadline is None:
                continue
            if pending.deadline <= now and (pending.is_strict or self.answered_at + self.timeout <= now):
                late.append((number, pending))
            else:
                self.expect(pending, pending.deadline)
        return late


def _earlier(one: "float | None", other: "float | None") -> "float | None":
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
