"""`Hub`: clients, rooms, and the store behind them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from typing import Any

from .._pure import json_text, protocol
from ..codes import FORBIDDEN, SERVICE_RESTART, TOO_SLOW, TRY_AGAIN_LATER
from .access import Access
from .budget import Budgets
from .client import Client
from .metrics import Metrics
from .outlet import Flusher
from .room import Room
from .settings import Settings
from .stores import Entry, Position, Publish, Session, StoreUnavailable
from .stores.memory import MemoryStore

log = logging.getLogger("browserws.server")

TICK = 1  # seconds between two looks for clients that are silent
REFRESH_TICKS = 15  # ticks between two looks at sessions, at most
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
        authenticate: Callable[[str | None], Any] | None = None,
        authorize: Callable[[str, str, str], Any] | None = None,
        store: Any = None,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.access = Access(authenticate, authorize, self.settings)
        self.store = store or MemoryStore()
        self.budgets = Budgets(self.settings, time.monotonic)
        self.metrics = Metrics(self.budgets.slowed)
        self.flusher = Flusher(self.settings.max_queues)
        self.clients: set[Client] = set()
        self.is_draining = False
        self.is_cut_off = False  # from its store
        self._rooms: dict[str, Room] = {}
        self._opening: dict[str, asyncio.Task[bool]] = {}
        self._graces: set[asyncio.TimerHandle] = set()  # of members that may come back
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ticking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.store.start(self, self.settings)
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Close all connections with 1012 (clients come back, to another process or a later one) and wait."""
        self.is_draining = True
        for client in list(self.clients):
            client.close_soon(SERVICE_RESTART, "the hub restarts")
        closing = [client._closing for client in self.clients if client._closing is not None]
        if closing:
            await asyncio.wait(closing, timeout=self.settings.drain_timeout)
        if self._ticking is not None:
            self._ticking.cancel()
        for handle in self._graces:
            handle.cancel()
        await self._settle_presence()
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

    async def handle(self, connection: Any) -> None:
        """The handler of a connection, as `websockets.serve` calls it."""
        request = connection.request
        if not self.access.allows_page(getattr(request, "headers", {})):
            await connection.close(FORBIDDEN, "pages of this origin may not connect")
            return
        is_full = len(self.clients) >= self.settings.max_connections
        if self.why_not or is_full:
            await connection.close(TRY_AGAIN_LATER, self.why_not or "the hub is full")
            return
        client = Client(self, connection)
        self.clients.add(client)
        self.metrics.connections = len(self.clients)
        try:
            await client.run()
        finally:
            self.clients.discard(client)
            self.metrics.connections = len(self.clients)
            for channel in list(client.rooms):
                self._leave(client, channel, self.settings.presence_grace)

    async def publish(self, channel: str, data: Any, *, user: str | None = None, key: str | None = None) -> int:
        """Publish from this program, as `user` or nobody: what JSON can express, or bytes. The offset.

        With a `key` it can be published again after `StoreUnavailable`: the same key is published once in a channel, as
        long as the hub remembers it (`Settings.remembered`).

        Raises `TypeError` and `ValueError` for what cannot be published, `StoreUnavailable`.
        """
        protocol.check_channel(channel)
        if user is not None:
            protocol.check_user(user)
        payload = data if isinstance(data, bytes) else json_text.dumps(data)
        session = None if key is None else Session(f"key:{key}", 1)
        publish = Publish(channel, user, round(time.time() * 1000), payload, session, KEY_ID)
        (published,) = await self.store.publish([publish])
        if not published.offset:
            raise StoreUnavailable("the store takes no more channels")
        return int(published.offset)

    async def disconnect(self, user: str, reason: str = "") -> None:
        """Close all connections of a user with 4403, in all processes. `authenticate` says whether they may come back.

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

    # --- rooms ---

    async def room(self, channel: str, may_be_made: bool = True) -> tuple[Room, bool]:
        """The room of a channel, and whether it is new; the store is asked once, however many want to enter.
        `ChannelRefused`.
        """
        is_new = False
        while channel not in self._rooms:
            opening = self._opening.get(channel)
            if opening is not None:
                await asyncio.wait([opening])  # what comes of it is for who began it
                continue
            opening = self._opening[channel] = asyncio.create_task(self._open_room(channel, may_be_made))
            is_new = await opening
        return self._rooms[channel], is_new

    async def _open_room(self, channel: str, may_be_made: bool) -> bool:
        try:
            position, is_new = await self.store.listen(channel, may_be_made)
            self._rooms[channel] = Room(channel, position)
            self.metrics.channels = len(self._rooms)
            return is_new
        finally:
            del self._opening[channel]

    def enter(self, client: Client, room: Room, presence: bool) -> None:
        """The client is there; it gets messages when it has what it missed (`Room.add`)."""
        room.entering.add(client.outlet)
        client.rooms[room.channel] = room
        if presence:
            client.seen_in.add(room.channel)
            room.members[client.user] = room.members.get(client.user, 0) + 1

    def leave_room(self, client: Client, channel: str) -> None:
        self._leave(client, channel, 0)

    def _leave(self, client: Client, channel: str, grace: float) -> None:
        room = client.rooms.pop(channel)
        room.remove(client.outlet)
        if channel in client.seen_in:
            client.seen_in.discard(channel)
            if grace and not self.is_draining:
                self._after(grace, self._unsee, room, client.user)
            else:
                self._unsee(room, client.user)
        else:
            self.close_room_if_empty(room)

    def _after(self, seconds: float, callback: Callable[..., None], *arguments: Any) -> None:
        def call() -> None:
            self._graces.discard(handle)
            callback(*arguments)

        handle = asyncio.get_running_loop().call_later(seconds, call)
        self._graces.add(handle)

    def _unsee(self, room: Room, user: str) -> None:
        """One client less of that user; the last one is news."""
        room.members[user] -= 1
        if room.members[user] == 0:
            del room.members[user]
            self._in_background(self._store_leave(room.channel, user))
        self.close_room_if_empty(room)

    def check_presence(self, channel: str, user: str) -> None:
        """The store may say that a user is here who is not any more."""
        self._in_background(self._store_leave(channel, user))

    async def _store_leave(self, channel: str, user: str) -> None:
        if user in self.members_here(channel):
            return  # back already
        try:
            await self.store.leave(channel, user)
        except StoreUnavailable:
            pass  # it compares who is here when it can be reached again

    def close_room_if_empty(self, room: Room) -> None:
        if room.is_empty and self._rooms.get(room.channel) is room:
            del self._rooms[room.channel]
            self.metrics.channels = len(self._rooms)
            self._in_background(self._forget(room.channel))

    async def _forget(self, channel: str) -> None:
        if channel not in self._rooms:
            await self.store.forget(channel)

    async def _settle_presence(self) -> None:
        """Nobody is here any more."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=self.settings.drain_timeout)
        for room in list(self._rooms.values()):
            for user in list(room.members):
                try:
                    await self.store.leave(room.channel, user)
                except StoreUnavailable:
                    return  # the other processes will notice

    # --- what the store tells ---

    def on_entry(self, channel: str, entry: Entry) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            self.metrics.delivered += room.add_entry(entry)

    def on_reset(self, channel: str, position: Position) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            room.reset(position)

    def on_presence(self, channel: str, come: list[str], gone: list[str]) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            room.add_presence(come, gone)

    def on_members(self, channel: str, members: Collection[str]) -> None:
        room = self._rooms.get(channel)
        if room is not None:
            room.set_members(members)

    def on_removed(self, channel: str, user: str, reason: str) -> None:
        for client in list(self.clients):
            if client.user == user:
                if channel:
                    client.remove_from(channel, reason)
                else:
                    client.close_soon(FORBIDDEN, reason or "disconnected")

    def channels_with_members(self) -> list[str]:
        return [room.channel for room in self._rooms.values() if room.members]

    def members_here(self, channel: str) -> Collection[str]:
        room = self._rooms.get(channel)
        return () if room is None else room.members.keys()

    # --- now and then ---

    async def _tick(self) -> None:
        refresh_ticks = max(1, min(REFRESH_TICKS, int(self.settings.session_ttl / 4 / TICK)))
        ticks = 0
        while True:
            await asyncio.sleep(TICK)
            ticks += 1
            self._close_silent()
            self._look_at_store()
            if ticks % refresh_ticks == 0:
                self.budgets.forget_unused()
                try:
                    await self.store.keep_sessions([client.session.name for client in self.clients if client.session])
                except StoreUnavailable:
                    pass  # they live for longer than that

    def _look_at_store(self) -> None:
        """A hub that hears nothing of its store has nothing to say: its clients may find another one that does."""
        was_cut_off, self.is_cut_off = self.is_cut_off, self.store.silent_for() > self.settings.store_timeout
        if self.is_cut_off == was_cut_off:
            return
        if not self.is_cut_off:
            log.warning("the store can be reached again")
            return
        log.error("nothing was heard of the store for %g s: all clients are sent away", self.settings.store_timeout)
        for client in list(self.clients):
            client.close_soon(TRY_AGAIN_LATER, self.why_not)

    def _close_silent(self) -> None:
        now = self.now()
        for client in list(self.clients):
            if client.is_idle(now):
                client.close_soon(TOO_SLOW, "the client was idle for too long")

    def _in_background(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
