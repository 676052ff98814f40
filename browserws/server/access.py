"""Who may connect, who they are, and what they may do."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .._pure.protocol import check_user, inbox, is_inbox
from ..errors import ProtocolViolation


class Unauthorized(Exception):
    """Raised by `authenticate`: the token is missing, wrong or too old. The reason is sent to the client."""


class User:
    """Whom a token stands for: `name`, and `expires` (seconds since 1970), None for never."""

    def __init__(self, name: str, expires: float | None = None) -> None:
        check_user(name)
        self.name = name
        self.expires = expires


class Access:
    """`authenticate(token)` gives a `User` or a name, or None or `Unauthorized` if there is no such; without it
    everybody is who they say they are. `authorize(user, channel, action)` says whether a user may
    "join" a channel or "publish" to it; it may raise `UnknownChannel`. Both may be async.
    """

    def __init__(
        self,
        authenticate: Callable[[str | None], Any] | None,
        authorize: Callable[[str, str, str], Any] | None,
        origins: tuple[str, ...],
    ) -> None:
        self._authenticate = authenticate
        self._authorize = authorize
        self._origins = origins

    def allows_origin(self, headers: Any) -> bool:
        """Whether a handshake may come from that page (RFC 6455 §10.2). Programs that are no browsers send
        no Origin, or any: this is for the protection of browsers' users. Pages of the hub's own host may, of
        whatever port.
        """
        origin: str | None = headers.get("Origin")
        if origin is None or "*" in self._origins or origin in self._origins:
            return True
        return urlsplit(origin).hostname == urlsplit("//" + str(headers.get("Host"))).hostname

    async def user_of(self, hello: dict[str, Any]) -> User:
        """Raises `Unauthorized`, or `ProtocolViolation` for what is not a name."""
        if self._authenticate is None:
            try:
                return User(hello.get("user") or "guest")
            except ValueError as error:
                raise ProtocolViolation(str(error)) from None
        user = await _result(self._authenticate(hello.get("token")))
        if not user:
            raise Unauthorized("the token is missing, wrong or too old")
        return user if isinstance(user, User) else User(user)

    async def may(self, user: str, channel: str, action: str) -> bool:
        """Raises `UnknownChannel`."""
        if is_inbox(channel) and action == "join" and channel != inbox(user):
            return False
        if self._authorize is None:
            return True
        return bool(await _result(self._authorize(user, channel, action)))


async def _result(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
