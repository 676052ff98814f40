"""`ChatClient`: rooms, their members and history, and private messages.

from browserws import ChatClient

chat = ChatClient("wss://example.org/hub", "ada")
chat.bind("message", lambda event: print(event.room, event.user, event.text))
chat.connect()
chat.join_room("lobby")
chat.send_message("hello")
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Unpack, overload

    from .answer import Answer
    from .events import ChannelEvent
    from .types import URL, ChannelsOptions, ChatHandlers, ChatName, On, OnChat, R, Takes

from ._pure.protocol import HISTORY, check_user, inbox, is_inbox
from ._runtime.target import EventTarget, on
from .channel import Channel
from .channels import Channels
from .errors import ChannelError, NotJoined
from .events import CHAT_EVENTS, ChatEvent


class ChatClient(EventTarget):
    """Chat rooms on the hub at `server_url`, for the user `username`; `options` are those of `Channels`. It connects
    when `connect()` is called.

    event      attributes of the event
    message    room, user, text, time (ms since 1970, a float), own: whether this user sent it
    join       room, user: somebody has come
    leave      room, user: somebody has gone
    members    room, members: the names of all who are in the room, after each change
    private    user, to, text, own: a message to this user alone, with `time`; or one of this user that the hub has
    history    room, messages: those from before the join, oldest first; for private messages `room` is `"@user"`
    gap        room: messages are lost for good; `room` is `"@user"` for private ones
    left       room, reason: this client has left the room, was removed from it, or its join was refused
    error      error: what went wrong, unhandled
    state      state, previous: of the connection, as `Channels.state`

    Each call takes effect at once, also without a connection; its result can be awaited and raises what those of
    `Channels` raise. With a hub that authenticates, `user` may differ from `username`.
    """

    EVENTS = CHAT_EVENTS
    onmessage: "On[ChatEvent]" = on("message")
    onjoin: "On[ChatEvent]" = on("join")
    onleave: "On[ChatEvent]" = on("leave")
    onmembers: "On[ChatEvent]" = on("members")
    onprivate: "On[ChatEvent]" = on("private")
    onhistory: "On[ChatEvent]" = on("history")
    ongap: "On[ChatEvent]" = on("gap")
    onleft: "On[ChatEvent]" = on("left")
    onerror: "On[ChatEvent]" = on("error")
    onstate: "On[ChatEvent]" = on("state")

    def __init__(
        self,
        server_url: "URL",
        username: str,
        options: "ChannelsOptions | None" = None,
        **handlers: "Unpack[ChatHandlers]",
    ) -> None:
        super().__init__(handlers)
        check_user(username)
        settings: "ChannelsOptions" = {"user": username, "auto_connect": False}
        settings.update(options or {})
        self._username = username
        codec = settings.get("codec")
        self._has_inbox = codec is None or codec.has_inboxes
        self._inbox: "Channel | None" = None
        self._rooms: "dict[str, Channel]" = {}
        self._greeted: "set[str]" = set()  # rooms whose history was asked for
        self._channels = Channels(server_url, settings)
        self._channels.bind("ready", self._on_ready)
        self._channels.bind("error", self._on_error)
        self._channels.bind("statechange", self._on_state)

    def __repr__(self) -> str:
        return f"<ChatClient {self.user} {self.state} {self.rooms}>"

    if TYPE_CHECKING:  # what is bound as each name; as a decorator, `bind` leaves the function as it is

        @overload
        def bind(self, event: ChatName, callback: Takes[ChatEvent, R]) -> Takes[ChatEvent, R]: ...
        @overload
        def bind(self, event: ChatName, callback: None = None) -> Callable[[OnChat], OnChat]: ...
        @overload
        def bind(self, event: ChatName, callback: Callable[[], R]) -> Callable[[], R]: ...
        def bind(self, event: Any, callback: Any = None) -> Any: ...
        def unbind(self, event: ChatName, callback: Callable[..., object] | None = None) -> None: ...

    def connect(self) -> None:
        """Connect; also after `disconnect()`."""
        self._channels.reconnect()

    def disconnect(self) -> None:
        """Close for good: messages that were not answered fail."""
        self._channels.close()

    def join_room(self, room: str) -> "Answer[str]":
        """Join a room, now and on each new connection. Its last messages come as a `history` event."""
        if is_inbox(room):
            raise ChannelError(room, "is the inbox of a user: private messages come by themselves")
        channel = self._channels.join(room, presence=True)
        self._rooms[room] = channel
        channel.bind("message", self._on_message)
        channel.bind("members", self._on_members)
        channel.bind("joined", self._on_joined)
        channel.bind("gap", self._on_gap)
        channel.bind("left", self._on_left)
        return channel.joined

    def leave_room(self, room: str) -> "Answer[None]":
        """Leave a room; `NotJoined` if it is not joined."""
        return self._channels.leave(room)

    def send_message(self, message: str, room: "str | None" = None) -> "Answer[int | None]":
        """Send a text to a room; without `room`, to the only one that is joined. The answer is its offset there.

        Without a connection it is queued. Raises `NotJoined` (also without `room` if not exactly one is joined),
        `TypeError` for what is not a `str`, and what `Channels.publish` raises.
        """
        _check_text(message)
        if room is None:
            if len(self._rooms) != 1:
                why = f"name the room: {len(self._rooms)} are joined" if self._rooms else "no room is joined"
                raise NotJoined(None, why)
            room = self.rooms[0]
        return self._channels.publish(room, {"text": message})

    def send_private(self, user: str, message: str) -> "Answer[None]":
        """Send a text to one user alone. One without a connection gets it later, if the hub's history still has it."""
        _check_text(message)
        answer: "Answer[int | None]" = self._channels.publish(inbox(user), {"text": message})
        return answer.map(lambda offset: self._emit("private", user=self.user, to=user, text=message, own=True))

    def members(self, room: str) -> "list[str]":
        """Who is in a room that was joined; `NotJoined` if it was not."""
        return self._room(room).members

    def history(self, room: str, limit: int = HISTORY, *, before: "int | None" = None) -> "Answer[list[ChatEvent]]":
        """What was said in a room: a list of `message` events, oldest first; see `Channels.history`.

        With `"@user"`, what was said to us alone: `private` events.
        """
        answer = self._room(room).history(limit, before=before)
        kind = _kind(room)
        return answer.map(lambda events: [self._said(kind, event) for event in events])

    @property
    def rooms(self) -> "list[str]":
        """The rooms that are joined or being joined."""
        return sorted(self._rooms)

    @property
    def user(self) -> str:
        """Our name: `username`, or what the hub's authentication says."""
        return self._channels.user or self._username

    @property
    def state(self) -> str:
        """As `Channels.state`."""
        return self._channels.state

    @property
    def pending(self) -> int:
        """How many messages wait to be delivered."""
        return self._channels.pending

    # --- what happens ---

    def _room(self, room: str) -> Channel:
        channel = self._rooms.get(room)
        if self._inbox is not None and self._inbox.name == room:
            channel = self._inbox
        if channel is None:
            raise NotJoined(room, "the room is not joined: join it first")
        return channel

    def _on_ready(self, event: "ChannelEvent") -> None:
        if not self._has_inbox:
            return
        mine = inbox(self.user)
        if self._inbox is not None and self._inbox.name != mine:
            self._inbox.joined.ignore()
            self._inbox.leave()  # the hub says that we are somebody else
        if self._inbox is None:
            self._inbox = self._channels.join(mine)
            self._inbox.bind("message", self._on_private)
            self._inbox.bind("joined", self._on_joined)
            self._inbox.bind("gap", self._on_gap)
            self._inbox.bind("left", self._on_inbox_left)

    def _on_inbox_left(self, event: "ChannelEvent") -> None:
        self._inbox = None

    def _on_message(self, event: "ChannelEvent") -> None:
        self._handlers.call("message", (self._said("message", event),))

    def _on_private(self, event: "ChannelEvent") -> None:
        self._handlers.call("private", (self._said("private", event),))

    def _said(self, name: str, event: "ChannelEvent") -> ChatEvent:
        data = event.data
        text = data.get("text", "") if isinstance(data, dict) else data
        fields = {"user": event.user, "text": str(text), "time": event.time, "own": event.user == self.user}
        if name == "private":
            fields["to"] = self.user
        else:
            fields["room"] = event.target.name
        return ChatEvent(name, self, fields)

    def _on_joined(self, event: "ChannelEvent") -> None:
        room = event.target.name
        if room in self._greeted:
            return
        self._greeted.add(room)
        if not event.offset:
            return  # nothing was said yet, or the server has no history
        answer = event.target.history(before=event.offset + 1)
        kind = _kind(room)
        answer.map(lambda events: self._emit("history", room=room, messages=[self._said(kind, e) for e in events]))

    def _on_members(self, event: "ChannelEvent") -> None:
        room = event.target.name
        for user in event.join:
            self._emit("join", room=room, user=user)
        for user in event.leave:
            self._emit("leave", room=room, user=user)
        self._emit("members", room=room, members=event.members)

    def _on_gap(self, event: "ChannelEvent") -> None:
        self._emit("gap", room=event.target.name)

    def _on_left(self, event: "ChannelEvent") -> None:
        room = event.target.name
        del self._rooms[room]
        self._greeted.discard(room)
        self._emit("left", room=room, reason=event.reason)

    def _on_error(self, event: "ChannelEvent") -> None:
        self._emit("error", error=event.error)

    def _on_state(self, event: "ChannelEvent") -> None:
        self._emit("state", state=event.state, previous=event.previous)

    def _emit(self, name: str, **fields: "Any") -> None:
        self._handlers.call(name, (ChatEvent(name, self, fields),))


def _kind(room: str) -> str:
    """Of the events that messages of a room, or of the inbox, are."""
    return "private" if is_inbox(room) else "message"


def _check_text(message: object) -> None:
    if not isinstance(message, str):
        raise TypeError(f"a message is a str, not {type(message).__name__}")
