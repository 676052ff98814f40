"""The only door to JavaScript: `current()` is the runtime that this code runs in.

    pyodide.py       Pyodide (CPython in the browser)
    micropython.py   MicroPython in the browser
    absent.py        neither browser nor `browserws.native`, which is CPython's: says why there is no WebSocket
    browser.py       what both browser runtimes share: pages, URLs, tasks
    interface.py     what a host, and a link that it opens, have and promise
    callbacks.py     what a link calls
    link.py          `SocketLink`, one WebSocket
    stream.py        `StreamLink`, one WebSocketStream: with back-pressure
    refused.py       `RefusedLink`, a connection that the browser refuses to make
    javascript.py    JavaScript functions made of built-in ones, and what is made without throwing
    page.py          the page's network, visibility, and life
    storage.py       what a page keeps over reloads
    report.py        showing an exception

What crosses this door has been checked, and nothing that crosses it throws. Each call of JavaScript is listed in
tests/unit/test_boundary.py, with the reason why it does not.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .interface import Host

import sys

host: "Host"
if sys.implementation.name == "micropython":
    from .micropython import host
elif sys.platform == "emscripten":
    from .pyodide import host
else:
    try:
        from ..native.host import host
    except ImportError:
        from .absent import host

__all__ = ["current", "use"]

_current: "Host" = host


def current() -> "Host":
    """The host that what is made now belongs to."""
    return _current


def use(host: "Host") -> "Host":
    """Let what is made from now on belong to `host` (a test's network); gives the one before."""
    global _current
    before, _current = _current, host
    return before
