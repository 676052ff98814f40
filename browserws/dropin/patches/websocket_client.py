"""websocket-client: it blocks, so it gets sockets that do."""

from __future__ import annotations

from typing import Any

from .. import sockets
from ..errors import NotInPages
from ..finder import Changes
from ..refusals import refuse_own_tls


def patch_core(module: Any, changes: Changes) -> None:
    changes.set(module, "connect", _connect)


def patch_dispatcher(module: Any, changes: Changes) -> None:
    changes.set(module, "selectors", sockets)


def _connect(url: str, options: Any, proxy: Any, socket: Any) -> tuple[Any, tuple[str, int, str]]:
    from websocket._url import parse_url  # of the library, in the page

    if proxy.proxy_host:
        raise NotInPages("a page cannot use a proxy of its own: the browser has its settings")
    host, port, resource, is_secure = parse_url(url)
    if options.sslopt:
        refuse_own_tls(options.sslopt)
    if socket is None:
        socket = sockets.BlockingSocket(host, port, is_secure)
        socket.settimeout(options.timeout)
    return socket, (host, port, resource)
