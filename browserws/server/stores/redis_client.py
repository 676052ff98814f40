"""The connections of one process to Redis, and the names of the keys in it.

    P m:{PART}CHANNEL   hash    epoch and offset of the channel, time of its last message, bytes of those that are kept
    P s:{PART}CHANNEL   stream  its last messages; the id of an entry is EPOCH-OFFSET
    P d:{PART}CHANNEL   hash    which publishes of which session were made of late ...
    P e:{PART}CHANNEL   hash    ... and before
    P u:{PART}CHANNEL   hash    its members (redis_presence.py), as are
    P l:PROCESS         string  a process lives
    P presence:{hub}    stream  who has joined and left
    P c:SESSION         hash    the session's user, and its last connection
    P control:{hub}     stream  who is to be removed
    P direct:{hub}      stream  what the program sends to pages past channels
    P w:{...}PROCESS:N  stream  wakes a reader that waits, to read another set of channels

`P` is the prefix. A Redis Cluster keeps in one place (a hash slot) what has the same in braces, and one command or
script may only touch what is in one. So each channel belongs to one of 64 parts, by its name, and a process reads all
its channels of a part at once. Channel names are parts of keys, never patterns.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import NoScriptError, RedisError, ResponseError

from . import StoreUnavailable
from .redis_connect import close, connect, is_cluster

log = logging.getLogger("browserws.server")

COMMAND_TIMEOUT = 5  # seconds for an answer of Redis
BLOCK = 2000  # ms for which a reader waits, at most
MAX_COMMANDS = 32  # that are waited for at once: each has a connection
UNAVAILABLE_ERRORS = (RedisError, OSError)  # it cannot be reached, or refuses: its disk is full, it is a replica ...

PARTS = 64
SLOTS = REDIS_CLUSTER_HASH_SLOTS // PARTS  # of one part
HUB = "{hub}"  # the place of what is not of one channel

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


def _tags() -> list[str]:
    """For each part the first number whose hash slot is in it: even shares of slots are even shares of channels."""
    found: dict[int, str] = {}
    for number in itertools.count():
        found.setdefault(key_slot(b"%d" % number) // SLOTS, str(number))
        if len(found) == PARTS:
            return [found[part] for part in range(PARTS)]
    raise AssertionError


TAGS = _tags()


class RedisClient:
    """`redis` is for commands, `blocking` for those that wait for news. (`Any`: the types of the library's answers
    are those of its synchronous and its asyncio client at once.) `process` names this process. `failures` counts
    calls that were not answered. `ValueError` for a wrong URL or prefix.
    """

    def __init__(self, url: str, prefix: str) -> None:
        if "{" in prefix or "}" in prefix:
            raise ValueError("the prefix of the keys in Redis has no braces")
        self.prefix = prefix
        self.process = secrets.token_hex(8)
        self.failures = 0
        self._is_cluster = is_cluster(url)
        self.redis: Any = connect(url, COMMAND_TIMEOUT)
        self.blocking: Any = connect(url, COMMAND_TIMEOUT + BLOCK / 1000)
        self._gate = asyncio.Semaphore(MAX_COMMANDS)
        self._heard_at = time.monotonic()

    async def close(self) -> None:
        await close(self.redis)
        await close(self.blocking)

    # --- keys ---

    def key(self, kind: str, name: str) -> str:
        return f"{self.prefix}{kind}:{name}"

    def place(self, channel: str) -> str:
        """The part of a channel, with its braces."""
        return "{" + TAGS[key_slot(channel.encode()) // SLOTS] + "}"

    def channel_key(self, kind: str, channel: str) -> str:
        return self.key(kind, self.place(channel) + channel)

    def channel_keys(self, channel: str) -> list[str]:
        """Those that one publish touches."""
        name = self.place(channel) + channel
        return [self.key(kind, name) for kind in "msde"]

    def stream(self, channel: str) -> str:
        return self.channel_key("s", channel)

    def together(self, channel: str) -> str:
        """Channels of which this is the same may be in one script, and are read together."""
        return self.place(channel) if self._is_cluster else HUB

    # --- calls ---

    def script(self, name: str) -> Script:
        """It is sent to a server that does not know it."""
        parts = [BEGINNINGS[name], name] if name in BEGINNINGS else [name]
        text = "\n".join((SCRIPTS / f"{part}.lua").read_text() for part in parts)
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

        async def run(keys: list[str], arguments: list[Argument]) -> Any:
            try:
                return await self.redis.evalsha(digest, len(keys), *keys, *arguments)
            except NoScriptError:
                return await self.redis.execute_command("EVAL", text, len(keys), *keys, *arguments)

        return run

    def silent_for(self) -> float:
        """Seconds since Redis last answered; in a cluster, all parts of it."""
        return time.monotonic() - self._heard_at

    async def check_parts(self) -> None:
        """Whether all parts of a cluster answer. Raises `StoreUnavailable`."""
        if self._is_cluster:
            keys = [self.key("m", "{" + tag + "}") for tag in TAGS]
            asked = (self._counted(self.redis.exists, key) for key in keys)  # not after all that waits
            for answer in await asyncio.gather(*asked, return_exceptions=True):
                if isinstance(answer, BaseException):
                    raise answer
            self._heard_at = time.monotonic()

    async def call(self, call: Callable[P, Awaitable[Answer]], *arguments: P.args, **options: P.kwargs) -> Answer:
        """The answer of Redis. Raises `StoreUnavailable`."""
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT):
                await self._gate.acquire()
        except TimeoutError:
            raise StoreUnavailable("too much waits for Redis") from None
        try:
            return await self._counted(call, *arguments, **options)
        finally:
            self._gate.release()

    async def ask(self, call: Callable[P, Awaitable[Answer]], *arguments: P.args, **options: P.kwargs) -> Answer:
        """The answer of Redis, at once. Raises `UNAVAILABLE_ERRORS`: what is written to a connection that is closed is
        a `RuntimeError` of uvloop, where asyncio has one of them."""
        try:
            return await call(*arguments, **options)
        except RuntimeError as error:
            if "handler is closed" not in str(error):
                raise
            raise ConnectionError(str(error)) from error

    async def _counted(self, call: Callable[P, Awaitable[Answer]], *arguments: P.args, **options: P.kwargs) -> Answer:
        try:
            answer = await self.ask(call, *arguments, **options)
        except UNAVAILABLE_ERRORS as error:
            if isinstance(error, ResponseError):
                self._heard()
            self.failures += 1
            log.warning("redis: %s", type(error).__name__)
            raise StoreUnavailable(type(error).__name__) from None
        self._heard()
        return answer

    def _heard(self) -> None:
        if not self._is_cluster:  # else it was one part of it
            self._heard_at = time.monotonic()


def texts_of(fields: dict[bytes, bytes]) -> dict[str, str]:
    """The fields of a stream's entry."""
    return {name.decode(): value.decode() for name, value in fields.items()}
