"""One connection as the hub sees it: whose it is, what it may cost, how it is written to, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from .._pure.protocol import NOT_JOINED, TOO_MANY
from ..codes import MESSAGE_TOO_BIG, TOO_SLOW
from . import frames
from .frames import Message
from .handlers import Departures
from .outcomes import Disconnected, Ended, Refused
from .outlet import Outlet
from .page import PageConnection, Request
from .services import Services
from .sockets import Socket
from .stores import Session, StoreUnavailable

log = logging.getLogger("browserws.server")

P = ParamSpec("P")
Answer = TypeVar("Answer")


class Connection:
    """`user` and `session` are known when the hello is answered, `closing` is the close that is under way.

    `page` is what the hub's program sees of it.
    `sent` says which connection of the page sent which publishes first, None if that is not known.
    """

    def __init__(self, services: Services, socket: Socket) -> None:
        self.services = services
        self.socket = socket
        self.outlet = Outlet(services.flusher, socket, services.settings.max_queue, self._too_slow)
        self.outlet.direct = socket.direct(self.outlet.close)
        self.user = ""
        self.session: Session | None = None
        self.sent: list[list[int]] | None = None
        self.is_connected = False  # the program's handlers have accepted it
        self.closing: asyncio.Task[None] | None = None
        self._now = asyncio.get_running_loop().time
        self._idle_timeout = services.settings.idle_timeout
        self.deadline = self._now() + services.settings.handshake_timeout  # for its next frame
        self._is_metered = socket.budget is not None  # what comes is counted already, before it is parsed
        address = services.access.address_of(socket.address, socket.headers)
        self.budget = socket.budget or services.budgets.open(address)
        request = Request(socket.target, socket.headers, address)
        self.page = PageConnection(request, self.outlet, self.close)
        self.departures = Departures(services.handlers, self.page)
        self._expiry: asyncio.TimerHandle | None = None

    # --- what it sends ---

    async def receive(self) -> str | bytes:
        """The next frame with a message, when the client may send it. Raises `Disconnected`, `Ended`."""
        while True:
            frame = await self.socket.recv()
            self.deadline = self._now() + self._idle_timeout  # as `keep_alive` says: this is called most
            self.services.metrics.received += 1
            if not self._is_metered:
                await self._count(b"" if frame is None else frame)
            if frame is not None:
                return frame

    async def _count(self, frame: str | bytes) -> None:
        """What was not counted before it was parsed. Raises `Ended` if it is larger than is allowed."""
        size = len(frame.encode() if isinstance(frame, str) else frame)
        if size > self.services.settings.max_message:
            raise Ended(MESSAGE_TOO_BIG, "a message is larger than is allowed")
        await asyncio.sleep(max(self.budget.take("frames", 1), self.budget.take("bytes", size)))

    def keep_alive(self) -> None:
        """The idle timeout starts again."""
        self.deadline = self._now() + self._idle_timeout

    def is_idle(self, now: float) -> bool:
        """Whether no frame came within the timeout. After the hello, a ping counts as a sign of life."""
        if self.deadline >= now:
            return False
        return self.session is None or self.socket.heard_at + self._idle_timeout < now

    # --- what it is sent ---

    def send(self, message: Message) -> None:
        self.outlet.write(frames.of(message))

    def refuse(self, number: int, channel: str | None, refused: Refused) -> None:
        """`channel` is None for what is not asked of one."""
        self.services.metrics.refused[refused.code] += 1
        where = {} if channel is None else {"channel": channel}
        self.send({"type": "error", "id": number, **where, "code": refused.code, "reason": refused.reason})

    # --- what it may ---

    def has_joined(self, channel: str) -> bool:
        return self.services.rooms.membership(self.outlet, channel) is not None

    def check_joined(self, channel: str) -> None:
        """Raises `Refused`."""
        if not self.has_joined(channel):
            raise Refused("the channel is not joined", NOT_JOINED)

    def too_many_channels(self) -> Refused:
        self.services.budgets.slowed["channels"] += 1
        return Refused("there are too many new channels: use those that there are, or wait", TOO_MANY)

    # --- the store ---

    async def retry(self, call: Callable[P, Awaitable[Answer]], *arguments: P.args, **options: P.kwargs) -> Answer:
        """What the store answers, as soon as it is available. Meanwhile the client sends no more than it may, and its
        idle timeout stands still. Raises `Disconnected` when nobody waits for the answer any more.
        """
        delay = 0.05
        try:
            while True:
                try:
                    return await call(*arguments, **options)
                except StoreUnavailable:
                    self.services.metrics.unavailable += 1
                    if self.socket.is_closed:
                        raise Disconnected from None
                self.deadline = math.inf
                await asyncio.sleep(delay)
                delay = min(1, delay * 2)
        finally:
            if self.deadline == math.inf:
                self.keep_alive()

    # --- the end ---

    def close_after(self, seconds: float, code: int, reason: str) -> None:
        self._expiry = asyncio.get_running_loop().call_later(seconds, self.close_soon, code, reason)

    async def close(self, code: int, reason: str) -> None:
        """Close, whether the client answers or not. If it is closed more than once, the first code and reason count."""
        self.close_soon(code, reason)
        if self.closing is not None:
            await asyncio.wait([self.closing])

    def close_soon(self, code: int, reason: str) -> None:
        """As `close`, from where one cannot wait. The task that receives ends with it."""
        if self.closing is None and not self.socket.is_closed:
            self.closing = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: int, reason: str) -> None:
        self.outlet.flush()
        self.outlet.close()
        self.services.metrics.closes[str(code)] += 1
        log.info("close", extra={"user": self.user, "code": code, "reason": reason})
        try:
            async with asyncio.timeout(self.services.settings.close_timeout):
                await self.socket.close(code, reason.encode()[:120].decode(errors="ignore"))
        except TimeoutError:
            self.abort()

    def _too_slow(self) -> None:
        self.close_soon(TOO_SLOW, "more waits for this client than is allowed")

    def abort(self) -> None:
        """Drop the connection at once, without a closing handshake."""
        self.socket.abort()

    def release(self) -> None:
        """The connection has ended: nothing is written any more, and its budget and timer are given back."""
        self.outlet.close()
        if not self._is_metered:
            self.budget.close()
        if self._expiry is not None:
            self._expiry.cancel()
