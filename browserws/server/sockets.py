"""`AnyConnection`: what the hub needs of a connection, whichever server it comes from; and how the hub uses it.

`socket_for` finds the class of `Socket` for it:

MeteredSocket       a connection of `serve` or `serving.connection_class`: what comes is counted before it is parsed
WebsocketsSocket    a connection of another `websockets.serve`
QueuedSocket        any other: those of `adapters/`, and `browserws.testing.FakeConnection`
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Protocol

from websockets import exceptions
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.protocol import State

from .. import errors
from .budget import Budget
from .frames import WINDOW_BITS, Frame
from .metered import MeteredConnection
from .outcomes import Disconnected

HIGH_WATER = 64 * 1024  # bytes in the operating system's way: with more of them a client does not keep up

CLOSED = (exceptions.ConnectionClosed, errors.ConnectionClosed)  # what `recv` raises at the end


class Transport(Protocol):
    def abort(self) -> None:
        """Drop the connection at once."""


class AnyConnection(Protocol):
    """The part of `websockets.asyncio.server.ServerConnection` that `Hub.handle` needs.

    `request.headers` (for the checks of the page's origin), `request.path` (with the query) and `remote_address`, a
    host and a port (for budgets), may be absent.
    """

    @property
    def request(self) -> object: ...

    @property
    def transport(self) -> Transport: ...

    @property
    def close_code(self) -> int | None:
        """None until the connection is closed."""

    async def recv(self) -> str | bytes | None:
        """The next message, or None for a control frame, where the server shows them.

        At the end it raises `ConnectionClosed`, that of `websockets` or that of browserws.
        """

    async def send(self, message: str | bytes) -> None:
        """Waits while too much waits for the client: what is buffered is what waits for this."""

    async def close(self, code: int = 1000, reason: str = "") -> None: ...


class Socket(Protocol):
    """`budget` counts what comes as it is parsed, None if nothing does. `heard_at` is when a frame of any kind came
    (`loop.time()`), 0 if that is not known."""

    @property
    def budget(self) -> Budget | None: ...

    @property
    def heard_at(self) -> float: ...

    @property
    def target(self) -> str:
        """Path and query of the request, "" if they are not known."""

    @property
    def headers(self) -> Headers | None: ...

    @property
    def address(self) -> str:
        """The IP address of the other end, "" if it is not known."""

    @property
    def is_closed(self) -> bool: ...

    async def recv(self) -> str | bytes | None:
        """None for a control frame. Raises `Disconnected`."""

    def is_ready(self) -> bool:
        """Whether the client keeps up with what is written."""

    def write(self, frames: list[Frame]) -> None:
        """Send frames soon; nothing happens if the connection is closing."""

    def direct(self, on_closing: Callable[[], None]) -> asyncio.Transport | None:
        """The transport, if it sends in one piece what is written to it in one tick of the event loop. It takes frames
        as they are, until `on_closing` is called."""

    async def close(self, code: int, reason: str) -> None:
        """Close, and wait for the client's answer."""

    def abort(self) -> None:
        """Drop the connection at once."""


class QueuedSocket:
    """`write` puts frames into a queue, from which a task sends them."""

    def __init__(self, connection: AnyConnection) -> None:
        self._connection = connection
        self._frames: deque[Frame] = deque()
        self._size = 0  # of those, and of the one that is being sent
        self._task: asyncio.Task[None] | None = None

    @property
    def budget(self) -> Budget | None:
        return None

    @property
    def heard_at(self) -> float:
        return 0

    @property
    def target(self) -> str:
        return str(getattr(self._connection.request, "path", ""))

    @property
    def headers(self) -> Headers | None:
        return getattr(self._connection.request, "headers", None)

    @property
    def address(self) -> str:
        address = getattr(self._connection, "remote_address", None)
        return str(address[0]) if address else ""

    @property
    def is_closed(self) -> bool:
        return self._connection.close_code is not None

    async def recv(self) -> str | bytes | None:
        try:
            return await self._connection.recv()
        except CLOSED:
            raise Disconnected from None

    def is_ready(self) -> bool:
        return self._size < HIGH_WATER

    def write(self, frames: list[Frame]) -> None:
        self._frames += frames
        self._size += sum([len(frame.wire) for frame in frames])
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    def direct(self, on_closing: Callable[[], None]) -> asyncio.Transport | None:
        return None

    async def _send(self) -> None:
        try:
            while self._frames:
                frame = self._frames.popleft()
                await self._connection.send(frame.payload)
                self._size -= len(frame.wire)
        except Exception:
            self._frames.clear()  # the connection is closed: `recv` says so, too
            self._size = 0
        finally:
            self._task = None

    async def close(self, code: int, reason: str) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])  # what was written comes first
        await self._connection.close(code, reason)

    def abort(self) -> None:
        self._connection.transport.abort()


class WebsocketsSocket(QueuedSocket):
    """Writes past the connection's `send`: frames that were serialized once for all clients."""

    def __init__(self, connection: ServerConnection) -> None:
        super().__init__(connection)
        self._websocket = connection
        self._protocol = connection.protocol
        self._transport = connection.transport
        self._wire = _wire(connection.protocol.extensions)

    def is_ready(self) -> bool:
        return self._transport.get_write_buffer_size() < HIGH_WATER

    def write(self, frames: list[Frame]) -> None:
        if self._protocol.state is not State.OPEN or self._transport.is_closing():
            return
        if self._wire is None:
            for frame in frames:
                if isinstance(frame.payload, str):
                    self._protocol.send_text(frame.payload.encode())
                else:
                    self._protocol.send_binary(frame.payload)
            self._websocket.send_data()
        elif len(frames) == 1:
            self._transport.write(self._wire(frames[0]))
        else:
            self._transport.write(b"".join(map(self._wire, frames)))


def joins_writes(transport: asyncio.BaseTransport) -> bool:
    """Whether it sends in one piece what is written to it in one tick of the event loop: uvloop's do, but for TLS."""
    return type(transport).__module__.startswith("uvloop") and transport.get_extra_info("sslcontext") is None


def _wire(extensions: Sequence[Extension]) -> Callable[[Frame], bytes] | None:
    """What all clients with these extensions are sent of a frame; None if it is not the same for all."""
    if not extensions:
        return attrgetter("wire")
    deflate = extensions[0]
    has_no_context = (
        isinstance(deflate, PerMessageDeflate)
        and deflate.local_no_context_takeover
        and deflate.local_max_window_bits >= WINDOW_BITS
        and not deflate.compress_settings
    )
    return attrgetter("deflated") if has_no_context and len(extensions) == 1 else None


class MeteredSocket(WebsocketsSocket):
    def __init__(self, connection: MeteredConnection) -> None:
        super().__init__(connection)
        self._metered = connection

    def direct(self, on_closing: Callable[[], None]) -> asyncio.Transport | None:
        is_open = self._protocol.state is State.OPEN
        if not is_open or self._protocol.extensions or not joins_writes(self._transport):
            return None
        self._metered.on_closing = on_closing
        return self._transport

    @property
    def budget(self) -> Budget:
        return self._metered.budget

    @property
    def heard_at(self) -> float:
        return self._metered.heard_at


def socket_for(connection: AnyConnection) -> Socket:
    if isinstance(connection, MeteredConnection):
        return MeteredSocket(connection)
    if isinstance(connection, ServerConnection):
        return WebsocketsSocket(connection)
    return QueuedSocket(connection)
