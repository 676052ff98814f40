"""What libraries use of `threading` and `queue`, where there are no threads: a `Thread` is a task of asyncio whose code
may block, and others have their turn while it does, and at no other time.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from queue import Empty
from types import TracebackType
from typing import Any

from .waiting import Bell, wait

__all__ = ["Empty", "Event", "Lock", "SimpleQueue", "Thread"]


class Lock:
    def __init__(self) -> None:
        self._is_locked = False
        self._bell = Bell()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        limit = (None if timeout < 0 else timeout) if blocking else 0
        if not wait(lambda: not self._is_locked, [self._bell], limit):
            return False
        self._is_locked = True
        return True

    def release(self) -> None:
        if not self._is_locked:
            raise RuntimeError("release unlocked lock")
        self._is_locked = False
        self._bell.ring()

    def locked(self) -> bool:
        return self._is_locked

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


class Event:
    def __init__(self) -> None:
        self._is_set = False
        self._bell = Bell()

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        self._bell.ring()

    def clear(self) -> None:
        self._is_set = False

    def wait(self, timeout: float | None = None) -> bool:
        return wait(self.is_set, [self._bell], timeout)


class Thread:
    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] = lambda: None,
        name: str | None = None,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        daemon: bool | None = None,
    ) -> None:
        self.name = name or target.__name__
        self.daemon = bool(daemon)
        self._run = partial(target, *args, **(kwargs or {}))
        self._task: asyncio.Task[None] | None = None
        self._bell = Bell()

    def start(self) -> None:
        if self._task is not None:
            raise RuntimeError("threads can only be started once")
        self._task = asyncio.get_running_loop().create_task(self._main())
        self._task.add_done_callback(lambda task: self._bell.ring())

    async def _main(self) -> None:
        try:
            self._run()
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)

    def is_alive(self) -> bool:
        return self._task is not None and not self._task.done()

    def join(self, timeout: float | None = None) -> None:
        wait(lambda: not self.is_alive(), [self._bell], timeout)


class SimpleQueue:
    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._bell = Bell()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        self._items.append(item)
        self._bell.ring()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not wait(lambda: bool(self._items), [self._bell], timeout if block else 0):
            raise Empty
        return self._items.popleft()

    def qsize(self) -> int:
        return len(self._items)

    def empty(self) -> bool:
        return not self._items
