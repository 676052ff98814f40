"""`RefusedLink`: a socket that the browser would not even make. It stands where `Link` stands.

Firefox and WebKit throw where the page's Content Security Policy forbids the address; Chromium makes a
socket that fails a moment later, and so does this.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class RefusedLink:
    def __init__(
        self,
        host: "Any",
        url: str,
        failed: "Callable[[Any], None]",
        closed: "Callable[[int, str, bool, Any], None]",
    ) -> None:
        self.js = NoSocket(url)
        self._failed = failed
        self._closed: "Callable[[int, str, bool, Any], None] | None" = closed
        self._timer = host.call_later(0, self._fail)

    def is_open(self) -> bool:
        return False

    def close(self, code: int, reason: str) -> None:
        """It ends all the same."""

    def _fail(self) -> None:
        self._failed(None)
        self._end()

    def abandon(self) -> None:
        self._timer.cancel()
        self._end()

    def _end(self) -> None:
        closed, self._closed = self._closed, None
        if closed is not None:
            closed(1006, "", False, None)


class NoSocket:
    """The attributes of a JavaScript WebSocket that are read."""

    protocol = ""
    extensions = ""
    bufferedAmount = 0
    readyState = 3

    def __init__(self, url: str) -> None:
        self.url = url
