"""`Signal`: what one task waits for and a callback sets. The task goes on inside `set()`, at once.

With an `asyncio.Event` it would go on two iterations of the event loop later: in a browser, some 50 µs.
`asyncio` lets a task wait for any object that behaves as a future, so a signal is one itself, and calls its task
directly; only where another task is running, which cannot be interrupted, the loop has to do it.

The price: the task is then inside a JavaScript event, where Pyodide's `run_sync` cannot block.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextvars import Context
    from typing import Any

import asyncio
import sys

from .._host.report import report

if sys.implementation.name != "micropython":
    from asyncio import _get_running_loop, current_task

    class Signal:
        """`await signal.wait()` returns after the next `set()`, with what that was given; one task at a time may wait.

        A task that was cancelled after `set()` has left behind what it was given, in `value`.
        """

        value: object = None
        _callback: "Callable[[Any], object] | None" = None  # the task's, while it waits
        _context: "Context"  # these come with the callback
        _hooks: "Any"
        _loop: "asyncio.AbstractEventLoop"
        _error: "asyncio.CancelledError | None" = None

        def wait(self) -> "Signal":
            return self

        def __await__(self) -> "Generator[Any, None, Any]":
            self._loop = asyncio.get_running_loop()
            self._error = None
            self._asyncio_future_blocking = True
            try:
                yield self
            finally:
                self._callback = None
            value, self.value = self.value, None
            return value

        def set(self, value: object = None) -> bool:
            """Whether a task waits, which gets the value."""
            callback, self._callback = self._callback, None
            if callback is None:
                return False
            self.value = value
            loop = self._loop
            if _get_running_loop() is not loop or current_task(loop) is not None:
                loop.call_soon(callback, self, context=self._context)
                return True
            # as the loop has them: a JavaScript event may come with a thread state of its own
            sys.set_asyncgen_hooks(*self._hooks)
            try:
                self._context.run(callback, self)
            except BaseException as error:
                # SystemExit and its like come through a task: to the loop, not to who sets
                loop.call_soon(_reraise, error)
            return True

        # --- what a task asks of a future ---

        def get_loop(self) -> "asyncio.AbstractEventLoop":
            return self._loop

        def add_done_callback(self, callback: "Callable[[Any], object]", *, context: "Context") -> None:
            self._callback = callback
            self._context = context
            self._hooks = sys.get_asyncgen_hooks()

        def result(self) -> None:
            if self._error is not None:
                raise self._error

        def cancel(self, msg: "Any | None" = None) -> bool:
            callback, self._callback = self._callback, None
            if callback is None:
                return False
            self._error = asyncio.CancelledError() if msg is None else asyncio.CancelledError(msg)
            self._loop.call_soon(callback, self, context=self._context)
            return True

    def _reraise(error: BaseException) -> None:
        raise error

else:
    core: "Any" = asyncio.core  # type: ignore[attr-defined]  # of MicroPython

    class Signal:  # type: ignore[no-redef]  # one of the two
        """The same; it is what the task waits for, as its `data`. (Tasks know no futures here.)"""

        value: object = None
        _task: "object | None" = None

        def set(self, value: object = None) -> bool:
            task, self._task = self._task, None
            if task is None:
                return False
            self.value = value
            if core.cur_task is core._top_level_task:
                _go_on(task)
            else:  # another task is running
                _queue().push(task)
            return True

        def remove(self, task: "Any") -> None:
            """What `Task.cancel` asks of what the task waits for."""
            self._task = None

        def wait(self) -> "Generator[None, None, Any]":
            self._task = core.cur_task
            core.cur_task.data = self
            yield
            value, self.value = self.value, None
            return value

    def _queue() -> "Any":
        return core._task_queue

    def _go_on(task: "Any") -> None:
        """What the loop would do next: by itself, in 4 ms and by way of a timer."""
        nobody = core.cur_task
        task.data = None
        core.cur_task = task
        try:
            task.coro.send(None)
        except (asyncio.CancelledError, Exception) as error:
            _finish(task, error)
        except BaseException as error:  # SystemExit and its like end the task; the others go on
            report(error)
        core.cur_task = nobody
        following = _queue().peek()  # that the task has begun or woken
        if following and core.ticks_diff(following.ph_key, core.ticks()) <= 0:
            _run_tasks()

    def _finish(task: "Any", error: BaseException) -> None:
        """The task is done: what the loop does then."""
        waiting = False
        if task.state is True:
            task.state = None
        elif callable(task.state):
            task.state(task, error)
            task.state = False
            waiting = True
        else:
            while task.state.peek():
                _queue().push(task.state.pop())
                waiting = True
            task.state = False
        if not waiting and not isinstance(error, (asyncio.CancelledError, StopIteration)):
            _queue().push(task)  # the loop reports it, unless somebody asks for it before
        task.data = error

    def _run_tasks() -> None:
        while True:
            try:
                core._run_iter()
                return
            except BaseException as error:
                report(error)
