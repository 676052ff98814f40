"""How `Channels` speaks with its server: the hub's own way, or what another server understands.

A codec is what `Codec` describes; its messages are those of PROTOCOL.md, as dicts. It may raise `WebSocketException` to
end the connection for good.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    Encoded = tuple[list[Any], list[dict[str, Any]]]  # frames to send, and messages as if the hub had sent them

    class Codec(Protocol):
        @property
        def acknowledges(self) -> bool:
            """Whether the server answers a publish when it has it."""

        @property
        def heartbeat(self) -> tuple[str, str] | None:
            """A message to send now and then, and the server's answer to it."""

        @property
        def ping_interval(self) -> float | None:
            """Milliseconds between the pings that the server sends; None if it sends none."""

        @property
        def has_inboxes(self) -> bool:
            """Whether what is published in the channel "@user" comes to that user alone."""

        def encode(self, message: dict[str, Any], data: bytes | None) -> Encoded:
            """The frames to send for a message of the page, whose bytes are `data` if it has some; and for a server
            that does not answer, the messages that the hub would answer. A `hello` comes first on each connection.
            """

        def decode(self, frame: str | memoryview) -> Encoded:
            """The messages of a frame from the server, and the frames with which it is to be answered."""


from ._pure import protocol


class HubCodec:
    """The hub's protocol."""

    acknowledges = True
    heartbeat = ('{"type":"ping"}', '{"type":"pong"}')  # what is sent, and what comes back
    ping_interval: "float | None" = None
    has_inboxes = True

    def encode(self, message: "dict[str, Any]", data: "bytes | None") -> "Encoded":
        return [protocol.encode(message, data)], []

    def decode(self, frame: "Any") -> "Encoded":
        return [], [protocol.decode(frame)]


class PlainCodec:
    """For a server without answers, acknowledgements and resume: derive from it, and override what it needs.

    What was sent when the connection breaks may be lost, as with any WebSocket: nothing is asked again.
    """

    acknowledges = False
    heartbeat: "tuple[str, str] | None" = None
    ping_interval: "float | None" = None
    has_inboxes = False

    def hello(self, user: "str | None", token: "str | None") -> "Any":
        """The first frame, None if the server needs none."""

    def join(self, channel: str) -> "Any":
        """The frame that subscribes to a channel, None if the server needs none."""

    def leave(self, channel: str) -> "Any":
        """The frame that ends it, None if the server needs none."""

    def publish(self, channel: str, data: "Any") -> "Any":
        """The frame that publishes, None if the server takes none."""

    def message(self, frame: "str | memoryview") -> "tuple[str, Any, str | None] | None":
        """Channel, data and user of a frame from the server; None to ignore the frame."""
        raise NotImplementedError("override PlainCodec.message: it returns channel, data and user of a frame")

    def encode(self, message: "dict[str, Any]", data: "bytes | None") -> "Encoded":
        kind = message["type"]
        answer = {"id": message.get("id"), "channel": message.get("channel")}
        if kind == "hello":
            frame, answer["type"] = self.hello(message.get("user"), message.get("token")), "welcome"
            answer["user"] = message.get("user")
        elif kind == "join":
            frame, answer["type"] = self.join(message["channel"]), "joined"
        elif kind == "leave":
            frame, answer["type"] = self.leave(message["channel"]), "left"
        elif kind == "publish":
            frame = self.publish(message["channel"], message.get("data") if data is None else data)
            answer["type"] = "ack"
        else:
            frame = None
            answer["type"] = "history"
            answer["messages"] = []
        return ([] if frame is None else [frame]), [answer]

    def decode(self, frame: "Any") -> "Encoded":
        found = self.message(frame)
        return [], [] if found is None else [said(found)]


def said(message: "tuple[str, Any, str | None]") -> "dict[str, Any]":
    """Channel, data and user, as a message of the hub."""
    return {"type": "message", "channel": message[0], "data": message[1], "user": message[2]}
