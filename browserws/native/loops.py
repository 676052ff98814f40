"""Event loops: the one that is running, its end, and one in a thread of its own for calls that block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable
from typing import Generic, Protocol, TypeVar

from ..errors import WebSocketException

Result = TypeVar("Result")

INTERRUPTED_WITHIN = 0.1  # seconds


class NoEventLoop(WebSocketException, RuntimeError):
    """No event loop of asyncio is running in this thread."""


def running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise NoEventLoop(
        "no event loop of asyncio is running here: open connections in a coroutine, as in `asyncio.run(main())`, "
        "or use browserws.sync, which needs none"
    )


class Leaving(Protocol):
    async def leave(self) -> None:
        """Close, as the event loop ends: nothing can be told to anybody any more."""


class LoopGuard:
    """Closes what is open in an event loop when that is shut down, after its tasks have ended.

    Event loops close the asynchronous generators that are left (`loop.shutdown_asyncgens`, which `asyncio.run` calls):
    so there is one. It has to be made while the loop runs.
    """

    def __init__(self) -> None:
        self.is_over = False
        self.open: set[Leaving] = set()
        self._generator = self._until_shutdown()
        try:
            self._generator.__anext__().__await__().__next__()  # with this step, the loop knows of it
        except StopIteration:
            pass

    async def _until_shutdown(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self.is_over = True
            leaving, self.open = self.open, set()
            await asyncio.gather(*[each.leave() for each in leaving])


class LoopGuards:
    """The guard of each event loop."""

    def __init__(self) -> None:
        self._guards: dict[asyncio.AbstractEventLoop, LoopGuard] = {}

    def of_running_loop(self) -> LoopGuard:
        loop = running_loop()
        if loop not in self._guards:
            self._guards = {other: guard for other, guard in self._guards.items() if not other.is_closed()}
            self._guards[loop] = LoopGuard()
        return self._guards[loop]


class Call(Generic[Result]):
    """An awaitable that runs in an event loop, while another thread waits.

    That thread may be interrupted at any moment (Ctrl-C). A `concurrent.futures.Future` could then stay locked, and the
    event loop would wait for it; here nothing is locked that the event loop needs.
    """

    def __init__(self, awaitable: Awaitable[Result]) -> None:
        self._awaitable = awaitable
        self._task: asyncio.Task[Result] | None = None
        self._has_ended = False
        self._end = threading.Lock()  # free when it has ended
        self._end.acquire()

    # --- in the event loop ---

    def begin(self) -> None:
        self._task = asyncio.ensure_future(self._run())
        self._task.add_done_callback(self._on_end)

    async def _run(self) -> Result:
        return await self._awaitable

    def cancel(self) -> None:
        if self._task is None:  # interrupted before it could begin
            self._on_end(None)
        else:
            self._task.cancel()

    def _on_end(self, task: asyncio.Task[Result] | None) -> None:
        if task is not None and not task.cancelled():
            task.exception()  # else asyncio says that nobody has asked for it
        self._has_ended = True
        self._end.release()

    # --- in the other thread ---

    def wait(self) -> None:
        """A signal that comes just before a lock is waited for does not interrupt that: so look now and then."""
        while not self._has_ended:
            self._end.acquire(timeout=INTERRUPTED_WITHIN)

    def result(self) -> Result:
        assert self._task is not None
        return self._task.result()


class BackgroundLoop:
    """An event loop in a thread that is started when it is first needed, and ends with the program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def is_here(self) -> bool:
        """Whether this is called by that very thread, which must not wait for itself."""
        return threading.current_thread() is self._thread

    def run(self, awaitable: Awaitable[Result]) -> Result:
        """What the awaitable gives, when it has run in that loop. Interrupted (Ctrl-C), it is cancelled, and has ended
        when this raises."""
        call = Call(awaitable)
        loop = self._started()
        try:
            loop.call_soon_threadsafe(call.begin)
            call.wait()
        except BaseException:
            loop.call_soon_threadsafe(call.cancel)
            call.wait()
            raise
        return call.result()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            # A process that was forked has the loop of its parent, and no thread that runs it.
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="browserws.sync", daemon=True)
                self._thread.start()
            return self._loop
