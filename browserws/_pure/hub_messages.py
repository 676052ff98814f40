"""What the hub may say (PROTOCOL.md, "From the hub"): the fields of each message, checked before they are used."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from ..errors import ProtocolViolation
from .json_text import MAX_INTEGER


def _is_text(value: "Any") -> bool:
    return isinstance(value, str)


def _is_user(value: "Any") -> bool:
    return value is None or isinstance(value, str)


def _is_flag(value: "Any") -> bool:
    return value is True or value is False


def _is_count(value: "Any") -> bool:
    return type(value) is int and 0 <= value <= MAX_INTEGER


def _is_time(value: "Any") -> bool:
    return type(value) in (int, float) and 0 <= value <= MAX_INTEGER


def _is_anything(value: "Any") -> bool:
    return True


def _are_users(value: "Any") -> bool:
    return isinstance(value, list) and all(isinstance(user, str) for user in value)


def _are_entries(value: "Any") -> bool:
    return isinstance(value, list) and all(_is_entry(entry) for entry in value)


def _is_entry(value: "Any") -> bool:
    if not isinstance(value, dict) or _wrong_field(value, _ENTRY):
        return False
    return "data" in value or "hex" in value


def _is_hex(value: "Any") -> bool:
    try:
        bytes.fromhex(value)
    except (TypeError, ValueError):
        return False
    return True


# type -> field -> check; "?" marks what may be absent, from any hub or from one that is simpler than ours
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
    "message": {
        "channel": _is_text,
        "data": _is_anything,
        "user?": _is_user,
        "offset?": _is_count,
        "time?": _is_time,
    },
    "ack": {"id": _is_count, "epoch?": _is_text, "offset?": _is_count, "repeat?": _is_flag},
    "history": {"id": _is_count, "epoch?": _is_text, "messages": _are_entries},
    "presence": {"channel": _is_text, "join": _are_users, "leave": _are_users},
    "reset": {"channel": _is_text, "epoch": _is_text, "offset": _is_count},
    "error": {"id?": _is_count, "channel?": _is_text, "code": _is_text, "reason": _is_text},
    "pong": {},
}


def check_message(message: "dict[str, Any]") -> None:
    """`ProtocolViolation` if it is of a type in the table and not as the table has it.

    Other types, and other fields, are those of a later version.
    """
    fields = _FIELDS.get(message["type"])
    if fields is not None:
        name = _wrong_field(message, fields)
        if name is not None:
            raise ProtocolViolation(f"a message {message['type']!r} of the hub has no right {name!r}")


def _wrong_field(message: "dict[str, Any]", fields: "list[tuple[str, bool, Any]]") -> "str | None":
    for name, is_needed, is_right in fields:
        if name in message:
            if not is_right(message[name]):
                return name
        elif is_needed:
            return name
    return None


def _fields(checks: "dict[str, Any]") -> "list[tuple[str, bool, Any]]":
    return [(name.rstrip("?"), name[-1:] != "?", check) for name, check in checks.items()]


_FIELDS = {kind: _fields(checks) for kind, checks in MESSAGES.items()}
_ENTRY = _fields({"offset?": _is_count, "user?": _is_user, "time?": _is_time, "data?": _is_anything, "hex?": _is_hex})
