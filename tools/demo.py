"""Serves the demos and their servers on one port:  python -m tools.demo [PORT]"""

import asyncio
import signal
import sys

from browserws.server import Hub, Settings
from demo.graphql import server as graphql
from demo.socketio import server as socketio

from . import notebook
from .apps import Apps
from .docs import SITE
from .example import programs
from .foreign import FOREIGN
from .moody import Moody
from .overview import Overview, count
from .paths import DEMOS, ROOT, RUNTIMES
from .runtimes import runtimes
from .server import Site
from .ticker import Ticker


class DemoSite(Site):
    """The pages, the hub with what publishes prices on it and the programs of examples/, the server that
    misbehaves, and those of other libraries.
    """

    def __init__(self, port=0):
        self.hub = Hub(settings=Settings(rate=1000, presence_grace=2, max_message=256 * 1024))
        self._programs = {"live": Ticker(self.hub), **programs(self.hub)}
        self._refuses_until = 0.0
        self._apps = Apps({"/socket.io/": socketio.attach, graphql.PATH: graphql.attach}, self._is_cut)
        moody = Moody()
        paths = {"/hub": self.hub.handle, Moody.PATH: moody.serve}
        super().__init__(
            {
                **RUNTIMES,
                **notebook.mounts(),
                "/foreign/": FOREIGN,
                "/docs/": SITE,
                "/examples/": ROOT / "examples",
                **DEMOS,
            },
            lambda connection: paths.get(connection.request.path, echo)(connection),
            port=port,
            refuses=lambda path: moody.refuses(path) or (path == "/hub" and self._is_cut()),
            values={"/runtimes.json": {**runtimes(), "demos": True}, **notebook.values()},
            create_connection=self._apps.connection,
        )

    async def start(self):
        await self.hub.start()
        await self._apps.start()
        await super().start()
        overview = Overview(
            self.hub,
            {
                "live": self._programs["live"].now,
                "socketio": self._apps.added["/socket.io/"].now,
                "graphql": self._apps.added[graphql.PATH].now,
                "game": lambda: count(len(self._programs["game"].players), "player"),
            },
        )
        self._running = [asyncio.create_task(program.run()) for program in (overview, *self._programs.values())]

    async def stop(self):
        for task in self._running:
            task.cancel()
        await self.hub.stop()
        await self._apps.stop()
        await super().stop()

    async def cut(self, seconds=0):
        """All lines to the hub and to the servers of other libraries break, and for so long there are no others."""
        self._refuses_until = asyncio.get_running_loop().time() + seconds
        for connection in list(self.hub.connections):
            connection.abort()
        self._apps.cut()

    def _is_cut(self):
        return asyncio.get_running_loop().time() < self._refuses_until


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main(port):
    site = DemoSite(port)
    try:
        await site.start()
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}): try another, as in  make demo PORT=8123")
    print(f"The demos are at {site.url('/')}   (Ctrl-C ends)", flush=True)
    if SITE.is_dir():
        print(f"The documentation is at {site.url('/docs/')}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await site.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 8000))
