"""The hub: the server that `Channels`, `ChatClient` and `LiveDataClient` speak to (PROTOCOL.md).

    python -m browserws.server --port 8765

or in a program of your own, alone or beside what else its server does:

    from browserws.server import Hub, serve

    hub = Hub(authenticate=check_token)
    async with serve(hub, "localhost", 8765):
        await hub.publish("news", {"text": "the hub is up"})
        await asyncio.get_running_loop().create_future()

Needs `pip install "browserws[server]"`; CPython only.

Its parts; each imports only from those that stand before it here (tests/server/test_layers.py):

    settings.py  outcomes.py         what is allowed; how a request ends other than by an answer
    injection.py                     arguments for what a program gives to the hub
    stores/                          what is kept: channels, sessions, members; in memory or in Redis
    metrics.py  frames.py            what is counted; what goes out
    page.py                          what a program sees of a page
    access.py  budget.py             who may do what, and what it may cost
    handlers.py  functions.py        what a program does at events; what pages call
    quick_handshake.py               opening handshakes as browsers send them
    metered.py  outlet.py            what comes is counted, what goes is bounded
    sockets.py                       what the hub needs of a connection, whichever server it comes from
    membership.py  room.py           one client in one channel; one channel in this process
    rooms.py                         which client is in which room
    services.py  connection.py       what connections share; one of them
    publisher.py  requests/          the queue of one client's publishes; what answers each request
    hub.py                           puts it all together
    answers.py  demo.py              what HTTP requests get; the chat page of --demo
    adapters/                        the hub in ASGI, aiohttp and Robyn, and over picows
    serving.py  __main__.py          the hub on a port of its own, and from the command line
    robyn/                           no hub: Robyn's WebSockets as they were (docs/how-to/robyn.md)
"""

from .access import Unauthorized, User
from .hub import Hub
from .outcomes import Refused
from .page import Message, PageConnection, Request
from .serving import serve
from .settings import Settings
from .stores import StoreUnavailable
from .stores.memory import MemoryStore

__all__ = [
    "Hub",
    "MemoryStore",
    "Message",
    "PageConnection",
    "Refused",
    "Request",
    "Settings",
    "StoreUnavailable",
    "Unauthorized",
    "User",
    "serve",
]
