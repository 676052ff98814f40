"""Pyodide: CPython in the browser."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

import sys

from pyodide.ffi import create_proxy, to_js

from .browser import BrowserHost

# From this size on (bytes), lending the interpreter's memory to JavaScript costs less than a copy.
LEND_FROM = 12 * 1024


def message(data: "Any", binary: "type[bytes] | type[memoryview]") -> "str | bytes | memoryview":
    if isinstance(data, str):
        return data
    return data.to_bytes() if binary is bytes else data.to_memoryview()  # type: ignore[no-any-return]


def messages(array: "Any", binary: "type[bytes] | type[memoryview]") -> "Iterator[str | bytes | memoryview]":
    if binary is memoryview:
        yield from array.to_py()
    else:
        for data in array.to_py():
            yield data if isinstance(data, str) else bytes(data)


def sender(socket: "Any") -> "Callable[[str | memoryview], None]":
    send = socket.send

    def send_any(data: "str | memoryview") -> None:
        if isinstance(data, str):
            send(data)
            return
        size = data.nbytes
        if data.format != "B" or data.ndim != 1 or not data.c_contiguous:
            data = memoryview(data.tobytes())
        if size < LEND_FROM:
            send(to_js(data))
            return
        proxy = create_proxy(data)
        view = proxy.getBuffer("u8")
        try:
            send(view.data)
        finally:
            view.release()
            proxy.destroy()

    return send_any


def close(socket: "Any", code: int, reason: str) -> None:
    socket.close(code, reason)


def close_details(event: "Any") -> "tuple[int, str, bool]":
    return event.code, event.reason, event.wasClean


def listener(callback: "Callable[..., None]") -> "Any":
    return create_proxy(callback)


def release(proxy: "Any") -> None:
    proxy.destroy()


host = BrowserHost(sys.modules[__name__])
