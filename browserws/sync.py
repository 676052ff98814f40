"""Calls that block, with the names of `websockets.sync.client`: in Pyodide, and in programs.

    from browserws.sync import connect

    with connect("wss://example.org/chat") as ws:
        ws.send("hello")
        print(ws.recv(timeout=5))

In Pyodide, a call that blocks suspends the Python code that made it; the page, its events and other tasks go
on meanwhile. This takes a browser with JavaScript Promise Integration (JSPI), and code that Pyodide
runs asynchronously: a PyScript script, `runPythonAsync`, a task of asyncio. A handler that
JavaScript calls cannot block, nor can a task right after `await ws.recv()`, which goes on inside
such a call, until its next `await asyncio.sleep(0)`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Iterator
    from typing import Any, TypeVar, Unpack

    from typing_extensions import Buffer  # of Python 3.12; type checkers know it in any version

    from .types import ConnectOptions, Data

    Result = TypeVar("Result")

import asyncio

from . import client
from ._host import current
from ._pure import numbers
from .client import State
from .errors import ConnectionClosedOK

__all__ = ["ClientConnection", "State", "connect"]


def connect(uri: str, *, legacy: "bool | None" = None, **options: "Unpack[ConnectOptions]") -> "ClientConnection":
    """Connect to the server at `uri`, and return when the connection is open.

        with connect(uri) as ws: ...        closes it at the end
        ws = connect(uri)                   closing it is up to you

    The options and exceptions are those of `browserws.connect`; those for reconnection have no
    effect. Raises `NotImplementedError` where Python cannot block, and says why.
    """
    if legacy is False:
        raise TypeError("connect() cannot take legacy=False: it connects at once, and iterating gives messages")
    return ClientConnection(_wait(client.connect(uri, **options)))


class ClientConnection:
    """An open connection, made by `connect()`; a context manager that closes it at its end.

    Its methods and attributes are those of `browserws.ClientConnection`, and block where those are
    awaited. Messages that have arrived are handed out before the end is reported.
    """

    def __init__(self, connection: client.ClientConnection) -> None:
        self._connection = connection

    def recv(self, timeout: "float | None" = None, decode: "bool | None" = None) -> "str | bytes":
        """The next message; `TimeoutError` after `timeout` seconds without one."""
        return _wait(self._connection.recv(decode, timeout))

    def recv_into(self, buffer: "Buffer", timeout: "float | None" = None) -> int:
        """Receive the next message into a `bytearray` or the like: how many bytes it has."""
        return _wait(self._connection.recv_into(buffer, timeout))

    def recv_streaming(self, decode: "bool | None" = None) -> "Iterator[str | bytes]":
        """The next message in fragments. A browser joins them: there is one, the whole message."""
        yield self.recv(decode=decode)

    def __iter__(self) -> "Iterator[str | bytes]":
        """The messages until the connection is closed; `ConnectionClosedError` if it did not end well."""
        while True:
            try:
                yield self.recv()
            except ConnectionClosedOK:
                return

    def send(self, message: "Data | Iterable[Data]", text: "bool | None" = None) -> None:
        """Send `str`, bytes-like, or an iterable of either; blocks while the browser's send buffer is full."""
        _wait(self._connection.send(message, text=text))

    def drain(self) -> None:
        """Block until the browser's send buffer has at most the low-water mark of `write_limit`."""
        _wait(self._connection.drain())

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection and block until its end; harmless when it is closed already."""
        _wait(self._connection.close(code, reason))

    def wait_closed(self, timeout: "float | None" = None) -> bool:
        """Block until the connection is closed: True if it is, False if it is not after `timeout` seconds."""
        return _wait(_closed_within(self._connection, numbers.limit("timeout", timeout, None)))

    def ping(self, *arguments: "Any", **keywords: "Any") -> "Any":
        """`NotImplementedError`: a page cannot send pings."""
        return self._connection.ping()

    def pong(self, *arguments: "Any", **keywords: "Any") -> "Any":
        """`NotImplementedError`: a page cannot send pongs."""
        return self._connection.pong()

    def __enter__(self) -> "ClientConnection":
        return self

    def __exit__(self, kind: "Any", error: "Any", traceback: "Any") -> None:
        _wait(self._connection.__aexit__(kind, error, traceback))

    @property
    def state(self) -> State:
        return self._connection.state

    @property
    def id(self) -> str:
        return self._connection.id

    @property
    def logger(self) -> "Any":
        return self._connection.logger

    latency = client.ClientConnection.latency
    request = client.ClientConnection.request
    response = client.ClientConnection.response
    local_address = client.ClientConnection.local_address
    remote_address = client.ClientConnection.remote_address

    @property
    def subprotocol(self) -> "str | None":
        return self._connection.subprotocol

    @property
    def close_code(self) -> "int | None":
        return self._connection.close_code

    @property
    def close_reason(self) -> "str | None":
        return self._connection.close_reason

    @property
    def backlog(self) -> int:
        return self._connection.backlog


async def _closed_within(connection: client.ClientConnection, seconds: "float | None") -> bool:
    try:
        await asyncio.wait_for(connection.wait_closed(), seconds)
    except asyncio.TimeoutError:
        return False
    return True


def _wait(awaitable: "Awaitable[Result]") -> "Result":
    """What the awaitable gives. Nothing of it has happened where this raises `NotImplementedError`."""
    host = current()
    reason = host.cannot_block()
    if reason:
        if hasattr(awaitable, "close"):
            awaitable.close()  # else Python warns of a coroutine that was never awaited
        raise NotImplementedError(reason)
    return host.block(awaitable)
