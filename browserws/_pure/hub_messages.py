"""What comes from the hub is checked before it is used; the table of its messages is in `protocol.py`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from ..errors import ProtocolViolation
from .json_text import MAX_INTEGER
from .protocol import MESSAGES, fields_of, wrong_field

_FIELDS = {kind: fields_of(checks) for kind, checks in MESSAGES.items()}


def _is_usual(message: "dict[str, Any]") -> bool:
    """Whether it is a message as our hub says it: what the table says of it, in one look."""
    if type(message.get("channel")) is not str or "data" not in message:
        return False
    offset, time, user = message.get("offset"), message.get("time"), message.get("user")
    if type(offset) is not int or type(time) is not int or not (user is None or type(user) is str):
        return False
    return 0 <= offset <= MAX_INTEGER and 0 <= time <= MAX_INTEGER


def check_message(message: "dict[str, Any]") -> None:
    """`ProtocolViolation` if it is of a type in the table and not as the table has it.

    Other types, and other fields, are those of a later version.
    """
    if message["type"] == "message" and _is_usual(message):
        return
    fields = _FIELDS.get(message["type"])
    if fields is not None:
        name = wrong_field(message, fields)
        if name is not None:
            raise ProtocolViolation(f"the hub's message {message['type']!r} has no valid field {name!r}")
