"""`hello`: who the client is, and the session with which it goes on."""

from __future__ import annotations

import asyncio
import time

from ..._pure.protocol import VERSION
from ...codes import FORBIDDEN, INTERNAL_ERROR, TRY_AGAIN_LATER, UNAUTHORIZED
from ...errors import ProtocolViolation
from .. import frames
from ..access import Unauthorized, User
from ..connection import Connection
from ..frames import Message
from ..outcomes import FAILED, TIMED_OUT, Disconnected, Ended, Refused
from ..stores import StoreUnavailable


async def answer_hello(connection: Connection, hello: Message) -> None:
    if hello["type"] != "hello":
        raise ProtocolViolation("the first message is hello")
    if hello["v"] != VERSION:
        raise ProtocolViolation(f"this hub speaks version {VERSION}")
    services = connection.services
    user = await _authenticated(connection, hello)
    connection.user = connection.page.user = user.name
    if services.access.authenticates:
        connection.budget.belongs_to(user.name)
    if user.expires is not None:
        connection.close_after(max(0, user.expires - time.time()), UNAUTHORIZED, "the token has expired")
    if connection.socket.is_closed:
        raise Disconnected  # its page may have another connection by now: the session belongs to that one
    await _connect(connection)
    try:
        session, resumed = await services.store.open_session(hello.get("session"), user.name, hello.get("connection"))
    except StoreUnavailable:
        raise Ended(TRY_AGAIN_LATER, "the hub's store cannot be reached: try again later") from None
    connection.session = session
    connection.sent = hello.get("sent") if resumed else []
    connection.outlet.write(frames.welcome(user.name, session.name, resumed, services.settings.max_message))
    connection.page.welcomed()


async def _connect(connection: Connection) -> None:
    """Ask the program's handlers. From then on they hear of the end, too."""
    try:
        await connection.services.handlers.call("connect", connection.page)
    except Refused as refused:
        code = INTERNAL_ERROR if refused.code in (FAILED, TIMED_OUT) else FORBIDDEN
        raise Ended(code, refused.reason) from None
    connection.is_connected = True
    if connection.socket.is_closed:
        raise Disconnected


async def _authenticated(connection: Connection, hello: Message) -> User:
    services = connection.services
    if not services.access.authenticates:
        return services.access.claimed_user(hello.get("user"))
    try:
        async with asyncio.timeout(services.settings.handshake_timeout):
            return await services.access.user_of(hello.get("token"), connection.page.request)
    except Unauthorized as error:
        raise Ended(UNAUTHORIZED, str(error)) from None
