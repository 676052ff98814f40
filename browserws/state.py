"""`State`: what `ClientConnection.state` is, a number with a name."""


class State(int):
    """What `ClientConnection.state` is: RFC 6455 §4.1 and §7.1, with the numbers of JavaScript's `readyState`.

    `State.OPEN`, and so on, are numbers that have a `name`.
    """

    CONNECTING: "State"
    OPEN: "State"
    CLOSING: "State"
    CLOSED: "State"

    @property
    def name(self) -> str:
        return STATE_NAMES[self]

    def __repr__(self) -> str:
        return f"<State.{self.name}: {int(self)}>"

    def __str__(self) -> str:
        return str(int(self))

    # MicroPython does not compare numbers of a class by itself, but for equality.

    def __lt__(self, other: int) -> bool:
        return int(self) < int(other)

    def __le__(self, other: int) -> bool:
        return int(self) <= int(other)

    def __gt__(self, other: int) -> bool:
        return int(self) > int(other)

    def __ge__(self, other: int) -> bool:
        return int(self) >= int(other)


STATE_NAMES = ("CONNECTING", "OPEN", "CLOSING", "CLOSED")
STATES = tuple([State(number) for number in range(4)])
State.CONNECTING, State.OPEN, State.CLOSING, State.CLOSED = STATES
