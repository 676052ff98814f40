"""The hub in an ASGI application: Starlette, FastAPI, Litestar, Quart, Django."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from websockets.datastructures import Headers

from ...codes import NO_STATUS_RCVD, Close
from ..hub import Hub
from .adapted import AdaptedConnection, Request

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiConnection(AdaptedConnection):
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        query = scope.get("query_string", b"").decode("latin-1")
        headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])
        client = scope.get("client")
        super().__init__(
            Request(scope["path"] + (f"?{query}" if query else ""), headers), (client[0], client[1]) if client else None
        )

    async def read(self) -> str | bytes | Close | None:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            return Close(event.get("code") or NO_STATUS_RCVD, event.get("reason") or "")
        text: str | None = event.get("text")
        data: bytes | None = event.get("bytes")
        return data if text is None else text

    async def send(self, message: str | bytes) -> None:
        await self._send({"type": "websocket.send", "text" if isinstance(message, str) else "bytes": message})

    async def send_close(self, code: int, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})


class HubApp:
    """`HubApp(hub, "/hub", app)` is the application with the hub at that path, which it starts and stops with it.

    `HubApp(hub)` is the hub alone, to be mounted (`app.mount("/hub", HubApp(hub))`): `async with hub` in the lifespan
    of the application starts and stops it.
    """

    def __init__(self, hub: Hub, path: str | None = None, app: Application | None = None) -> None:
        self._hub = hub
        self._path = path
        self._app = app or _nothing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "websocket" and self._path in (None, scope["path"]):
            await receive()  # "websocket.connect"
            await send({"type": "websocket.accept"})  # also to close at once: before, a code would become an HTTP 403
            await AsgiConnection(scope, receive, send).serve(self._hub)
        else:
            await self._app(scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_with_hub() -> Event:
            event = await receive()
            await (self._hub.start() if event["type"] == "lifespan.startup" else self._hub.stop())
            return event

        try:
            await self._app(scope, receive_with_hub, send)
        except Exception:
            if self._hub.is_running:
                raise
            await _nothing(scope, receive_with_hub, send)  # the application has no lifespan, as Django's


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An application with nothing but a lifespan."""
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b"there is a WebSocket here\n"})
