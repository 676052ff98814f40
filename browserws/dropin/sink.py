"""What the two sides of a wire know of each other: for type checkers alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from .settings import Settings


class Sink(Protocol):
    """Where what the library writes goes."""

    def feed(self, data: bytes) -> None: ...
    def send(self, message: str | bytes) -> None:
        """A whole message, after what was fed. Raises `ValueError` for one that is no Unicode."""

    def buffered(self) -> int:
        """Bytes that the browser has not sent yet."""

    def drop(self) -> None:
        """The library has closed the connection, or it has ended: let go of everything."""


class Line(Protocol):
    """The wire, as its sink sees it (wire.py)."""

    host: str
    port: int
    secure: bool
    settings: Settings
    room: asyncio.Event

    def become(self, sink: Sink) -> None:
        """From now on, this is where what the library writes goes."""

    def deliver(self, pieces: Iterable[bytes], at_once: bool = False) -> None: ...
    def deliver_messages(self, messages: Iterable[str | bytes]) -> None:
        """As frames, or as they are to a protocol that knows them."""

    def end(self, error: Exception | None) -> None: ...
