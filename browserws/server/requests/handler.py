"""Reads the requests of one connection, one after the other, until it ends."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from ..._pure.protocol import check_request
from ...codes import BAD_MESSAGE, INTERNAL_ERROR
from ...errors import ProtocolViolation
from ..connection import Connection
from ..frames import Message
from ..outcomes import Disconnected, Ended, Refused
from .call import CallRequests
from .decoding import decode
from .hello import answer_hello
from .join import JoinRequests
from .publish import PublishRequests
from .replay import Replay

log = logging.getLogger("browserws.server")


class Handler:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.replay = Replay(connection)
        self.joins = JoinRequests(connection, self.replay)
        self._publish: PublishRequests | None = None  # made when it is needed: most clients only listen ...
        self._calls: CallRequests | None = None  # ... and so is this

    async def run(self) -> None:
        """Until the connection ends, for whatever reason."""
        connection = self._connection
        try:
            await answer_hello(connection, await self._receive())
            while True:
                await self._answer(await self._receive())
        except Disconnected:
            pass  # as it may be at any time
        except Ended as end:
            await connection.close(end.code, end.reason)
        except ProtocolViolation as violation:
            connection.services.metrics.violations += 1
            await connection.close(BAD_MESSAGE, str(violation))
        except Exception:
            log.exception("a client's request failed", extra={"user": connection.user})
            await connection.close(INTERNAL_ERROR, "the hub failed")
        finally:
            connection.release()
        if self._calls is not None:
            await self._calls.stop()
        if self._publish is not None:
            await self._publish.idle()  # what was received is published

    async def _receive(self) -> Message:
        message = decode(await self._connection.receive())
        check_request(message)
        return message

    async def _answer(self, message: Message) -> None:
        kind = message["type"]
        try:
            if self._publish is not None and kind not in ("publish", "ping", "more", "cancel"):
                await self._publish.idle()  # those that came before are made first
            await ANSWERS[kind](self, message)
        except Refused as refused:
            self._connection.refuse(message["id"], message.get("channel"), refused)

    @property
    def publish(self) -> PublishRequests:
        if self._publish is None:
            self._publish = PublishRequests(self._connection)
        return self._publish

    @property
    def calls(self) -> CallRequests:
        if self._calls is None:
            self._calls = CallRequests(self._connection)
        return self._calls

    async def pong(self, message: Message) -> None:
        self._connection.send({"type": "pong"})

    async def second_hello(self, message: Message) -> None:
        raise ProtocolViolation("hello comes once")


ANSWERS: dict[str, Callable[[Handler, Message], Awaitable[None]]] = {
    "hello": Handler.second_hello,
    "join": lambda handler, message: handler.joins.join(message),
    "leave": lambda handler, message: handler.joins.leave(message),
    "publish": lambda handler, message: handler.publish.publish(message),
    "history": lambda handler, message: handler.replay.history(message),
    "call": lambda handler, message: handler.calls.call(message),
    "more": lambda handler, message: handler.calls.more(message),
    "cancel": lambda handler, message: handler.calls.cancel(message),
    "ping": Handler.pong,
}
