"""paho-mqtt, which aiomqtt stands on: it has its own WebSockets, over sockets that block while it connects."""

from __future__ import annotations

from typing import Any

from .. import readiness, sockets
from ..errors import NotInPages
from ..finder import Changes
from ..frames import client_frame
from ..refusals import refuse_own_tls


def patch(module: Any, changes: Changes) -> None:
    changes.set(module, "select", readiness)
    changes.set(module, "socket", sockets.Network())
    changes.set(module, "_socketpair_compat", sockets.socketpair)
    changes.set(vars(module)["_WebsocketWrapper"], "_create_frame", _create_frame)
    client = module.Client
    changes.wrap(client, "_create_socket", _over_websockets)
    changes.set(client, "_ssl_wrap_socket", _start_tls)
    changes.set(client, "tls_set", _tls_set)
    changes.set(client, "tls_set_context", _tls_set_context)
    changes.set(client, "tls_insecure_set", _tls_insecure_set)


def _create_frame(self: Any, opcode: int, data: bytes, do_masking: int = 1) -> bytearray:
    """It answers a close with a frame that has no mask, and puts masks on byte by byte."""
    return bytearray(client_frame(opcode, data))


def _over_websockets(original: Any) -> Any:
    def create_socket(self: Any) -> Any:
        if self._transport != "websockets":
            raise NotInPages(f'a page has no TCP: Client(transport="websockets"), not {self._transport!r}')
        if self._get_proxy():
            raise NotInPages("a page cannot use a proxy of its own: the browser has its settings")
        return original(self)

    return create_socket


def _start_tls(self: Any, socket: sockets.BlockingSocket) -> sockets.BlockingSocket:
    socket.start_tls(self._host)
    return socket


def _tls_set(self: Any, *arguments: Any, **keywords: Any) -> None:
    for value in (*arguments, *keywords.values()):
        refuse_own_tls(value)
    self._ssl = True


def _tls_set_context(self: Any, context: object = None) -> None:
    refuse_own_tls(context)
    self._ssl = True


def _tls_insecure_set(self: Any, value: bool) -> None:
    if value:
        refuse_own_tls("not verified")
