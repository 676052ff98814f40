"""One connection: its hello, its requests one after the other (publishes go together), its end."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed

from .._pure import protocol
from ..codes import BAD_MESSAGE, INTERNAL_ERROR, TOO_SLOW, UNAUTHORIZED
from ..errors import ConnectionClosed as FakeConnectionClosed  # of browserws.testing
from ..errors import ProtocolViolation, UnknownChannel
from . import frames, requests
from .access import Unauthorized
from .outlet import Outlet, PlainWire, Wire
from .publisher import Publisher
from .store import Position, Publish, Session, StoreUnavailable, Superseded

if TYPE_CHECKING:
    from .hub import Hub
    from .room import Room

log = logging.getLogger("browserws.server")


class Refused(Exception):
    """A request that gets an error message for an answer: its code and reason."""


class Gone(Exception):
    """Nobody waits for the answer any more."""


class Ended(Exception):
    """The connection is to be closed: the code and the reason."""


class Client:
    def __init__(self, hub: Hub, connection: Any) -> None:
        self.hub = hub
        self.connection = connection
        wire: Wire | PlainWire = Wire(connection) if hasattr(connection, "protocol") else PlainWire(connection)
        self.outlet = Outlet(hub.flusher, wire, hub.settings.max_queue, self._too_slow)
        self.publisher = Publisher(self._publish)
        self.user = ""
        self.session: Session | None = None
        self.rooms: dict[str, Room] = {}
        self.seen_in: set[str] = set()  # channels that it joined with presence
        self.deadline = hub.now() + hub.settings.handshake_timeout  # for its next frame
        self._tokens = hub.settings.rate
        self._filled_at = hub.now()
        self._expiry: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until the connection ends, one way or the other."""
        try:
            await self._say_hello(await self._receive())
            while True:
                await self._answer(await self._receive())
        except (ConnectionClosed, FakeConnectionClosed, Gone):
            pass  # as it may at any time
        except Ended as end:
            await self.close(*end.args)
        except ProtocolViolation as violation:
            self.hub.metrics.violations += 1
            await self.close(BAD_MESSAGE, str(violation))
        except Exception:
            log.exception("a client's request failed", extra={"user": self.user})
            await self.close(INTERNAL_ERROR, "the hub failed")
        finally:
            self.outlet.close()
            if self._expiry is not None:
                self._expiry.cancel()
        await self.publisher.idle()  # what has come counts

    async def close(self, code: int, reason: str) -> None:
        """Close, whether the client answers or not. Whoever is first says why."""
        self.close_soon(code, reason)
        if self._closing is not None:
            await asyncio.wait([self._closing])

    def close_soon(self, code: int, reason: str) -> None:
        """The same from where one cannot wait. The task that receives ends with it."""
        if self._closing is None and not self._is_gone():
            self._closing = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: int, reason: str) -> None:
        self.outlet.flush()
        self.outlet.close()
        self.hub.metrics.closes[str(code)] += 1
        log.info("close", extra={"user": self.user, "code": code, "reason": reason})
        try:
            async with asyncio.timeout(self.hub.settings.close_timeout):
                await self.connection.close(code, reason.encode()[:120].decode(errors="ignore"))
        except TimeoutError:
            self.connection.transport.abort()

    def _is_gone(self) -> bool:
        return self.connection.close_code is not None

    def send(self, message: dict[str, Any]) -> None:
        self.outlet.write(frames.of(message))

    # --- one frame after the other ---

    async def _receive(self) -> dict[str, Any]:
        frame = await self.connection.recv()
        now = self.hub.now()
        self.deadline = now + self.hub.settings.idle_timeout
        self.hub.metrics.received += 1
        await self._slow_down(now)
        message = requests.decode(frame)
        protocol.check_request(message)
        return message

    async def _slow_down(self, now: float) -> None:
        """A bucket of tokens. A client that is too quick is not refused but read more slowly."""
        rate = self.hub.settings.rate
        self._tokens = min(rate, self._tokens + (now - self._filled_at) * rate) - 1
        self._filled_at = now
        if self._tokens < 0:
            self.hub.metrics.slowed += 1
            await asyncio.sleep(-self._tokens / rate)

    async def _say_hello(self, hello: dict[str, Any]) -> None:
        if hello["type"] != "hello":
            raise ProtocolViolation("the first message is hello")
        if hello["v"] != protocol.VERSION:
            raise ProtocolViolation(f"this hub speaks version {protocol.VERSION}")
        try:
            async with asyncio.timeout(self.hub.settings.handshake_timeout):
                user = await self.hub.access.user_of(hello)
        except Unauthorized as error:
            raise Ended(UNAUTHORIZED, str(error)) from None
        self.user = user.name
        if user.expires is not None:
            left = max(0, user.expires - time.time())
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(left, self.close_soon, UNAUTHORIZED, "the token has expired")
        try:
            self.session, resumed = await self.hub.store.open_session(hello.get("session"), self.user)
        except StoreUnavailable:
            raise Ended(1013, "the hub's store cannot be reached: try again later") from None
        self.send(
            {
                "type": "welcome",
                "v": protocol.VERSION,
                "user": self.user,
                "session": self.session.name,
                "resumed": resumed,
                "max_message": self.hub.settings.max_message,
            }
        )

    async def _answer(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "ping":
            self.send({"type": "pong"})
            return
        try:
            if kind != "publish":
                await self.publisher.idle()
            if kind == "hello":
                raise ProtocolViolation("hello comes once")
            await getattr(self, "_do_" + kind)(message)
        except Refused as refused:
            code, reason = refused.args
            self.hub.metrics.refused[code] += 1
            self.send(
                {"type": "error", "id": message["id"], "channel": message["channel"], "code": code, "reason": reason}
            )

    # --- requests ---

    async def _do_join(self, message: dict[str, Any]) -> None:
        channel = message["channel"]
        await self._check(channel, "join")
        if channel in self.rooms:
            self.hub.leave_room(self, channel)
        if len(self.rooms) >= self.hub.settings.max_channels:
            raise Refused(protocol.TOO_MANY, f"a client joins at most {self.hub.settings.max_channels} channels")
        presence = message.get("presence", False)
        room = await self._patiently(self.hub.room, channel)
        self.hub.enter(self, room, presence)
        if presence:
            await self._patiently(self.hub.store.enter, channel, self.user)
            self._check_still_in(room)
        here, is_known = Position(room.epoch, room.offset), True
        reached = here.offset
        if "since" in message:
            asked = Position(message["since"]["epoch"], message["since"]["offset"])
            here, is_known = await self._patiently(self.hub.store.since, channel, asked)
            reached = asked.offset if is_known else here.offset
        answer = {"type": "joined", "id": message["id"], "channel": channel, "epoch": here.epoch, "offset": here.offset}
        if not is_known:
            answer["gap"] = True
        if presence:
            answer["members"] = await self._patiently(self.hub.store.members, channel)
        self._check_still_in(room)
        self.send(answer)
        await self._catch_up(channel, reached, here.offset)
        room.complete(self.outlet, here.offset, message.get("conflate", False))

    async def _catch_up(self, channel: str, after: int, up_to: int) -> None:
        """What it missed, no faster than it takes it. (What is trimmed meanwhile, it misses in the offsets.)"""
        while after < up_to:
            entries = await self._patiently(self.hub.store.between, channel, after, up_to)
            if not entries:
                return
            for entry in entries:
                self.outlet.write(frames.of_entry(channel, entry))
            after = entries[-1].offset
            self.hub.metrics.recovered += len(entries)
            await self.outlet.ready()

    async def _do_leave(self, message: dict[str, Any]) -> None:
        if message["channel"] in self.rooms:
            self.hub.leave_room(self, message["channel"])
        self.send({"type": "left", "id": message["id"], "channel": message["channel"]})

    async def _do_publish(self, message: dict[str, Any]) -> None:
        channel = message["channel"]
        if channel not in self.rooms and not protocol.is_inbox(channel):
            await self._refuse_unless_repeat(message)
            return
        await self._check(channel, "publish")
        now = round(time.time() * 1000)
        await self.publisher.add(Publish(channel, self.user, now, message["data"], self.session, message["id"]))

    async def _publish(self, publishes: list[Publish]) -> bool:
        try:
            answers = await self._patiently(self.hub.store.publish, publishes)
        except Gone:
            return False
        except Superseded:
            self.close_soon(BAD_MESSAGE, "the session goes on on another connection")
            return False
        except Exception:
            log.exception("publishing failed", extra={"user": self.user})
            self.close_soon(INTERNAL_ERROR, "the hub failed")
            return False
        self.hub.metrics.published += len(publishes)
        for publish, published in zip(publishes, answers, strict=True):
            answer = {"type": "ack", "id": publish.number, "epoch": published.epoch, "offset": published.offset}
            if published.is_repeat:
                answer["repeat"] = True
            self.send(answer)
        return True

    async def _do_history(self, message: dict[str, Any]) -> None:
        channel = message["channel"]
        self._check_joined(channel)
        limit = min(message.get("limit", protocol.HISTORY), protocol.MAX_HISTORY)
        epoch, entries = await self._patiently(self.hub.store.history, channel, limit, message.get("before"))
        self.outlet.write(requests.history(message["id"], channel, epoch, entries, self.hub.settings.max_message))

    # --- parts ---

    async def _check(self, channel: str, action: str) -> None:
        try:
            protocol.check_channel(channel)
            allowed = await self.hub.access.may(self.user, channel, action)
        except ValueError as error:
            raise Refused(protocol.BAD_REQUEST, str(error)) from None
        except UnknownChannel as error:
            raise Refused(protocol.UNKNOWN_CHANNEL, error.reason) from None
        if not allowed:
            raise Refused(protocol.NOT_ALLOWED, f"{self.user} may not {action} this channel")

    async def _refuse_unless_repeat(self, message: dict[str, Any]) -> None:
        """Not joined any more: but what was published before it left, was published."""
        await self.publisher.idle()
        offset = await self._patiently(self.hub.store.published, self.session, message["id"])
        if offset is None:
            self._check_joined(message["channel"])
        self.send({"type": "ack", "id": message["id"], "epoch": "", "offset": offset, "repeat": True})

    def _check_still_in(self, room: Room) -> None:
        """While the store was asked, the client may have been put out."""
        if self.rooms.get(room.channel) is not room:
            self.hub.check_presence(room.channel, self.user)
            raise Refused(protocol.NOT_JOINED, "put out of the channel while joining it")

    def _check_joined(self, channel: str) -> None:
        if channel not in self.rooms:
            raise Refused(protocol.NOT_JOINED, "the channel is not joined")

    async def _patiently(self, call: Any, *arguments: Any) -> Any:
        """What the store answers, when it can be reached again. The client meanwhile sends no more than it may."""
        delay = 0.05
        while True:
            try:
                return await call(*arguments)
            except StoreUnavailable:
                self.hub.metrics.unavailable += 1
                if self._is_gone():
                    raise Gone from None
            await asyncio.sleep(delay)
            delay = min(1, delay * 2)

    def _too_slow(self) -> None:
        self.close_soon(TOO_SLOW, "more waits for this client than is allowed")
