"""What libraries use of `threading` and `queue`, where there are no threads: a `Thread` is a task of asyncio whose code
may block, and others have their turn while it does, and at no other time.

All that the standard library builds of locks in Python (`Condition`, `Event`, `Semaphore`, `Queue`, `Timer`, thread
pools) works by these locks. Those of CPython would stop the whole page instead.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from collections import deque
from contextvars import Context, ContextVar
from queue import Empty
from types import TracebackType
from typing import Any
from weakref import WeakKeyDictionary

from .waiting import Bell, check_threads, wait

_numbers = itertools.count(1 << 20)  # of threads; the program's own has another
_current: ContextVar[threading.Thread | None] = ContextVar("thread", default=None)
_own_ident = threading.get_ident


class Turn:
    """Of one who waits for a lock."""

    def __init__(self) -> None:
        self.has_come = False
        self.bell = Bell()


class Lock:
    """Who waits first gets it first: who releases it and wants it again has no way to let others run in between."""

    def __init__(self) -> None:
        self._is_locked = False
        self._turns: deque[Turn] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if not self._is_locked:
            self._is_locked = True
            return True
        if not blocking:
            return False
        turn = Turn()
        self._turns.append(turn)
        try:
            wait(lambda: turn.has_come, [turn.bell], None if timeout < 0 else timeout)
        except BaseException:  # such as a task that is cancelled
            self._give_up(turn)
            raise
        if not turn.has_come:
            self._give_up(turn)
        return turn.has_come

    def _give_up(self, turn: Turn) -> None:
        if turn.has_come:
            Lock.release(self)
        else:
            self._turns.remove(turn)

    def release(self) -> None:
        if not self._is_locked:
            raise RuntimeError("release unlocked lock")
        if self._turns:
            turn = self._turns.popleft()
            turn.has_come = True
            turn.bell.ring()
        else:
            self._is_locked = False

    def locked(self) -> bool:
        return self._is_locked

    def _at_fork_reinit(self) -> None:
        """The standard library registers it for forks, of which a page has none."""

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


class RLock(Lock):
    """A task owns it: tasks of one thread that block in a page have their turns like threads."""

    def __init__(self) -> None:
        super().__init__()
        self._owner: object = None
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if not self._is_owned():
            if not super().acquire(blocking, timeout):
                return False
            self._owner = _runs_now()
        self._count += 1
        return True

    def release(self) -> None:
        if not self._is_owned():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = None
            super().release()

    # --- for `threading.Condition` ---

    def _is_owned(self) -> bool:
        return self._owner is _runs_now()

    def _release_save(self) -> int:
        count, self._count = self._count, 1
        self.release()
        return count

    def _acquire_restore(self, count: int) -> None:
        self.acquire()
        self._count = count


def _runs_now() -> object:
    return asyncio.current_task() or threading.main_thread()


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

    def put_nowait(self, item: Any) -> None:
        self.put(item)

    def get_nowait(self) -> Any:
        return self.get(False)

    def qsize(self) -> int:
        return len(self._items)

    def empty(self) -> bool:
        return not self._items


class Life:
    """Of a thread that was started."""

    def __init__(self, thread: threading.Thread) -> None:
        self.ended = threading.Event()
        # as in CPython, it begins without the context of the one that starts it
        self.task = asyncio.get_running_loop().create_task(_run(thread, self.ended), context=Context())


_lives: WeakKeyDictionary[threading.Thread, Life] = WeakKeyDictionary()


async def _run(thread: threading.Thread, ended: threading.Event) -> None:
    await asyncio.sleep(0)  # from here on it may block, whoever has started it
    _current.set(thread)
    running: dict[int, threading.Thread] = vars(threading)["_active"]
    number = vars(thread)["_ident"] = next(_numbers)
    running[number] = thread
    try:
        thread.run()
    except SystemExit:
        pass
    except BaseException:
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), thread)))
    finally:
        del running[number]
        ended.set()


# --- methods of `threading.Thread` ---


def start(thread: threading.Thread) -> None:
    """Raises `NotInPages` where the browser lets no task block."""
    check_threads()
    if thread in _lives:
        raise RuntimeError("threads can only be started once")
    _lives[thread] = Life(thread)
    vars(thread)["_started"].set()  # an event that the library of CPython waits for


def is_alive(thread: threading.Thread) -> bool:
    life = _lives.get(thread)
    return life is not None and not life.ended.is_set()


def join(thread: threading.Thread, timeout: float | None = None) -> None:
    life = _lives.get(thread)
    if life is None:
        raise RuntimeError("cannot join thread before it is started")
    if _current.get() is thread:
        raise RuntimeError("cannot join current thread")
    life.ended.wait(None if timeout is None else max(timeout, 0))


def get_ident() -> int:
    """As `threading.get_ident`."""
    thread = _current.get()
    return _own_ident() if thread is None or thread.ident is None else thread.ident
