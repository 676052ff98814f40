"""Numbers that users give, all checked here: none is not-a-number, and an infinite time is no time limit.

Each function returns the number as a plain int or float: MicroPython can neither add nor compare one of a subclass to a
number on its left.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INFINITY = float("inf")

# The longest time that a timer of a browser takes (WHATWG HTML §8.7: a signed 32-bit integer), 24.8 days. A longer one
# would end at once. The longest delay, 3.1 days, is an eighth of it: MicroPython's clock turns over after 2**30 ms, and
# a task that sleeps for half of that seems to be due before those that are due now, so that none of them would run.
MAX_TIMER = 2**31 - 1  # ms
MAX_DELAY = 2**28 - 1  # ms


def check(name: str, value: "Any", least: "float | None" = 0, more_than: "float | None" = None) -> "Any":
    """A number from `least` up, and above `more_than`: `TypeError`, or `ValueError`, also for nan, if it is none."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    value = value + 0
    if value != value:
        raise ValueError(f"{name} must be a number, not nan")
    if more_than is not None and value <= more_than:
        raise ValueError(f"{name} must be more than {more_than}, not {value!r}")
    if least is not None and value < least:
        raise ValueError(f"{name} must be at least {least}, not {value!r}")
    return value


def finite(name: str, value: "Any", least: "float | None" = 0, more_than: "float | None" = None) -> "Any":
    """As `check`, and not infinite."""
    value = check(name, value, least, more_than)
    if value - value != 0:
        raise ValueError(f"{name} must be finite, not {value!r}")
    return value


def whole(name: str, value: "Any", least: "float | None" = 0) -> "Any":
    """A whole number from `least` up, which may be written as a float; or infinity, for no limit."""
    value = check(name, value, least)
    if value != INFINITY and value % 1:
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    return value


def integer(name: str, value: "Any", least: "int | None" = 0, most: "int | None" = None) -> int:
    """An int, and no float, from `least` to `most`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    number: int = check(name, value, least)
    if most is not None and number > most:
        raise ValueError(f"{name} must be at most {most}, not {number}")
    return number


def limit(name: str, value: "Any", least: "float | None" = 0) -> "Any":
    """A limit that is a number from `least` up; None, as is infinity, for no limit."""
    if value is None:
        return None
    value = check(name, value, least)
    return None if value == INFINITY else value


def timeout(seconds: "Any") -> "float | None":
    """The `timeout` of a call, in ms; None for no limit. One below 0 is over already."""
    seconds = limit("timeout", seconds, None)
    return None if seconds is None else max(seconds, 0) * 1000


def delay(name: str, value: "Any", unit: int = 1) -> float:
    """A time to wait, in ms, or in seconds with a `unit` of 1000: at most `MAX_DELAY`."""
    longest = MAX_DELAY / unit
    given: float = check(name, value)
    return min(given, longest)
