"""`SocketIOCodec`: `Channels`, `ChatClient` and `LiveDataClient` with a Socket.IO server, such as Flask-SocketIO.

    from browserws import Channels
    from browserws.protocols.socketio import SocketIOCodec

    url = "wss://example.org/socket.io/?EIO=4&transport=websocket"
    channels = Channels(url, {"codec": SocketIOCodec()})
    news = channels.join("news")            # the events that are called so
    news.publish({"text": "hello"})         # emits one; `await` it to know that its handler has run

Derive from it where channels are rooms, or something else than events.

Sources: the Engine.IO protocol 4 (WebSocket transport only) and the Socket.IO protocol 5.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..codecs import Encoded

    Event = tuple[Any, ...]  # its name, and its arguments

from .._pure import json_text
from ..codecs import said
from ..errors import ProtocolViolation, WebSocketException
from . import socketio_packets as packets


class SocketIOCodec:
    """Speaks with one namespace. What it needs of the server:

    The server answers an event when its handler has returned, as all do; an event without a handler is answered by
    nobody, and the publish is a `TimeoutError`. It remembers no session: a publish whose answer was lost with the
    connection is `NotDelivered`, and what others publish while there is no connection is lost silently.

    The connection ends for good when the server refuses or disconnects it: an `error` event says why.
    """

    acknowledges = True
    heartbeat: "tuple[str, str] | None" = None  # the server pings
    ping_interval: "float | None" = 25_000  # what servers have if they are not told otherwise
    has_inboxes = False

    def __init__(self, namespace: str = "/") -> None:
        self._prefix = "" if namespace == "/" else namespace + ","
        self._user: "str | None" = None
        self._connect = ""  # the packet with which the page answers the server's first
        self._reader = packets.PacketReader(self._prefix)
        self._asked: "dict[int, dict[str, Any]]" = {}  # what was asked for on this connection, but for publishes

    # --- to be overridden ---

    def auth(self, user: "str | None", token: "str | None") -> "Any":
        """What the server's `connect` handler gets; None for nothing."""
        return None if token is None else {"token": token}

    def join(self, channel: str) -> "Event | None":
        """The event that subscribes to a channel; None if the server needs none."""

    def leave(self, channel: str) -> "Event | None":
        """The event that ends it; None if the server needs none."""

    def publish(self, channel: str, data: "Any") -> "Event":
        """The event that publishes: its name and its arguments, JSON values with bytes wherever you like."""
        return channel, data

    def history(self, channel: str, limit: int) -> "Event | None":
        """The event that is answered by a list of messages, each as `message` gets it; None if there is none."""

    def message(self, event: str, arguments: "Sequence[Any]") -> "tuple[str, Any, str | None] | None":
        """Channel, data and user of an event from the server; None to ignore it."""
        return event, arguments[0] if len(arguments) == 1 else list(arguments), None

    def refused(self, arguments: "Sequence[Any]") -> "str | None":
        """The reason, if what the server's handler has answered means that it refused."""

    # --- from the page ---

    def encode(self, message: "dict[str, Any]", data: "bytes | None") -> "Encoded":
        kind = message["type"]
        if kind == "hello":  # the server speaks first
            self._user = message.get("user")
            auth = self.auth(self._user, message.get("token"))
            self._connect = packets.MESSAGE + packets.CONNECT + self._prefix
            self._connect += "" if auth is None else json_text.dumps(auth)
            self._reader, self._asked = packets.PacketReader(self._prefix), {}
            return [], []
        channel, number = message["channel"], message["id"]
        event: "Event | None"
        if kind == "publish":
            event = self.publish(channel, message.get("data") if data is None else data)
        elif kind == "history":
            event = self.history(channel, message["limit"])
        else:
            event = self.join(channel) if kind == "join" else self.leave(channel)
        if event is None:
            return [], [_answer(message, [])]
        if kind != "publish":
            self._asked[number] = message
        return packets.event_frames(self._prefix, number, event), []

    # --- from the server ---

    def decode(self, frame: "str | memoryview") -> "Encoded":
        if not isinstance(frame, str):
            return self._take(self._reader.attach(bytes(frame)))
        kind, content = frame[:1], frame[1:]
        if kind == packets.MESSAGE:
            return self._take(self._reader.read(content))
        if kind == packets.OPEN:
            return [self._connect], []
        if kind == packets.PING:
            return [packets.PONG + content], []
        if kind in (packets.END, packets.NOOP):
            return [], []
        raise ProtocolViolation(f"not a packet of Engine.IO: {frame[:40]!r}")

    def _take(self, packet: "packets.Packet | None") -> "Encoded":
        if packet is None:
            return [], []
        kind, number, value = packet
        if kind in (packets.EVENT, packets.BINARY_EVENT):
            found = self.message(value[0], value[1:])
            answers = [] if number is None else [f"{packets.MESSAGE}{packets.ACK}{self._prefix}{number}[]"]
            return answers, [] if found is None else [said(found)]
        if kind in (packets.ACK, packets.BINARY_ACK):
            return [], [] if number is None else [self._answered(number, value)]
        if kind == packets.CONNECT:
            return [], [{"type": "welcome", "user": self._user}]
        if kind == packets.DISCONNECT:
            raise WebSocketException("the server ended the connection")
        if kind == packets.CONNECT_ERROR:
            why = value.get("message") if isinstance(value, dict) else value
            raise WebSocketException(f"the server refused the connection: {why}")
        raise ProtocolViolation(f"Socket.IO has no packet {kind!r}")

    def _answered(self, number: int, arguments: "list[Any]") -> "dict[str, Any]":
        asked = self._asked.pop(number, None)
        reason = self.refused(arguments)
        if reason is not None:
            return {"type": "error", "id": number, "code": "refused", "reason": reason}
        if asked is None:
            return {"type": "ack", "id": number}
        items = arguments[0] if asked["type"] == "history" and arguments else []
        found = [self.message(asked["channel"], [item]) for item in items]
        return _answer(asked, [{"data": each[1], "user": each[2]} for each in found if each is not None])


_ANSWERS = {"join": "joined", "leave": "left", "history": "history"}


def _answer(asked: "dict[str, Any]", messages: "list[dict[str, Any]]") -> "dict[str, Any]":
    return {"type": _ANSWERS[asked["type"]], "id": asked["id"], "channel": asked["channel"], "messages": messages}
