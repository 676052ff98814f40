"""JSON that is the same on CPython and MicroPython, and that every reader of JSON understands (RFC 8259).

MicroPython writes whatever it is given, and reads the escapes of characters beyond U+FFFF wrongly.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

import json

from .checks import utf8

MAX_DEPTH = 64
MAX_INTEGER = 2**53  # beyond, JavaScript and others round (RFC 8259 §6)


def _writes_escapes() -> bool:
    try:
        json.dumps("", ensure_ascii=False)
    except TypeError:
        return False  # MicroPython: it writes characters as they are
    return True


_OPTIONS: "dict[str, Any]" = {"separators": (",", ":")}
if _writes_escapes():
    _OPTIONS["ensure_ascii"] = False

_READS_PAIRS = json.loads('"\\ud83d\\ude00"') == "\U0001f600"


def dumps(value: "Any") -> str:
    """`value` as JSON; `TypeError` or `ValueError` for what would arrive as something else."""
    _check(value, MAX_DEPTH)
    text = json.dumps(value, **_OPTIONS)
    utf8(text, "the message")
    return text


def loads(text: str) -> "Any":
    """The value of a JSON text; `ValueError` if it is none."""
    if not _READS_PAIRS and "\\u" in text:
        text = _without_pairs(text)
    return json.loads(text)


def _check(value: "Any", depth: int) -> None:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise ValueError(f"{value} is not exact in every reader of JSON: send it as a str")
    elif kind is float:
        if value - value != 0:
            raise ValueError(f"JSON has no {value}")
    elif depth == 0:
        raise ValueError(f"the value is nested deeper than {MAX_DEPTH} levels")
    elif kind is list or kind is tuple:
        for item in value:
            _check(item, depth - 1)
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise TypeError(f"a key in JSON is a str, not {type(key).__name__}")
            _check(item, depth - 1)
    else:
        raise TypeError(f"JSON has no {kind.__name__}")


def _without_pairs(text: str) -> str:
    """With the character itself in place of each pair of surrogate escapes."""
    parts = text.split("\\u")
    done = parts[0]
    high = None  # the first half of a pair
    for part in parts[1:]:
        escaped = (len(done) - len(done.rstrip("\\"))) % 2  # the backslash itself is escaped
        code = 0 if escaped else int(part[:4], 16)
        if high is not None and 0xDC00 <= code < 0xE000:
            done = done[:-6] + chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00) + part[4:]
            high = None
            continue
        done += "\\u" + part
        high = code if 0xD800 <= code < 0xDC00 and len(part) == 4 else None
    return done
