"""`Settings`: what `install()` was asked for, and the doors to the network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

Rewrite = Callable[[str, dict[str, str], list[str]], tuple[str, list[str]]]


class Response(Protocol):
    """What a server has answered to `fetch`."""

    status: int
    reason: str
    headers: list[tuple[str, str]]

    def body(self) -> AsyncIterator[bytes]: ...
    def cancel(self) -> None:
        """Read no more."""


Fetch = Callable[[str, str, list[tuple[str, str]], bytes], Awaitable[Response]]  # URL, method, headers, body


async def no_fetch(url: str, method: str, headers: list[tuple[str, str]], body: bytes) -> Response:
    raise ConnectionError("there is no fetch here")


@dataclass
class Settings:
    """`http` says whether plain HTTP is carried, too, `backpressure` whether a library that does not read pauses the
    server."""

    rewrite: Rewrite | None = None
    http: bool = True
    fetch: Fetch = no_fetch
    backpressure: bool = False


_settings = Settings()


def current() -> Settings:
    """Those of the last `install()`: what is opened from now on goes by them."""
    return _settings


def use(settings: Settings) -> None:
    global _settings
    _settings = settings
