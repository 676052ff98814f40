"""What a program sees of a page: the request with which its connection came, the connection, and what it publishes."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from websockets.datastructures import Headers

from .._pure import json_text
from ..codes import NORMAL_CLOSURE
from . import frames
from .frames import Frame

Data = str | int | float | list[Any] | dict[str, Any] | bytes | None  # what a page can send: JSON, or bytes


class Request:
    """The request of a connection: `path`, `query` (dict: of a name that comes twice, the last value), `headers` (names
    in any case; `get_all(name)` for those that come twice), and `address`, the IP address of the client, "" if it is
    not known.
    """

    def __init__(self, target: str, headers: Headers | None, address: str) -> None:
        self._target = target
        self.headers = Headers() if headers is None else headers
        self.address = address

    @cached_property
    def path(self) -> str:
        return urlsplit(self._target).path

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self._target).query, keep_blank_values=True))


class Wire(Protocol):
    """The way to the page (`outlet.Outlet`)."""

    def write(self, frame: Frame) -> None: ...

    async def ready(self) -> None: ...


class PageConnection:
    """One connection of a page: `id` (no other has it, in any process), `user`, and what its request was."""

    def __init__(self, request: Request, wire: Wire, close: Callable[[int, str], Awaitable[None]]) -> None:
        self.user = ""
        self.request = request
        self._wire = wire
        self._close = close
        self._waiting: list[Frame] | None = []  # what is sent before the page was welcomed

    @cached_property
    def id(self) -> str:
        return secrets.token_hex(8)

    def __repr__(self) -> str:
        return f"<PageConnection {self.id} of {self.user!r}>"

    @property
    def path(self) -> str:
        return self.request.path

    @property
    def query(self) -> dict[str, str]:
        return self.request.query

    @property
    def headers(self) -> Headers:
        return self.request.headers

    @property
    def address(self) -> str:
        return self.request.address

    async def send(self, data: object) -> None:
        """Send what JSON can express, or bytes, to this page alone: a `message` event of its `Channels`. It is not
        kept: a page that has lost its connection does not get it. Waits while the page does not keep up.

        Raises `TypeError` and `ValueError` for what cannot be sent.
        """
        self.write(frames.direct(frames.payload_of(data)))
        await self._wire.ready()

    async def close(self, code: int = NORMAL_CLOSURE, reason: str = "") -> None:
        """Close the connection. A page does not reconnect after 1000, nor after 4400 to 4499 but 4408."""
        await self._close(code, reason)

    def write(self, frame: Frame) -> None:
        """Send a frame, when the page was welcomed."""
        if self._waiting is None:
            self._wire.write(frame)
        else:
            self._waiting.append(frame)

    @property
    def is_welcome(self) -> bool:
        return self._waiting is None

    def welcomed(self) -> None:
        """The page was sent the welcome."""
        waiting, self._waiting = self._waiting or [], None
        for frame in waiting:
            self._wire.write(frame)


class Message:
    """What a page publishes, as `publish` handlers see it: before it is in the channel.

    Setting `data` changes it. `answer(value)` ends it: nothing is published, and the page's `await publish(...)` gets
    the value. Where the answer was lost with a connection, the page sends it again, and `is_repeat` is True.
    """

    def __init__(self, channel: str, user: str, payload: str | bytes, is_repeat: bool) -> None:
        self.channel = channel
        self.user = user
        self.data: Data = payload if isinstance(payload, bytes) else json_text.loads(payload)
        self.is_repeat = is_repeat
        self.payload = payload
        self.is_answered = False
        self.value: object = None

    def answer(self, value: object = None) -> None:
        self.is_answered = True
        self.value = value

    def encode(self) -> None:
        """Its `payload` is what is published, or answered. Raises `TypeError` and `ValueError` for what cannot be
        sent.
        """
        self.payload = frames.payload_of(self.value if self.is_answered else self.data)
