"""The hub on a port of its own: WebSockets on every path, and /healthz and /metrics for those who look after it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from prometheus_client import start_http_server
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as websockets_serve
from websockets.http11 import Request, Response

from .access import values
from .hub import Hub
from .metered import MeteredConnection
from .sockets import PlainSocket

SINGLE_HEADERS = ("Host", "Origin")  # RFC 9112 §3.2, RFC 6454 §7.3: with two of them nobody knows which one counts


class serve:
    """`async with serve(hub, host, port) as server:`; `options` are those of `websockets.serve`. With `metrics=False`
    there is no /metrics on this port (`serve_metrics` has it on another).

    At the end all connections are closed with 1012 (clients reconnect), and are waited for.
    """

    def __init__(
        self, hub: Hub, host: str | None = None, port: int | None = None, *, metrics: bool = True, **options: Any
    ) -> None:
        self._hub = hub
        self._arguments = (host, port)
        self._has_metrics = metrics
        self._options = {
            "max_size": hub.settings.max_message,
            "compression": None,  # small messages get larger, and a page can make the hub unpack much
            "open_timeout": hub.settings.handshake_timeout,
            "close_timeout": hub.settings.close_timeout,
            "max_queue": 4,
            "backlog": hub.settings.backlog,
            "create_connection": connection_class(hub),
            **options,
        }

    async def __aenter__(self) -> Server:
        await self._hub.start()
        try:
            self.server = await websockets_serve(
                self._hub.handle, *self._arguments, process_request=self._respond, **self._options
            )
        except BaseException:
            await self._hub.stop()
            raise
        return self.server

    async def __aexit__(self, *exception: object) -> None:
        self._hub.is_draining = True
        self.server.close(close_connections=False)
        await self._hub.stop()
        self.server.close()
        await self.server.wait_closed()

    def _respond(self, connection: ServerConnection, request: Request) -> Response | None:
        headers = request.headers
        if any(len(values(headers, name)) > 1 for name in SINGLE_HEADERS) or not values(headers, "Host"):
            return connection.respond(HTTPStatus.BAD_REQUEST, "one Host header, and at most one Origin header\n")
        if any("websocket" in value.lower() for value in values(headers, "Upgrade")):
            if not self._hub.access.allows_page(headers):
                return connection.respond(HTTPStatus.FORBIDDEN, "pages of this origin may not connect\n")
            if isinstance(connection, MeteredConnection):
                connection.draw_on_address()
            return None
        path = request.path.split("?")[0]
        if path == "/healthz":
            if self._hub.why_not:
                return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, self._hub.why_not + "\n")
            return connection.respond(HTTPStatus.OK, "ok\n")
        if path == "/metrics" and self._has_metrics:
            return connection.respond(HTTPStatus.OK, self._hub.metrics.text())
        return connection.respond(HTTPStatus.NOT_FOUND, "there is a WebSocket here, and /healthz\n")


def connection_class(hub: Hub) -> type[MeteredConnection]:
    """For the `create_connection` of `websockets.serve`, where the hub is mounted in a server of your own: control
    frames, and what comes before the hello, are then counted, too."""

    class HubConnection(MeteredConnection):
        def open_budget(self) -> None:
            self.budget = hub.budgets.open("" if hub.settings.proxies else address_of(self))

        def draw_on_address(self) -> None:
            if hub.settings.proxies:
                hub.budgets.draw_on_address(self.budget, address_of(self))

    def address_of(connection: MeteredConnection) -> str:
        socket = PlainSocket(connection)
        return hub.access.address_of(socket.address, socket.headers)

    return HubConnection


def serve_metrics(hub: Hub, host: str, port: int) -> int:
    """/metrics on a port that is not for the public, in a thread of its own; the port."""
    server, _ = start_http_server(port, host, registry=hub.metrics.registry)
    return int(server.server_port)
