"""`Socket`: one connection, its state, and how it ends. What the public classes stand on."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .._host.interface import Host, JsSocket

from .._host import current
from .._host.callbacks import Callbacks
from .._pure import checks, lifecycle
from .._pure.url import websocket_url
from ..codes import ABNORMAL_CLOSURE, NORMAL_CLOSURE, Close
from ..errors import NotOpen, connection_closed


def check_url(url: str, host: "Host | None" = None) -> str:
    """The absolute URL; `NotImplementedError` where there is no WebSocket, `InvalidURI`, `TypeError`."""
    host = host or current()
    if host.missing:
        raise NotImplementedError(host.missing)
    absolute = websocket_url(url, host.parse, host.page_origin, host.page_is_known)
    return url.absolute(absolute) if hasattr(url, "absolute") else absolute  # an Endpoint, of browserws.native


class Socket:
    """A connection to `url`; `callbacks` hear of it as they do of a link (`_host/callbacks.py`).

    With `marks`, (high, low), the sender is paused while so many messages wait to be taken.
    """

    def __init__(
        self,
        url: str,
        protocols: "str | Sequence[str] | None",
        callbacks: Callbacks,
        *,
        marks: "tuple[float, float] | None" = None,
        host: "Host | None" = None,
    ) -> None:
        offered = checks.subprotocols(protocols)
        self.host = host or current()
        absolute = check_url(url, self.host)
        self.state = lifecycle.CONNECTING
        self._opened = False
        self._sent_close: "Close | None" = None  # by close()
        self._received_close: "Close | None" = None
        self._callbacks = callbacks
        self.callbacks = Callbacks(  # of the link
            callbacks.binary,
            self._on_open,
            callbacks.on_messages,
            self._on_failure,
            self._on_end,
            callbacks.on_message,
            callbacks.reads_later,
        )
        if marks is None:
            self._link = self.host.open(absolute, offered, self.callbacks)
        else:
            self._link = self.host.open_stream(marks, absolute, offered, self.callbacks)

    @property
    def js(self) -> "JsSocket":
        """The JavaScript WebSocket."""
        return self._link.js

    @property
    def ready_state(self) -> int:
        """As in JavaScript: 0 to 3."""
        self._notice_closing()
        return lifecycle.READY_STATE[self.state]

    # --- sending and closing ---

    def send(self, data: object) -> None:
        """Send a `str`, or an object with the buffer protocol; raises `TypeError`, `ValueError`, `NotOpen`,
        `ConnectionClosed`.
        """
        message = checks.message(data)
        self._notice_closing()
        if self.state != lifecycle.OPEN:
            raise self.why_not_sendable()
        self._link.send(message)

    def close(self, code: "int | None", reason: "str | None") -> None:
        """Begin the closing handshake, unless it has begun; raises `TypeError`, `ValueError`."""
        code, reason = checks.close_arguments(code, reason)
        self._notice_closing()
        if self.state in (lifecycle.CONNECTING, lifecycle.OPEN):
            if self.state == lifecycle.OPEN:
                self._sent_close = Close(code, reason)
            self._move(lifecycle.CLOSE_ASKED)
            self._link.close(code, reason)

    def flush(self) -> None:
        """Hand over the messages that have come."""
        self._link.flush()

    def abort(self) -> None:
        """Be closed now (1006), without waiting for the server's answer or the network's.

        The messages that have come are handed over first.
        """
        if self.state != lifecycle.CLOSED:
            self.close(NORMAL_CLOSURE, "")
            self._link.abort()

    def why_not_sendable(self) -> Exception:
        """The exception for who wants to send now, and cannot."""
        if self.state == lifecycle.CONNECTING:
            return NotOpen("the connection is not open yet: send from the open handler, or later")
        received, sent = self._received_close, self._sent_close
        if received is not None and sent is None:
            return connection_closed(received, received, True)  # the browser answered the same (RFC 6455 §5.5.1)
        return connection_closed(received, sent, False if received and sent else None)

    # --- what the link says ---

    def _on_open(self, source: "Any") -> None:
        self._opened = True
        self._move(lifecycle.OPENED)
        self._callbacks.on_open(source)

    def _on_failure(self, source: "Any") -> None:
        self._move(lifecycle.FAILURE)
        self._callbacks.on_failure(source)

    def _on_end(self, code: int, reason: str, was_clean: bool, source: "Any") -> None:
        if not self._opened:  # Firefox may say otherwise where close() came as the handshake ended
            code, reason, was_clean = ABNORMAL_CLOSURE, "", False
        if was_clean:
            self._received_close = Close(code, reason)
        self._move(lifecycle.ENDED)
        self._callbacks.on_end(code, reason, was_clean, source)

    def _notice_closing(self) -> None:
        """The browser begins to close without an event, and from then on drops what is sent."""
        if self.state == lifecycle.OPEN and not self._link.is_open():
            self._move(lifecycle.PEER_CLOSING)

    def _move(self, trigger: str) -> None:
        self.state = lifecycle.TABLE.move(self.state, trigger)
