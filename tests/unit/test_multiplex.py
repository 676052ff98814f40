"""Channels in plain Python: whatever a connection does, each message comes once and in order, or is missed in words.

A model of the hub and of the wire stands on the other side. What is on the wire when it is cut is lost.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from browserws import MessageTooLong, NotDelivered, NotJoined
from browserws._pure.multiplex import Multiplex
from browserws.codecs import HubCodec


class ModelHub:
    """One channel, sessions, and a history of the last `keeps` messages."""

    def __init__(self, keeps=1000):
        self.keeps = keeps
        self.sessions = {}
        self.start_anew()

    def start_anew(self):
        self.epoch = f"epoch {id(object())} {len(self.sessions)}"
        self.log = []
        self.sessions.clear()

    def publish(self, data):
        self.log.append(data)
        return {"type": "message", "channel": "c", "offset": len(self.log), "data": data, "user": None}

    def answer(self, message, wire):
        kind = message["type"]
        if kind == "hello":
            wire.session = message.get("session")
            resumed = wire.session in self.sessions
            if not resumed:
                wire.session = f"session {len(self.sessions)}"
                self.sessions[wire.session] = {}
            yield {"type": "welcome", "user": "a", "session": wire.session, "resumed": resumed}
        elif kind == "join":
            wire.joined = True
            yield from self._joined(message)
        elif kind == "publish":
            seen = self.sessions[wire.session]
            repeat = message["id"] in seen
            if not repeat:
                sent = self.publish(message["data"])
                seen[message["id"]] = sent["offset"]
                if wire.joined:
                    yield sent
            yield {"type": "ack", "id": message["id"], "offset": seen[message["id"]]}

    def _joined(self, message):
        since = message.get("since")
        here = {"type": "joined", "id": message["id"], "channel": "c", "epoch": self.epoch, "offset": len(self.log)}
        if since is None:
            yield here
        elif since["epoch"] != self.epoch or since["offset"] < len(self.log) - self.keeps:
            yield {**here, "gap": True}
        else:
            yield here
            for offset in range(since["offset"], len(self.log)):
                yield {"type": "message", "channel": "c", "offset": offset + 1, "data": self.log[offset]}


class Wire:
    """A page, the hub, and what is on the way between them."""

    def __init__(self, keeps=1000):
        self.hub = ModelHub(keeps)
        self.page = Multiplex(HubCodec(), 10_000, 1000, 2**20, TimeoutError)
        self.got = []  # numbers, and "gap"
        self.answers = {}
        self.connected = False

    def connect(self):
        self.to_hub, self.to_page = [], []
        self.joined = False
        self.session = None
        self.connected = True
        self.page.opened("a", None)
        self.perform()

    def cut(self):
        self.to_hub, self.to_page = [], []
        self.connected = False
        self.page.lost()

    def perform(self):
        while self.page.actions:
            what, *arguments = self.page.actions.pop(0)
            if what == "send":
                self.to_hub.append(json.loads(arguments[0]))
            elif what == "settle":
                ticket, _, error = arguments
                assert ticket not in self.answers, "answered twice"
                self.answers[ticket] = error
            elif arguments[1] == "message":
                self.got.append(arguments[2]["data"])
            elif arguments[1] == "gap":
                self.got.append("gap")

    def join(self):
        self.page.join(0, "c", False, False, "join", None)
        self.perform()

    def publish(self, number):
        self.page.publish(0, "c", number, number, None)
        self.perform()

    def other_publishes(self, number):
        message = self.hub.publish(number)
        if self.connected and self.joined:
            self.to_page.append(message)

    def hub_reads(self):
        if self.connected and self.to_hub:
            self.to_page += self.hub.answer(self.to_hub.pop(0), self)

    def page_reads(self):
        if self.connected and self.to_page:
            self.page.received(0, json.dumps(self.to_page.pop(0)))
            self.perform()

    def settle(self):
        if not self.connected:
            self.connect()
        while self.to_hub or self.to_page:
            self.hub_reads()
            self.page_reads()


STEPS = st.lists(
    st.sampled_from(["publish", "other", "hub", "hub", "page", "page", "page", "cut", "connect"]), max_size=60
)


def carry_out(wire, steps):
    """Each publish has a number of its own."""
    wire.join()
    wire.connect()
    wire.settle()
    for number, step in enumerate(steps):
        if step == "publish":
            wire.publish(number)
        elif step == "other":
            wire.other_publishes(number)
        elif step == "hub":
            wire.hub_reads()
        elif step == "page":
            wire.page_reads()
        elif step == "cut" and wire.connected:
            wire.cut()
        elif step == "connect" and not wire.connected:
            wire.connect()
    wire.settle()
    return [number for number, step in enumerate(steps) if step == "publish"]


@settings(max_examples=400)
@given(STEPS)
def test_any_mix_of_cuts_and_repeats_leaves_what_no_cut_would(steps):
    wire = Wire()
    published = carry_out(wire, steps)
    assert wire.got == wire.hub.log
    assert sorted(n for n in wire.hub.log if n in published) == published
    assert [n for n in wire.hub.log if n in published] == published
    assert wire.answers == {"join": None, **dict.fromkeys(published)}
    assert wire.page.pending.by_id == {} and wire.page.pending.bytes == 0 and wire.page.due() is None


@settings(max_examples=200)
@given(STEPS)
def test_beyond_the_history_there_is_a_gap_and_nothing_twice(steps):
    wire = Wire(keeps=2)
    carry_out(wire, steps)
    numbers = [n for n in wire.got if n != "gap"]
    assert [n for n in wire.hub.log if n in numbers] == numbers
    if numbers != wire.hub.log:
        assert "gap" in wire.got


def connected():
    wire = Wire()
    wire.join()
    wire.connect()
    wire.settle()
    return wire


def test_a_hub_that_forgot_makes_what_was_sent_uncertain_and_nothing_else():
    wire = connected()
    wire.publish(1)
    wire.cut()
    wire.publish(2)
    wire.hub.start_anew()
    wire.settle()
    assert isinstance(wire.answers[1], NotDelivered) and wire.answers[2] is None
    assert wire.got == ["gap", 2]


def test_deadline_counts_while_there_is_a_connection():
    wire = connected()
    assert wire.page.due() is None
    wire.publish(1)
    assert wire.page.due() == 10_000
    wire.cut()
    assert wire.page.due() is None
    wire.connect()
    wire.hub_reads()
    wire.page_reads()
    wire.page.wake(10_000)
    wire.perform()
    assert isinstance(wire.answers[1], TimeoutError)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.sampled_from(["publish", "strict", "hub", "page", "cut", "connect"]), st.integers(0, 9_000)),
        max_size=40,
    )
)
def test_it_asks_to_be_woken_before_anything_is_late(steps):
    wire = connected()
    page, now = wire.page, 0
    for number, (step, wait) in enumerate(steps):
        now += wait
        page.wake(now)
        wire.perform()
        assert page.due() is None or page.due() > now  # else it would be woken for ever
        if step in ("publish", "strict"):
            page.publish(now, "c", number, number, 700 if step == "strict" else None)
        elif step == "hub":
            wire.hub_reads()
        elif step == "page" and wire.to_page:
            page.received(now, json.dumps(wire.to_page.pop(0)))
        elif step == "cut" and wire.connected:
            wire.cut()
        elif step == "connect" and not wire.connected:
            wire.connect()
        wire.perform()
        for pending in page.pending.by_id.values():
            if pending.deadline is not None:
                assert page.due() <= max(
                    pending.deadline, 0 if pending.is_strict else page.pending.answered_at + page.pending.timeout
                )


def test_strict_deadline_counts_always():
    wire = Wire()
    wire.page.join(0, "c", False, False, "join", 50)
    assert wire.page.due() == 50
    wire.page.wake(50)
    wire.perform()
    assert isinstance(wire.answers["join"], TimeoutError) and wire.page.topics == {}


def test_leaving_ends_what_was_asked_of_the_channel():
    """Publishes are still answered, and other channels have nothing to do with it."""
    wire = connected()
    wire.page.history(0, "c", 10, None, "history", None)
    wire.publish(1)
    wire.page.join(0, "d", False, False, "other", None)
    wire.page.leave(0, "c", "leave", None)
    wire.perform()
    assert isinstance(wire.answers["history"], NotJoined)
    assert wire.answers.keys() == {"join", "history"}
    with pytest.raises(NotJoined):
        wire.page.publish(0, "c", 1, "late", None)


def test_being_removed_from_a_channel_ends_what_was_asked_of_it():
    """The hub answers it with a refusal, or not at all; publishes are still answered."""
    wire = connected()
    wire.page.history(0, "c", 10, None, "history", None)
    wire.publish(1)
    wire.page.received(0, '{"type": "left", "channel": "c", "reason": "removed"}')
    wire.perform()
    assert isinstance(wire.answers["history"], NotJoined) and 1 not in wire.answers
    wire.to_hub = wire.to_hub[-1:]
    wire.settle()
    assert wire.answers[1] is None


def test_being_removed_from_a_channel_that_was_left_is_nothing():
    wire = connected()
    wire.page.received(0, '{"type": "left", "channel": "other", "reason": "removed"}')
    wire.perform()
    assert emitted(wire) == [] and "other" not in wire.page.topics


def test_channel_can_be_left_while_it_is_not_joined_yet():
    wire = Wire()
    wire.join()
    wire.page.leave(0, "c", "leave", None)
    wire.perform()
    assert isinstance(wire.answers["join"], NotJoined) and wire.answers["leave"] is None
    assert wire.page.topics == {} and wire.page.pending.by_id == {}


def test_messages_of_a_later_version_are_let_pass():
    wire = connected()
    wire.page.received(0, '{"type": "news of tomorrow", "x": 1}')
    wire.page.received(0, '{"type": "message", "channel": "unknown", "data": 1}')
    assert wire.page.actions == []


def test_leaving_and_joining_again_without_a_connection_is_joined():
    wire = connected()
    wire.page.leave(0, "c", "leave", None)
    wire.page.join(0, "c", False, False, "again", None)
    wire.perform()
    wire.cut()
    wire.connect()
    assert [message["type"] for message in wire.to_hub] == ["hello"]
    wire.settle()
    assert wire.joined and wire.answers["again"] is None and wire.answers["leave"] is None
    assert wire.page.pending.by_id == {}
    wire.other_publishes(1)
    wire.settle()
    assert wire.got == [1]


def emitted(wire):
    """What the page would tell of now, without carrying out the rest."""
    actions, wire.page.actions = wire.page.actions, []
    return [(action[2], action[3]) for action in actions if action[0] == "emit"]


def joined(number, offset, **fields):
    return json.dumps({"type": "joined", "id": number, "channel": "c", "epoch": "e", "offset": offset, **fields})


def test_messages_of_before_a_channel_was_left_do_not_come_to_it_when_it_is_joined_again():
    """What the hub sent before it knew is still on its way: to the new join it would be news from nowhere."""
    wire = connected()
    wire.page.leave(0, "c", "leave", None)
    wire.page.join(0, "c", True, False, "again", None)
    wire.page.received(0, '{"type": "message", "channel": "c", "offset": 1, "data": "old"}')
    wire.page.received(0, '{"type": "presence", "channel": "c", "join": ["b"], "leave": []}')
    assert emitted(wire) == []
    wire.page.received(0, joined(3, 1, members=["a"]))
    wire.page.received(0, '{"type": "message", "channel": "c", "offset": 2, "data": "new"}')
    assert [name for name, _ in emitted(wire)] == ["joined", "members", "message"]


def message(offset, data="news"):
    return json.dumps({"type": "message", "channel": "c", "offset": offset, "data": data})


def test_message_that_comes_twice_is_emitted_once():
    wire = connected()
    for offset in (1, 2, 2, 1, 3):
        wire.page.received(0, message(offset))
    assert [(name, fields["offset"]) for name, fields in emitted(wire)] == [
        ("message", 1),
        ("message", 2),
        ("message", 3),
    ]


def test_messages_that_are_missing_are_a_gap_in_front_of_the_next_one():
    wire = connected()
    wire.page.received(0, message(1))
    wire.page.received(0, message(5))
    events = emitted(wire)
    assert [name for name, _ in events] == ["message", "gap", "message"] and events[1][1] == {"missed": 3}


def test_history_that_the_hub_lost_is_a_gap_and_a_new_beginning():
    wire = connected()
    wire.page.received(0, message(1))
    wire.page.received(0, '{"type": "reset", "channel": "c", "epoch": "another", "offset": 0}')
    wire.page.received(0, '{"type": "reset", "channel": "unknown", "epoch": "another", "offset": 0}')
    wire.page.received(0, message(1, "anew"))
    events = emitted(wire)
    assert [name for name, _ in events] == ["message", "gap", "message"] and events[1][1] == {"missed": None}


def test_error_that_answers_what_nobody_waits_for_any_more_is_dropped():
    """Whoever left a channel, or did not wait so long, was told so then."""
    wire = connected()
    wire.page.join(0, "d", False, False, "second", None)
    wire.page.leave(0, "d", "leave", None)
    wire.perform()
    assert isinstance(wire.answers["second"], NotJoined)
    wire.page.received(0, json.dumps({"type": "error", "id": 2, "channel": "d", "code": "forbidden", "reason": "why"}))
    assert emitted(wire) == []


@pytest.mark.parametrize("fields", [{}, {"channel": "c"}])
def test_error_that_answers_nothing_is_an_event(fields):
    wire = connected()
    wire.page.received(0, json.dumps({"type": "error", "code": "forbidden", "reason": "why", **fields}))
    ((name, event),) = emitted(wire)
    assert name == "error" and event["error"].channel == fields.get("channel") and event["error"].reason == "why"


def test_channel_that_may_not_be_joined_again_is_left():
    """Rights may have changed while there was no connection: nobody waits for the answer to that join."""
    wire = connected()
    wire.cut()
    wire.connect()
    wire.hub_reads()
    wire.page_reads()
    emitted(wire)
    number = wire.to_hub[0]["id"]
    wire.page.received(0, json.dumps({"type": "error", "id": number, "code": "forbidden", "reason": "not any more"}))
    assert emitted(wire) == [("left", {"reason": "not any more"})] and wire.page.topics == {}


def test_times_are_floats():
    """MicroPython hands no int beyond 32 bits to JavaScript."""
    wire = connected()
    wire.page.received(
        0, json.dumps({"type": "message", "channel": "c", "offset": 1, "data": 1, "time": 1700000000000})
    )
    assert type(emitted(wire)[0][1]["time"]) is float
    wire.page.history(0, "c", 10, None, "history", None)
    entries = [{"offset": 1, "user": "a", "time": 1700000000000, "hex": "00ff"}, {"data": 1}]
    wire.page.received(0, json.dumps({"type": "history", "id": 2, "messages": entries}))
    ((_, ticket, value, error),) = [action for action in wire.page.actions if action[0] == "settle"]
    assert ticket == "history" and error is None
    assert value[0] == {"offset": 1, "user": "a", "time": 1700000000000.0, "data": b"\0\xff"}
    assert type(value[0]["time"]) is float and value[1] == {"data": 1, "time": None}


def test_answer_to_an_older_join_is_not_that_to_a_newer_one():
    """The page would think itself in a channel that the hub is about to take it out of."""
    wire = Wire()
    wire.page.join(0, "c", False, False, "first", None)
    wire.connect()
    wire.hub_reads()
    wire.page_reads()
    wire.page.leave(0, "c", "leave", None)
    wire.page.join(0, "c", False, False, "second", None)
    wire.page.received(0, joined(1, 5))
    assert emitted(wire) == [] and "second" not in wire.answers
    wire.page.received(0, joined(3, 7))
    assert emitted(wire) == [("joined", {"offset": 7, "epoch": "e"})]


def test_join_that_timed_out_is_taken_back():
    """The hub may still let the page in: then it would send messages that nobody wants, for ever."""
    wire = connected()
    wire.page.join(0, "d", False, False, "late", 50)
    wire.perform()
    wire.to_hub.clear()
    wire.page.wake(50)
    wire.perform()
    assert isinstance(wire.answers["late"], TimeoutError)
    (leave,) = wire.to_hub
    assert (leave["type"], leave["channel"]) == ("leave", "d")
    wire.page.received(0, json.dumps({"type": "left", "id": leave["id"], "channel": "d"}))
    assert wire.page.pending.by_id == {}


def test_joining_again_is_asked_again_until_it_is_answered():
    wire = connected()
    wire.cut()
    wire.connect()
    wire.hub_reads()
    wire.page_reads()  # the welcome; the join is on its way, and gets lost
    for _ in range(3):
        wire.to_hub.clear()
        wire.page.wake(wire.page.due())
        wire.perform()
        assert [message["type"] for message in wire.to_hub] == ["join"] and "c" in wire.page.topics
    wire.settle()
    wire.other_publishes(1)
    wire.settle()
    assert wire.got == [1]


def test_answers_of_a_busy_hub_keep_the_others_waiting():
    wire = connected()
    wire.publish(1)
    wire.publish(2)
    wire.page.received(9000, json.dumps({"type": "ack", "id": 2, "offset": 1}))
    assert wire.page.due() == 19_000


def test_what_was_said_as_one_user_is_not_sent_as_another():
    wire = connected()
    wire.cut()
    wire.publish(1)
    wire.connect()
    wire.page.received(0, json.dumps({"type": "welcome", "user": "b", "session": "s", "resumed": False}))
    wire.perform()
    assert isinstance(wire.answers[1], NotDelivered)


def test_message_of_just_the_size_that_the_hub_takes_is_taken():
    wire = connected()
    wire.publish(1)
    fits = len(json.dumps(wire.to_hub[0], separators=(",", ":")))
    welcome = {"type": "welcome", "user": "a", "session": "s", "resumed": True, "max_message": fits}
    wire.page.received(0, json.dumps(welcome))
    wire.publish(2)
    with pytest.raises(MessageTooLong):
        wire.publish(10)
    assert wire.answers.keys() == {"join"}


def test_message_that_was_sent_and_is_too_large_for_the_hub_of_now_is_uncertain():
    """Another hub may have taken it: "nothing was sent" would be wrong."""
    wire = connected()
    wire.publish(1)
    wire.cut()
    wire.publish(2)
    wire.connect()
    welcome = {"type": "welcome", "user": "a", "session": "s", "resumed": True, "max_message": 40}
    wire.page.received(0, json.dumps(welcome))
    wire.perform()
    assert isinstance(wire.answers[1], NotDelivered) and isinstance(wire.answers[2], MessageTooLong)


def test_after_the_end_nothing_is_sent_until_there_is_another_connection():
    wire = connected()
    wire.page.end(RuntimeError("closed"))
    wire.publish(1)
    assert wire.to_hub == [] and wire.page.due() is None
    wire.connect()
    wire.settle()
    assert wire.answers[1] is None and wire.got == [1]


def test_end_leaves_nothing_half_joined():
    wire = Wire()
    wire.join()
    wire.page.end(RuntimeError("closed"))
    wire.perform()
    assert isinstance(wire.answers["join"], RuntimeError) and wire.page.topics == {}
