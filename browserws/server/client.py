"""One connection: its hello, its requests one after the other (publishes go together), its end."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed

from .._pure import protocol
from ..codes import BAD_MESSAGE, CONFLICT, INTERNAL_ERROR, TOO_SLOW, TRY_AGAIN_LATER, UNAUTHORIZED
from ..errors import ConnectionClosed as FakeConnectionClosed  # of browserws.testing
from ..errors import ProtocolViolation, UnknownChannel
from . import frames, requests, stores
from .access import Unauthorized
from .membership import Membership
from .outlet import HIGH_WATER, Outlet, PlainWire, Wire
from .publisher import Publisher
from .stores import ChannelRefused, Position, Publish, Published, Session, StoreUnavailable

if TYPE_CHECKING:
    from .hub import Hub
    from .room import Room

log = logging.getLogger("browserws.server")

REMOVED = "removed from the channel while joining it"


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
        self.deadline = hub.now() + hub.settings.handshake_timeout  # for its next frame
        self._is_counted = hasattr(connection, "budget")  # what comes is, before it is parsed
        self._budget = connection.budget if self._is_counted else hub.budgets.open(hub.access.address_of(connection))
        self._unflushed = 0  # bytes of history that were written since the client was last seen to keep up
        self._sent: list[list[int]] | None = None  # what earlier connections have sent, None if that is not known
        self._refusals: dict[int, Refused] = {}  # of publishes that may have been made before
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
            if not self._is_counted:
                self._budget.close()
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
        self._is_alive()
        self.hub.metrics.received += 1
        if not self._is_counted:
            await asyncio.sleep(max(self._budget.take("frames", 1), self._budget.take("bytes", len(frame))))
        message = requests.decode(frame)
        protocol.check_request(message)
        return message

    def is_idle(self, now: float) -> bool:
        """Whether nothing was heard for too long. After the hello, a ping counts as a sign of life."""
        heard = getattr(self.connection, "heard_at", 0) + self.hub.settings.idle_timeout if self.session else 0
        return max(self.deadline, heard) < now

    def _is_alive(self) -> None:
        self.deadline = self.hub.now() + self.hub.settings.idle_timeout

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
        if self.hub.access.authenticates:
            self._budget.belongs_to(self.user)
        if user.expires is not None:
            left = max(0, user.expires - time.time())
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(left, self.close_soon, UNAUTHORIZED, "the token has expired")
        if self._is_gone():
            raise Gone  # its page may have another connection by now: the session is that one's
        try:
            self.session, resumed = await self.hub.store.open_session(
                hello.get("session"), self.user, hello.get("connection")
            )
        except StoreUnavailable:
            raise Ended(TRY_AGAIN_LATER, "the hub's store cannot be reached: try again later") from None
        self._sent = hello.get("sent") if resumed else []
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
            self._refuse(message["id"], message["channel"], *refused.args)

    def _refuse(self, number: int, channel: str, code: str, reason: str) -> None:
        self.hub.metrics.refused[code] += 1
        self.send({"type": "error", "id": number, "channel": channel, "code": code, "reason": reason})

    # --- channels ---

    async def _do_join(self, message: dict[str, Any]) -> None:
        channel, since = message["channel"], message.get("since")
        presence, conflate = message.get("presence", False), message.get("conflate", False)
        membership = Membership(channel, self.user, self.outlet, presence=presence, conflate=conflate)
        self.hub.rooms.request(membership)
        try:
            await self._check(channel, "join")
            self._check_not_removed(membership)
            former = self.hub.rooms.membership(self.outlet, channel)
            if former is not None:
                self.hub.rooms.leave(former)
            if self.hub.rooms.count(self.outlet) >= self.hub.settings.max_channels:
                raise Refused(protocol.TOO_MANY, f"a client joins at most {self.hub.settings.max_channels} channels")
            room = await self._open_room(membership)
        finally:
            self.hub.rooms.close_request(membership)
        self.hub.rooms.enter(membership, room)
        here, is_known = await self._position(membership, room, since)
        if presence:
            await self._retry(self.hub.store.enter, channel, self.user)
            await self._retry(self.hub.store.check_members, channel)
        if membership.has_left:
            self.hub.rooms.check_presence(channel, self.user)  # the store may have been told that it is there
            raise Refused(protocol.NOT_JOINED, REMOVED)
        # from here to the answer nothing can come between
        reached = here.offset if here.epoch == room.epoch else room.offset
        answer = {"type": "joined", "id": message["id"], "channel": channel, "epoch": room.epoch, "offset": reached}
        if since is not None:
            if is_known and since["epoch"] == room.epoch:
                reached = since["offset"]
            else:
                answer["gap"] = True
        if presence:
            answer["members"] = list(room.present)
        self.send(answer)
        room.answered(membership)
        reached = await self._catch_up(membership, room, reached)
        room.caught_up(membership, reached)

    async def _open_room(self, membership: Membership) -> Room:
        may_be_made = self._budget.allows("channels")
        try:
            room, is_new = await self._retry(self.hub.rooms.open, membership.channel, may_be_made)
        except ChannelRefused:
            raise self._too_many_channels() from None
        if is_new:
            self._budget.take("channels", 1)
        if membership.has_left:
            self.hub.rooms.close_if_empty(room)
        self._check_not_removed(membership)
        return room  # type: ignore[no-any-return]

    def _too_many_channels(self) -> Refused:
        self.hub.budgets.slowed["channels"] += 1
        return Refused(protocol.TOO_MANY, "there are too many new channels: use those that there are, or wait")

    async def _position(
        self, membership: Membership, room: Room, since: dict[str, Any] | None
    ) -> tuple[Position, bool]:
        """Where the channel is, in the epoch in which the room is, and whether all that came after a position is known.

        The store is asked in any case: this process may be behind it, and who has read more elsewhere must not get it
        once more.
        """
        asked = Position(room.epoch, room.offset)
        if since is not None:
            asked = Position(since["epoch"], since["offset"], since.get("time"))
        while True:
            here, is_known = await self._retry(self.hub.store.since, room.channel, asked)
            if here.epoch == room.epoch or membership.has_left:
                return here, is_known
            await self._retry(self.hub.store.look_again, room.channel)

    async def _catch_up(self, membership: Membership, room: Room, reached: int) -> int:
        """Send what it missed, no faster than it takes it. (What is trimmed meanwhile, it misses in the offsets.)"""
        epoch = room.epoch
        while not membership.has_left:
            if room.epoch != epoch:  # it was told of the reset
                epoch, reached = room.epoch, room.began
            if reached >= room.offset:
                break
            entries = await self._retry(self.hub.store.between, room.channel, epoch, reached, room.offset)
            if not entries and room.epoch == epoch:
                break
            for entry in entries:
                if room.epoch != epoch or membership.has_left:
                    break
                self.outlet.write(frames.of_entry(room.channel, entry))
                reached = entry.offset
                self.hub.metrics.recovered += 1
                await self._replayed(len(entry.data))
        return reached

    async def _replayed(self, size: int) -> None:
        """So many bytes were written as the client asked for them: it takes them, and does not ask for too much."""
        wait = self._budget.take("replayed", size)
        if wait > 0:
            await asyncio.sleep(wait)
        self._unflushed += size
        if self._unflushed >= HIGH_WATER:
            self._unflushed = 0
            await self.outlet.ready()
            self._is_alive()

    async def _do_leave(self, message: dict[str, Any]) -> None:
        membership = self.hub.rooms.membership(self.outlet, message["channel"])
        if membership is not None:
            self.hub.rooms.leave(membership)
        self.send({"type": "left", "id": message["id"], "channel": message["channel"]})

    async def _do_history(self, message: dict[str, Any]) -> None:
        channel = message["channel"]
        self._check_joined(channel)
        limit = min(message.get("limit", protocol.HISTORY), protocol.MAX_HISTORY)
        epoch, entries = await self._retry(self.hub.store.history, channel, limit, message.get("before"))
        self.outlet.write(requests.history(message["id"], channel, epoch, entries, self.hub.settings.max_message))
        await self._replayed(sum(len(entry.data) for entry in entries))

    # --- publishes ---

    async def _do_publish(self, message: dict[str, Any]) -> None:
        channel, number = message["channel"], message["id"]
        sent_on = self._sent_on(number)
        try:
            if not protocol.is_inbox(channel):
                self._check_joined(channel)
            await self._check(channel, "publish")
            # a channel that it has joined was made before: the store may have lost it
            may = stores.CREATE if self._has_joined(channel) or self._budget.allows("channels") else stores.ADD
        except Refused as refused:
            if self.session is not None and sent_on == self.session.connection:
                raise
            # What was made on an earlier connection was made. And if not, it must not be made there any more.
            self._refusals[number] = refused
            may = stores.FIND
        await self.publisher.add(
            Publish(
                channel,
                self.user,
                round(time.time() * 1000),
                message["data"],
                self.session,
                number,
                min(number, message.get("floor", 0)),
                sent_on,
                may,
            )
        )

    def _sent_on(self, number: int) -> int:
        """The connection that sent a publish first, 0 if that is not known."""
        assert self.session is not None
        if self._sent is None:
            return 0
        return next((run[0] for run in self._sent if run[1] <= number <= run[2]), self.session.connection)

    async def _publish(self, publishes: list[Publish]) -> bool:
        try:
            answers = await self._retry(self.hub.store.publish, publishes)
            return all(self._acknowledge(publish, answer) for publish, answer in zip(publishes, answers, strict=True))
        except Gone:
            return False
        except Exception:
            log.exception("publishing failed", extra={"user": self.user})
            self.close_soon(INTERNAL_ERROR, "the hub failed")
            return False

    def _acknowledge(self, publish: Publish, published: Published) -> bool:
        """Say what became of a publish; False if no other is to be made."""
        if published.status == stores.CONFLICT:
            self.close_soon(CONFLICT, "the session is used by a later connection")
            return False
        if published.status == stores.ABSENT:
            refused = self._refusals.pop(publish.id, Refused(protocol.NOT_JOINED, "the channel is not joined"))
            self._refuse(publish.id, publish.channel, *refused.args)
        elif published.status == stores.NEW_CHANNEL:
            self._refuse(publish.id, publish.channel, *self._too_many_channels().args)
        else:
            answer = {"type": "ack", "id": publish.id, "epoch": published.epoch, "offset": published.offset}
            if published.status == stores.REPEAT:
                answer["repeat"] = True
            elif published.offset == 1 and not self._has_joined(publish.channel):
                self._budget.take("channels", 1)
            self.hub.metrics.published += 1
            self.send(answer)
        return True

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

    def _check_not_removed(self, membership: Membership) -> None:
        """While something was waited for, the client may have been removed."""
        if membership.has_left:
            raise Refused(protocol.NOT_JOINED, REMOVED)

    def _has_joined(self, channel: str) -> bool:
        return self.hub.rooms.membership(self.outlet, channel) is not None

    def _check_joined(self, channel: str) -> None:
        if not self._has_joined(channel):
            raise Refused(protocol.NOT_JOINED, "the channel is not joined")

    async def _retry(self, call: Any, *arguments: Any) -> Any:
        """What the store answers, when it can be reached again. The client meanwhile sends no more than it may, and is
        not to blame for its silence."""
        delay = 0.05
        try:
            while True:
                try:
                    return await call(*arguments)
                except StoreUnavailable:
                    self.hub.metrics.unavailable += 1
                    if self._is_gone():
                        raise Gone from None
                self.deadline = math.inf
                await asyncio.sleep(delay)
                delay = min(1, delay * 2)
        finally:
            if self.deadline == math.inf:
                self._is_alive()

    def _too_slow(self) -> None:
        self.close_soon(TOO_SLOW, "more waits for this client than is allowed")
