"""The hub: the server that `Channels`, `ChatClient` and `LiveDataClient` speak to (PROTOCOL.md).

    python -m browserws.server --port 8765

or in a program of your own, alone or beside what else its server does:

    from browserws.server import Hub, serve

    hub = Hub(authenticate=check_token)
    async with serve(hub, "localhost", 8765):
        await hub.publish("news", {"text": "the hub is up"})
        await asyncio.get_running_loop().create_future()

Needs `pip install "browserws[server]"`; CPython only.
"""

from .access import Unauthorized, User
from .hub import Hub
from .serving import serve
from .settings import Settings
from .stores import StoreUnavailable
from .stores.memory import MemoryStore

__all__ = ["Hub", "MemoryStore", "Settings", "StoreUnavailable", "Unauthorized", "User", "serve"]
