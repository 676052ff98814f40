"""`publish`: who may, and what the store made of it."""

from __future__ import annotations

import logging
import time

from ..._pure import protocol
from ...codes import CONFLICT, INTERNAL_ERROR
from ...errors import NotDelivered
from .. import frames, page, stores
from ..connection import Connection
from ..frames import Message
from ..outcomes import Disconnected, Refused
from ..publisher import Publisher
from ..stores import Published

LOST = "it was published and is lost, or was refused: what was sent after it is there"

log = logging.getLogger("browserws.server")


class PublishRequests:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._services = connection.services
        self._publisher = Publisher(self._make, self._make_at_once)
        self._refusals: dict[int, Refused] = {}  # of publishes that an earlier connection may have made

    async def publish(self, request: Message) -> None:
        """Queue a publish. Its answer comes when the store has it (`_acknowledge`)."""
        connection, channel, number = self._connection, request["channel"], request["id"]
        assert connection.session is not None
        sent_on = self._sent_on(number, connection.session.connection)
        is_repeat = sent_on != connection.session.connection
        data = request["data"]
        try:
            may = await self._may(channel)
            if self._services.handlers.has("publish"):
                published = page.Message(channel, connection.user, data, is_repeat)
                await self._services.handlers.publish(connection.page, published)
                if published.is_answered:
                    connection.outlet.write(frames.with_data({"type": "ack", "id": number}, published.payload))
                    return
                data = published.payload
        except Refused as refused:
            if not is_repeat:
                raise
            # What was made on an earlier connection was made. And if not, it must not be made there any more.
            self._refusals[number] = refused
            may = stores.FIND
        publish = stores.Publish(
            channel,
            connection.user,
            round(time.time() * 1000),
            data,
            connection.session,
            number,
            min(number, request.get("floor", 0)),
            sent_on,
            may,
        )
        await self._publisher.add(publish)

    async def idle(self) -> None:
        """Wait until all publishes are made, or none is made any more."""
        await self._publisher.idle()

    def _sent_on(self, number: int, present: int) -> int:
        """The connection that sent a publish first, 0 if that is not known."""
        if not self._connection.sent:
            return 0 if self._connection.sent is None else present
        return next((run[0] for run in self._connection.sent if run[1] <= number <= run[2]), present)

    async def _may(self, channel: str) -> int:
        """What a publish may do (`stores.Publish.may`). Raises `Refused`."""
        has_joined = self._connection.has_joined(channel)
        if not has_joined and not protocol.is_inbox(channel):
            self._connection.check_joined(channel)
        if not has_joined or self._services.access.authorizes:
            await self._services.access.check(self._connection.user, channel, "publish")
        # a channel that it has joined was made before: the store may have lost it
        may_create = has_joined or self._connection.budget.allows("channels")
        return stores.CREATE if may_create else stores.ADD

    def _make_at_once(self, publish: stores.Publish) -> bool | None:
        published = self._services.store.publish_at_once(publish)
        return None if published is None else self._acknowledge(publish, published)

    async def _make(self, publishes: list[stores.Publish]) -> bool:
        try:
            answers = await self._connection.retry(self._publish_now, publishes)
            return all(self._acknowledge(publish, answer) for publish, answer in zip(publishes, answers, strict=True))
        except Disconnected:
            return False
        except Exception:
            log.exception("publishing failed", extra={"user": self._connection.user})
            self._connection.close_soon(INTERNAL_ERROR, "the hub failed")
            return False

    async def _publish_now(self, publishes: list[stores.Publish]) -> list[Published]:
        """Each attempt has a time of its own, which tells its entry from one that the store has lost."""
        now = round(time.time() * 1000)
        return await self._services.store.publish([publish._replace(time=now) for publish in publishes])

    def _acknowledge(self, publish: stores.Publish, published: Published) -> bool:
        """Answer a publish; False if no other is to be made."""
        connection = self._connection
        if published.status == stores.CONFLICT:
            connection.close_soon(CONFLICT, "the session is used by a later connection")
            return False
        if published.status == stores.ABSENT:
            refused = self._refusals.pop(publish.id, Refused("the channel is not joined", protocol.NOT_JOINED))
            connection.refuse(publish.id, publish.channel, refused)
        elif published.status == stores.LOST:
            connection.refuse(publish.id, publish.channel, Refused(LOST, NotDelivered.code))
        elif published.status == stores.NEW_CHANNEL:
            connection.refuse(publish.id, publish.channel, connection.too_many_channels())
        else:
            is_repeat = published.status == stores.REPEAT
            if not is_repeat and published.offset == 1 and not connection.has_joined(publish.channel):
                connection.budget.take("channels", 1)
            self._services.metrics.published += 1
            connection.outlet.write(frames.ack(publish.id, published.epoch, published.offset, is_repeat))
        return True
