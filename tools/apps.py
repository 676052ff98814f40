"""Servers of the demos that are no part of browserws: an application of aiohttp, on the port of the others.

The `websockets` library's server has the port. Its connections begin as a `Switch`, which hands those for the
application to aiohttp by the path of their first request, in the same process and on the same socket.
"""

import asyncio

from aiohttp import web
from websockets.asyncio.server import ServerConnection

LONGEST_LINE = 8192  # bytes, as in `websockets`
PATIENCE = 10  # seconds for the first line, as `websockets` has for the handshake


class Switch(asyncio.Protocol):
    """A connection until its first line is there; then the protocol that `choose(path)` returns has it for good.

    If `choose` returns None, the connection is cut.
    """

    def __init__(self, choose):
        self._choose = choose
        self._data = b""

    def connection_made(self, transport):
        self._transport = transport
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, transport.abort)

    def data_received(self, data):
        self._data += data
        if b"\n" not in self._data and len(self._data) < LONGEST_LINE:
            return
        self._timer.cancel()
        words = self._data.split(b"\n")[0].split(b" ")  # GET /path HTTP/1.1
        chosen = self._choose(words[1].decode("latin-1") if len(words) > 1 else "")
        if chosen is None:
            self._transport.abort()
            return
        self._transport.set_protocol(chosen)
        chosen.connection_made(self._transport)
        chosen.data_received(self._data)

    def connection_lost(self, error):
        self._timer.cancel()


class Apps:
    """`apps` are functions that add something to the application, by how the paths begin at which it is served.

    `is_cut()` says whether the demos' network is down. `added` is what the functions returned, once it has started.
    """

    def __init__(self, apps, is_cut):
        self._apps = apps
        self._is_cut = is_cut

    async def start(self):
        app = web.Application()
        app.on_response_prepare.append(_close_after_it)
        self.added = {path: attach(app) for path, attach in self._apps.items()}
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()

    async def stop(self):
        await self._runner.cleanup()

    def connection(self, *arguments, **settings):
        """For `websockets.serve(create_connection=...)`."""

        def choose(path):
            if not path.startswith(tuple(self._apps)):
                return ServerConnection(*arguments, **settings)
            return None if self._is_cut() else self._runner.server()

        return Switch(choose)

    def cut(self):
        """All connections break."""
        for connection in self._runner.server.connections:
            connection.transport.abort()


async def _close_after_it(request, response):
    """A browser would use the connection again, for a path of the other server."""
    if not isinstance(response, web.WebSocketResponse):
        response.force_close()
        response.headers["Connection"] = "close"
