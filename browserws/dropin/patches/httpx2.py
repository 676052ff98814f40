"""httpx2: its transport in a page is `fetch` (httpx2_jsfetch). A WebSocket goes by the one that it has elsewhere."""

from __future__ import annotations

import ssl
from typing import Any

from ..errors import NotInPages
from ..finder import Changes
from ..handshake import is_upgrade


def patch(module: Any, changes: Changes) -> None:
    changes.wrap(module.AsyncJavascriptFetchTransport, "handle_async_request", _by_httpcore)
    changes.wrap(module.JavascriptFetchTransport, "handle_request", _without_threads)


def _by_httpcore(original: Any) -> Any:
    async def handle_async_request(self: Any, request: Any) -> Any:
        if not is_upgrade(request.headers.items()):
            return await original(self, request)
        from httpx2._transports.default import AsyncHTTPTransport  # of the library, in the page: needs httpcore2

        unused = ssl.create_default_context()  # the browser has TLS
        transport = AsyncHTTPTransport(verify=unused)
        return await transport.handle_async_request(request)

    return handle_async_request


def _without_threads(original: Any) -> Any:
    def handle_request(self: Any, request: Any) -> Any:
        if is_upgrade(request.headers.items()):
            raise NotInPages("a page has no threads, which this WebSocket needs: use httpx2.AsyncClient")
        return original(self, request)

    return handle_request
