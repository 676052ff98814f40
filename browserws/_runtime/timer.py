"""A limit of time for something that one waits for."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .._host.interface import Host


class Timer:
    """Calls `callback` after so many seconds, never if that is None. `expired` tells whether it did."""

    def __init__(self, host: "Host", seconds: "float | None", callback: "Callable[[], object]") -> None:
        self.expired = False
        self._callback = callback
        self._handle = None if seconds is None else host.call_later(seconds, self._expire)

    def _expire(self) -> None:
        self.expired = True
        self._callback()

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
