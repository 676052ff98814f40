"""`Hub`: puts the parts together, takes connections in, and looks after them."""

from __future__ import annotations

import asyncio
import logging
import time

from .._pure import json_text, protocol
from ..codes import FORBIDDEN, SERVICE_RESTART, TOO_SLOW, TRY_AGAIN_LATER
from .access import Access, Authenticate, Authorize
from .budget import Budgets
from .connection import Connection
from .metrics import Metrics
from .outlet import Flusher
from .requests.handler import Handler
from .rooms import Rooms
from .services import Services
from .settings import Settings
from .sockets import PlainConnection, socket_for
from .stores import Publish, Session, Store, StoreUnavailable
from .stores.memory import MemoryStore

log = logging.getLogger("browserws.server")

TICK = 1  # seconds between two checks of the idle timeouts
REFRESH_TICKS = 15  # ticks between two refreshes of the sessions, at most
KEY_ID = 1  # the id of a publish that a program names by a key


class Hub:
    """Serves `Channels`. Use `serve(hub, host, port)`, or `handle` as the handler of a server of your own
    between `start()` and `stop()` (or in an `async with`).

    `authenticate` and `authorize` are described in `access.Access`; `store` is a `MemoryStore` or a
    `stores.redis.RedisStore`.
    """

    def __init__(
        self,
        *,
        authenticate: Authenticate | None = None,
        authorize: Authorize | None = None,
        store: Store | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.access = Access(authenticate, authorize, self.settings)
        self.store: Store = store or MemoryStore()
        self.budgets = Budgets(self.settings, time.monotonic)
        self.metrics = Metrics(self.budgets.slowed)
        self.flusher = Flusher(self.settings.max_queues)
        self.connections: set[Connection] = set()
        self.is_draining = False
        self.is_cut_off = False  # from its store
        self.rooms = Rooms(self.store, self.metrics, self._disconnect)
        self._services = Services(
            self.settings, self.access, self.store, self.rooms, self.budgets, self.metrics, self.flusher
        )
        self._ticking: asyncio.Task[None] | None = None

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
        await self.rooms.stop(self.settings.drain_timeout)
        await self.store.stop()

    async def __aenter__(self) -> Hub:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    @property
    def why_not(self) -> str:
        """Why no client can be served now, "" if one can."""
        if self.is_draining:
            return "the hub is about to stop"
        return "the hub cannot reach its store" if self.is_cut_off else ""

    async def handle(self, connection: PlainConnection) -> None:
        """The handler of a connection, as `websockets.serve` calls it."""
        socket = socket_for(connection)
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

    async def publish(self, channel: str, data: object, *, user: str | None = None, key: str | None = None) -> int:
        """Publish from this program, as `user` or nobody: what JSON can express, or bytes. The offset.

        With a `key` it can be published again after `StoreUnavailable`: the same key is published once in a channel, as
        long as the hub remembers it (`Settings.remembered`).

        Raises `TypeError` and `ValueError` for what cannot be published, `StoreUnavailable`.
        """
        protocol.check_channel(channel)
        if user is not None:
            protocol.check_user(user)
        payload = bytes(data) if isinstance(data, (bytes, bytearray, memoryview)) else json_text.dumps(data)
        session = None if key is None else Session(f"key:{key}", 1)
        publish = Publish(channel, user, round(time.time() * 1000), payload, session, KEY_ID)
        (published,) = await self.store.publish([publish])
        if not published.offset:
            raise StoreUnavailable("the store takes no more channels")
        return published.offset

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
