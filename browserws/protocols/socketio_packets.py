"""The packets of Engine.IO 4 and Socket.IO 5, as frames of a WebSocket."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Packet = tuple[str, "int | None", Any]  # kind, id of what is to be acknowledged, and value

from .._pure import json_text
from ..errors import ProtocolViolation

# Of Engine.IO; what Socket.IO has to say is in its messages.
OPEN, END, PING, PONG, MESSAGE, UPGRADE, NOOP = "0", "1", "2", "3", "4", "5", "6"
# Of Socket.IO
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = "0", "1", "2", "3", "4", "5", "6"

MAX_DIGITS = 15  # of a number: it is exact everywhere
PLACEHOLDER = "_placeholder"  # stands in JSON for bytes that follow in a frame of their own


def event_frames(prefix: str, number: int, event: "tuple[Any, ...]") -> "list[Any]":
    """The frames of an event that is to be acknowledged; `prefix` names the namespace."""
    attachments: "list[bytes]" = []
    text = json_text.dumps([_without_bytes(value, attachments) for value in event])
    kind = f"{BINARY_EVENT}{len(attachments)}-" if attachments else EVENT
    frames: "list[Any]" = [f"{MESSAGE}{kind}{prefix}{number}{text}"]
    return frames + attachments


class PacketReader:
    """Reads what the server says in one namespace; raises `ProtocolViolation` for what is no packet."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._packet: "Packet | None" = None  # one whose bytes are still to come ...
        self._missing = 0  # ... in so many frames
        self._attachments: "list[bytes]" = []

    def read(self, text: str) -> "Packet | None":
        """The packet of a message, None if it is of another namespace, or bytes are to come that belong to it."""
        kind, rest = text[:1], text[1:]
        count = "0"
        if kind in (BINARY_EVENT, BINARY_ACK):
            count, _, rest = rest.partition("-")
        self._missing, self._attachments, self._packet = _number(count), [], None
        if not rest.startswith(self._prefix) or (not self._prefix and rest.startswith("/")):
            return None
        rest = rest[len(self._prefix) :]
        digits = len(rest) - len(rest.lstrip("0123456789"))
        packet = kind, _number(rest[:digits]) if digits else None, _parsed(rest[digits:])
        if not _is_well_formed(kind, packet[2]):
            raise ProtocolViolation(f"not a packet of Socket.IO: {text[:40]!r}")
        if self._missing:
            self._packet = packet
            return None
        return packet

    def attach(self, data: bytes) -> "Packet | None":
        """The packet, if these were the last bytes that it lacked."""
        if self._packet is None:
            return None
        self._attachments.append(data)
        if len(self._attachments) < self._missing:
            return None
        (kind, number, value), attachments = self._packet, self._attachments
        self._packet, self._attachments = None, []
        return kind, number, _with_bytes(value, attachments)


def _number(digits: str) -> int:
    if not 0 < len(digits) <= MAX_DIGITS or digits.strip("0123456789"):
        raise ProtocolViolation(f"not a number in a packet of Socket.IO: {digits[:40]!r}")
    return int(digits)


def _parsed(text: str) -> "Any":
    """The value of a JSON text, None if it is none."""
    try:
        return json_text.loads(text)
    except (ValueError, RuntimeError):  # RuntimeError: nested too deep for the parser
        return None


def _is_well_formed(kind: str, value: "Any") -> bool:
    if kind in (EVENT, BINARY_EVENT):
        return isinstance(value, list) and len(value) > 0 and isinstance(value[0], str)
    return kind not in (ACK, BINARY_ACK) or isinstance(value, list)


def _without_bytes(value: "Any", attachments: "list[bytes]") -> "Any":
    if isinstance(value, (bytes, bytearray, memoryview)):
        attachments.append(bytes(value))
        return {PLACEHOLDER: True, "num": len(attachments) - 1}
    if isinstance(value, dict):
        return {key: _without_bytes(item, attachments) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_bytes(item, attachments) for item in value]
    return value


def _with_bytes(value: "Any", attachments: "list[bytes]") -> "Any":
    if isinstance(value, dict):
        if value.get(PLACEHOLDER):
            number = value.get("num")
            if type(number) is not int or not 0 <= number < len(attachments):
                raise ProtocolViolation("a packet of Socket.IO without the bytes that it names")
            return attachments[number]
        return {key: _with_bytes(item, attachments) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_bytes(item, attachments) for item in value]
    return value
