"""A callback after some time, that can be called off. (MicroPython's event loop has no `call_later`, and its
`asyncio.wait_for` cannot be used at the top level of a script.)"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

import asyncio


class Timer:
    """Calls `callback` after so many seconds, never if that is None. `expired` tells whether it did."""

    def __init__(self, seconds: "float | None", callback: "Callable[[], object]") -> None:
        self.expired = False
        self._callback = callback
        self._task = None if seconds is None else asyncio.create_task(self._run(seconds))

    async def _run(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._task = None  # from here on it is too late to cancel
        self.expired = True
        self._callback()

    def cancel(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
