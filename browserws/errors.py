"""The exceptions of browserws.

    WebSocketException
    ├── InvalidURI                the browser would refuse the address
    ├── InvalidHandshake          the connection could not be opened
    ├── NotOpen                   send() before the connection is open
    ├── BufferFull                send() of a ReliableWebSocket whose queue is full
    ├── ConcurrencyError          recv() while another recv() waits
    └── ConnectionClosed          send() or recv() when the connection is closing or closed
        ├── ConnectionClosedOK        closed with 1000 or 1001 on both sides
        └── ConnectionClosedError     any other end

Arguments of a wrong type are a `TypeError`, values that cannot be sent a `ValueError`: the same
mistake gets the same exception and text on Pyodide and MicroPython, raised before anything happens.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .codes import Close

from .codes import GOING_AWAY, NORMAL_CLOSURE


class WebSocketException(Exception):
    """Base class of the exceptions of browserws."""


class InvalidURI(WebSocketException):
    """The address is not one that the browser would open. `uri` is the address, `msg` says why."""

    def __init__(self, uri: str, msg: str) -> None:
        super().__init__(uri, msg)
        self.uri = uri
        self.msg = msg

    def __str__(self) -> str:
        return f"{self.uri!r} {self.msg}"


class InvalidHandshake(WebSocketException):
    """The connection could not be opened. Browsers do not tell a page why (WHATWG WebSockets §3.1)."""


class ConcurrencyError(WebSocketException):
    """A message is already being waited for: let one task receive and hand messages on."""


class NotOpen(WebSocketException):
    """The connection is not open yet: send from the `open` handler, or later."""


class BufferFull(WebSocketException):
    """The queue of messages that wait for a connection is full: this one was not taken."""


class ConnectionClosed(WebSocketException):
    """The connection is closing or closed: nothing more is sent or received.

    `rcvd` and `sent` are the `Close` frames received and sent, each `None` if there was none, and
    `rcvd_then_sent` tells their order where there are both (`None` elsewhere).
    """

    def __init__(self, rcvd: "Close | None", sent: "Close | None", rcvd_then_sent: "bool | None" = None) -> None:
        super().__init__(rcvd, sent, rcvd_then_sent)
        self.rcvd = rcvd
        self.sent = sent
        self.rcvd_then_sent = rcvd_then_sent

    def __str__(self) -> str:
        if self.rcvd is None and self.sent is None:
            return "no close frame received or sent"
        if self.rcvd is None:
            return f"sent {self.sent}; no close frame received"
        if self.sent is None:
            return f"received {self.rcvd}; no close frame sent"
        if self.rcvd_then_sent:
            return f"received {self.rcvd}; then sent {self.sent}"
        return f"sent {self.sent}; then received {self.rcvd}"


class ConnectionClosedOK(ConnectionClosed):
    """The connection ended with 1000 (OK) or 1001 (going away)."""


class ConnectionClosedError(ConnectionClosed):
    """The connection ended with another code, or without a closing handshake."""


def connection_closed(
    rcvd: "Close | None", sent: "Close | None", rcvd_then_sent: "bool | None" = None
) -> ConnectionClosed:
    """The `ConnectionClosed` of the right class for these frames."""
    fine = (NORMAL_CLOSURE, GOING_AWAY)
    clean = rcvd is not None and sent is not None and rcvd.code in fine and sent.code in fine
    kind = ConnectionClosedOK if clean else ConnectionClosedError
    return kind(rcvd, sent, rcvd_then_sent)
