"""`KeptMultiplex`: a `Multiplex` that goes on after a reload, from records that its owner keeps in the page's storage.

Theory of operation. `changed` collects what has changed, and `changes` makes records of it, JSON texts by key:

    ""       the session: whose it is, and the last connection on which it was used
    "cNAME"  the position in a channel, up to which the application was given its messages
    "ID"     a publish without an answer: the connection that sent it first, or that it was sent on none up to one, by a
             minus; and its frame, bytes as hexadecimal text

A page may end at any moment, and its last records may be missing. So what must not be guessed afterwards is kept before
anything depends on it: on each connection the session, before anything is asked for or published (`gate`). A publish
of which only is known that it was not sent up to some connection may have been sent if a later one was kept. Ids and
connection numbers begin with the time, as some may have been used and not kept.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

from ..errors import NotDelivered
from . import protocol
from .checks import size
from .json_text import dumps, loads
from .multiplex import Multiplex
from .pending import Pending
from .topic import Topic

PER_MS = 1024  # ids for each ms since 1970: a page may use a million a second
KEEP = 7 * 24 * 3600 * 1000  # ms after the last change
MAX_POSITIONS = 1000  # in channels that were not joined again


class KeptMultiplex(Multiplex):
    """Nothing is kept while `keeps` is False; `is_dirty` says that something has changed."""

    keeps = is_dirty = False
    gate: "tuple[bool, bool] | None" = None  # the arguments of `_go_on`, which waits until the session is kept

    def begin(
        self,
        time: "Callable[[], float]",
        asked: "str | None",
        has_token: bool,
        answer: "Callable[[], Any]",
    ) -> None:
        """`time()` is ms since 1970; `asked` the user that the page names; `answer` makes tickets."""
        self._time, self._asked, self._ticket = time, asked, answer
        self._knows_user = asked is not None or not has_token  # else only the hub does
        self._connection = int(time())
        self.pending.last_id = self._connection * PER_MS
        self.changed: "set[int | str]" = set()
        self._after: "dict[int, int]" = {}  # of each publish: the last connection on which it was not sent
        self._restored: "set[int]" = set()
        self._positions: "dict[str, list[Any]]" = {}  # in channels that were not joined since the reload
        self._found: "list[str]" = []  # the channels of positions that were restored
        self._life = self._connection  # names the page among those that had these records
        self._gated = 0  # the last connection whose session was kept, ...
        self._reached = 0  # ... and on which it went on

    def restore(self, texts: "list[str]", journal: str) -> None:
        """Go on from these records. What `journal` has of the same life is newer."""
        records = _read(texts, journal)
        at, asked, user, session, gated = records.pop("", [0] * 6)[1:]
        if self._time() - at < KEEP:
            if asked == self._asked:
                self.user, self.session, self._gated, self._reached = user, session, gated, gated
                self._connection = max(self._connection, gated)
                for key in sorted(records):
                    self._restore(key, records[key])
            elif [key for key in records if key[0] != "c"]:
                self._emit(None, "error", error=NotDelivered(None, "what another user has written was not sent"))
        self._found = sorted(self._positions)
        for topic in self.topics.values():
            self._place(topic, self._positions.pop(topic.name, None))
        self.keeps = True
        self.mark_all()

    def _restore(self, key: str, record: "list[Any]") -> None:
        if key[0] == "c":
            if len(self._positions) < MAX_POSITIONS:
                self._positions[key[1:]] = record
            return
        first, frame = record
        frame = frame if isinstance(frame, str) else bytes.fromhex(frame[0])
        number, pending = int(key), Pending(protocol.decode(frame), self._ticket())
        self.pending.keep_encoded(pending, ([frame], []), size(frame))
        pending.sent = first if first > 0 else -1 if -first < self._gated else 0
        self.pending.last_id = max(self.pending.last_id, number)  # the clock may have been set back
        self.pending.by_id[number] = pending
        self._after[number] = -first
        self._restored.add(number)

    def emit_restored(self) -> None:
        self._emit(None, "restored", pending=len(self._restored), channels=self._found)

    def mark_all(self) -> None:
        """Everything has changed."""
        self.is_dirty = self.keeps
        for names in (self.topics, self._positions, self._after):
            self.changed.update(names)

    def changes(self) -> "dict[str, str | None]":
        """The records of what has changed, None for those that are not needed any more."""
        self.is_dirty = False
        changed, self.changed = self.changed, set()
        head = [self._life, self._time(), self._asked, self.user, self.session, self._gated]
        changes: "dict[str, str | None]" = {"": dumps(head)}
        for what in changed:
            if isinstance(what, str):
                changes["c" + what] = self._position(what)
            else:
                changes[str(what)] = self._publish(what)
        return changes

    def journal(self, changes: "dict[str, str | None]") -> str:
        """Changes for which there is no time, for `restore`."""
        return dumps([self._life, changes])

    def stored(self, now: float, gate: "tuple[bool, bool] | None") -> None:
        """The session is kept, as it was at that gate, or cannot be."""
        if gate is not None and gate is self.gate:
            self.gate = None
            self._reached = self._connection
            super()._go_on(now, *gate)

    # --- records ---

    def _position(self, name: str) -> "str | None":
        topic, position = self.topics.get(name), self._positions.get(name)
        if topic is not None and topic.epoch is not None:
            position, event = [topic.epoch, topic.offset, topic.time], topic.waiting()
            if event is not None:
                position = [event.epoch, event.offset - 1, None]
                self.changed.add(name)
        return None if position is None else dumps(position)

    def _publish(self, number: int) -> "str | None":
        if number not in self._after or not (self._knows_user or self.session):
            return None
        pending = self.pending.by_id[number]
        frame: "Any" = pending.encoded[0][0] if pending.encoded else ""
        first = pending.sent if pending.sent > 0 else -self._after[number]
        return dumps([first, frame if isinstance(frame, str) else [frame.hex()]])

    def _place(self, topic: Topic, position: "list[Any] | None") -> None:
        """Where the page has read up to in a channel that is being joined."""
        topic.epoch, topic.offset, topic.time = position or [None] * 3
        pending = self.pending.get(topic.request)
        if pending is not None:
            pending.message = topic.join_request(pending.message["id"])

    # --- what changes ---

    def _mark(self, what: "int | str") -> None:
        self.is_dirty = self.keeps
        self.changed.add(what)

    def _emit_event(self, channel: "str | None", name: str, fields: "dict[str, Any]") -> None:
        super()._emit_event(channel, name, fields)
        if channel is not None:
            self._mark(channel)

    def _drop_requests(self, name: str, error: Exception) -> None:
        super()._drop_requests(name, error)
        self._mark(name)

    def _lowest(self) -> int:
        """The hub forgets nothing because of an answer: it may be that the page has not kept it."""
        return 0

    def _topic(self, name: str, presence: bool, conflate: bool) -> Topic:
        topic = super()._topic(name, presence, conflate)
        self._place(topic, self._positions.pop(name, None))
        return topic

    def join(
        self, now: float, name: str, presence: bool, conflate: bool, ticket: "Any", limit: "float | None"
    ) -> Topic:
        topic = super().join(now, name, presence, conflate, ticket, limit)
        for number in sorted(self._restored) if self.ready else []:
            pending = self.pending.by_id[number]
            if pending.channel == name:
                self._send(now, pending)
        return topic

    def _queue(
        self, now: float, message: "dict[str, Any]", payload: "bytes | None", ticket: "Any", limit: "float | None"
    ) -> None:
        super()._queue(now, message, payload, ticket, limit)
        if message["type"] == "publish" and limit is None:
            number = self.pending.last_id
            self._after[number] = self._reached
            self._mark(number)

    def _send(self, now: float, pending: Pending) -> None:
        """What was restored waits until its channel is joined again."""
        number, channel = pending.message["id"], pending.channel or ""
        if number not in self._restored or channel in self.topics or protocol.is_inbox(channel):
            super()._send(now, pending)
            self._mark(number)

    def _forget(self, number: "int | None") -> "Pending | None":
        if number is not None and self._after.pop(number, None) is not None:
            self._restored.discard(number)
            self._mark(number)
        return super()._forget(number)

    def _go_on(self, now: float, is_another: bool, resumed: bool) -> None:
        if is_another:
            self._positions.clear()
            if not self._was_accepted:
                for topic in self.topics.values():
                    self._place(topic, None)
        self._was_accepted = True
        self._gated = self._connection
        self.gate = (is_another, resumed)
        if self.keeps:
            self.mark_all()
        else:
            self.stored(now, self.gate)

    _was_accepted = False  # since the reload

    def lost(self) -> None:
        self.gate = None
        super().lost()


def _read(texts: "list[str]", journal: str) -> "dict[str, list[Any]]":
    """The records by their keys."""
    kept = {}
    for text in texts:
        key, kept[key] = text.split("\n", 1)
    if journal and kept:
        life, changes = loads(journal)
        if life == loads(kept[""])[0]:
            kept.update(changes)
    return {key: loads(text) for key, text in kept.items() if text is not None}
