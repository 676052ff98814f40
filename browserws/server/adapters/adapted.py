"""`AdaptedConnection`: what the adapters share. A subclass says how to read, send and close."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from websockets.datastructures import Headers

from ...codes import ABNORMAL_CLOSURE, Close
from ...errors import connection_closed
from ..hub import Hub


@dataclass(frozen=True)
class Request:
    """`path` with the query; `headers` None where the server does not show them."""

    path: str
    headers: Headers | None


class AdaptedConnection:
    """An `AnyConnection`. The next frame is always waited for, so that the end is known also while the hub does
    something else; no more than that one is read before the hub asks for it."""

    def __init__(self, request: Request, remote_address: tuple[str, int] | None) -> None:
        self.request = request
        self.remote_address = remote_address
        self.close_code: int | None = None
        self.transport = self  # which has `abort`
        self._next = asyncio.create_task(self._read())

    async def read(self) -> str | bytes | Close | None:
        """The next message, None for a control frame, or the `Close` that ended the connection."""
        raise NotImplementedError

    async def send(self, message: str | bytes) -> None:
        """Waits while too much waits for the client."""
        raise NotImplementedError

    async def send_close(self, code: int, reason: str) -> None:
        raise NotImplementedError

    async def serve(self, hub: Hub) -> None:
        """Until the connection has ended. Raises `RuntimeError` if the hub was not started."""
        try:
            if not hub.is_running and not hub.is_draining:
                raise RuntimeError("the hub is not running: `async with hub`, or `hub.start()`, when the server starts")
            await hub.handle(self)
        finally:
            self.end()

    async def recv(self) -> str | bytes | None:
        if not self._next.done():
            await asyncio.wait([self._next])
        frame = Close(ABNORMAL_CLOSURE, "") if self._next.cancelled() else self._next.result()
        if isinstance(frame, Close):
            raise connection_closed(frame, None)
        self._next = asyncio.create_task(self._read())
        return frame

    async def _read(self) -> str | bytes | Close | None:
        frame = await self.read()
        if isinstance(frame, Close):
            self.end(frame.code)
        return frame

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self.close_code is None:
            await self.send_close(code, reason)
            self.end(code)

    def abort(self) -> None:
        """Drop the connection at once; where the server cannot, it does so when it is told that all is done."""
        self.end()

    def end(self, code: int = ABNORMAL_CLOSURE) -> None:
        """Nothing is received any more."""
        if self.close_code is None:
            self.close_code = code
        if self._next is not asyncio.current_task():
            self._next.cancel()
