"""The connections of one process to a Redis, and the names of the keys in it.

    P m:{CHANNEL}   hash    epoch and offset of the channel, time of its last message, bytes of those that are kept
    P s:{CHANNEL}   stream  its last messages; the id of an entry is EPOCH-OFFSET
    P d:{CHANNEL}   hash    which publishes of which session were made of late ...
    P e:{CHANNEL}   hash    ... and before
    P u:{CHANNEL}   hash    its members (redis_presence.py), as are
    P l:PROCESS     string  a process lives
    P presence      stream  who has joined and left
    P c:SESSION     hash    the session's user, and its last connection
    P control       stream  who is to be removed
    P w:PROCESS:N   stream  wakes a reader that waits, to read another set of channels

`P` is the prefix. All that one publish touches is in one hash slot, that of its channel (`{...}`). Channel names are
parts of keys, never patterns.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from . import StoreUnavailable

log = logging.getLogger("browserws.server")

COMMAND_TIMEOUT = 5  # seconds for an answer of Redis
BLOCK = 2000  # ms for which a reader waits, at most
MAX_COMMAND_CONNECTIONS = 32
UNAVAILABLE_ERRORS = (RedisError, OSError)  # it cannot be reached, or refuses: its disk is full, it is a replica ...

SCRIPTS = Path(__file__).parent / "lua"
BEGINNINGS = {  # script -> what it begins with
    "open": "channel",
    "publish": "channel",
    "rotate": "channel",
    "enter": "members",
    "leave": "members",
}

Argument = str | bytes | int
P = ParamSpec("P")
Answer = TypeVar("Answer")
Script = Callable[[list[str], list[Argument]], Awaitable[Any]]  # keys, arguments


class RedisClient:
    """`redis` is for commands, `blocking` for those that wait for news. (`Any`: the types of the library's answers
    are those of its synchronous and its asyncio client at once.) `process` names this process.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self.prefix = prefix
        self.process = secrets.token_hex(8)
        # no retries by the library: whether a call may be made again is for the caller to know
        options: dict[str, Any] = {"socket_connect_timeout": COMMAND_TIMEOUT, "retry": Retry(NoBackoff(), 0)}
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MAX_COMMAND_CONNECTIONS,
            timeout=COMMAND_TIMEOUT,
            socket_timeout=COMMAND_TIMEOUT,
            **options,
        )
        self.redis: Any = Redis.from_pool(pool)
        readers: dict[str, Any] = {"socket_timeout": COMMAND_TIMEOUT + BLOCK / 1000, "max_connections": 2**31}
        self.blocking: Any = Redis.from_url(url, **readers, **options)
        self._heard_at = time.monotonic()

    async def close(self) -> None:
        await self.redis.aclose()
        await self.blocking.aclose()

    # --- keys ---

    def key(self, kind: str, name: str = "") -> str:
        return f"{self.prefix}{kind}:{name}" if name else self.prefix + kind

    def channel_key(self, kind: str, channel: str) -> str:
        """The channel's name stands in braces: it may have no brace of its own."""
        return self.key(kind, "{" + channel.replace("%", "%25").replace("}", "%7d") + "}")

    def channel_keys(self, channel: str) -> list[str]:
        """Those that one publish touches."""
        return [self.channel_key(kind, channel) for kind in "msde"]

    def stream(self, channel: str) -> str:
        return self.channel_key("s", channel)

    # --- calls ---

    def script(self, name: str) -> Script:
        parts = [BEGINNINGS[name], name] if name in BEGINNINGS else [name]
        text = "\n".join((SCRIPTS / f"{part}.lua").read_text() for part in parts)
        return cast(Script, self.redis.register_script(text))

    def silent_for(self) -> float:
        """Seconds since Redis last answered."""
        return time.monotonic() - self._heard_at

    async def call(self, call: Callable[P, Awaitable[Answer]], *arguments: P.args, **options: P.kwargs) -> Answer:
        """The answer of Redis. Raises `StoreUnavailable`."""
        try:
            answer = await call(*arguments, **options)
        except UNAVAILABLE_ERRORS as error:
            if isinstance(error, ResponseError):
                self._heard_at = time.monotonic()
            log.warning("redis: %s", type(error).__name__)
            raise StoreUnavailable(type(error).__name__) from None
        self._heard_at = time.monotonic()
        return answer


def texts_of(fields: dict[bytes, bytes]) -> dict[str, str]:
    """The fields of a stream's entry."""
    return {name.decode(): value.decode() for name, value in fields.items()}
