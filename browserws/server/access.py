"""Who may connect, who they are (authentication), and what they may do (authorization)."""

from __future__ import annotations

import inspect
import ipaddress
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar
from urllib.parse import urlsplit

from websockets.datastructures import Headers

from .._pure.protocol import (
    BAD_REQUEST,
    UNKNOWN_CHANNEL,
    check_channel,
    check_user,
    inbox,
    is_inbox,
)
from ..errors import ProtocolViolation, UnknownChannel
from .injection import Injected
from .outcomes import Refused
from .page import Request
from .settings import Settings

log = logging.getLogger("browserws.server")

MAX_WARNINGS = 100  # of refused origins: each is logged once


class Unauthorized(Exception):
    """Raised by `authenticate`: the token is missing, wrong or too old. The reason is sent to the client."""


class User:
    """Whom a token stands for: `name`, and `expires` (seconds since 1970), None for never."""

    def __init__(self, name: str, expires: float | None = None) -> None:
        check_user(name)
        self.name = name
        self.expires = expires


Authenticate = Callable[..., User | str | None | Awaitable[User | str | None]]  # token, and what it wants injected
Authorize = Callable[[str, str, str], bool | Awaitable[bool]]
Result = TypeVar("Result")


class Access:
    """`authenticate(token)` returns a `User` or a user's name; to refuse the token it returns None or raises
    `Unauthorized`. It may have more parameters: `request` (`page.Request`), and what the hub was given. Without it
    there is no authentication: each client chooses its name.
    `authorize(user, channel, action)` says whether a user may "join" a channel or "publish" to it; it may raise
    `UnknownChannel`, or `Refused` with a reason of its own. Both may be async.
    """

    def __init__(
        self,
        authenticate: Injected | None,
        authorize: Authorize | None,
        settings: Settings,
    ) -> None:
        self.authenticates = authenticate is not None  # else names are what anybody says
        self.authorizes = authorize is not None  # else everybody may do everything, but join another's inbox
        self._authenticate = authenticate
        self._authorize = authorize
        self._settings = settings
        self._refused: set[str] = set()

    def allows_page(self, headers: Headers | None) -> bool:
        """Whether a handshake may come from that page (RFC 6455 §10.2). Programs that are no browsers send
        no Origin, or any: this is for the protection of browsers' users.

        Pages of the hub's own host may, of whatever port. A name counts as its own only if the hub was told so: with a
        name that points to the hub's address anybody could be a page of the same host (DNS rebinding).
        """
        given = values(headers, "Origin")
        origin = given[0] if len(given) == 1 else "several origins"
        origins = self._settings.origins
        if not given or "*" in origins or origin in origins:
            return True
        if any(self._is_own(_host_of(origin), _host_of("//" + host)) for host in values(headers, "Host")[:1]):
            return True
        if origin not in self._refused and len(self._refused) < MAX_WARNINGS:
            self._refused.add(origin)
            log.warning("a page of %r was refused: allow it with --origin %s", origin[:200], origin[:200])
        return False

    def _is_own(self, page: str, hub: str) -> bool:
        if _is_loopback(page) and _is_loopback(hub):
            return True  # localhost has several names
        return page == hub and (hub in self._settings.hosts or _is_address(hub))

    def address_of(self, peer: str, headers: Headers | None) -> str:
        """The address of the client: that of the other end, or what the first of the proxies said."""
        if self._settings.proxies:
            said = [part.strip() for part in ",".join(values(headers, "X-Forwarded-For")).split(",")]
            if len(said) >= self._settings.proxies:
                return said[-self._settings.proxies]
        return peer

    def claimed_user(self, name: str | None) -> User:
        """Without authentication, who they say they are. Raises `ProtocolViolation` for what is not a name."""
        try:
            return User(name or "guest")
        except ValueError as error:
            raise ProtocolViolation(str(error)) from None

    async def user_of(self, token: str | None, request: Request) -> User:
        """Whom a token stands for. Raises `Unauthorized`."""
        assert self._authenticate is not None
        async with AsyncExitStack() as stack:
            user = await self._authenticate.call(stack, {"request": request}, token)
        if not user:
            raise Unauthorized("the token is missing, wrong or too old")
        try:
            return user if isinstance(user, User) else User(user)
        except (TypeError, ValueError) as error:
            raise Unauthorized(f"the token's name cannot be that of a user: {error}") from None

    async def check(self, user: str, channel: str, action: str) -> None:
        """Raises `Refused` for what a user may not do, and for what is not the name of a channel."""
        try:
            check_channel(channel)
        except ValueError as error:
            raise Refused(str(error), BAD_REQUEST) from None
        try:
            allowed = await self._may(user, channel, action)
        except UnknownChannel as error:
            raise Refused(error.reason, UNKNOWN_CHANNEL) from None
        if not allowed:
            raise Refused(f"{user} may not {action} this channel")

    async def _may(self, user: str, channel: str, action: str) -> bool:
        if is_inbox(channel) and action == "join" and channel != inbox(user):
            return False
        if self._authorize is None:
            return True
        return bool(await _result(self._authorize(user, channel, action)))


def values(headers: Headers | None, name: str) -> list[str]:
    """All values of a header; none where there are no headers."""
    return [] if headers is None else headers.get_all(name)


async def _result(value: Result | Awaitable[Result]) -> Result:
    return await value if inspect.isawaitable(value) else value


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    """Names of this machine (RFC 6761 §6.3), its loopback addresses, and 0.0.0.0, which leads there too."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and (ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified)
