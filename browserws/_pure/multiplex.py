"""Many channels over one connection that comes and goes: requests, answers, what is sent again, and events.

Theory of operation. As `reconnection.Reconnection` it is given what happens, and when, and adds to `actions`,
which its owner carries out in order. What is asked for is kept in `pending` until it is answered, and
asked again on the next connection: joins say how far the page has read, publishes bear an id by which
the hub knows those that it has already. So whatever the connection does, each answer and each message
comes once, or a gap says that one is missing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

from ..errors import CallError, ChannelError, MessageTooLong, NotDelivered, NotJoined, refusal
from . import protocol
from .checks import size
from .hub_messages import check_message
from .pending import Pending, PendingRequests
from .topic import Topic


class Multiplex:
    """`actions` are tuples, to be taken from the front:

    ("send", frame)                     send it, the connection is open
    ("settle", ticket, value, error)    a request is answered
    ("feed", ticket, message)           a call streams, and this may be an item
    ("emit", channel, name, fields)     an event; `channel` is None if it is not of one

    `timed_out(text)` is the error of what the hub has not answered in time.
    """

    def __init__(
        self,
        codec: "Any",
        timeout: float,
        max_pending: int,
        max_pending_bytes: int,
        timed_out: "Callable[[str], Exception]",
    ) -> None:
        self.codec = codec
        self.pending = PendingRequests(timeout, max_pending, max_pending_bytes)
        self.timed_out = timed_out
        self.max_message: "int | None" = None  # bytes of a frame; None before a hub has said it
        self.actions: "list[tuple[Any, ...]]" = []
        self.topics: "dict[str, Topic]" = {}
        self.ready = False  # the hub has said welcome on this connection
        self.user: "str | None" = None
        self.session: "str | None" = None
        self._takes: "dict[str, Callable[[float, dict[str, Any]], None]]" = {
            "welcome": self._take_welcome,
            "joined": self._take_joined,
            "reset": self._take_reset,
            "left": self._take_left,
            "message": self._take_message,
            "direct": self._take_direct,
            "presence": self._take_presence,
            "ack": self._take_answer,
            "history": self._take_history,
            "result": self._take_answer,
            "stream": self._take_item,
            "item": self._take_item,
            "end": self._take_answer,
            "error": self._take_error,
        }
        self._connection = 0  # how many connections there were: the hub knows by it which is the latest

    # --- what the page asks for ---

    def join(
        self, now: float, name: str, presence: bool, conflate: bool, ticket: "Any", limit: "float | None"
    ) -> Topic:
        """The topic may be gone already, if the codec refuses it."""
        protocol.check_channel(name)
        if name in self.topics:
            raise ChannelError(name, "is joined already")
        topic = self.topics[name] = self._topic(name, presence, conflate)
        pending = self.pending.add(topic.join_request(self._next_id()), ticket, now, limit)
        self._send_if_ready(now, pending)
        return topic

    def leave(self, now: float, name: str, ticket: "Any", limit: "float | None") -> None:
        """The channel is left at once; the answer is that the hub knows."""
        self._check_joined(name)
        self._drop_requests(name, NotJoined(name, "the channel was left"))
        self.topics.pop(name, None)  # it has gone if it was not joined yet
        if self.ready:
            self._send_leave(now, name, ticket, limit)
        else:
            self._settle(ticket, None)  # the next connection will not join it

    def publish(self, now: float, name: str, data: "Any", ticket: "Any", limit: "float | None") -> None:
        if not protocol.is_inbox(name):
            self._check_joined(name)
        protocol.check_channel(name)
        message: "dict[str, Any]" = {"type": "publish", "id": self._next_id(), "channel": name}
        message["floor"] = self._lowest()
        payload = None
        if isinstance(data, (bytes, bytearray, memoryview)):
            payload = bytes(data)
        else:
            message["data"] = data
        self._queue(now, message, payload, ticket, limit)

    def history(
        self, now: float, name: str, count: int, before: "int | None", ticket: "Any", limit: "float | None"
    ) -> None:
        self._check_joined(name)
        message: "dict[str, Any]" = {"type": "history", "id": self._next_id(), "channel": name, "limit": count}
        if before is not None:
            message["before"] = before
        self._send_if_ready(now, self.pending.add(message, ticket, now, limit))

    def call(self, now: float, name: str, arguments: "Any", ticket: "Any", limit: "float | None") -> int:
        """Its id, for `took` and `cancel`."""
        protocol.check_channel(name, "a function's name")
        message: "dict[str, Any]" = {"type": "call", "id": self._next_id(), "name": name}
        if arguments:
            message["arguments"] = arguments
        self._queue(now, message, None, ticket, limit)
        return self.pending.last_id

    def took(self, now: float, number: int) -> None:
        """An item of a stream was taken: the hub may send more."""
        pending = self.pending.get(number)
        if pending is not None:
            pending.taken += 1
            if 2 * pending.taken >= protocol.CREDIT:
                more = {"type": "more", "id": number, "count": pending.taken}
                pending.taken = 0
                self._write(now, self.codec.encode(more, None))

    def cancel(self, now: float, number: int, error: Exception) -> None:
        """Nobody waits for a call any more."""
        pending = self.pending.get(number)
        if pending is not None:
            self._fail(number, error)
            if pending.is_call and pending.sent:
                self._write(now, self.codec.encode({"type": "cancel", "id": number}, None))

    # --- what happens ---

    def opened(self, user: "str | None", token: "str | None") -> None:
        """The connection is open: who it is."""
        self._connection += 1
        hello: "dict[str, Any]" = {"type": "hello", "v": protocol.VERSION, "connection": self._connection}
        for name, value in (("user", user), ("token", token)):
            if value is not None:
                hello[name] = value
        if self.session is not None:
            hello["session"] = self.session
            hello["sent"] = self.pending.runs()
        self._write(0, self.codec.encode(hello, None))

    def received(self, now: float, frame: "Any") -> None:
        """A frame came; `ProtocolViolation` if it is none of the hub's."""
        frames, messages = self.codec.decode(frame)
        for message in messages:
            check_message(message)
        for answer in frames:
            self.actions.append(("send", answer))
        for message in messages:
            self._take(now, message)

    def lost(self) -> None:
        """The connection is lost. What was asked for is asked again on the next one, but for calls: they may have been
        made.
        """
        self.ready = False
        self.pending.disconnected()
        for number, pending in self.pending.in_order():
            if pending.is_call and pending.sent:
                self._not_delivered(number, "the connection was lost: it is unknown whether the call was made")

    def end(self, error: Exception) -> None:
        """There will be no other connection, unless somebody asks for one: channels that are joined stay so."""
        self.lost()
        for number, _ in self.pending.in_order():
            self._fail(number, error)

    def due(self) -> "float | None":
        """When `wake` is to be called, None if never."""
        return self.pending.due()

    def wake(self, now: float) -> None:
        for number, pending in self.pending.late(now):
            self._time_out(now, number, pending)

    def _time_out(self, now: float, number: int, pending: Pending) -> None:
        kind, channel = pending.message["type"], pending.channel
        if kind == "join" and pending.ticket is None:
            self.pending.expect(pending, now + self.pending.timeout)
            self._write(now, self.codec.encode(pending.message, None))  # nobody else would
            return
        why = "the hub has not answered in time" if pending.sent else "there was no connection in time"
        self.cancel(now, number, self.timed_out(f"{kind}: {why}"))
        if kind == "join" and self.ready:  # it may still accept it
            self._send_leave(now, channel, None, None)

    # --- what the hub says ---

    def _take(self, now: float, message: "dict[str, Any]") -> None:
        kind = message["type"]
        if "id" in message:
            self.pending.answered_at = now
        take = self._takes.get(kind)
        if take is not None:  # else of a later version
            take(now, message)

    def _take_welcome(self, now: float, message: "dict[str, Any]") -> None:
        user = message.get("user", self.user)
        is_another = self.user is not None and user != self.user
        self.user = user
        self.max_message = message.get("max_message", self.max_message)
        self.session = message.get("session")
        self._go_on(now, is_another, bool(message.get("resumed")))

    def _go_on(self, now: float, is_another: bool, resumed: bool) -> None:
        """The hub has accepted us, perhaps as another user; whether it has the session that was asked for."""
        self.ready = True
        self._emit(None, "ready", user=self.user, resumed=resumed)
        self._join_again(now)
        for number, pending in self.pending.in_order():
            kind = pending.message["type"]
            if kind == "join":
                continue
            if kind == "leave":  # this connection has joined nothing yet
                self._settle(pending.ticket, None)
                self._forget(number)
            elif kind != "history" and is_another:
                self._not_delivered(number, "the hub has accepted us as another user: it was not sent again")
            elif kind == "publish" and pending.sent and not resumed:
                self._not_delivered(number, "the hub has lost the session: it is unknown whether it was published")
            elif self._is_too_long(pending.size) and pending.sent:
                self._not_delivered(number, "the hub's size limit is lower now: it is unknown whether it was published")
            elif self._is_too_long(pending.size):
                self._fail(number, self._too_long(pending.channel, pending.size))
            else:
                self._send(now, pending)

    def _not_delivered(self, number: int, why: str) -> None:
        self._fail(number, NotDelivered(self.pending.by_id[number].channel, why))

    def _join_again(self, now: float) -> None:
        for topic in self.topics.values():
            asked = self.pending.get(topic.request)
            if asked is None:
                asked = self.pending.add(topic.join_request(self._next_id()), None, now, None)
            self._send(now, asked)

    def _take_joined(self, now: float, message: "dict[str, Any]") -> None:
        topic = self.topics.get(message["channel"])
        if topic is None or topic.request != message["id"]:
            return  # left since, or asked for again since
        if topic.joined(message.get("epoch"), message.get("offset"), bool(message.get("gap"))):
            self._emit(topic.name, "gap", missed=None)
        self._emit(topic.name, "joined", offset=topic.offset, epoch=topic.epoch)
        if "members" in message:
            self._emit_presence(topic, *topic.presence.sync(message["members"]))
        self._answer(message, topic.name)

    def _take_reset(self, now: float, message: "dict[str, Any]") -> None:
        topic = self.topics.get(message["channel"])
        if topic is None or topic.request is not None or topic.epoch == message["epoch"]:
            return  # the answer to the join says it, or has said it
        if topic.joined(message["epoch"], message["offset"], True):
            self._emit(topic.name, "gap", missed=None)

    def _take_left(self, now: float, message: "dict[str, Any]") -> None:
        """The answer to a leave, or the hub's own decision."""
        if "id" in message:
            self._answer(message, None)
        elif self._joined_topic(message) is not None:
            self._forget_channel(message["channel"], message.get("reason", ""))

    def _take_message(self, now: float, message: "dict[str, Any]") -> None:
        topic = self._joined_topic(message)
        if topic is None:
            return
        offset = message.get("offset")
        missing = topic.advance(offset, message.get("time"))
        if missing is None:
            return  # it came before
        if missing:
            self._emit(topic.name, "gap", missed=missing)
        fields = {
            "channel": topic.name,
            "data": message.get("data"),
            "user": message.get("user"),
            "offset": offset,
            "time": _time(message),
            "epoch": topic.epoch,
        }
        self._emit_event(topic.name, "message", fields)

    def _take_direct(self, now: float, message: "dict[str, Any]") -> None:
        self._emit(None, "message", data=message["data"])

    def _take_presence(self, now: float, message: "dict[str, Any]") -> None:
        topic = self._joined_topic(message)
        if topic is not None:
            self._emit_presence(topic, *topic.presence.diff(message["join"], message["leave"]))

    def _emit_presence(self, topic: Topic, come: "list[str]", gone: "list[str]") -> None:
        if come or gone:
            self._emit(topic.name, "members", members=sorted(topic.presence.members), join=come, leave=gone)

    def _take_answer(self, now: float, message: "dict[str, Any]") -> None:
        """A publish is made, a function has returned, or a stream has ended."""
        self._answer(message, message.get("data", message.get("offset")))

    def _take_history(self, now: float, message: "dict[str, Any]") -> None:
        for entry in message["messages"]:
            entry["time"] = _time(entry)
            if "hex" in entry:
                entry["data"] = bytes.fromhex(entry.pop("hex"))
        self._answer(message, message["messages"])

    def _take_item(self, now: float, message: "dict[str, Any]") -> None:
        pending = self.pending.get(message["id"])
        if pending is not None and pending.is_call:
            pending.deadline = None
            self.actions.append(("feed", pending.ticket, message))

    def _take_error(self, now: float, message: "dict[str, Any]") -> None:
        number = message.get("id")
        pending = self.pending.get(number)
        channel = message.get("channel") if pending is None else pending.channel
        other = CallError if pending is not None and pending.is_call else ChannelError
        error = refusal(channel, message["code"], message["reason"], other)
        if number is None:
            self._emit(None, "error", error=error)
        elif pending is None:
            return  # it has failed already, when its time was up
        elif pending.ticket is None and pending.message["type"] == "join":
            self._forget_channel(pending.message["channel"], error.reason)  # it may not be joined any more
        else:
            self._fail(number, error)

    # --- parts ---

    def _topic(self, name: str, presence: bool, conflate: bool) -> Topic:
        return Topic(name, presence, conflate)

    def _joined_topic(self, message: "dict[str, Any]") -> "Topic | None":
        """None if the channel was left since: also if it is being joined again, and this comes from before."""
        topic = self.topics.get(message["channel"])
        return None if topic is None or topic.request is not None else topic

    def _check_joined(self, name: str) -> None:
        if name not in self.topics:
            raise NotJoined(name, "the channel is not joined: join it first")

    def _next_id(self) -> int:
        return self.pending.last_id + 1

    def _lowest(self) -> int:
        return self.pending.lowest()

    def _send_leave(self, now: float, name: "str | None", ticket: "Any", limit: "float | None") -> None:
        message = {"type": "leave", "id": self._next_id(), "channel": name}
        self._send(now, self.pending.add(message, ticket, now, limit))

    def _queue(
        self, now: float, message: "dict[str, Any]", payload: "bytes | None", ticket: "Any", limit: "float | None"
    ) -> None:
        """A publish or a call: there is only room for so many."""
        encoded = self.codec.encode(message, payload)
        length = sum([size(frame) for frame in encoded[0]])
        if self._is_too_long(length):
            raise self._too_long(message.get("channel"), length)
        self.pending.check_room(length)
        pending = self.pending.add(message, ticket, now, limit)
        self.pending.keep_encoded(pending, encoded, length)
        self._send_if_ready(now, pending)

    def _is_too_long(self, length: int) -> bool:
        return self.max_message is not None and length > self.max_message

    def _too_long(self, channel: "str | None", length: int) -> MessageTooLong:
        why = f"the message's frame has {length} bytes, and the hub takes at most {self.max_message}"
        return MessageTooLong(channel, why)

    def _send_if_ready(self, now: float, pending: Pending) -> None:
        if self.ready:
            self._send(now, pending)

    def _send(self, now: float, pending: Pending) -> None:
        if not pending.sent:
            pending.sent = self._connection
        if not pending.is_strict:
            self.pending.expect(pending, now + self.pending.timeout)
        self._write(now, pending.encoded or self.codec.encode(pending.message, None))

    def _write(self, now: float, encoded: "Any") -> None:
        frames, answers = encoded
        for frame in frames:
            self.actions.append(("send", frame))
        for answer in answers:
            self._take(now, answer)

    def _answer(self, message: "dict[str, Any]", value: "Any") -> None:
        pending = self._forget(message.get("id"))
        if pending is not None:
            self._settle(pending.ticket, value)

    def _settle(self, ticket: "Any", value: "Any", error: "Exception | None" = None) -> None:
        if ticket is not None:
            self.actions.append(("settle", ticket, value, error))

    def _emit(self, channel: "str | None", name: str, **fields: "Any") -> None:
        self._emit_event(channel, name, fields)

    def _emit_event(self, channel: "str | None", name: str, fields: "dict[str, Any]") -> None:
        self.actions.append(("emit", channel, name, fields))

    def _forget(self, number: "int | None") -> "Pending | None":
        return self.pending.remove(number)

    def _fail(self, number: int, error: Exception) -> None:
        """The answer to a request is this error; a channel that could not be joined is not joined again."""
        pending = self.pending.by_id[number]
        self._forget(number)
        topic = self.topics.get(pending.channel or "")
        if pending.ticket is not None and topic is not None and topic.request == number:
            del self.topics[topic.name]
        self._settle(pending.ticket, None, error)

    def _forget_channel(self, name: str, reason: str) -> None:
        """The hub has removed us from a channel."""
        del self.topics[name]
        self._drop_requests(name, NotJoined(name, reason))
        self._emit(name, "left", reason=reason)

    def _drop_requests(self, name: str, error: Exception) -> None:
        """What was asked of a channel that is being left is of no use; publishes are still answered."""
        for number, pending in self.pending.in_order():
            if pending.channel == name and pending.message["type"] in ("join", "history"):
                self._fail(number, error)


def _time(message: "dict[str, Any]") -> "float | None":
    """A float: MicroPython cuts an int of more than 32 bits when it is handed to JavaScript."""
    time = message.get("time")
    return None if time is None else float(time)
