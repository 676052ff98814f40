"""The messages between page and hub (PROTOCOL.md): their fields, and how they become frames.

A text frame is one JSON object. A binary frame is a JSON object, a line feed, and bytes, which are the
message's `data`. JSON written without indentation has no line feed.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from ..errors import ProtocolViolation
from .checks import utf8
from .json_text import MAX_INTEGER, dumps, loads

VERSION = 1
MAX_CHANNEL_BYTES = 200
MAX_USER_BYTES = 64
HISTORY = 50  # messages, where a request does not say how many
MAX_HISTORY = 1000
MAX_PENDING = 2000  # publishes without an answer: the hub remembers so many

# Refusals: the `code` of an error message.
BAD_REQUEST = "bad_request"
NOT_JOINED = "not_joined"
UNKNOWN_CHANNEL = "unknown_channel"
NOT_ALLOWED = "forbidden"
TOO_MANY = "too_many"

CREDIT = 16  # items of a stream that the hub sends before the page asks for more


def encode(message: "dict[str, Any]", data: "bytes | None" = None) -> "str | bytes":
    """The frame of a message; `data` are its bytes, if it carries some."""
    text = dumps(message)
    return text if data is None else text.encode() + b"\n" + data


def decode(frame: "str | bytes | memoryview") -> "dict[str, Any]":
    """The message of a frame; `ProtocolViolation` if it is none."""
    if isinstance(frame, str):
        message = _parsed(frame)
    else:
        head, _, data = bytes(frame).partition(b"\n")
        message = _parsed(head)
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ProtocolViolation("a frame is a JSON object with a type, and if it is binary, a line feed and bytes")
    if not isinstance(frame, str):
        message["data"] = data
    return message


def _parsed(text: "str | bytes") -> "Any":
    """The value of a JSON text, None if it is none."""
    try:
        return loads(text if isinstance(text, str) else text.decode())
    except (ValueError, RuntimeError):  # RuntimeError: nested too deep for the parser
        return None


# --- the messages: type -> field -> check; "?" marks what may be absent ---


def _is_text(value: "Any") -> bool:
    return isinstance(value, str)


def _is_flag(value: "Any") -> bool:
    return value is True or value is False


def _is_count(value: "Any") -> bool:
    return type(value) is int and 0 <= value <= MAX_INTEGER


def _is_time(value: "Any") -> bool:
    return type(value) in (int, float) and 0 <= value <= MAX_INTEGER


def _is_anything(value: "Any") -> bool:
    return True


def _is_user(value: "Any") -> bool:
    return value is None or isinstance(value, str)


def _is_object(value: "Any") -> bool:
    return isinstance(value, dict)


def _are_users(value: "Any") -> bool:
    return isinstance(value, list) and all(isinstance(user, str) for user in value)


def _is_position(value: "Any") -> bool:
    if not isinstance(value, dict) or not _is_count(value.get("time", 0)):
        return False
    return _is_text(value.get("epoch")) and _is_count(value.get("offset"))


def _is_runs(value: "Any") -> bool:
    """[connection, first id, last id] of publishes; there are no more of them than a page may have unanswered."""
    if not isinstance(value, list) or len(value) > MAX_PENDING:
        return False
    return all(isinstance(run, list) and len(run) == 3 and all(map(_is_count, run)) for run in value)


def _are_entries(value: "Any") -> bool:
    return isinstance(value, list) and all(_is_entry(entry) for entry in value)


def _is_entry(value: "Any") -> bool:
    if not isinstance(value, dict) or wrong_field(value, _ENTRY):
        return False
    return "data" in value or "hex" in value


def _is_hex(value: "Any") -> bool:
    try:
        bytes.fromhex(value)
    except (TypeError, ValueError):
        return False
    return True


# From the page. The hub closes the connection if a request is not as this table says.
REQUESTS: "dict[str, dict[str, Any]]" = {
    "hello": {
        "v": _is_count,
        "user?": _is_text,
        "token?": _is_text,
        "session?": _is_text,
        "connection?": _is_count,
        "sent?": _is_runs,
    },
    "join": {
        "id": _is_count,
        "channel": _is_text,
        "since?": _is_position,
        "presence?": _is_flag,
        "conflate?": _is_flag,
    },
    "leave": {"id": _is_count, "channel": _is_text},
    "publish": {"id": _is_count, "channel": _is_text, "data": _is_anything, "floor?": _is_count},
    "history": {"id": _is_count, "channel": _is_text, "limit?": _is_count, "before?": _is_count},
    "call": {"id": _is_count, "name": _is_text, "arguments?": _is_object},
    "more": {"id": _is_count, "count": _is_count},
    "cancel": {"id": _is_count},
    "ping": {},
}

# From the hub, in the order of the requests that they answer. Absent may be what is so at times, and what a hub that is
# simpler than ours leaves out.
MESSAGES: "dict[str, dict[str, Any]]" = {
    "welcome": {
        "user?": _is_user,
        "session?": _is_text,
        "resumed?": _is_flag,
        "max_message?": _is_count,
        "v?": _is_count,
    },
    "joined": {
        "id": _is_count,
        "channel": _is_text,
        "epoch?": _is_text,
        "offset?": _is_count,
        "gap?": _is_flag,
        "members?": _are_users,
    },
    "left": {"id?": _is_count, "channel": _is_text, "reason?": _is_text},
    "ack": {"id": _is_count, "epoch?": _is_text, "offset?": _is_count, "repeat?": _is_flag, "data?": _is_anything},
    "history": {"id": _is_count, "epoch?": _is_text, "messages": _are_entries},
    "result": {"id": _is_count, "data": _is_anything},
    "stream": {"id": _is_count},
    "item": {"id": _is_count, "data": _is_anything},
    "end": {"id": _is_count},
    "pong": {},
    "error": {"id?": _is_count, "channel?": _is_text, "code": _is_text, "reason": _is_text},
    "message": {
        "channel": _is_text,
        "data": _is_anything,
        "user?": _is_user,
        "offset?": _is_count,
        "time?": _is_time,
    },
    "direct": {"data": _is_anything},
    "presence": {"channel": _is_text, "join": _are_users, "leave": _are_users},
    "reset": {"channel": _is_text, "epoch": _is_text, "offset": _is_count},
}


def fields_of(checks: "dict[str, Any]") -> "list[tuple[str, bool, Any]]":
    """Name, whether it is needed, and check of each field in a row of the tables."""
    return [(name.rstrip("?"), name[-1:] != "?", check) for name, check in checks.items()]


def wrong_field(message: "dict[str, Any]", fields: "list[tuple[str, bool, Any]]") -> "str | None":
    """The first field that is missing or not as its check wants it."""
    for name, is_needed, is_right in fields:
        if name in message:
            if not is_right(message[name]):
                return name
        elif is_needed:
            return name
    return None


_ENTRY = fields_of({"offset?": _is_count, "user?": _is_user, "time?": _is_time, "data?": _is_anything, "hex?": _is_hex})
_REQUEST_FIELDS = {kind: fields_of(checks) for kind, checks in REQUESTS.items()}


def check_request(message: "dict[str, Any]") -> None:
    """`ProtocolViolation` if it is not a request of the table. Fields that it does not name are allowed."""
    kind = message["type"]
    fields = _REQUEST_FIELDS.get(kind)
    if fields is None:
        raise ProtocolViolation(f"there is no request {kind[:40]!r}")
    name = wrong_field(message, fields)
    if name is not None:
        raise ProtocolViolation(
            f"{kind} has a wrong {name!r}" if name in message else f"{kind} needs the field {name!r}"
        )


# --- names ---


def check_channel(name: object, what: str = "a channel's name") -> None:
    """`TypeError` or `ValueError` unless `name` can be that of a channel; or of something else, `what`."""
    _check_name(what, name, MAX_CHANNEL_BYTES)


def check_user(name: object) -> None:
    """`TypeError` or `ValueError` unless `name` can be that of a user. Refused is also what makes
    other text be read backwards (Unicode's bidirectional controls), as a name stands beside other text, and
    what is not seen, as it would make two names look alike.
    """
    text = _check_name("a user's name", name, MAX_USER_BYTES)
    if not _UNSEEN.isdisjoint(text) or text != text.strip():
        raise ValueError("a user's name has no bidirectional controls, no invisible characters, no spaces at its ends")


_CONTROLS = {chr(c) for c in range(0xA0) if c < 0x20 or c >= 0x7F}
_UNSEEN = set(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
)


def _check_name(what: str, name: object, most: int) -> str:
    if not isinstance(name, str):
        raise TypeError(f"{what} must be a str, not {type(name).__name__}")
    size = len(utf8(name, what))
    if not 1 <= size <= most:
        raise ValueError(f"{what} has 1 to {most} bytes in UTF-8, not {size}")
    if not _CONTROLS.isdisjoint(name):
        raise ValueError(f"{what} has no control characters")
    return name


def inbox(user: str) -> str:
    """The channel of what is sent to `user` alone: only they can join it, everybody can publish to it."""
    return "@" + user


def is_inbox(channel: str) -> bool:
    return channel[:1] == "@"
