"""`NativeHost`: a program, and no browser. Connections are those of the `websockets` library."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from .._host.callbacks import Callbacks
from .._pure.numbers import MAX_TIMER
from .endpoint import Endpoint
from .link import NativeLink
from .loops import BackgroundLoop, LoopGuards
from .url import parse

Result = TypeVar("Result")


class NativeHost:
    missing = ""
    page_origin = ""
    page_is_known = True
    supports_backpressure = True
    endpoint = Endpoint

    def __init__(self) -> None:
        self._guards = LoopGuards()
        self._background = BackgroundLoop()

    def parse(self, url: str) -> str | None:
        return parse(url)

    def clock(self) -> float:
        return time.monotonic() * 1000

    def call_later(self, seconds: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        guard = self._guards.of_running_loop()
        seconds = min(seconds, MAX_TIMER / 1000)
        return asyncio.get_running_loop().call_later(seconds, lambda: None if guard.is_over else callback())

    def watch_page(self, callback: Callable[..., None]) -> Callable[[], None]:
        """There is none: nothing happens to it."""
        return lambda: None

    def storage(self, name: str) -> None:
        """There is no page that could be loaded again."""

    def cannot_block(self) -> str:
        return "this is a callback of browserws.sync, for whose end it would wait" if self._background.is_here() else ""

    def block(self, awaitable: Awaitable[Result]) -> Result:
        return self._background.run(awaitable)

    def open(self, url: str, protocols: Sequence[str], callbacks: Callbacks) -> NativeLink:
        return self._open(None, url, protocols, callbacks)

    def open_stream(
        self, marks: tuple[float, float], url: str, protocols: Sequence[str], callbacks: Callbacks
    ) -> NativeLink:
        return self._open(marks, url, protocols, callbacks)

    def _open(
        self, marks: tuple[float, float] | None, url: str, protocols: Sequence[str], callbacks: Callbacks
    ) -> NativeLink:
        options: Mapping[str, object] = url.options if isinstance(url, Endpoint) else {}
        return NativeLink(marks, str(url), protocols, callbacks, options, self._guards.of_running_loop())


host = NativeHost()
