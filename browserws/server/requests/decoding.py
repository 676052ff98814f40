"""Frames from clients, read with suspicion: what is not clean JSON never comes further than this."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from ..._pure.json_text import MAX_DEPTH
from ...errors import ProtocolViolation
from ..frames import Message, dumps


def decode(frame: str | bytes) -> Message:
    """The request in a frame; its `data` as JSON text, or bytes. `ProtocolViolation` if it is none."""
    data = None
    try:
        if isinstance(frame, bytes):
            head, _, data = frame.partition(b"\n")
            frame = head.decode()
        message = _parsed(frame)
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise ProtocolViolation("a frame is a JSON object with a type")
        if "\\u" in frame:
            dumps(message).encode()  # a lone surrogate has no UTF-8
        _check_depth(message.get("arguments"), MAX_DEPTH)
        if data is not None:
            message["data"] = data
        elif "data" in message:
            _check_depth(message["data"], MAX_DEPTH)
            message["data"] = dumps(message["data"])
    except (ValueError, RecursionError):  # ValueError: also of UTF-8, and of numbers that are too large
        raise ProtocolViolation("a frame is a JSON object (RFC 8259, without its extensions)") from None
    return message


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


def _object(pairs: list[tuple[str, object]]) -> Message:
    """Refuses a key that comes twice: readers of JSON differ in which one they take (RFC 8259 §4)."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key comes twice")
    return result


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object)


def _parsed(text: str) -> Any:
    """As `_decoder.decode`, without its search for spaces at both ends, which hardly any frame has."""
    if text[:1] == "{":
        value, end = _decoder.raw_decode(text)
        if end == len(text):
            return value
    return _decoder.decode(text)


def _check_depth(value: object, depth: int) -> None:
    if isinstance(value, (list, dict)):
        if depth == 0:
            raise ValueError("nested too deep")
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth(item, depth - 1)
