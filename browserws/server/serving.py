"""The hub on a port of its own: WebSockets on every path, and /healthz and /metrics for those who look after it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server
from websockets.asyncio.server import serve as websockets_serve

from .hub import Hub


class serve:
    """`async with serve(hub, host, port) as server:`; `options` are those of `websockets.serve`.

    At the end all clients are told to come back (1012), and are waited for.
    """

    def __init__(self, hub: Hub, host: str | None = None, port: int | None = None, **options: Any) -> None:
        self._hub = hub
        self._arguments = (host, port)
        self._options = {
            "max_size": hub.settings.max_message,
            "compression": None,  # small messages get larger, and a page can make the hub unpack much
            "open_timeout": hub.settings.handshake_timeout,
            "close_timeout": hub.settings.close_timeout,
            "max_queue": 4,
            **options,
        }

    async def __aenter__(self) -> Server:
        await self._hub.start()
        try:
            self.server = await websockets_serve(
                self._hub.handle, *self._arguments, process_request=self._respond, **self._options
            )
        except OSError:
            await self._hub.stop()
            raise
        return self.server

    async def __aexit__(self, *exception: object) -> None:
        self._hub.is_draining = True
        self.server.close(close_connections=False)
        await self._hub.stop()
        self.server.close()
        await self.server.wait_closed()

    def _respond(self, connection: Any, request: Any) -> Any:
        if "websocket" in request.headers.get("Upgrade", "").lower():
            if not self._hub.access.allows_origin(request.headers):
                return connection.respond(HTTPStatus.FORBIDDEN, "pages of this origin may not connect\n")
            return None
        path = request.path.split("?")[0]
        if path == "/healthz":
            if self._hub.is_draining:
                return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "stopping\n")
            return connection.respond(HTTPStatus.OK, "ok\n")
        if path == "/metrics":
            return connection.respond(HTTPStatus.OK, self._hub.metrics.text())
        return connection.respond(HTTPStatus.NOT_FOUND, "there is a WebSocket here, /healthz and /metrics\n")
