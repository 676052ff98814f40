"""What goes out: each message is written once, however many get it."""

from __future__ import annotations

import json
from typing import Any

from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

from .._pure import json_text
from .stores import Entry

Message = dict[str, Any]  # a JSON object; `_pure.protocol` has the tables of what is in it


class Frame:
    """A message, as a payload and as the bytes on the wire (those of a server are not masked: RFC 6455 §5.3)."""

    def __init__(self, payload: str | bytes) -> None:
        self.payload = payload
        if isinstance(payload, str):
            self.wire = WireFrame(Opcode.TEXT, payload.encode()).serialize(mask=False)
        else:
            self.wire = WireFrame(Opcode.BINARY, payload).serialize(mask=False)


# JSON as PROTOCOL.md wants it; `ValueError` for what is none
dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def of(message: Message) -> Frame:
    return Frame(dumps(message))


def of_entry(channel: str, entry: Entry) -> Frame:
    """The message of an entry of a channel's history. Its data is JSON already, or bytes."""
    head = {"type": "message", "channel": channel, "offset": entry.offset, "user": entry.user, "time": entry.time}
    return with_data(head, entry.data)


def with_data(head: Message, payload: str | bytes) -> Frame:
    """The message with its data: JSON, or bytes."""
    text = dumps(head)
    if isinstance(payload, bytes):
        return Frame(text.encode() + b"\n" + payload)
    return Frame(f'{text[:-1]},"data":{payload}}}')


def direct(payload: str | bytes) -> Frame:
    """What is sent to pages directly, and to no channel."""
    return with_data({"type": "direct"}, payload)


def payload_of(data: object) -> str | bytes:
    """What a program sends, as JSON or bytes. Raises `TypeError` and `ValueError` for what cannot be sent."""
    return bytes(data) if isinstance(data, (bytes, bytearray, memoryview)) else json_text.dumps(data)
