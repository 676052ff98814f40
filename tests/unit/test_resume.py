"""Pages and the hub's store in plain Python: whatever becomes of connections and sessions, what was acknowledged is
in the history once, and each page gets it once and in order, or is told of a gap before what follows.

What a page has sent on a connection that it has given up may still reach the hub, later than what it sends on the next.
"""

import asyncio
import json
import random

import pytest

from browserws import NotDelivered
from browserws._pure.multiplex import Multiplex
from browserws.codecs import HubCodec
from browserws.server import MemoryStore, Settings
from browserws.server.stores import ADD, ADDED, CONFLICT, Position, Publish

CHANNEL = "c"


def now(coroutine):
    """The result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


class Wire:
    """One connection as the hub has it: it does not know when the page has given it up."""

    def __init__(self, hub):
        self.hub = hub
        self.to_hub, self.to_page = [], []
        self.session = None
        self.sent = []
        self.joined = False
        self.closed = False

    def hub_reads(self):
        if not self.to_hub or self.closed:
            return
        message = self.to_hub.pop(0)
        getattr(self, "_" + message["type"])(message)

    def _hello(self, message):
        session = message.get("session")
        self.session, resumed = now(self.hub.store.open_session(session, "ada", message.get("connection")))
        self.sent = message["sent"] if resumed else []
        self.to_page.append({"type": "welcome", "user": "ada", "session": self.session.name, "resumed": resumed})

    def _join(self, message):
        here, _ = now(self.hub.store.listen(CHANNEL))
        answer = {"type": "joined", "id": message["id"], "channel": CHANNEL, "epoch": here.epoch, "offset": here.offset}
        missed = []
        if "since" in message:
            since = Position(message["since"]["epoch"], message["since"]["offset"])
            _, is_known = now(self.hub.store.since(CHANNEL, since))
            if is_known:
                missed = now(self.hub.store.between(CHANNEL, here.epoch, since.offset, here.offset))
            else:
                answer["gap"] = True
        self.joined = True
        self.to_page.append(answer)
        for entry in missed:
            self.deliver(entry)

    def _publish(self, message):
        number = message["id"]
        sent_on = next((run[0] for run in self.sent if run[1] <= number <= run[2]), self.session.connection)
        data = json.dumps(message["data"])
        publish = Publish(CHANNEL, "ada", 0, data, self.session, number, message["floor"], sent_on, ADD)
        (published,) = now(self.hub.store.publish([publish]))
        if published.status == CONFLICT:
            self.closed = True
            return
        if published.status == ADDED:
            self.hub.published.append(message["data"])
        self.to_page.append({"type": "ack", "id": number, "epoch": published.epoch, "offset": published.offset})

    def deliver(self, entry):
        message = {"type": "message", "channel": CHANNEL, "offset": entry.offset, "user": None}
        self.to_page.append({**message, "data": json.loads(entry.data)})

    def reset(self, epoch, offset):
        self.to_page.append({"type": "reset", "channel": CHANNEL, "epoch": epoch, "offset": offset})


class Hub:
    """A hub process on a memory that is lost now and then."""

    def __init__(self):
        self.wires = []
        self.published = []  # data, in the order in which it was added
        self.start()

    def start(self):
        self.store = MemoryStore()
        now(self.store.start(self, Settings()))

    def on_entry(self, channel, entry):
        for wire in self.wires:
            if wire.joined and not wire.closed:
                wire.deliver(entry)

    def lose_all(self):
        """As FLUSHALL does: connections stay, and are told."""
        self.start()
        here, _ = now(self.store.listen(CHANNEL))
        for wire in self.wires:
            if wire.joined and not wire.closed:
                wire.reset(here.epoch, here.offset)

    def forget_sessions(self):
        self.store._sessions.clear()

    def publish(self, data):
        (published,) = now(self.store.publish([Publish(CHANNEL, None, 0, json.dumps(data))]))
        self.published.append(data)


class Page:
    def __init__(self, hub):
        self.hub = hub
        self.multiplex = Multiplex(HubCodec(), 10_000, 1000, 2**20, TimeoutError)
        self.wire = None
        self.got = []  # data, and "gap"
        self.answers = {}
        self.multiplex.join(0, CHANNEL, False, False, "join", None)

    def connect(self):
        self.cut()
        self.wire = Wire(self.hub)
        self.hub.wires.append(self.wire)
        self.multiplex.opened("ada", None)
        self.perform()

    def cut(self):
        """The page gives the connection up. What it has sent may still arrive, what the hub sends does not."""
        if self.wire is not None:
            self.wire = None
            self.multiplex.lost()

    def copy_session(self, other):
        """As a new tab that was given all that another one knows of its session."""
        if self.multiplex._connection:
            return
        self.multiplex.session = other.multiplex.session
        self.multiplex._connection = other.multiplex._connection

    def publish(self, data):
        self.multiplex.publish(0, CHANNEL, data, data, None)
        self.perform()

    def reads(self):
        wire = self.wire
        if wire is None:
            return
        if wire.to_page:
            self.multiplex.received(0, json.dumps(wire.to_page.pop(0)))
            self.perform()
        elif wire.closed:
            self.connect()

    def perform(self):
        while self.multiplex.actions:
            what, *arguments = self.multiplex.actions.pop(0)
            if what == "send":
                if self.wire is not None:
                    self.wire.to_hub.append(json.loads(arguments[0]))
            elif what == "settle":
                ticket, _, error = arguments
                assert ticket not in self.answers, "answered twice"
                self.answers[ticket] = error
            elif arguments[1] == "message":
                self.got.append(arguments[2]["data"])
            elif arguments[1] == "gap":
                self.got.append("gap")


# what happens, and how often beside the others
STEPS = {"hub reads": 10, "reads": 10, "publish": 8, "old wire": 5, "connect": 3, "cut": 2, "other": 2}
LOSSES = {"lose all": 1, "forget sessions": 1, "copy session": 1}
LENGTH = 80


def settle(hub, pages):
    for page in pages:
        if page.wire is None or page.wire.closed:
            page.connect()
    for _ in range(2000):
        for wire in hub.wires:
            wire.hub_reads()
        for page in pages:
            page.reads()
        if not any(wire.to_hub and not wire.closed for wire in hub.wires) and not any(
            page.wire.to_page or page.wire.closed for page in pages
        ):
            return
    raise AssertionError("pages and hub never come to rest")


@pytest.mark.parametrize("losses", [(), ("forget sessions",), ("copy session",), tuple(LOSSES)])
def test_what_was_acknowledged_is_there_once_whatever_becomes_of_connections_and_sessions(losses):
    async def main():
        for seed in range(400):
            try:
                play(random.Random(seed), losses)
            except AssertionError as error:
                raise AssertionError(f"with seed {seed}") from error

    asyncio.run(main())


def play(chance, losses):
    hub = Hub()
    pages = [Page(hub), Page(hub)]
    kinds = {**STEPS, **{loss: LOSSES[loss] for loss in losses}}
    steps = chance.choices(list(kinds), list(kinds.values()), k=LENGTH)
    for number, step in enumerate(steps):
        take(step, number, hub, *chance.sample(pages, 2))
    settle(hub, pages)
    hub.publish(LENGTH)  # by which a page sees what it missed
    settle(hub, pages)

    has_lost = "lose all" in steps
    for page in pages:
        for data, error in page.answers.items():
            if data == "join":
                assert error is None
            elif error is None:
                assert data in hub.published, "acknowledged, and never made"
            else:
                assert isinstance(error, NotDelivered)
        check_order(page.got, hub.published, has_lost)
    if not has_lost:
        assert len(hub.published) == len(set(hub.published)), "made twice"


def take(step, number, hub, page, other):
    if step == "connect":
        page.connect()
    elif step == "cut":
        page.cut()
    elif step == "publish":
        page.publish(number)
    elif step == "hub reads" and page.wire is not None:
        page.wire.hub_reads()
    elif step == "old wire":
        waiting = [wire for wire in hub.wires if wire.to_hub and wire is not page.wire]
        if waiting:
            waiting[0].hub_reads()
    elif step == "reads":
        page.reads()
    elif step == "other":
        hub.publish(number)
    elif step == "lose all":
        hub.lose_all()
    elif step == "forget sessions":
        hub.forget_sessions()
    elif step == "copy session":
        page.copy_session(other)


def check_order(got, published, has_lost):
    """Between gaps, what a page gets is what was made, in its order and without a hole."""
    if not has_lost:
        assert "gap" not in got
    places = None  # where in what was made the page may be: after a loss, something may have been made again
    for data in got:
        if data == "gap":
            places = None
            continue
        there = {place for place, made in enumerate(published) if made == data}
        places = there if places is None else there & {place + 1 for place in places}
        assert places, (got, published)
