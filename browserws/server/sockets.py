"""What the hub needs of a WebSocket, whichever program it comes from. `socket_for` finds the right class:

MeteredSocket       a connection of `serve` or `serving.connection_class`: what comes is counted before it is parsed
WebsocketsSocket    a connection of another `websockets.serve`
PlainSocket         anything else that has the methods of `PlainConnection`, as `browserws.testing.FakeConnection`
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from websockets import exceptions
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.protocol import State

from .. import errors
from .budget import Budget
from .frames import Frame
from .metered import MeteredConnection
from .outcomes import Disconnected

HIGH_WATER = 64 * 1024  # bytes in the operating system's way: with more of them a client does not keep up
MAX_WAITING = 100  # frames that wait for the `send` of a `PlainConnection`: likewise

CLOSED = (exceptions.ConnectionClosed, errors.ConnectionClosed)  # what `recv` raises at the end


class Transport(Protocol):
    def abort(self) -> None:
        """Drop the connection at once."""


class PlainConnection(Protocol):
    """The part of `websockets.asyncio.server.ServerConnection` that `Hub.handle` needs.

    `request.headers` (for the checks of the page's origin) and `remote_address` (for budgets) may be absent. At the end
    `recv` raises `ConnectionClosed`, that of `websockets` or that of browserws.
    """

    @property
    def request(self) -> object: ...

    @property
    def transport(self) -> Transport: ...

    @property
    def close_code(self) -> int | None:
        """None until the connection is closed."""

    async def recv(self) -> str | bytes: ...

    async def send(self, message: str | bytes) -> None: ...

    async def close(self, code: int = 1000, reason: str = "") -> None: ...


class Socket(Protocol):
    """`budget` counts what comes as it is parsed, None if nothing does. `heard_at` is when a frame of any kind came
    (`loop.time()`), 0 if that is not known."""

    @property
    def budget(self) -> Budget | None: ...

    @property
    def heard_at(self) -> float: ...

    @property
    def headers(self) -> Headers | None: ...

    @property
    def address(self) -> str:
        """The IP address of the other end, "" if it is not known."""

    @property
    def is_closed(self) -> bool: ...

    async def recv(self) -> str | bytes:
        """Raises `Disconnected`."""

    def is_ready(self) -> bool:
        """Whether the client keeps up with what is written."""

    def write(self, frames: list[Frame]) -> None:
        """Send frames soon; nothing happens if the connection is closing."""

    async def close(self, code: int, reason: str) -> None:
        """Close, and wait for the client's answer."""

    def abort(self) -> None:
        """Drop the connection at once."""


class PlainSocket:
    def __init__(self, connection: PlainConnection) -> None:
        self._connection = connection
        self._frames: list[Frame] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def budget(self) -> Budget | None:
        return None

    @property
    def heard_at(self) -> float:
        return 0

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

    async def recv(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except CLOSED:
            raise Disconnected from None

    def is_ready(self) -> bool:
        return len(self._frames) < MAX_WAITING

    def write(self, frames: list[Frame]) -> None:
        self._frames += frames
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._frames:
                await self._connection.send(self._frames.pop(0).payload)
        except Exception:
            self._frames.clear()  # the connection is closed: `recv` says so, too
        finally:
            self._task = None

    async def close(self, code: int, reason: str) -> None:
        await self._connection.close(code, reason)

    def abort(self) -> None:
        self._connection.transport.abort()


class WebsocketsSocket(PlainSocket):
    """Writes past the connection's `send`: frames that were serialized once for all clients."""

    def __init__(self, connection: ServerConnection) -> None:
        super().__init__(connection)
        self._websocket = connection
        self._protocol = connection.protocol
        self._transport = connection.transport
        self._compresses = bool(connection.protocol.extensions)

    def is_ready(self) -> bool:
        return self._transport.get_write_buffer_size() < HIGH_WATER

    def write(self, frames: list[Frame]) -> None:
        if self._protocol.state is not State.OPEN or self._transport.is_closing():
            return
        if self._compresses:
            for frame in frames:
                if isinstance(frame.payload, str):
                    self._protocol.send_text(frame.payload.encode())
                else:
                    self._protocol.send_binary(frame.payload)
            self._websocket.send_data()
        elif len(frames) == 1:
            self._transport.write(frames[0].wire)
        else:
            self._transport.write(b"".join([frame.wire for frame in frames]))


class MeteredSocket(WebsocketsSocket):
    def __init__(self, connection: MeteredConnection) -> None:
        super().__init__(connection)
        self._metered = connection

    @property
    def budget(self) -> Budget:
        return self._metered.budget

    @property
    def heard_at(self) -> float:
        return self._metered.heard_at


def socket_for(connection: PlainConnection) -> Socket:
    if isinstance(connection, MeteredConnection):
        return MeteredSocket(connection)
    if isinstance(connection, ServerConnection):
        return WebsocketsSocket(connection)
    return PlainSocket(connection)
