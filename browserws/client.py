"""`connect()`: the asyncio API, with the names of the `websockets` library.

    from browserws.client import connect

    async with connect("wss://example.org/chat") as ws:
        await ws.send("hello")
        async for message in ws:
            print(message)

Code written for `websockets.asyncio.client` runs with only its import changed, as far as a browser
can do what it asks for; other arguments raise a `TypeError` that says why (`_pure/unsupported.py`). The result
is a `ClientConnection` (`connection.py`).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from typing import Any, Literal, Unpack

    from .reconnections import Reconnections
    from .types import IgnoredOptions

import asyncio
import sys

from ._host import current
from ._pure import checks, numbers
from ._runtime.socket import check_url
from .connection import ClientConnection, open_connection
from .errors import InvalidHandshake
from .state import State

__all__ = ["ClientConnection", "State", "connect", "process_exception"]

MAX_SIZE = 2**20  # bytes of an incoming message
MAX_QUEUE = 16  # messages that have come and wait, with backpressure
WRITE_LIMIT = 2**20  # bytes in the browser's send buffer


def process_exception(error: Exception) -> "Exception | None":
    """None for an error after which `async for ws in connect()` tries again; else the error.

    A failed handshake may pass: browsers do not tell a page why it failed.
    """
    return None if isinstance(error, (InvalidHandshake, asyncio.TimeoutError)) else error


class connect:
    """Connect to the server at `uri`: a `ws:`, `wss:`, `http:` or `https:` URL, or one relative to the page.

        async with connect(uri) as ws: ...      closes it at the end
        ws = await connect(uri)                 closing it is up to you
        async for ws in connect(uri): ...       reconnects when the body ends or continues

    `subprotocols` is a list of str. `open_timeout` and `close_timeout` are seconds, None for no
    limit. `max_size` is the largest message that may come in, in bytes, None for no limit: a larger
    one closes the connection with 4009, as a page may not send 1009. `write_limit` is how many bytes
    may wait in the browser before `send` waits; a tuple is the high-water and the low-water mark, where
    waiting begins and ends. `backpressure=True` pauses the sender while `max_queue` messages wait for a
    slow reader: this needs the browser's WebSocketStream and is a `NotImplementedError` where there is
    none; "prefer" does without it there. Without it a browser takes whatever comes, and `max_queue` has
    no effect: see `ClientConnection.backlog`.

    The loop waits before it reconnects: a random time between 0 and 1, 2, 4 ... 30 seconds. Only a
    connection that lived for 5 seconds makes it start again with the first of these.
    `reconnect_delays` is a function that returns an iterator of other delays, in seconds; after the last of them the
    loop ends, and raises the error if the last attempt failed. `process_exception(error)` decides after which errors
    it tries again; each retry is logged to `logger`, if one is given.

    A loop that is left with `break` closes its connection, but not on MicroPython, which cannot notice
    it: write `async with ws:` in its body to have it closed everywhere.

    Raises `InvalidURI`, `InvalidHandshake` if no connection comes about, `TimeoutError`,
    `NotImplementedError` outside a browser, `ValueError` for a bad subprotocol, `TypeError` for an
    argument that a browser cannot honour (those that a program can, `browserws.native` has).
    """

    def __init__(
        self,
        uri: str,
        *,
        subprotocols: "Sequence[str] | None" = None,
        open_timeout: "float | None" = 10,
        close_timeout: "float | None" = 10,
        max_size: "int | tuple[int | None, int | None] | None" = MAX_SIZE,
        max_queue: "int | tuple[int | None, int | None] | None" = MAX_QUEUE,
        backpressure: "bool | Literal['prefer']" = False,
        write_limit: "int | tuple[int, int | None]" = WRITE_LIMIT,
        reconnect_delays: "Callable[[], Iterator[float]] | None" = None,
        process_exception: "Callable[[Exception], Exception | None]" = process_exception,
        logger: "Any" = None,
        **others: "Unpack[IgnoredOptions]",
    ) -> None:
        endpoint = current().endpoint
        if endpoint is not None:
            uri = endpoint(uri, **others)
        elif others:
            from ._pure.unsupported import refuse  # only who gives them has to load it

            refuse(others)
        if isinstance(subprotocols, str):
            raise TypeError("subprotocols must be a list of str, not a str")
        checks.subprotocols(subprotocols)
        check_url(uri)
        self.uri = uri
        self.open_timeout = numbers.limit("open_timeout", open_timeout)
        self.reconnect_delays = reconnect_delays
        self.process_exception = process_exception
        self.logger = logger
        self._arguments = {
            "subprotocols": subprotocols,
            "close_timeout": numbers.limit("close_timeout", close_timeout),
            "max_size": numbers.limit("max_size", _first(max_size)),
            "write_marks": _marks("write_limit", write_limit, WRITE_LIMIT),
            "queue_marks": _queue_marks(max_queue, backpressure),
            "logger": logger,
        }

    async def _open(self) -> "ClientConnection":
        return await open_connection(self.uri, self.open_timeout, **self._arguments)

    def __await__(self) -> "Generator[Any, None, ClientConnection]":
        return self._open().__await__()

    async def __aenter__(self) -> "ClientConnection":
        if hasattr(self, "_connection"):
            raise RuntimeError("connect() isn't reentrant")
        self._connection = await self._open()
        return self._connection

    async def __aexit__(self, kind: "Any", error: "Any", traceback: "Any") -> None:
        connection = self._connection
        del self._connection
        await connection.__aexit__(kind, error, traceback)

    def __aiter__(self) -> "Reconnections":
        from .reconnections import Reconnections  # only who asks for it has to load it

        return Reconnections(self._open, self.reconnect_delays, self.process_exception, self.logger)


if sys.implementation.name == "micropython":
    connect.__iter__ = lambda self: self._open()  # type: ignore[attr-defined]  # for await


def _first(limits: "Any") -> "Any":
    return limits[0] if isinstance(limits, tuple) else limits


def _marks(name: str, limits: "Any", default: int) -> "tuple[float, float]":
    """The high and the low mark of a limit that is a number, or (high, low)."""
    high = numbers.limit(name, _first(limits))
    if high is None:
        high = default
    low = numbers.limit(name, limits[1]) if isinstance(limits, tuple) else None
    if low is None:
        low = high // 4
    if high < low:
        raise ValueError(f"{name} must be a number from 0, or (high, low) with high >= low >= 0, not {limits!r}")
    return high, low


def _queue_marks(max_queue: "Any", backpressure: "bool | str") -> "tuple[float, float] | None":
    """The marks of the queue, None without back-pressure."""
    if backpressure not in (True, False, "prefer"):
        raise ValueError(f'backpressure is True, False or "prefer", not {backpressure!r}')
    high, low = _marks("max_queue", max_queue, sys.maxsize)
    if backpressure is True and not current().supports_backpressure:
        raise NotImplementedError(
            "backpressure needs WebSocketStream, which this browser does not have: "
            'backpressure="prefer" does without it, and the backlog may grow'
        )
    return (max(1, high), low) if backpressure and current().supports_backpressure else None
