"""`RobynChatCodec`: `ChatClient` in the chat room of Robyn's documentation: a list of users, and private messages.

    from browserws import ChatClient
    from browserws.protocols.robyn import RobynChatCodec

    chat = ChatClient("ws://localhost:8080/chat?username=ada", "ada", {"codec": RobynChatCodec("ada")})
    chat.connect()
    chat.join_room("lobby")                 # there is one room, whatever it is called here
    chat.send_message("hello")
    chat.send_private("bob", "psst")

Its messages are JSON objects with a `type`: `message` and `private_message` go both ways; `welcome`, `user_list`,
`user_joined` and `user_left` come from the server.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..codecs import Encoded

from .._pure import json_text
from .._pure.protocol import inbox, is_inbox
from ..codecs import PlainCodec, said

# What servers call the same thing, most usual first.
MESSAGES = ("message", "chat", "chat_message")
USER = ("username", "user", "from", "sender", "name")
TEXT = ("message", "text", "content")


class RobynChatCodec(PlainCodec):
    """For the user `name`, which the URL has to say, too. Derive from it, and override `room_message` and
    `private_message`, if the server wants others than these.

    There is one room: to join a second one is a `ChannelError`. The server acknowledges nothing: what was sent when the
    connection broke may be lost, and a private message to somebody who is not there is. Who is there after a reconnect
    comes with the server's next list of users.
    """

    has_inboxes = True

    def __init__(self, name: str) -> None:
        self._name = name
        self._room: "str | None" = None
        self._members: "set[str]" = set()  # as the page knows them

    # --- to be overridden ---

    def room_message(self, text: str) -> "dict[str, Any]":
        """What the server is sent for a message to all."""
        return {"type": "message", "message": text}

    def private_message(self, user: str, text: str) -> "dict[str, Any]":
        """What the server is sent for a message to one user."""
        return {"type": "private_message", "to": user, "message": text}

    # --- from the page ---

    def encode(self, message: "dict[str, Any]", data: "bytes | None") -> "Encoded":
        kind, channel = message["type"], message.get("channel", "")
        if kind == "join" and not is_inbox(channel):
            if self._room not in (None, channel):
                return [], [_refusal(message, f"this server has one room, and here it is called {self._room}")]
            self._room = channel
            answer = {"type": "joined", "id": message["id"], "channel": channel, "members": sorted(self._members)}
            return [], [answer]
        if kind == "leave" and channel == self._room:
            self._room = None
        if kind == "publish":
            content = message.get("data") if data is None else data
            text = content.get("text") if isinstance(content, dict) else content
            if not isinstance(text, str):
                return [], [_refusal(message, "this server takes texts")]
            if not is_inbox(channel) and self._room not in (None, channel):
                return [], [_refusal(message, "this server has one room, and it is not this one")]
        return super().encode(message, data)

    def publish(self, channel: str, data: "Any") -> str:
        text = data["text"] if isinstance(data, dict) else data
        own = self.private_message(channel[1:], text) if is_inbox(channel) else self.room_message(text)
        return json_text.dumps(own)

    # --- from the server ---

    def decode(self, frame: "Any") -> "Encoded":
        message = _parsed(frame)
        kind, user = message.get("type"), _first(message, USER)
        if isinstance(message.get("users"), list):
            users = {_name_of(each) for each in message["users"]}
            return [], self._changed(users - self._members, self._members - users)
        if user is not None:
            if kind == "user_joined":
                return [], self._changed({user} - self._members, set())
            if kind == "user_left":
                return [], self._changed(set(), {user} & self._members)
            text = _first(message, TEXT)
            if kind in MESSAGES and self._room is not None:
                return [], [said((self._room, {"text": text or ""}, user))]
            if kind == "private_message" and user != self._name:  # to others, it is told when it was sent
                return [], [said((inbox(self._name), {"text": text or ""}, user))]
        return [], []

    def _changed(self, come: "set[str]", gone: "set[str]") -> "list[dict[str, Any]]":
        self._members = (self._members | come) - gone
        if self._room is None or not (come or gone):
            return []
        return [{"type": "presence", "channel": self._room, "join": sorted(come), "leave": sorted(gone)}]


def _parsed(frame: "Any") -> "dict[str, Any]":
    """The object of a frame; an empty one if there is none, as in `Connection closed`."""
    try:
        message = json_text.loads(frame) if isinstance(frame, str) else None
    except (ValueError, RuntimeError):  # RuntimeError: nested too deep for the parser
        message = None
    return message if isinstance(message, dict) else {}


def _first(message: "dict[str, Any]", names: "tuple[str, ...]") -> "str | None":
    """The first of these fields that is a text."""
    for name in names:
        if isinstance(message.get(name), str):
            return str(message[name])
    return None


def _name_of(user: "Any") -> str:
    """Of an entry in a list of users: its name, or an object with it."""
    found = _first(user, USER) if isinstance(user, dict) else user
    return str(found)


def _refusal(message: "dict[str, Any]", reason: str) -> "dict[str, Any]":
    return {"type": "error", "id": message["id"], "code": "refused", "reason": reason}
