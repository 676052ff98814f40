"""The hub on a port of its own: WebSockets on every path, and /healthz and /metrics for those who look after it."""

from __future__ import annotations

import email.utils
from typing import Any

from prometheus_client import start_http_server
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as websockets_serve
from websockets.datastructures import Headers
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response

from .answers import Answer, Answers, Pages
from .hub import Hub
from .metered import MeteredConnection
from .quick_handshake import response_to
from .sockets import QueuedSocket

# No message refers to an earlier one: clients can be sent the same bytes, and a connection needs no memory for it.
WITHOUT_CONTEXT = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)


class serve:
    """`async with serve(hub, host, port) as server:`; `options` are those of `websockets.serve`. With `metrics=False`
    there is no /metrics on this port (`serve_metrics` has it on another). `pages` says what else there is on it.
    `compression="deflate"` compresses messages of 512 bytes and more, each once for all clients.

    At the end all connections are closed with 1012 (clients reconnect), and are waited for.
    """

    def __init__(
        self,
        hub: Hub,
        host: str | None = None,
        port: int | None = None,
        *,
        metrics: bool = True,
        pages: Pages | None = None,
        compression: str | None = None,
        **options: Any,
    ) -> None:
        if compression == "deflate":
            options["extensions"] = [*(options.get("extensions") or ()), WITHOUT_CONTEXT]
            compression = None  # `websockets` has contexts
        self._hub = hub
        self._arguments = (host, port)
        self._answers = Answers(hub, metrics, pages)
        self._opening: set[MeteredConnection] = set()  # their request has not come yet
        self._options = {
            "max_size": hub.settings.max_message,
            "compression": compression,
            "open_timeout": hub.settings.handshake_timeout,
            "close_timeout": hub.settings.close_timeout,
            "max_queue": 4,
            "backlog": hub.settings.backlog,
            "create_connection": connection_class(hub, self._opening),
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
        for connection in list(self._opening):
            connection.transport.abort()
        await self._hub.stop()
        self.server.close()
        await self.server.wait_closed()

    def _respond(self, connection: ServerConnection, request: Request) -> Response | None:
        answer = self._answers.answer(request.path, request.headers)
        if answer is not None:
            return _response(answer)
        if isinstance(connection, MeteredConnection):
            self._opening.discard(connection)
            connection.draw_on_address()
        return response_to(connection.protocol, request)  # if it is None, `websockets` answers


def _response(answer: Answer) -> Response:
    headers = Headers(answer.headers)
    headers["Date"] = email.utils.formatdate(usegmt=True)
    headers["Connection"] = "close"
    headers["Content-Length"] = str(len(answer.body))
    return Response(answer.status.value, answer.status.phrase, headers, answer.body)


def connection_class(hub: Hub, opening: set[MeteredConnection] | None = None) -> type[MeteredConnection]:
    """For the `create_connection` of `websockets.serve`, where the hub is mounted in a server of your own: control
    frames, and what comes before the hello, are then counted, too. New connections are added to `opening`, and
    removed at their end.
    """
    connections = set() if opening is None else opening

    class HubConnection(MeteredConnection):
        def open_budget(self) -> None:
            self.budget = hub.budgets.open("" if hub.settings.proxies else address_of(self))
            connections.add(self)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.discard(self)
            super().connection_lost(exc)

        def draw_on_address(self) -> None:
            if hub.settings.proxies:
                hub.budgets.draw_on_address(self.budget, address_of(self))

    def address_of(connection: MeteredConnection) -> str:
        socket = QueuedSocket(connection)
        return hub.access.address_of(socket.address, socket.headers)

    return HubConnection


def serve_metrics(hub: Hub, host: str, port: int) -> int:
    """/metrics on a port that is not for the public, in a thread of its own; the port."""
    server, _ = start_http_server(port, host, registry=hub.metrics.registry)
    return int(server.server_port)
