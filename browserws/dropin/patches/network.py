"""Sockets, TLS on them, and `select`: for libraries that block on sockets of their own."""

from __future__ import annotations

import select
import selectors
import socket
from typing import Any
from weakref import WeakSet

from .. import readiness, sockets
from ..finder import Changes
from ..refusals import refuse_own_tls
from .threading import replace


def patch(changes: Changes) -> None:
    replace(changes, socket, "create_connection", sockets.create_connection)
    replace(changes, socket, "socket", sockets.UnconnectedSocket)
    replace(changes, select, "select", readiness.select)
    replace(changes, selectors, "DefaultSelector", sockets.DefaultSelector)


_defaults: WeakSet[Any] = WeakSet()  # contexts that ask for nothing that the browser would not do


def patch_ssl(module: Any, changes: Changes) -> None:
    make = _remembered(module.create_default_context, module.Purpose.SERVER_AUTH)
    replace(changes, module, "create_default_context", make)
    changes.set(module, "_create_default_https_context", make)
    changes.wrap(module.SSLContext, "wrap_socket", _by_the_browser)


def _remembered(original: Any, for_clients: object) -> Any:
    def create_default_context(*arguments: Any, **keywords: Any) -> Any:
        context = original(*arguments, **keywords)
        if all(value in (None, for_clients) for value in (*arguments, *keywords.values())):
            _defaults.add(context)
        return context

    return create_default_context


def _by_the_browser(original: Any) -> Any:
    def wrap_socket(self: Any, sock: Any, *arguments: Any, **keywords: Any) -> Any:
        if not isinstance(sock, sockets.BlockingSocket):
            return original(self, sock, *arguments, **keywords)
        if self not in _defaults or not self.verify_mode:
            refuse_own_tls(self)
        sock.start_tls(keywords.get("server_hostname") or "")
        return sock

    return wrap_socket
