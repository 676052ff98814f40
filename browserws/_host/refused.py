"""`RefusedLink`: a connection that the browser would not even begin. It stands where `SocketLink` stands.

Firefox and WebKit throw where the page's Content Security Policy forbids the URL; Chromium makes a
socket that fails a moment later, and so does this: after the event that says what was forbidden.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .callbacks import Callbacks
    from .interface import Runtime

FAILS_AFTER = 0.1  # seconds


class RefusedLink:
    def __init__(self, host: "Runtime", url: str, callbacks: "Callbacks") -> None:
        self.js = NoSocket(url)
        self._callbacks: "Callbacks | None" = callbacks
        self._timer = host.call_later(FAILS_AFTER, self._fail)

    def is_open(self) -> bool:
        return False

    def send(self, data: "str | memoryview") -> None:
        """It was never open."""

    def close(self, code: int, reason: str) -> None:
        """It ends all the same."""

    def flush(self) -> None:
        """Nothing comes."""

    def abort(self) -> None:
        self._timer.cancel()
        self._end()

    def _fail(self) -> None:
        if self._callbacks is not None:
            self._callbacks.on_failure(None)
        self._end()

    def _end(self) -> None:
        callbacks, self._callbacks = self._callbacks, None
        if callbacks is not None:
            callbacks.on_end(1006, "", False, None)


class NoSocket:
    """The attributes of a JavaScript WebSocket that are read."""

    protocol = ""
    extensions = ""
    bufferedAmount = 0
    readyState = 3

    def __init__(self, url: str) -> None:
        self.url = url
