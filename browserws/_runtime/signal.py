"""`Signal`: what one task waits for and a callback sets. The task goes on inside `set()`, at once.

With an `asyncio.Event` it would go on two iterations of the event loop later: in a browser, some 50 µs.
`asyncio` lets a task wait for any object that behaves as a future, so this one calls its task
directly; only where another task is running, which cannot be interrupted, the loop has to do it.

The price: the task is then inside a JavaScript event, where Pyodide's `run_sync` cannot block.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context
    from typing import Any

import asyncio
import sys

from .._host.report import report

if sys.implementation.name == "micropython":
    from asyncio import core  # type: ignore[attr-defined]  # of MicroPython

    class Signal:
        """`wait()` returns after the next `set()`; one task at a time may wait. (Tasks know no futures here.)"""

        def __init__(self) -> None:
            self._event = asyncio.Event()
            self._is_awaited = False

        def set(self) -> None:
            self._event.set()
            if self._is_awaited and core.cur_task is core._top_level_task:  # else a task is running
                self._run_tasks()

        def _run_tasks(self) -> None:
            """What the loop does next: by itself, in 4 ms."""
            while True:
                try:
                    core._run_iter()
                    return
                except BaseException as error:  # SystemExit and its like end the task; the others go on
                    report(error)

        async def wait(self) -> None:
            self._event.clear()
            self._is_awaited = True
            try:
                await self._event.wait()
            finally:
                self._is_awaited = False

else:

    class Signal:  # type: ignore[no-redef]  # one of the two
        """`wait()` returns after the next `set()`; one task at a time may wait."""

        def __init__(self) -> None:
            self._awaited: "_Awaited | None" = None

        def set(self) -> None:
            if self._awaited is not None:
                self._awaited.end()

        async def wait(self) -> None:
            self._awaited = _Awaited()
            try:
                await self._awaited
            finally:
                self._awaited = None

    class _Awaited(asyncio.Future[None]):
        """A future whose one callback, the task's, is called by `end()` itself."""

        _callback: "Callable[[Any], object] | None" = None
        _context: "Context"  # these two come with the callback
        _hooks: "Any"

        def add_done_callback(self, callback: "Callable[[Any], object]", *, context: "Any" = None) -> None:
            self._callback = callback
            self._context = context
            self._hooks = sys.get_asyncgen_hooks()

        def end(self) -> None:
            if not self.done():
                self.set_result(None)
                if self._callback is not None and self._nothing_runs():
                    # as the loop has them: a JavaScript event may come with a thread state of its own
                    sys.set_asyncgen_hooks(*self._hooks)
                    try:
                        self._context.run(self._callback, self)
                    except BaseException as error:
                        # SystemExit and its like come through a task: to the loop, not to who sets
                        self.get_loop().call_soon(_reraise, error)
                else:
                    self._call_soon()

        def _nothing_runs(self) -> bool:
            return asyncio._get_running_loop() is self.get_loop() and asyncio.current_task() is None

        def cancel(self, msg: "Any | None" = None) -> bool:
            cancelled = super().cancel(msg)
            if cancelled:
                self._call_soon()
            return cancelled

        def _call_soon(self) -> None:
            if self._callback is not None:
                self.get_loop().call_soon(self._callback, self, context=self._context)

    def _reraise(error: BaseException) -> None:
        raise error
