"""What goes out: each message is written once, however many get it."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

from .._pure import json_text
from .._pure.protocol import VERSION
from .stores import Entry

Message = dict[str, Any]  # a JSON object; `_pure.protocol` has the tables of what is in it


TEXT, BINARY = 0x81, 0x82  # the first byte of a message that is one frame (RFC 6455 §5.2)
DEFLATED = 0x40  # in that byte (RFC 7692 §6)
DEFLATE_FROM = 512  # bytes: less than that hardly gets smaller
WINDOW_BITS = 15


class Frame:
    """A message, as a payload and as the bytes on the wire (those of a server are not masked: RFC 6455 §5.3)."""

    __slots__ = ("_deflated", "is_shared", "payload", "wire")

    def __init__(self, payload: str | bytes) -> None:
        self.payload = payload
        self.wire = _wire(*_parts(payload))
        self.is_shared = False
        self._deflated: bytes | None = None

    def for_all(self) -> Frame:
        """It goes to all who are there, and not to one client that has asked for it."""
        self.is_shared = True
        return self

    @property
    def deflated(self) -> bytes:
        """`wire` for clients that agreed on permessage-deflate. It refers to no earlier message, and is made once for
        all. What a client asks for stays plain: it could have the hub compress as much as it likes.
        """
        if self._deflated is None:
            self._deflated = self._deflate() if self.is_shared else self.wire
        return self._deflated

    def _deflate(self) -> bytes:
        first, data = _parts(self.payload)
        if len(data) < DEFLATE_FROM:
            return self.wire
        deflate = zlib.compressobj(wbits=-WINDOW_BITS)
        end = deflate.compress(data), deflate.flush(zlib.Z_SYNC_FLUSH)[:-4]  # RFC 7692 §7.2.1
        return min(_wire(first | DEFLATED, b"".join(end)), self.wire, key=len)


def _parts(payload: str | bytes) -> tuple[int, bytes]:
    return (TEXT, payload.encode()) if isinstance(payload, str) else (BINARY, payload)


def _wire(first: int, data: bytes) -> bytes:
    size = len(data)
    if size < 126:
        return bytes((first, size)) + data
    if size < 0x10000:
        return struct.pack("!BBH", first, 126, size) + data
    return struct.pack("!BBQ", first, 127, size) + data


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
