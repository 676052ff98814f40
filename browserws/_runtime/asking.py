"""`Asking`: what users may give as a value or as a function, also async: a URL, subprotocols."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .._host.interface import Host

import asyncio

from .handlers import is_awaitable


class Asking:
    """Asks one source after the other, then calls `done(error, values)`: before it returns, if none is async.

    `cancel()` ends it: `done` is not called any more, and what runs for a source is cancelled.
    """

    def __init__(self, host: "Host", sources: "Sequence[Any]", done: "Callable[[Exception | None, list[Any]], None]"):
        self._host = host
        self._sources = list(sources)
        self._values: "list[Any]" = []
        self._done: "Callable[[Exception | None, list[Any]], None] | None" = done
        self._task: "asyncio.Task[None] | None" = None  # asyncio itself keeps only weak references to tasks
        self._go_on()

    def _go_on(self) -> None:
        try:
            while self._sources and self._done is not None:
                source = self._sources.pop(0)
                value = source() if callable(source) else source
                if is_awaitable(value):
                    self._task = asyncio.create_task(self._wait(value))
                    return
                self._values.append(value)
        except Exception as error:
            self._finish(error)
            return
        self._finish(None)

    async def _wait(self, value: "Any") -> None:
        try:
            self._values.append(await value)
        except Exception as error:
            self._finish(error)
            return
        self._go_on()

    def _finish(self, error: "Exception | None") -> None:
        done, self._done = self._done, None
        if done is not None:
            done(error, self._values)

    def cancel(self) -> None:
        self._done = None
        if self._task is not None:
            # later, as this may be called by that very task, which MicroPython could not cancel
            self._host.call_later(0, self._task.cancel)
