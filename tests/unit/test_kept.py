"""What is kept for a reload, and what becomes of it. (What a page sees of it: tests/conformance/test_persist.py.)"""

import json

import pytest

from browserws import NotDelivered
from browserws._pure.kept import KEEP, MAX_POSITIONS, KeptMultiplex
from browserws.codecs import HubCodec

NOW = 1_800_000_000_000


class Page:
    """A page that is loaded at a time, with what was kept before."""

    def __init__(self, texts=None, journal="", time=NOW, asked="ada", has_token=False):
        self.multiplex = KeptMultiplex(HubCodec(), 1000, 100, 10_000, TimeoutError)
        self.tickets = []
        self.multiplex.begin(lambda: time, asked, has_token, self._ticket)
        self.texts = dict(texts or {})
        self.multiplex.restore([f"{key}\n{text}" for key, text in self.texts.items()], journal)
        self.multiplex.emit_restored()
        self.keep()

    def _ticket(self):
        self.tickets.append(object())
        return self.tickets[-1]

    def keep(self):
        """Keep what has changed."""
        changes = self.multiplex.changes()
        self.texts.update(changes)
        self.texts = {key: text for key, text in self.texts.items() if text is not None}
        return changes

    def hears(self, **message):
        self.multiplex.received(0, json.dumps(message))

    def welcome(self, keep=True, **fields):
        self.multiplex.opened("ada", None)
        self.hears(type="welcome", user="ada", session="s", **fields)
        if keep:
            self.keep()
            self.multiplex.stored(0, self.multiplex.gate)

    def publish(self, data="x"):
        self.multiplex.publish(0, "@bob", data, None, None)

    def take(self, kind):
        """The actions of that kind so far."""
        actions, self.multiplex.actions = self.multiplex.actions, []
        return [action for action in actions if action[0] == kind]

    def sent(self):
        return [json.loads(frame) for _, frame in self.take("send")]

    def restored(self):
        return next(fields for _, _, name, fields in self.take("emit") if name == "restored")


def test_nothing_is_sent_before_the_session_is_kept():
    page = Page()
    page.publish()
    page.welcome(keep=False)
    assert [message["type"] for message in page.sent()] == ["hello"]
    gate = page.multiplex.gate
    page.multiplex.lost()
    page.multiplex.stored(0, gate)  # of the connection before
    assert page.sent() == [] and not page.multiplex.ready
    page.welcome()
    assert [message["type"] for message in page.sent()] == ["hello", "publish"]


def test_ids_and_connections_grow_from_page_to_page():
    first = Page()
    first.welcome()
    first.publish()
    first.keep()
    later = Page(first.texts, time=NOW + 1)
    later.welcome(resumed=True)
    later.publish()
    (hello, publish), (again, same, other) = first.sent(), later.sent()
    assert again["connection"] > hello["connection"] and again["session"] == "s"
    assert same == publish and other["id"] > same["id"]


def test_a_clock_that_was_set_back_changes_nothing():
    first = Page()
    first.welcome()
    first.publish()
    first.keep()
    later = Page(first.texts, time=NOW - 1000)
    later.welcome(resumed=True)
    later.publish()
    (hello, publish), (again, same, other) = first.sent(), later.sent()
    assert again["connection"] > hello["connection"]
    assert same == publish and other["id"] > same["id"]


@pytest.mark.parametrize("was_sent", [True, False])
def test_what_may_have_been_sent_is_not_sent_in_another_session(was_sent):
    page = Page()
    page.publish()
    page.keep()
    kept = dict(page.texts)
    if was_sent:
        page.welcome(keep=False)
        page.keep()  # and no more: the page ends before it knows
        kept = page.texts
    later = Page(kept, time=NOW + 1)
    later.multiplex.opened("ada", None)
    hello = later.sent()[0]
    assert [run[0] for run in hello.get("sent", [])] == ([0] if was_sent else [])
    later.hears(type="welcome", user="ada", session="other", resumed=False)
    later.multiplex.stored(0, later.multiplex.gate)
    errors = [action[3] for action in later.multiplex.actions if action[0] == "settle"]
    assert [type(error) for error in errors] == ([NotDelivered] if was_sent else [])
    assert [message["type"] for message in later.sent()] == ([] if was_sent else ["publish"])


def test_a_journal_counts_for_the_page_that_wrote_it():
    page = Page()
    texts = dict(page.texts)
    page.publish()
    journal = page.multiplex.journal(page.multiplex.changes())
    assert Page(texts, journal, NOW + 1).restored()["pending"] == 1
    another = Page(texts, time=NOW + 1)  # has been there meanwhile
    assert Page(another.texts, journal, NOW + 2).restored()["pending"] == 0


def test_what_was_not_written_for_long_is_forgotten():
    page = Page()
    page.publish()
    page.keep()
    assert Page(page.texts, time=NOW + KEEP - 1).restored()["pending"] == 1
    old = Page(page.texts, time=NOW + KEEP)
    assert old.restored()["pending"] == 0 and old.multiplex.session is None


def test_positions_of_channels_that_are_not_joined_are_bounded():
    texts = dict(Page().texts)
    texts.update({f"c{number}": '["epoch",1,null]' for number in range(MAX_POSITIONS + 5)})
    page = Page(texts, time=NOW + 1)
    assert len(page.restored()["channels"]) == MAX_POSITIONS


def test_no_token_is_kept():
    page = Page(has_token=True)
    page.multiplex.opened("ada", "secret")
    page.hears(type="welcome", user="ada", session="s")
    page.keep()
    assert "secret" not in json.dumps(page.texts)


def test_a_publish_that_is_answered_is_kept_no_longer():
    page = Page()
    page.welcome()
    page.publish()
    page.keep()
    (number,) = [key for key in page.texts if key.isdigit()]
    page.hears(type="ack", id=int(number), epoch="e", offset=1)
    assert page.keep()[number] is None
    assert Page(page.texts, time=NOW + 1).restored()["pending"] == 0
