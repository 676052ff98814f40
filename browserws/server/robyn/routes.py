"""`Routes`: what is at which path: pages and WebSockets"""

from __future__ import annotations

import inspect
import json
import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request as Handshake
from websockets.http11 import Response

from .connector import QueryParams
from .handler import Handler

log = logging.getLogger("browserws.server")


class HTML(str):
    """A text that is a page."""


def html(text: str) -> str:
    """What a handler returns for a page. (A text that begins with `<` is taken for one as it is.)"""
    return HTML(text)


def jsonify(value: Any) -> str:
    """A value as JSON."""
    return json.dumps(value)


class Request:
    """What handlers of pages may ask: `url`'s `path`, and `query_params`."""

    def __init__(self, target: str) -> None:
        self.url = urlsplit(target)
        self.query_params = QueryParams(self.url.query)


class Routes:
    """`sockets` has the handlers of each path with a WebSocket, by event."""

    def __init__(self) -> None:
        self.pages: dict[str, Handler] = {}
        self.sockets: dict[str, dict[str, Handler]] = {}

    def check(self) -> None:
        """Raises `TypeError` for a handler that cannot be called."""
        for handlers in (self.pages, *self.sockets.values()):
            for handler in handlers.values():
                handler.check()

    async def respond(self, connection: ServerConnection, handshake: Handshake) -> Response | None:
        """The answer to a request; None for a WebSocket that there is."""
        path = urlsplit(handshake.path).path
        if "websocket" in handshake.headers.get("Upgrade", "").lower() and path in self.sockets:
            return None
        handler = self.pages.get(path)
        if handler is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "not found\n")
        try:
            text = handler.call(Request(handshake.path))
            text = await text if inspect.isawaitable(text) else text
            if not isinstance(text, str):
                raise TypeError(f"a page is a str, not {type(text).__name__}")
        except Exception:
            log.exception("%r failed", handler)
            return connection.respond(HTTPStatus.INTERNAL_SERVER_ERROR, "internal server error\n")
        response = connection.respond(HTTPStatus.OK, text)
        if isinstance(text, HTML) or text.lstrip().startswith("<"):
            del response.headers["Content-Type"]  # setting adds
            response.headers["Content-Type"] = "text/html; charset=utf-8"
        return response
