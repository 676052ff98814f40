"""`Hub`: puts the parts together, takes connections in, and looks after them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from .._pure import protocol
from ..codes import FORBIDDEN, SERVICE_RESTART, TOO_SLOW, TRY_AGAIN_LATER
from . import frames
from .access import Access, Authenticate, Authorize
from .budget import Budgets
from .connection import Connection
from .functions import Functions
from .handlers import Handlers, check_event
from .injection import Function, Injector
from .metrics import Metrics
from .outlet import Flusher
from .page import PageConnection, Request
from .requests.handler import Handler
from .rooms import Rooms
from .services import Services
from .settings import Settings
from .sockets import AnyConnection, Socket, socket_for
from .stores import CONNECTION, EVERYBODY, USER, Publish, Session, Store, StoreUnavailable
from .stores.memory import MemoryStore

F = TypeVar("F", bound=Function)

log = logging.getLogger("browserws.server")

TICK = 1  # seconds between two checks of the idle timeouts
REFRESH_TICKS = 15  # ticks between two refreshes of the sessions, at most
KEY_ID = 1  # the id of a publish that a program names by a key


class Hub:
    """Serves `Channels`. Use `serve(hub, host, port)`, or `handle` as the handler of a server of your own
    between `start()` and `stop()` (or in an `async with`).

    `authenticate` and `authorize` are described in `access.Access`; `store` is a `MemoryStore` or a
    `stores.redis.RedisStore`. `state` is whatever the program wants its handlers to share, and `provide` is more of
    that, by name.

    Handlers are added with `on`, in the order in which they are called, before pages connect. A parameter of theirs
    gets what has its type or its name: of the event (`handlers.EVENTS`), and of what the hub was given: `hub`, `state`,
    what was provided, and what `factory` makes. They are functions, also async; each has to end within
    `Settings.handler_timeout`.
    """

    def __init__(
        self,
        *,
        authenticate: Authenticate | None = None,
        authorize: Authorize | None = None,
        store: Store | None = None,
        settings: Settings | None = None,
        state: object = None,
        provide: Mapping[str, object] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self._injector = Injector()
        for name, value in {"hub": self, "state": state, **(provide or {})}.items():
            self._injector.provide(name, value)
        asked = authenticate and self._injector.plan(authenticate, {"request": Request}, given=1)
        self.access = Access(asked, authorize, self.settings)
        self.store: Store = store or MemoryStore()
        self.budgets = Budgets(self.settings, time.monotonic)
        self.metrics = Metrics(self.budgets.slowed)
        self.flusher = Flusher(self.settings.max_queues)
        self.connections: set[Connection] = set()
        self.is_draining = False
        self.is_cut_off = False  # from its store
        self.handlers = Handlers(self._injector, self.settings, self.metrics)
        self.functions = Functions(self._injector)
        self.rooms = Rooms(self.store, self.metrics, self._disconnect, self._deliver)
        self._services = Services(
            self.settings,
            self.access,
            self.store,
            self.rooms,
            self.budgets,
            self.metrics,
            self.flusher,
            self.handlers,
            self.functions,
        )
        self._ticking: asyncio.Task[None] | None = None

    # --- what the program adds ---

    def on(self, event: str) -> Callable[[F], F]:
        """A decorator: the function is called at "connect", "join", "publish", "leave" or "disconnect". Where it raises
        `Refused` in the first three, the page gets its reason, and may not. What `publish` handlers can do:
        `page.Message`.

        Raises `ValueError` for another event, `TypeError` for a parameter that cannot be had.
        """

        check_event(event)

        def add(function: F) -> F:
            self.handlers.add(event, function)
            return function

        return add

    def call(self, name: str) -> Callable[[F], F]:
        """A decorator: pages call the function by this name (`Channels.call`). They give the parameters that cannot be
        injected, by name; what they send may be of any type of JSON. They get what it returns: what JSON can express,
        or bytes; or, if it is a generator, sync or async, what it yields.

        It may raise `Refused`. Of any other exception pages learn only that there was one. It ends when its page has
        gone, and, unless it is a generator, within `Settings.call_timeout`.

        Raises `ValueError` for a name that is taken or cannot be one, `TypeError` for a parameter that nobody can give.
        """

        def add(function: F) -> F:
            self.functions.add(name, function)
            return function

        return add

    def factory(self, function: F) -> F:
        """A decorator: who has a parameter of its name, or of the class that it says it returns, gets what it returns.
        It is called once for each call of a handler; a generator goes on behind its `yield` when the handler has ended,
        where an exception of the handler is raised, too.
        """
        self._injector.add_factory(function.__name__, function)
        return function

    def provide(self, name: str, value: object) -> None:
        """Whoever has a parameter of that name, or of the value's class, gets the value."""
        self._injector.provide(name, value)

    # --- its life ---

    async def start(self) -> None:
        await self.store.start(self.rooms, self.settings)
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Close all connections with 1012 (clients reconnect, to another process or a later one) and wait."""
        self.is_draining = True
        for connection in list(self.connections):
            connection.close_soon(SERVICE_RESTART, "the hub restarts")
        closing = [connection.closing for connection in self.connections if connection.closing is not None]
        if closing:
            await asyncio.wait(closing, timeout=self.settings.drain_timeout)
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        await self.rooms.stop(self.settings.drain_timeout)
        await self.store.stop()

    async def __aenter__(self) -> Hub:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._ticking is not None

    @property
    def why_not(self) -> str:
        """Why no client can be served now, "" if one can."""
        if self.is_draining:
            return "the hub is about to stop"
        return "the hub cannot reach its store" if self.is_cut_off else ""

    async def handle(self, connection: AnyConnection) -> None:
        """The handler of a connection, as `websockets.serve` calls it."""
        await self.serve(socket_for(connection))

    async def serve(self, socket: Socket) -> None:
        """As `handle`, for what knows itself how the hub uses it."""
        if not self.access.allows_page(socket.headers):
            await socket.close(FORBIDDEN, "pages of this origin may not connect")
            return
        is_full = len(self.connections) >= self.settings.max_connections
        if self.why_not or is_full:
            await socket.close(TRY_AGAIN_LATER, self.why_not or "the hub is full")
            return
        served = Connection(self._services, socket)
        self.connections.add(served)
        self.metrics.connections = len(self.connections)
        try:
            await Handler(served).run()
        finally:
            self.connections.discard(served)
            self.metrics.connections = len(self.connections)
            self.rooms.leave_all(served.outlet, 0 if self.is_draining else self.settings.presence_grace)
            await served.departures.idle()
            if served.is_connected:
                await self.handlers.emit("disconnect", served.page)

    async def publish(self, channel: str, data: object, *, user: str | None = None, key: str | None = None) -> int:
        """Publish from this program, as `user` or nobody: what JSON can express, or bytes. The offset.

        With a `key` it can be published again after `StoreUnavailable`: the same key is published once in a channel, as
        long as the hub remembers it (`Settings.remembered`).

        Raises `TypeError` and `ValueError` for what cannot be published, `StoreUnavailable`.
        """
        protocol.check_channel(channel)
        if user is not None:
            protocol.check_user(user)
        payload = frames.payload_of(data)
        session = None if key is None else Session(f"key:{key}", 1)
        publish = Publish(channel, user, round(time.time() * 1000), payload, session, KEY_ID)
        (published,) = await self.store.publish([publish])
        if not published.offset:
            raise StoreUnavailable("the store takes no more channels")
        return published.offset

    async def members(self, channel: str) -> list[str]:
        """The users who have joined a channel with `presence`, in all processes, sorted.

        Raises `StoreUnavailable`.
        """
        protocol.check_channel(channel)
        return sorted(await self.store.members(channel))

    async def broadcast(self, data: object) -> None:
        """Send what JSON can express, or bytes, to all pages, in all processes: a `message` event of their `Channels`.

        As `send` and `send_to` it is for who is connected at this moment, and it is not kept: what must not be lost is
        published, to a channel or to the inbox of a user (`"@ada"`). Raises `TypeError` and `ValueError` for what
        cannot be sent, `StoreUnavailable`.
        """
        await self.store.send(EVERYBODY, "", frames.payload_of(data))

    async def send(self, user: str, data: object) -> None:
        """As `broadcast`, to all connections of a user."""
        protocol.check_user(user)
        await self.store.send(USER, user, frames.payload_of(data))

    async def send_to(self, connection: PageConnection | str, data: object) -> None:
        """As `broadcast`, to one connection, or the one that has this `id`, in whatever process it is."""
        name = connection if isinstance(connection, str) else connection.id
        await self.store.send(CONNECTION, name, frames.payload_of(data))

    async def disconnect(self, user: str, reason: str = "") -> None:
        """Close all connections of a user with 4403, in all processes. `authenticate` says whether they may reconnect.

        Raises `StoreUnavailable`.
        """
        await self.store.remove("", user, reason)

    async def remove(self, user: str, channel: str, reason: str = "") -> None:
        """Remove a user from a channel, in all processes. Whether they may join again is for `authorize` to say.

        Raises `StoreUnavailable`.
        """
        protocol.check_channel(channel)
        await self.store.remove(channel, user, reason)

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def _disconnect(self, user: str, reason: str) -> None:
        for connection in list(self.connections):
            if connection.user == user:
                connection.close_soon(FORBIDDEN, reason or "disconnected")

    def _deliver(self, whom: str, name: str, payload: str | bytes) -> None:
        frame = frames.direct(payload).for_all()
        for connection in self.connections:
            page = connection.page
            if not page.is_welcome:
                continue
            if whom == EVERYBODY or name == (page.user if whom == USER else page.id):
                page.write(frame)
                self.metrics.delivered += 1

    # --- every second ---

    async def _tick(self) -> None:
        refresh_ticks = max(1, min(REFRESH_TICKS, int(self.settings.session_ttl / 4 / TICK)))
        ticks = 0
        while True:
            await asyncio.sleep(TICK)
            ticks += 1
            self._close_idle()
            self._check_store()
            if ticks % refresh_ticks == 0:
                self.budgets.forget_unused()
                try:
                    await self.store.keep_sessions([one.session.name for one in self.connections if one.session])
                except StoreUnavailable:
                    pass  # they expire later than that

    def _check_store(self) -> None:
        """When it has not answered for too long, close all connections: clients may find a hub that reaches it."""
        was_cut_off, self.is_cut_off = self.is_cut_off, self.store.silent_for() > self.settings.store_timeout
        if self.is_cut_off == was_cut_off:
            return
        if not self.is_cut_off:
            log.warning("the store can be reached again")
            return
        log.error("the store has not answered for %g s: all connections are closed", self.settings.store_timeout)
        for connection in list(self.connections):
            connection.close_soon(TRY_AGAIN_LATER, self.why_not)

    def _close_idle(self) -> None:
        now = self.now()
        for connection in list(self.connections):
            if connection.is_idle(now):
                connection.close_soon(TOO_SLOW, "the client was idle for too long")
