"""The options of `ReliableWebSocket`, checked."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# All times are in milliseconds.
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

_FLAGS = ("jitter", "auto_connect", "auto_reconnect")
_FUNCTIONS = ("should_reconnect",)
_LEAST = {"reconnect_decay": 1, "max_retries": -1, "connect_timeout": 1, "close_timeout": 1}


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
    protocols: "Any"
    auto_connect: bool
    auto_reconnect: bool
    should_reconnect: "Any"

    def __init__(self, given: "dict[str, Any] | None" = None) -> None:
        if given is not None and not isinstance(given, dict):
            raise TypeError(f"options must be a dict, not {type(given).__name__}")
        values = dict(DEFAULTS)
        for name, value in (given or {}).items():
            if name not in DEFAULTS:
                raise TypeError(f"unknown option {name!r}: options are {', '.join(sorted(DEFAULTS))}")
            _check(name, value)
            values[name] = value
        for name, value in values.items():
            setattr(self, name, value)
        if self.max_reconnect_interval < self.reconnect_interval:
            raise ValueError("max_reconnect_interval must not be less than reconnect_interval")


def _check(name: str, value: "Any") -> None:
    if name == "protocols":
        return  # the socket checks them
    if name in _FLAGS:
        if not isinstance(value, bool):
            raise TypeError(f"{name} is True or False, not {value!r}")
    elif name in _FUNCTIONS:
        if value is not None and not callable(value):
            raise TypeError(f"{name} must be a function or None, not {type(value).__name__}")
    elif not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    elif value < _LEAST.get(name, 0):
        raise ValueError(f"{name} must be at least {_LEAST.get(name, 0)}, not {value!r}")
