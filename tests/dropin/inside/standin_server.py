"""What a server has to do that browsers are to connect to, and what the servers of some suites do not."""

import aiohttp.web
import anyio
import websockets.server
from standin_network import unix_paths

SUBPROTOCOLS = ("graphql-ws", "graphql-transport-ws")


def choose_subprotocols():
    """A browser gives up where none is chosen of those that it has offered: let them choose the first."""
    of_websockets = websockets.server.ServerProtocol.select_subprotocol
    of_aiohttp = aiohttp.web.WebSocketResponse.__init__

    def select_subprotocol(self, offered):
        return of_websockets(self, offered) or (offered[0] if offered else None)

    def __init__(self, *arguments, protocols=(), **options):
        of_aiohttp(self, *arguments, protocols=protocols or SUBPROTOCOLS, **options)

    websockets.server.ServerProtocol.select_subprotocol = select_subprotocol
    aiohttp.web.WebSocketResponse.__init__ = __init__


def answer_by_name(host):
    """Let those on a unix socket be found by the name that the suite calls them."""

    async def connect_unix(path):
        unix_paths[host] = path
        return await anyio.connect_tcp("127.0.0.1", 80)

    anyio.connect_unix = connect_unix
