"""`add_signal_handler`, which programs call and Pyodide's loop refuses: a page sends no signals but to itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Any

from ..finder import Changes


class Handler:
    """What `signal.signal` is given, to tell it from others."""

    def __init__(self, loop: asyncio.AbstractEventLoop, callback: Callable[..., object], arguments: tuple[Any, ...]):
        self._loop, self._callback, self._arguments = loop, callback, arguments

    def __call__(self, number: int, frame: object) -> None:
        self._loop.call_soon_threadsafe(self._callback, *self._arguments)


def patch(module: Any, changes: Changes) -> None:
    changes.set(module.WebLoop, "add_signal_handler", add_signal_handler)
    changes.set(module.WebLoop, "remove_signal_handler", remove_signal_handler)


def add_signal_handler(loop: Any, sig: int, callback: Callable[..., object], *args: Any) -> None:
    """As `asyncio.loop.add_signal_handler`: `signal.raise_signal` and Pyodide's interrupts come to it."""
    signal.signal(sig, Handler(loop, callback, args))


def remove_signal_handler(loop: Any, sig: int) -> bool:
    """Whether there was one."""
    if not isinstance(signal.getsignal(sig), Handler):
        return False
    signal.signal(sig, signal.default_int_handler if sig == signal.SIGINT else signal.SIG_DFL)
    return True
