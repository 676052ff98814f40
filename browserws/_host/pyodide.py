"""Pyodide: CPython in the browser."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .callbacks import Binary, Callbacks

import sys
import time

if sys.version_info < (3, 12):
    raise ImportError("browserws needs Pyodide 0.26 or later")

import js
from pyodide.ffi import JsException, can_run_sync, create_proxy, run_sync, to_js

from .browser import BrowserHost
from .javascript import split_texts
from .unread import LARGE, Unread

# From this size on (bytes), lending the interpreter's memory to JavaScript costs less than a copy.
LEND_FROM = 12 * 1024


def message(data: "Any", callbacks: "Callbacks") -> "str | bytes | memoryview | Unread":
    if isinstance(data, str):
        return data
    size = data.byteLength
    if callbacks.reads_later and size >= LARGE:
        return Unread(_this, data, size, callbacks.binary)
    return read(data, size, callbacks.binary)


def read(data: "Any", size: int, binary: "Binary") -> "bytes | memoryview":
    copied: "bytes | memoryview" = data.to_bytes() if binary is bytes else data.to_memoryview()
    return copied


def read_into(data: "Any", view: memoryview) -> None:
    data.assign_to(view)


def messages(array: "Any", callbacks: "Callbacks") -> "Iterator[str | bytes | memoryview | Unread]":
    """Small ones cross all at once. Large ones cross one by one, as their turn comes: a crossing is little
    beside the copy, and memory has to hold only one."""
    first = array[0]
    if isinstance(first, str):
        try:
            together = split_texts(array) if len(first) < LARGE else None
        except JsException:  # joined, they are longer than JavaScript's strings can be
            together = None
    else:
        together = array.to_py() if first.byteLength < LARGE else None
    if together is None:
        for data in array:
            yield message(data, callbacks)
    elif callbacks.binary is memoryview:
        yield from together
    else:
        for data in together:
            yield data if isinstance(data, str) else bytes(data)


def flood(begins: bool) -> None:
    """Nothing to do: what is not needed any more is freed at once."""


def clock() -> float:
    return time.monotonic() * 1000


def _plain(data: memoryview) -> memoryview:
    """The same bytes as a view that JavaScript sees as a Uint8Array."""
    return data if data.format == "B" and data.ndim == 1 and data.c_contiguous else memoryview(data.tobytes())


def cannot_block() -> str:
    if can_run_sync():
        return ""
    if not hasattr(js.WebAssembly, "Suspending"):
        return "Python cannot block: this browser has no JavaScript Promise Integration (JSPI)"
    return (
        "Python cannot block here: it was called by JavaScript, which has to go on. Call this from a script or "
        "a task of asyncio; in a task that has just received a message, `await asyncio.sleep(0)` before"
    )


def block(awaitable: "Any") -> "Any":
    return run_sync(awaitable)


def sender(socket: "Any") -> "Callable[[str | memoryview], None]":
    send = socket.send

    def send_any(data: "str | memoryview") -> None:
        if isinstance(data, str):
            send(data)
            return
        data = _plain(data)
        if data.nbytes < LEND_FROM:
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


def writer(stream: "Any") -> "Callable[[str | memoryview], Any]":
    write = stream.write

    def write_any(data: "str | memoryview") -> "Any":
        return write(data if isinstance(data, str) else to_js(_plain(data)))

    return write_any


def close(socket: "Any", code: int, reason: str) -> None:
    socket.close(code, reason)


def close_details(event: "Any") -> "tuple[int, str, bool]":
    return event.code, event.reason, event.wasClean


def listener(callback: "Callable[..., None]") -> "Any":
    return create_proxy(callback)


def release(proxy: "Any") -> None:
    proxy.destroy()


_this: "Any" = sys.modules[__name__]
host = BrowserHost(_this)
