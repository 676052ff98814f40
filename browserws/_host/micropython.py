"""MicroPython in the browser. A JavaScript exception cannot be caught here: nothing may throw.

Strings that go to JavaScript end at their first NUL, those that come from it do not; what may have
one goes as JSON text. Bytes go both ways as hexadecimal text, 20 to 100 times faster than one by one.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

import json
import sys

import js
from jsffi import create_proxy

from .browser import BrowserHost


def message(data: "Any", binary: "type[bytes] | type[memoryview]") -> "str | bytes | memoryview":
    if isinstance(data, str):
        return data
    copied = bytes.fromhex(js.Uint8Array.new(data).toHex())
    return copied if binary is bytes else memoryview(copied)


def messages(array: "Any", binary: "type[bytes] | type[memoryview]") -> "Iterator[str | bytes | memoryview]":
    """One at a time, when its turn comes: PyScript's heap of 1 MiB could not hold a whole batch.

    A crossing costs about 1 µs here, and JSON text for the batch costs as much.
    """
    for data in array:
        yield message(data, binary)


def clock() -> int:
    return js.performance.now()  # type: ignore[no-any-return]


def cannot_block() -> str:
    return "MicroPython cannot block: use browserws.connect, or Pyodide"


def _apply(target: "Any", name: str, arguments: "list[Any]") -> "Any":
    """Call a method with strings that may have a NUL: as JSON, it is an escape."""
    return js.Reflect.apply(js.Reflect.get(target, name), target, js.JSON.parse(json.dumps(arguments)))


def _giver(target: "Any", name: str) -> "Callable[[str | memoryview], Any]":
    """The method `name`, for a str or a memoryview."""

    def give(data: "str | memoryview") -> "Any":
        if not isinstance(data, str):
            return getattr(target, name)(js.Uint8Array.fromHex(data.hex()))
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


host = BrowserHost(sys.modules[__name__])
