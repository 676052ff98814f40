"""MicroPython in the browser. A JavaScript exception cannot be caught here: nothing may throw.

Strings that go to JavaScript end at their first NUL, those that come from it do not; what may have
one goes as JSON text. Bytes go both ways as hexadecimal text, 20 to 100 times faster than one by one; in Node before 25
by its `Buffer`, and as JSON where JavaScript has no `toHex` (Chrome before 140, Safari before 18.2).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .callbacks import Binary, Callbacks

import gc
import json
import sys

if sys.implementation.version < (1, 24):
    raise ImportError("browserws needs MicroPython 1.24 or later")

import js
from jsffi import create_proxy

from .browser import BrowserHost
from .javascript import method, split_texts
from .unread import LARGE, Unread

PART = 1024  # bytes that cross as JSON at a time
TOGETHER = 16 * 1024  # characters, or bytes, that cross at a time

# A text of more crosses alone. Joined, a few very long ones would be longer than JavaScript's strings can be.
is_long = method(js.RegExp.new("^[^]{%d}" % TOGETHER), "test")
GARBAGE = 256 * 1024  # bytes that are allocated in a flood before the collector runs


def message(data: "Any", callbacks: "Callbacks") -> "str | bytes | memoryview | Unread":
    if isinstance(data, str):
        return data
    size = data.byteLength
    if callbacks.reads_later and size >= LARGE:
        return Unread(_this, data, size, callbacks.binary)
    return read(data, size, callbacks.binary)


def read(data: "Any", size: int, binary: "Binary") -> "bytes | memoryview":
    if size <= TOGETHER:
        copied = _read(js.Uint8Array.new(data))
        return copied if binary is bytes else memoryview(copied)
    parts = bytearray(size)
    read_into(data, memoryview(parts))
    return bytes(parts) if binary is bytes else memoryview(parts)


def read_into(data: "Any", view: memoryview) -> None:
    """A part at a time: as a whole, their text would take twice the memory of the bytes."""
    array = js.Uint8Array.new(data)
    for start in range(0, array.length, TOGETHER):
        part = _read(array.subarray(start, start + TOGETHER))
        view[start : start + len(part)] = part


def messages(array: "Any", callbacks: "Callbacks") -> "Iterator[str | bytes | memoryview | Unread]":
    """A few at a time, when their turn comes: PyScript's heap of 1 MiB could not hold a whole batch."""
    count = array.length
    first = array[0]
    few = max(1, TOGETHER // (len(first) + 1)) if isinstance(first, str) else count
    for start in range(0, count, few):
        part = array if few >= count else array.slice(start, start + few)
        try:
            texts = split_texts(part) if isinstance(first, str) and not part.some(is_long) else None
        except MemoryError:  # together they do not fit, but each by itself may
            texts = None
        if texts is not None:
            yield from texts
        else:
            for data in part:
                yield message(data, callbacks)


collector: "Any" = gc  # that of MicroPython has other functions
_floods = 0
_usual: "int | None" = None  # its threshold without a flood, in bytes, if it is another now


def flood(begins: bool) -> None:
    """The collector runs after 16 KiB were allocated, and goes through all that there is: in a flood it would take as
    much time as all else. The heap grows instead, by what is allocated meanwhile.
    """
    global _floods, _usual
    _floods += 1 if begins else -1
    now = collector.threshold()
    if begins and _floods == 1 and 0 <= now < GARBAGE:
        _usual = now
        collector.threshold(GARBAGE)
    elif not _floods and _usual is not None:
        if now == GARBAGE:  # else the page has set another
            collector.threshold(_usual)
        _usual = None


def clock() -> float:
    now: float = js.performance.now()
    return now


def cannot_block() -> str:
    return "MicroPython cannot block: use browserws.connect, or Pyodide"


def _apply(target: "Any", name: str, arguments: "list[Any]") -> "Any":
    """Call a method with strings that may have a NUL: as JSON, it is an escape."""
    return js.Reflect.apply(js.Reflect.get(target, name), target, js.JSON.parse(json.dumps(arguments)))


def _hex(data: memoryview) -> str:
    return data.hex() if len(data) else ""  # in MicroPython 1.24 and 1.25, hex() of nothing is no text


if hasattr(js.Uint8Array, "fromHex"):

    def _read(array: "Any") -> bytes:
        return bytes.fromhex(array.toHex())

    def _write(data: memoryview) -> "Any":
        return js.Uint8Array.fromHex(_hex(data))

elif hasattr(js, "Buffer"):

    def _read(array: "Any") -> bytes:
        return bytes.fromhex(getattr(js.Buffer, "from")(array).toString("hex"))

    def _write(data: memoryview) -> "Any":
        return getattr(js.Buffer, "from")(_hex(data), "hex")

else:

    def _read(array: "Any") -> bytes:
        """A part at a time: a list takes many times the memory of its bytes."""
        data = bytearray(array.length)
        for start in range(0, array.length, PART):
            data[start : start + PART] = bytes(json.loads("[" + array.subarray(start, start + PART).join(",") + "]"))
        return bytes(data)

    def _write(data: memoryview) -> "Any":
        copy = bytes.fromhex(_hex(data))
        array = js.Uint8Array.new(len(copy))
        for start in range(0, array.length, PART):
            array.set(js.JSON.parse(str(list(copy[start : start + PART]))), start)
        return array


def _giver(target: "Any", name: str) -> "Callable[[str | memoryview], Any]":
    """The method `name`, for a str or a memoryview."""

    def give(data: "str | memoryview") -> "Any":
        if not isinstance(data, str):
            return getattr(target, name)(_write(data))
        if "\0" in data:
            return _apply(target, name, [data])
        return getattr(target, name)(data)

    return give


def sender(socket: "Any") -> "Callable[[str | memoryview], Any]":
    return _giver(socket, "send")


def writer(stream: "Any") -> "Callable[[str | memoryview], Any]":
    return _giver(stream, "write")


def close(socket: "Any", code: int, reason: str) -> None:
    _apply(socket, "close", [code, reason])


def close_details(event: "Any") -> "tuple[int, str, bool]":
    return event.code, event.reason, event.wasClean


def listener(callback: "Callable[..., None]") -> "Any":
    return create_proxy(callback)


def release(proxy: "Any") -> None:
    """Nothing to do: a proxy has no `destroy` here and goes with its last listener."""


_this: "Any" = sys.modules[__name__]
host = BrowserHost(_this)
