"""Numbers that users give, checked in one place: none is not-a-number, and a time without end is no time limit."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INFINITY = float("inf")

# The longest time that a timer of a browser takes (WHATWG HTML §8.7: a signed 32-bit integer), 24.8 days. A longer one
# would end at once. MicroPython's `asyncio.sleep` takes a quarter of it, so that is the longest delay.
MAX_TIMER = 2**31 - 1  # ms
MAX_DELAY = 2**29 - 1  # ms


def check(name: str, value: "Any", least: "float | None" = 0) -> None:
    """Refuse what is not a number from `least` up: `TypeError`, or `ValueError`, also for nan."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    if value != value:
        raise ValueError(f"{name} must be a number, not nan")
    if least is not None and value < least:
        raise ValueError(f"{name} must be at least {least}, not {value!r}")


def limit(name: str, value: "Any", least: "float | None" = 0) -> "Any":
    """A limit that is a number from `least` up; None, as is infinity, for no limit."""
    if value is None:
        return None
    check(name, value, least)
    return None if value == INFINITY else value


def delay(name: str, value: "Any", unit: int = 1) -> float:
    """A time to wait, in ms, or in seconds with a `unit` of 1000: at most `MAX_DELAY`."""
    check(name, value)
    return min(value, MAX_DELAY / unit)  # type: ignore[no-any-return]
