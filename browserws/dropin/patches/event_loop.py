"""The event loop's `create_connection`: for websockets, asyncio's streams, anyio and what stands on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..errors import NotInPages
from ..finder import Changes
from ..settings import current
from ..wire import Wire

HAVE_NO_EFFECT = {  # of how a TCP or TLS connection is made, which is the browser's business
    "family", "proto", "flags", "server_hostname", "ssl_handshake_timeout", "ssl_shutdown_timeout",
    "happy_eyeballs_delay", "interleave", "all_errors",
}  # fmt: skip


def patch(module: Any, changes: Changes) -> None:
    changes.set(module.WebLoop, "create_connection", create_connection)


async def create_connection(
    loop: asyncio.AbstractEventLoop,
    protocol_factory: Callable[[], asyncio.BaseProtocol],
    host: str | None = None,
    port: int | None = None,
    *,
    ssl: object = None,
    **options: Any,
) -> tuple[Wire, asyncio.BaseProtocol]:
    """As `asyncio.loop.create_connection`; raises `NotInPages` for what a page cannot do."""
    for name, value in options.items():
        if name not in HAVE_NO_EFFECT and value is not None:
            raise NotInPages(f"a page has no sockets of its own: {name} cannot be used")
    if not host or port is None:
        raise NotInPages("a page connects to a host and a port")
    refuse_own_tls(ssl)
    protocol = protocol_factory()
    wire = Wire(protocol, host, port, bool(ssl), current())
    await asyncio.sleep(0)  # as one that has to connect: others get their turn
    return wire, protocol


def refuse_own_tls(ssl: object) -> None:
    """Only whether there is TLS can be said, in a page."""
    if ssl not in (None, False, True):
        raise NotInPages(
            "a page cannot have an SSL context of its own: the browser verifies certificates, by its own authorities. "
            "Leave `ssl` out"
        )
