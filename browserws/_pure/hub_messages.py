"""What comes from the hub is checked before it is used; the table of its messages is in `protocol.py`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from ..errors import ProtocolViolation
from .protocol import MESSAGES, fields_of, wrong_field

_FIELDS = {kind: fields_of(checks) for kind, checks in MESSAGES.items()}


def check_message(message: "dict[str, Any]") -> None:
    """`ProtocolViolation` if it is of a type in the table and not as the table has it.

    Other types, and other fields, are those of a later version.
    """
    fields = _FIELDS.get(message["type"])
    if fields is not None:
        name = wrong_field(message, fields)
        if name is not None:
            raise ProtocolViolation(f"the hub's message {message['type']!r} has no valid field {name!r}")
