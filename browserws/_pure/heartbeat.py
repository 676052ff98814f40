"""Whether the other side is still there: what to do at which time. Times are in milliseconds.

Any message counts as a sign of life. When a timer comes late, because the tab is hidden or the
machine slept, messages may be waiting behind it: then the peer gets another chance, once.
"""

LATE = 1000  # ms

PING = "ping"  # it is time to send one
DEAD = "dead"  # nothing was heard for too long


class Heartbeat:
    def __init__(self) -> None:
        self.interval: "float | None" = None  # between the pings that are sent
        self.timeout = 0.0  # for an answer
        self.expected: "float | None" = None  # between the messages that the server sends
        self._next_ping: "float | None" = None
        self._deadline: "float | None" = None
        self._last_chance = False

    def set(self, interval: "float | None", timeout: float) -> None:
        self.interval = interval
        self.timeout = timeout

    def start(self, now: float) -> None:
        """The connection is open, or the settings have changed."""
        self._last_chance = False
        self._next_ping = None if self.interval is None else now + self.interval
        self._deadline = None if self.expected is None else now + 2 * self.expected

    def stop(self) -> None:
        self._next_ping = self._deadline = None

    def due(self) -> "float | None":
        """When `wake` is to be called."""
        times = [time for time in (self._next_ping, self._deadline) if time is not None]
        return min(times) if times else None

    def heard(self, now: float) -> None:
        """Something came."""
        self._last_chance = False
        if self._deadline is not None:
            self._deadline = None if self.expected is None else now + 2 * self.expected

    def probe(self, now: float) -> None:
        """There is a reason for doubt: ping now, if pings are sent."""
        if self._next_ping is not None:
            self._next_ping = now

    def wake(self, now: float) -> "str | None":
        if self._deadline is not None and now >= self._deadline:
            late = now - self._deadline > LATE
            if not late or self._last_chance:
                return DEAD
            self._last_chance = True
            if self.interval is None:
                self._deadline = now + (self.expected or 0)
                return None
            self._deadline = now + self.timeout
            self._next_ping = now + self.interval
            return PING
        if self._next_ping is not None and self.interval is not None and now >= self._next_ping:
            self._next_ping = now + self.interval
            if self._deadline is None or self.expected is not None:
                answer = now + self.timeout
                self._deadline = answer if self._deadline is None else min(self._deadline, answer)
            return PING
        return None
