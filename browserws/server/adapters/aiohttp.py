"""The hub in an application of aiohttp.web."""

from __future__ import annotations

from aiohttp import WSMsgType, web
from websockets.datastructures import Headers

from ...codes import ABNORMAL_CLOSURE, Close
from ..hub import Hub
from .adapted import AdaptedConnection, Request


class AiohttpConnection(AdaptedConnection):
    def __init__(self, request: web.Request, ws: web.WebSocketResponse) -> None:
        self._ws = ws
        self._transport = request.transport
        address = (request.remote, 0) if request.remote else None
        super().__init__(Request(request.path_qs, Headers(list(request.headers.items()))), address)

    async def read(self) -> str | bytes | Close | None:
        message = await self._ws.receive()
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            data: str | bytes = message.data
            return data
        if message.type is WSMsgType.PING:
            await self._ws.pong(message.data)
            return None
        return None if message.type is WSMsgType.PONG else Close(self._ws.close_code or ABNORMAL_CLOSURE)

    async def send(self, message: str | bytes) -> None:
        await (self._ws.send_str(message) if isinstance(message, str) else self._ws.send_bytes(message))

    async def send_close(self, code: int, reason: str) -> None:
        await self._ws.close(code=code, message=reason.encode())

    def abort(self) -> None:
        super().abort()
        if self._transport is not None:
            self._transport.abort()


def attach(hub: Hub, app: web.Application, path: str) -> None:
    """The hub at that path of the application, which it starts and stops with it."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        settings = hub.settings
        ws = web.WebSocketResponse(
            timeout=settings.close_timeout,
            autoping=False,  # pings are counted, too
            compress=False,
            max_msg_size=settings.max_message + 1,  # it refuses those of that size
        )
        await ws.prepare(request)
        await AiohttpConnection(request, ws).serve(hub)
        return ws

    async def start(app: web.Application) -> None:
        await hub.start()

    async def stop(app: web.Application) -> None:
        await hub.stop()

    app.router.add_get(path, handle)
    app.on_startup.append(start)
    app.on_shutdown.append(stop)
