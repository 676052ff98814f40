"""The only door to JavaScript. `host` is the runtime that this code runs in:

    pyodide.py       Pyodide (CPython in the browser)
    micropython.py   MicroPython in the browser
    absent.py        no browser: says why there is no WebSocket
    browser.py       what both browser runtimes share: pages, addresses, tasks
    link.py          `Link`, one socket
    refused.py       `RefusedLink`, a socket that the browser refuses to make
    javascript.py    JavaScript functions made of built-in ones, and what is made without throwing
    stream.py        `StreamLink`, one socket that can hold up its sender
    page.py          the page's network, visibility, and life

A host has

    missing                     why sockets cannot be opened here, "" if they can
    page_origin, page_is_known  see `_pure.address.websocket_url`
    parse(url)                  the absolute form of an address, None if it is not valid
    clock()                     milliseconds that never go back
    call_later(seconds, callback)   calls back once, unless its result's `cancel()` is called before; after 24.8
                                    days at the latest
    watch_page(callback)        tells of the page's life, by name (see page.py), until its result is called
    cannot_block()              why Python cannot wait here without `await`, "" if it can
    block(awaitable)            waits for it, and gives its result
    open(url, protocols, binary, opened, received, failed, closed) -> Link, or RefusedLink
    can_hold_up                 whether there is
    open_stream(limits, ...)    a link that stops reading while `limits[0]` messages wait to be taken, until
                                there are but `limits[1]`

and calls `opened(source)`, `received(messages, count, sources)`, `failed(source)` and
`closed(code, reason, was_clean, source)` as things happen. `messages` can be iterated once, and
stays in JavaScript's memory until then; `count` says how many there are, and `sources` are their
JavaScript events. Text comes as `str`, bytes as `binary`, which is `bytes` or `memoryview`.

A host promises that messages come in order and all of them before `failed` and `closed`, that
`closed` comes exactly once and is the last, and that nothing made for the socket is left after it.
What these functions are given has been checked: nothing that crosses this door throws. Each call of
JavaScript is listed in tests/unit/test_boundary.py, with the reason why it does not.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

import sys

host: "Any"
if sys.implementation.name == "micropython":
    from .micropython import host
elif sys.platform == "emscripten":
    from .pyodide import host
else:
    from .absent import host

__all__ = ["host"]
