"""The event loop's `create_connection`: for websockets, asyncio's streams, anyio and what stands on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..errors import NotInPages
from ..finder import Changes
from ..readiness import Watches
from ..refusals import refuse_other_name, refuse_own_tls, refuse_source
from ..settings import current
from ..wire import Wire

HAVE_NO_EFFECT = {  # of how a TCP or TLS connection is made, which is the browser's business
    "family", "proto", "flags", "ssl_handshake_timeout", "ssl_shutdown_timeout",
    "happy_eyeballs_delay", "interleave", "all_errors",
}  # fmt: skip


def patch(module: Any, changes: Changes) -> None:
    changes.set(module.WebLoop, "create_connection", create_connection)
    for kind, watches in (
        ("reader", Watches(lambda socket: socket.is_readable())),
        ("writer", Watches(lambda socket: socket.is_writable())),
    ):
        changes.set(module.WebLoop, f"add_{kind}", _method(watches.add))
        changes.set(module.WebLoop, f"remove_{kind}", _method(watches.remove))


def _method(function: Any) -> Any:
    """Of a class to which it is set."""
    return lambda loop, *arguments: function(loop, *arguments)


async def create_connection(
    loop: asyncio.AbstractEventLoop,
    protocol_factory: Callable[[], asyncio.BaseProtocol],
    host: str | None = None,
    port: int | None = None,
    *,
    ssl: object = None,
    server_hostname: str | None = None,
    local_addr: object = None,
    **options: Any,
) -> tuple[Wire, asyncio.BaseProtocol]:
    """As `asyncio.loop.create_connection`; raises `NotInPages` for what a page cannot do."""
    for name, value in options.items():
        if name not in HAVE_NO_EFFECT and value is not None:
            raise NotInPages(f"a page has no sockets of its own: {name} cannot be used")
    if not host or port is None:
        raise NotInPages("a page connects to a host and a port")
    refuse_own_tls(ssl)
    refuse_source("local_addr", local_addr)
    if ssl:
        refuse_other_name(host, server_hostname)
    protocol = protocol_factory()
    wire = Wire(protocol, host, port, bool(ssl), current())
    await asyncio.sleep(0)  # as one that has to connect: others get their turn
    return wire, protocol
