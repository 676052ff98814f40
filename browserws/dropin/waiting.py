"""Waiting in code that blocks: the Python code that waits is suspended, by JavaScript Promise Integration; the page and
other tasks go on meanwhile (`browserws.sync` says where that works).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from .._host import current
from .errors import NotInPages

Result = TypeVar("Result")


def check_blocking() -> None:
    """Raise `NotInPages` where Python cannot block, and say why."""
    reason = current().cannot_block()
    if reason:
        raise NotInPages(reason)


def block(awaitable: Awaitable[Result]) -> Result:
    return current().block(awaitable)


def check_threads() -> None:
    """Raise `NotInPages` where no task can block."""
    from ._host import has_suspending

    if not has_suspending:
        raise NotInPages(f"a page has no threads, and no task can stand for one: {current().cannot_block()}")


def sleeper(before: Callable[[float], object]) -> Callable[[float], None]:
    """A `time.sleep` that lets the page go on; `before`, which does not, is for where Python cannot block."""

    def sleep(seconds: float, /) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        if current().cannot_block():
            before(seconds)
        else:
            block(asyncio.sleep(seconds))

    return sleep


class Bell:
    """Rings when something has changed that others wait for."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[], object]] = []

    def ring(self) -> None:
        for callback in tuple(self.callbacks):
            callback()


def wait(condition: Callable[[], bool], bells: list[Bell], timeout: float | None = None) -> bool:
    """Block until the condition holds, which may have changed when a bell rings.

    False if it does not hold within so many seconds. Raises `NotInPages` where it would have to block and cannot.
    """
    if condition():
        return True
    if timeout is not None and timeout <= 0:
        return False
    check_blocking()
    is_late = False

    def be_late() -> None:
        nonlocal is_late
        is_late = True
        wake.set()

    # not `asyncio.wait_for`: it asks for the task that runs, and that is the one which blocks
    wake = asyncio.Event()
    timer = None if timeout is None else asyncio.get_running_loop().call_later(timeout, be_late)
    for bell in bells:
        bell.callbacks.append(wake.set)
    try:
        while not condition() and not is_late:
            wake.clear()
            block(wake.wait())
    finally:
        for bell in bells:
            bell.callbacks.remove(wake.set)
        if timer is not None:
            timer.cancel()
    return condition()
