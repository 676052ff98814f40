"""`Robyn` and `WebSocket`: the application and its WebSockets, with the names of Robyn 0.79"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from websockets import Origin
from websockets.asyncio.server import ServerConnection, serve

from .client import Client
from .connector import WebSocketConnector
from .fanout import Fanout
from .handler import Function, Handler
from .routes import Routes
from .switchboard import Switchboard

F = TypeVar("F", bound=Function)
EVENTS = ("connect", "message", "close")


class Injecting:
    """What is given to handlers: `_names` has each value by its name, and all of them as `global_dependencies` and
    `router_dependencies`.
    """

    def __init__(self, everywhere: dict[str, object]) -> None:
        self.global_dependencies = everywhere
        self._here: dict[str, object] = {}
        both: dict[str, object] = {"global_dependencies": everywhere, "router_dependencies": self._here}
        self._names: ChainMap[str, object] = ChainMap(both, self._here, everywhere)

    def inject(self, **dependencies: object) -> None:
        """For the handlers that are added here: as `router_dependencies`, and by their names."""
        self._here.update(dependencies)

    def inject_global(self, **dependencies: object) -> None:
        """For all handlers: as `global_dependencies`, and by their names."""
        self.global_dependencies.update(dependencies)

    def _keep(self, handlers: dict[str, Handler], name: str) -> Callable[[F], F]:
        """A decorator: the function is the handler of that name."""

        def add(function: F) -> F:
            handlers[name] = Handler(function, self._names)
            return function

        return add


class Robyn(Injecting):
    """An application. `redis` is the URL of a Redis by which its processes broadcast as one; those with the same
    `prefix` belong together. Pages of `origins` may connect, all if it is None, as in Robyn. A message of more than
    `max_message` bytes closes its connection with 1009; `max_backlog` bytes may wait for one that is slow to read.
    """

    def __init__(
        self,
        file_object: str = "",
        *,
        redis: str | None = None,
        prefix: str = "robyn:",
        origins: Sequence[str] | None = None,
        max_message: int = 1024 * 1024,
        max_backlog: int = 1024 * 1024,
    ) -> None:
        super().__init__({})
        self.file_path = file_object
        self._redis = redis
        self._prefix = prefix
        self._origins = origins
        self._max_message = max_message
        self._max_backlog = max_backlog
        self._routes = Routes()

    def get(self, endpoint: str) -> Callable[[F], F]:
        """A decorator: what the function returns is the page at that path. It may take the request."""
        return self._keep(self._routes.pages, endpoint)

    def add_web_socket(self, endpoint: str, handlers: dict[str, Handler]) -> None:
        """`handlers` by event; there may come more."""
        self._routes.sockets[endpoint] = handlers

    def start(self, host: str = "127.0.0.1", port: int = 8080) -> None:
        """Serve until SIGINT or SIGTERM; port 0 is a free one. ROBYN_HOST and ROBYN_PORT come first, as in Robyn.

        Raises `TypeError` for a handler with parameters that nobody gives, and `StoreUnavailable` if Redis is away.
        """
        host = os.environ.get("ROBYN_HOST", host)
        port = int(os.environ.get("ROBYN_PORT", port))
        asyncio.run(self._run(host, port))

    async def _run(self, host: str, port: int) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with self.serving(host, port) as port:
            print(f"Robyn's old API listens on http://{host}:{port}", flush=True)
            await stop.wait()

    @asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[int]:
        """Serve in a program with an event loop of its own: gives the port. At the end connections close with 1001."""
        self._routes.check()
        async with AsyncExitStack() as stack:
            switchboard = Switchboard()
            if self._redis is not None:
                fanout = Fanout(self._redis, self._prefix, switchboard.deliver)
                stack.push_async_callback(fanout.stop)
                await fanout.start()
                switchboard.fanout = fanout
            server = await stack.enter_async_context(
                serve(
                    partial(self._serve, switchboard),
                    host,
                    port,
                    process_request=self._routes.respond,
                    origins=self._allowed(),
                    max_size=self._max_message,
                    compression=None,
                )
            )
            yield next(iter(server.sockets)).getsockname()[1]

    def _allowed(self) -> list[Origin | None] | None:
        """Programs that are no browsers send no Origin."""
        return None if self._origins is None else [None, *map(Origin, self._origins)]

    async def _serve(self, switchboard: Switchboard, connection: ServerConnection) -> None:
        assert connection.request is not None
        target = urlsplit(connection.request.path)
        client = Client(connection, self._routes.sockets[target.path], self._max_backlog)
        connector = WebSocketConnector(client, switchboard, target.path, target.query)
        switchboard.add(target.path, client)
        try:
            await client.serve(connector)
        finally:
            switchboard.remove(target.path, client)
            await client.finish(connector)


class WebSocket(Injecting):
    """A WebSocket at a path of an application."""

    def __init__(self, robyn_object: Robyn, endpoint: str) -> None:
        super().__init__(robyn_object.global_dependencies)
        self.robyn_object = robyn_object
        self.endpoint = endpoint
        self._handlers: dict[str, Handler] = {}
        robyn_object.add_web_socket(endpoint, self._handlers)

    def on(self, event: str) -> Callable[[F], F]:
        """A decorator for the handler of "connect", "message" or "close"; `ValueError` for another event.

        It may take the connector, the message, and what was injected; it may be async. A str that it returns is sent to
        the client.
        """
        if event not in EVENTS:
            raise ValueError(f"Socket method {event} does not exist: there are {', '.join(EVENTS)}")
        return self._keep(self._handlers, event)
