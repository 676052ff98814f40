"""`websockets.sync`: it blocks, and reads in a thread, so it gets sockets and threads of a page."""

from __future__ import annotations

from typing import Any

from .. import sockets
from ..errors import NotInPages
from ..finder import Changes
from ..handshake import refuse_headers
from ..settings import current


def patch_client(module: Any, changes: Changes) -> None:
    changes.set(module, "socket", sockets.Network())
    changes.set(module, "ssl_module", BrowsersTLS)
    changes.wrap(module.ClientConnection, "__init__", _on_sockets_of_a_page)
    changes.wrap(module.ClientConnection, "handshake", _without_headers)


def patch_connection(module: Any, changes: Changes) -> None:
    changes.set(module, "socket", sockets.Network())
    changes.set(module, "selectors", sockets)


class BrowsersTLS:
    """Stands where the library has the module `ssl`."""

    @staticmethod
    def create_default_context() -> type[BrowsersTLS]:
        return BrowsersTLS

    @staticmethod
    def wrap_socket(socket: Any, server_hostname: str) -> Any:
        refuse_foreign(socket)
        socket.start_tls(server_hostname)
        return socket


def refuse_foreign(socket: Any) -> None:
    if type(socket) is not sockets.BlockingSocket:
        raise NotInPages("a page has no sockets of its own: sock cannot be used")


def _on_sockets_of_a_page(original: Any) -> Any:
    def __init__(self: Any, socket: Any, *arguments: Any, **keywords: Any) -> None:
        refuse_foreign(socket)
        original(self, socket, *arguments, **keywords)

    return __init__


def _without_headers(original: Any) -> Any:
    def handshake(self: Any, additional_headers: Any = None, *arguments: Any, **keywords: Any) -> None:
        if additional_headers is not None and current().rewrite is None:
            refuse_headers(dict(additional_headers))
        original(self, additional_headers, *arguments, **keywords)

    return handshake
