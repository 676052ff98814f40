"""The exceptions of browserws.

    WebSocketException
    ├── InvalidURI                the browser would refuse the URL
    ├── InvalidHandshake          the connection could not be opened
    ├── NotOpen                   send() before the connection is open
    ├── GiveUp                    raised by a function that gives a URL or token: no further attempt
    ├── BufferFull                send() or publish() while the send queue is full
    ├── ConcurrencyError          recv() while another recv() waits
    ├── ProtocolViolation         the other side does not speak PROTOCOL.md
    ├── ChannelError              the hub refused a request
    │   ├── NotJoined                 of a channel that was not joined
    │   ├── UnknownChannel            for a channel that does not exist
    │   ├── NotAllowed                of what this user may not do
    │   ├── MessageTooLong            a publish or call larger than the hub takes
    │   ├── CallError                 a function that was called has failed
    │   └── NotDelivered              it is unknown whether the publish or call was made
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
    """The URL is not one that the browser would open. `uri` is the URL, `msg` says why."""

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


class GiveUp(WebSocketException):
    """Raise it in the function that returns the URL, the subprotocols or the token, to end all attempts.

        async def url():
            response = await fetch("/token")
            if response.status == 403:
                raise GiveUp("this account is blocked")
            return "/chat?token=" + await response.text()

    The `ReliableWebSocket` makes no further attempt, and its `giveup` event has this text as `reason`. Any
    other exception counts as a failed attempt.
    """


class BufferFull(WebSocketException):
    """The send queue is full (`max_queue_messages`, `max_pending`, or their bytes): this message was not queued."""


class ProtocolViolation(WebSocketException):
    """The server sent a message that PROTOCOL.md does not allow: check that the URL is that of a hub."""


class ChannelError(WebSocketException):
    """A request failed; `reason` says why. `code` is that of the hub's error (PROTOCOL.md), or "too_long" or
    "not_delivered"; `channel` is the channel's name, None if it is not about one.
    """

    code = "bad_request"

    def __init__(self, channel: "str | None", reason: str, code: "str | None" = None) -> None:
        super().__init__(channel, reason)
        self.channel = channel
        self.reason = reason
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return self.reason if self.channel is None else f"{self.channel!r}: {self.reason}"


class NotJoined(ChannelError):
    """The channel was not joined, or left since: join it first."""

    code = "not_joined"


class UnknownChannel(ChannelError):
    """There is no such channel."""

    code = "unknown_channel"


class NotAllowed(ChannelError):
    """This user may not do that in this channel."""

    code = "forbidden"


class MessageTooLong(ChannelError):
    """The message is larger than the hub takes: nothing was sent."""

    code = "too_long"


class NotDelivered(ChannelError):
    """It is unknown whether the publish or call was made: its connection was lost, and the session of a publish,
    too.
    """

    code = "not_delivered"


class CallError(ChannelError):
    """A function that was called has failed: `code` and `reason` are what it says, or those of PROTOCOL.md."""


def refusal(channel: "str | None", code: str, reason: str, other: "type[ChannelError]" = ChannelError) -> ChannelError:
    """The `ChannelError` of the right class for an error message of the hub; `other` if no class has the code."""
    for kind in (NotJoined, UnknownChannel, NotAllowed, MessageTooLong, NotDelivered):
        if kind.code == code:
            return kind(channel, reason)
    return other(channel, reason, code)


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
