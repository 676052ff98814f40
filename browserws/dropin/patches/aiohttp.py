"""aiohttp: its connector resolves names and opens sockets itself."""

from __future__ import annotations

from typing import Any

from ..errors import NotInPages
from ..finder import Changes
from ..handshake import is_upgrade, refuse_headers
from ..refusals import refuse_own_tls, refuse_source
from ..settings import current
from ..wire import Wire


def patch(module: Any, changes: Changes) -> None:
    changes.wrap(module.TCPConnector, "_create_connection", _wrapper)


def _wrapper(original: Any) -> Any:
    async def create_connection(self: Any, request: Any, traces: Any, timeout: Any) -> Any:
        settings = current()
        upgrades = is_upgrade(request.headers.items())
        if not upgrades and not settings.http:
            return await original(self, request, traces, timeout)
        if request.proxy:
            raise NotInPages("a page cannot use a proxy of its own: the browser has its settings")
        refuse_source("local_addr", self._local_addr_infos)
        if not self._resolver_owner:
            raise NotInPages("a page cannot look up names: leave `resolver` out")
        if getattr(self, "_socket_factory", None) is not None:
            raise NotInPages("a page has no sockets of its own: leave `socket_factory` out")
        secure = request.is_ssl()
        if secure:
            for ssl in (request.ssl, self._ssl):
                refuse_own_tls(ssl or "not verified")
        if upgrades and settings.rewrite is None:
            refuse_headers(request.headers)
        protocol = self._factory()
        Wire(protocol, request.url.raw_host, request.url.port, secure, settings)
        return protocol

    return create_connection
