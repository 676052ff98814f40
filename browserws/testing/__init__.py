"""Test a page's code in plain CPython: a network in memory, with a server of your own behind it.

    from browserws.testing import FakeNetwork

    async def server(connection):             # written as for websockets.serve()
        async for message in connection:
            await connection.send(message)

    async def test_my_page():
        with FakeNetwork(server):
            await my_page.main()              # its WebSocket("/chat") talks to `server`

The fake passes the same conformance suite as the browsers. It has no real timing, no limits of size and no
compression.
"""

from .connection import FakeConnection
from .network import FakeNetwork

__all__ = ["FakeConnection", "FakeNetwork"]
