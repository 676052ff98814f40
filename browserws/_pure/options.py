"""The options of `ReliableWebSocket` and `Channels`, checked."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

from . import numbers
from .protocol import MAX_PENDING, check_channel, check_user

# All times are in milliseconds. Infinity is no limit.
DEFAULTS = {
    "reconnect_interval": 1000,
    "max_reconnect_interval": 30_000,
    "reconnect_decay": 2.0,
    "jitter": True,
    "max_retries": -1,
    "connect_timeout": 10_000,
    "close_timeout": 10_000,
    "min_uptime": 5000,
    "max_queue_messages": 10_000,
    "max_queue_bytes": 1024 * 1024,
    "protocols": None,
    "auto_connect": True,
    "auto_reconnect": True,
    "should_reconnect": None,
}

CHANNELS_DEFAULTS = {
    "user": None,
    "token": None,
    "timeout": 10_000,
    "max_pending": 1000,
    "max_pending_bytes": 1024 * 1024,
    "heartbeat": 25_000,
    "codec": None,
    "persist": None,
}

_FLAGS = ("jitter", "auto_connect", "auto_reconnect")
_FUNCTIONS = ("should_reconnect",)
_DELAYS = ("reconnect_interval", "max_reconnect_interval")
_COUNTS = ("max_retries", "max_queue_messages", "max_queue_bytes", "max_pending", "max_pending_bytes")
_LEAST = {"max_retries": -1, "connect_timeout": 1, "close_timeout": 1}


class Options:
    """The options as attributes; what is not given has its value of `DEFAULTS`."""

    reconnect_interval: float
    max_reconnect_interval: float
    reconnect_decay: float
    jitter: bool
    max_retries: int
    connect_timeout: float
    close_timeout: float
    min_uptime: float
    max_queue_messages: int
    max_queue_bytes: int
    protocols: "str | Sequence[str] | Callable[[], Any] | None"
    auto_connect: bool
    auto_reconnect: bool
    should_reconnect: "Callable[[Any], Any] | None"

    def __init__(self, given: "Mapping[str, Any] | None" = None) -> None:
        if given is not None and not isinstance(given, dict):
            raise TypeError(f"options must be a dict, not {type(given).__name__}")
        values = dict(DEFAULTS)
        for name, value in (given or {}).items():
            _check_name(name, values)
            values[name] = _checked(name, value)
        for name, value in values.items():
            setattr(self, name, value)
        if self.max_reconnect_interval < self.reconnect_interval:
            raise ValueError("max_reconnect_interval must not be less than reconnect_interval")


class ChannelsOptions:
    """Those of `Channels` as attributes; `of_the_connection` has the others, for its connection."""

    user: "str | None"
    token: "str | Callable[[], Any] | None"
    timeout: float
    max_pending: int
    max_pending_bytes: int
    heartbeat: "float | None"
    codec: "Any"
    persist: "str | None"

    def __init__(self, given: "Mapping[str, Any] | None" = None) -> None:
        if given is not None and not isinstance(given, dict):
            raise TypeError(f"options must be a dict, not {type(given).__name__}")
        known = dict(DEFAULTS)
        known.update(CHANNELS_DEFAULTS)
        values = dict(CHANNELS_DEFAULTS)
        self.of_the_connection: "dict[str, Any]" = {}
        for name, value in (given or {}).items():
            _check_name(name, known)
            if name in DEFAULTS:
                self.of_the_connection[name] = value
            else:
                values[name] = _checked_of_channels(name, value)
        for name, value in values.items():
            setattr(self, name, value)


def _check_name(name: str, known: "dict[str, Any]") -> None:
    if name not in known:
        raise TypeError(f"unknown option {name!r}: options are {', '.join(sorted(known))}")


def _checked_of_channels(name: str, value: "Any") -> "Any":
    if name == "user":
        if value is not None:
            check_user(value)
    elif name == "token":
        if value is not None and not isinstance(value, str) and not callable(value):
            raise TypeError(f"token must be a str, or a function that returns one, not {type(value).__name__}")
    elif name == "persist":
        if value is not None:
            check_channel(value, "persist")
    elif name == "codec":
        for needed in ("encode", "decode", "heartbeat", "ping_interval", "acknowledges", "has_inboxes"):
            if value is not None and not hasattr(value, needed):
                raise TypeError(f"codec has no {needed!r}: derive it from PlainCodec")
    elif name != "heartbeat" or value is not None:
        value = _checked(name, value)
        if name == "max_pending" and value > MAX_PENDING:
            raise ValueError(f"max_pending must be at most {MAX_PENDING}: the hub remembers no more publishes")
    return value


def _checked(name: str, value: "Any") -> "Any":
    if name == "protocols":
        return value  # the socket checks them
    if name in _FLAGS:
        if not isinstance(value, bool):
            raise TypeError(f"{name} is True or False, not {value!r}")
    elif name in _FUNCTIONS:
        if value is not None and not callable(value):
            raise TypeError(f"{name} must be a function or None, not {type(value).__name__}")
    elif name in _DELAYS:
        return numbers.delay(name, value)
    elif name in _COUNTS:
        return numbers.whole(name, value, _LEAST.get(name, 0))
    elif name == "reconnect_decay":
        return numbers.finite(name, value, 1)
    else:
        return numbers.check(name, value, _LEAST.get(name, 0))
    return value
