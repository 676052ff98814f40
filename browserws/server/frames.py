"""What goes out: each message is written once, however many get it."""

from __future__ import annotations

import json
import struct
from typing import Any

from .._pure import json_text
from .._pure.protocol import VERSION
from .stores import Entry

Message = dict[str, Any]  # a JSON object; `_pure.protocol` has the tables of what is in it


TEXT, BINARY = 0x81, 0x82  # the first byte of a message that is one frame (RFC 6455 §5.2)


class Frame:
    """A message, as a payload and as the bytes on the wire (those of a server are not masked: RFC 6455 §5.3)."""

    __slots__ = ("payload", "wire")

    def __init__(self, payload: str | bytes) -> None:
        self.payload = payload
        first, data = (TEXT, payload.encode()) if isinstance(payload, str) else (BINARY, payload)
        size = len(data)
        if size < 126:
            self.wire = bytes((first, size)) + data
        elif size < 0x10000:
            self.wire = struct.pack("!BBH", first, 126, size) + data
        else:
            self.wire = struct.pack("!BBQ", first, 127, size) + data


# JSON as PROTOCOL.md wants it; `ValueError` for what is none
dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def of(message: Message) -> Frame:
    return Frame(dumps(message))


def of_entry(channel: str, entry: Entry) -> Frame:
    """The message of an entry of a channel's history. Its data is JSON already, or bytes."""
    user = "null" if entry.user is None else dumps(entry.user)
    where = f'{{"type":"message","channel":{dumps(channel)},"offset":{entry.offset}'
    return _with_data(f'{where},"user":{user},"time":{entry.time}}}', entry.data)


def welcome(user: str, session: str, resumed: bool, max_message: int) -> Frame:
    who = f'"user":{dumps(user)},"session":{dumps(session)},"resumed":{"true" if resumed else "false"}'
    return Frame(f'{{"type":"welcome","v":{VERSION},{who},"max_message":{max_message}}}')


def joined(number: int, channel: str, epoch: str, offset: int, has_gap: bool, members: list[str] | None) -> Frame:
    more = ',"gap":true' if has_gap else ""
    if members is not None:
        more += f',"members":{dumps(members)}'
    where = f'"channel":{dumps(channel)},"epoch":{dumps(epoch)},"offset":{offset}'
    return Frame(f'{{"type":"joined","id":{number},{where}{more}}}')


def ack(number: int, epoch: str, offset: int, is_repeat: bool) -> Frame:
    repeat = ',"repeat":true' if is_repeat else ""
    return Frame(f'{{"type":"ack","id":{number},"epoch":{dumps(epoch)},"offset":{offset}{repeat}}}')


def with_data(head: Message, payload: str | bytes) -> Frame:
    """The message with its data: JSON, or bytes."""
    return _with_data(dumps(head), payload)


def _with_data(text: str, payload: str | bytes) -> Frame:
    if isinstance(payload, bytes):
        return Frame(text.encode() + b"\n" + payload)
    return Frame(f'{text[:-1]},"data":{payload}}}')


def direct(payload: str | bytes) -> Frame:
    """What is sent to pages directly, and to no channel."""
    return with_data({"type": "direct"}, payload)


def payload_of(data: object) -> str | bytes:
    """What a program sends, as JSON or bytes. Raises `TypeError` and `ValueError` for what cannot be sent."""
    return bytes(data) if isinstance(data, (bytes, bytearray, memoryview)) else json_text.dumps(data)
