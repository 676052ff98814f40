"""What `Multiplex` asks the hub for, word for word, and how each request ends."""

import json

import pytest

from browserws import BufferFull, CallError, ChannelError, MessageTooLong, NotAllowed, NotDelivered, NotJoined
from browserws._pure.multiplex import Multiplex
from browserws.codecs import HubCodec

TIMEOUT = 10_000


class Page:
    """A multiplex, and what has become of what was asked of it."""

    def __init__(self, max_pending=1000, max_pending_bytes=2**20):
        self.multiplex = Multiplex(HubCodec(), TIMEOUT, max_pending, max_pending_bytes, TimeoutError)
        self.answers = {}  # ticket: (value, error)
        self.told = []  # (channel, name, fields)
        self.sent = []
        self.fed = []  # (ticket, item) of streams

    def perform(self):
        while self.multiplex.actions:
            what, *arguments = self.multiplex.actions.pop(0)
            if what == "send":
                self.sent.append(json.loads(arguments[0]))
            elif what == "settle":
                assert arguments[0] not in self.answers, "answered twice"
                self.answers[arguments[0]] = tuple(arguments[1:])
            elif what == "feed":
                self.fed.append((arguments[0], arguments[1].get("data")))
            else:
                self.told.append(tuple(arguments))
        self.due = self.multiplex.due()
        return self

    def take(self):
        """What was sent since this was asked last."""
        sent, self.sent = self.sent, []
        return sent

    def news(self):
        """What was told of since this was asked last."""
        told, self.told = self.told, []
        return told

    def error(self, ticket):
        return self.answers[ticket][1]

    def open(self, user=None, token=None):
        self.multiplex.opened(user, token)
        return self.perform()

    def hears(self, kind, now=0, **fields):
        self.multiplex.received(now, json.dumps({"type": kind, **fields}))
        return self.perform()

    def welcome(self, now=0, **fields):
        self.open().hears("welcome", now, **{"user": "ada", "session": "s", "resumed": True, **fields})
        return self

    def join(self, name="c", ticket="join", now=0, presence=False, conflate=False, limit=None):
        self.multiplex.join(now, name, presence, conflate, ticket, limit)
        return self.perform()

    def publish(self, data, ticket=None, name="c", now=0, limit=None):
        self.multiplex.publish(now, name, data, ticket, limit)
        return self.perform()

    def history(self, ticket="history", count=10, before=None, now=0, limit=None):
        self.multiplex.history(now, "c", count, before, ticket, limit)
        return self.perform()

    def leave(self, ticket="leave", name="c", now=0, limit=None):
        self.multiplex.leave(now, name, ticket, limit)
        return self.perform()

    def call(self, name="f", arguments=None, ticket="call", now=0, limit=None):
        self.number = self.multiplex.call(now, name, arguments, ticket, limit)
        return self.perform()

    def took(self):
        self.multiplex.took(0, self.number)
        return self.perform()

    def cancel(self):
        self.multiplex.cancel(0, self.number, CallError(None, "cancelled"))
        return self.perform()

    def lost(self):
        self.multiplex.lost()
        return self.perform()

    def wake(self, now):
        self.multiplex.wake(now)
        return self.perform()


def joined(offset=0, now=0, **options):
    """A page that has joined "c", by its first request."""
    page = Page(**options).join().welcome(now).hears("joined", now, id=1, channel="c", epoch="e", offset=offset)
    page.take(), page.news()
    return page


# --- what is sent ---


def test_hello_says_who_it_is_and_counts_connections_from_one():
    page = Page()
    assert page.open().take() == [{"type": "hello", "v": 1, "connection": 1}]
    assert page.open("ada").take() == [{"type": "hello", "v": 1, "connection": 2, "user": "ada"}]
    assert page.open(None, "t").take() == [{"type": "hello", "v": 1, "connection": 3, "token": "t"}]


def test_hello_names_the_session_and_what_was_sent_and_not_answered():
    """A run for each connection: those that follow each other there, whatever else was asked in between."""
    page = joined()
    page.publish(1).publish(2).history().publish(3).hears("ack", id=3, offset=1)
    page.lost().publish("not sent yet").welcome().publish(4).publish(5)
    page.lost().take()
    (hello,) = page.open().take()
    assert hello == {"type": "hello", "v": 1, "connection": 3, "session": "s", "sent": [[1, 2, 5], [2, 6, 9]]}


def test_hello_names_publishes_that_were_sent_and_nothing_else():
    page = joined().publish(1).history().lost().publish("not sent yet")
    (hello,) = page.open().take()[-1:]
    assert hello["sent"] == [[1, 2, 2]]


def test_hello_of_a_hub_without_sessions_names_none():
    page = joined().lost().welcome(session="s").lost().open().hears("welcome", user="ada")
    assert page.lost().open().take()[-1] == {"type": "hello", "v": 1, "connection": 4}


def test_join_says_what_is_wanted():
    page = Page().welcome()
    page.take()
    page.join("a").join("b", "second", presence=True).join("c", "third", conflate=True)
    assert page.take() == [
        {"type": "join", "id": 1, "channel": "a"},
        {"type": "join", "id": 2, "channel": "b", "presence": True},
        {"type": "join", "id": 3, "channel": "c", "conflate": True},
    ]


def test_publish_says_below_which_id_none_is_waited_for():
    """The hub forgets those: one that is too low fills its memory, one that is too high makes a message twice."""
    page = joined().publish("a").publish("b").history().publish("c", name="@bob")
    a, b, _, c = page.take()
    assert (a["id"], a["floor"], b["floor"]) == (2, 2, 2)
    assert c == {"type": "publish", "id": 5, "channel": "@bob", "floor": 2, "data": "c"}
    page.hears("ack", id=3, offset=2).publish("d").hears("ack", id=2, offset=1).publish("e")
    d, e = page.take()
    assert (d["floor"], e["floor"]) == (2, 5)
    for number in (5, 6, 7):
        page.hears("ack", id=number, offset=3)
    page.publish("f")
    assert page.take()[0]["floor"] == 8


def test_first_request_of_all_may_be_a_publish():
    page = Page().publish("a", name="@bob").welcome()
    assert page.take()[1] == {"type": "publish", "id": 1, "channel": "@bob", "floor": 1, "data": "a"}


@pytest.mark.parametrize("data", [b"\n\0", bytearray(b"\n\0"), memoryview(b"\n\0")])
def test_bytes_follow_the_message(data):
    page = joined()
    page.multiplex.publish(0, "c", data, "publish", None)
    ((_, frame),) = page.multiplex.actions
    head, _, tail = frame.partition(b"\n")
    assert json.loads(head) == {"type": "publish", "id": 2, "channel": "c", "floor": 2} and tail == b"\n\0"


def test_history_says_how_many_and_before_which():
    page = joined().history(count=3).history("other", count=4, before=9)
    assert page.take() == [
        {"type": "history", "id": 2, "channel": "c", "limit": 3},
        {"type": "history", "id": 3, "channel": "c", "limit": 4, "before": 9},
    ]


def test_leave_names_the_channel_and_is_answered_with_nothing():
    page = joined().leave()
    assert page.take() == [{"type": "leave", "id": 2, "channel": "c"}]
    page.hears("left", id=2, channel="c")
    assert page.answers["leave"] == (None, None) and page.multiplex.pending.by_id == {}


def test_what_is_asked_without_a_connection_is_sent_once_in_the_order_of_the_calls():
    page = Page().join().publish(1).history().publish(2)
    page.open()
    assert [message["type"] for message in page.take()] == ["hello"]
    page.hears("welcome", user="ada", session="s", resumed=False)
    assert [(message["type"], message["id"]) for message in page.take()] == [
        ("join", 1),
        ("publish", 2),
        ("history", 3),
        ("publish", 4),
    ]


# --- calls ---


def test_call_has_a_name_and_arguments_and_is_answered_with_what_is_returned():
    page = joined().call("add", {"a": 1}).call("other", {}, "second")
    assert page.take() == [
        {"type": "call", "id": 2, "name": "add", "arguments": {"a": 1}},
        {"type": "call", "id": 3, "name": "other"},
    ]
    page.hears("result", id=3, data=None).hears("result", id=2, data=[1])
    assert page.answers["call"] == ([1], None) and page.answers["second"] == (None, None)


def test_call_without_a_connection_waits_for_one_and_is_sent_once():
    page = Page().call()
    assert page.take() == []
    page.welcome()
    assert [message["type"] for message in page.take()] == ["hello", "call"] and page.answers == {}
    page.lost()
    error = page.error("call")
    assert isinstance(error, NotDelivered) and error.channel is None
    assert error.reason == "the connection was lost: it is unknown whether the call was made"
    page.welcome()
    assert [message["type"] for message in page.take()] == ["hello"]


def test_call_of_somebody_else_is_not_sent():
    page = joined().lost().call().welcome(user="bob")
    assert isinstance(page.error("call"), NotDelivered)


def test_call_that_waits_does_not_make_the_hub_remember_publishes():
    page = joined().call().publish(1)
    assert page.take()[1]["floor"] == 3 and page.multiplex.pending.count == 2
    page.hears("result", id=2, data=1)
    assert page.multiplex.pending.count == 1 and page.multiplex.pending.bytes > 0


def test_call_that_is_too_long_or_one_too_many_is_refused():
    page = joined().lost().welcome(max_message=60)
    with pytest.raises(MessageTooLong, match="^the message's frame has 1[0-9]{2} bytes, and the hub takes at most 60$"):
        page.call("f", {"text": "x" * 100})
    assert isinstance(Page().call("f", {"text": "x" * 100}).welcome(max_message=60).error("call"), MessageTooLong)
    page = joined(max_pending=1).publish(1)
    with pytest.raises(BufferFull):
        page.call()
    for name in ("", "\n", "x" * 201):
        with pytest.raises(ValueError, match="a function's name"):
            page.call(name)


@pytest.mark.parametrize(
    ("code", "kind"), [("forbidden", NotAllowed), ("failed", CallError), ("no_account", CallError)]
)
def test_call_that_failed_has_the_code_that_the_hub_said(code, kind):
    error = joined().call().hears("error", id=2, code=code, reason="why").error("call")
    assert type(error) is kind and (error.code, error.reason, str(error)) == (code, "why", "why")


def test_items_of_a_stream_come_and_the_end_is_its_answer():
    page = joined().call().hears("stream", id=2).hears("item", id=2, data=1).hears("item", id=2, data=None)
    assert page.fed == [("call", None), ("call", 1), ("call", None)] and page.answers.keys() == {"join"}
    page.hears("end", id=2)
    assert page.answers["call"] == (None, None)
    page.hears("item", id=2, data=3).took()
    assert len(page.fed) == 3


def test_item_of_what_is_no_call_is_ignored():
    page = joined().history().hears("item", id=2, data=1)
    assert page.fed == [] and page.multiplex.pending.by_id.keys() == {2}


def test_more_is_asked_for_when_half_was_taken():
    page = joined().call().hears("stream", id=2)
    page.take()
    for _ in range(7):
        page.took()
    assert page.take() == []
    assert page.took().take() == [{"type": "more", "id": 2, "count": 8}]
    for _ in range(7):
        page.took()
    assert page.take() == []
    assert page.took().take() == [{"type": "more", "id": 2, "count": 8}]


@pytest.mark.parametrize("what", ["more", "cancel", "time out"])
def test_codec_may_answer_what_is_said_about_a_call(what):
    """What else waits for the server waits until so long after that answer."""

    class Codec(HubCodec):
        def encode(self, message, data):
            if message["type"] in ("more", "cancel"):
                return [], [{"type": "ack", "id": 99}]
            return super().encode(message, data)

    page = joined().history().call(limit=50)
    page.multiplex.codec = Codec()
    if what == "more":
        for _ in range(8):
            page.multiplex.took(50, page.number)
    elif what == "cancel":
        page.multiplex.cancel(50, page.number, CallError(None, "cancelled"))
    assert page.perform().wake(50).due == 50 + TIMEOUT
    assert isinstance(page.error("call"), CallError if what == "cancel" else TimeoutError)


def test_call_that_is_cancelled_is_told_to_the_hub_if_it_has_it():
    page = joined().call()
    page.take()
    assert page.cancel().take() == [{"type": "cancel", "id": 2}] and isinstance(page.error("call"), CallError)
    assert page.cancel().take() == []
    page = joined().lost().call().cancel().welcome()
    assert [message["type"] for message in page.take()] == ["hello", "join"]


def test_call_that_takes_too_long_is_cancelled_and_a_stream_that_has_begun_is_not():
    page = joined().call(limit=50, now=10)
    page.take()
    assert page.due == 60
    assert page.wake(60).take() == [{"type": "cancel", "id": 2}]
    assert str(page.error("call")) == "call: the hub has not answered in time"
    page = joined().call(limit=50).call(ticket="other").hears("stream", id=2).hears("stream", id=3).wake(2 * TIMEOUT)
    assert page.answers.keys() == {"join"}
    page = Page().call(limit=50).wake(50)
    assert str(page.error("call")) == "call: there was no connection in time"


# --- what is refused ---


def test_channel_that_is_joined_cannot_be_joined():
    page = joined()
    with pytest.raises(ChannelError, match="^'c': is joined already$") as error:
        page.join()
    assert error.value.channel == "c" and page.multiplex.actions == []


def test_name_that_no_channel_has_is_refused_and_leaves_nothing_behind():
    page = Page()
    with pytest.raises(ValueError, match="a channel's name"):
        page.join("")
    with pytest.raises(ValueError, match="a channel's name"):
        page.publish(1, name="@\n")
    assert page.multiplex.pending.by_id == {} and page.multiplex.topics == {}


def test_what_is_asked_of_a_channel_that_is_not_joined_names_it():
    for call in (Page.leave, Page.history, lambda page: page.publish(1)):
        with pytest.raises(NotJoined, match="the channel is not joined: join it first") as error:
            call(Page())
        assert error.value.channel == "c"


def test_refusal_is_of_the_channel_that_was_asked_for():
    """Also where the hub does not repeat its name."""
    page = joined().history().hears("error", id=2, code="forbidden", reason="why")
    error = page.error("history")
    assert (error.channel, error.code, error.reason) == ("c", "forbidden", "why")


def test_channel_that_is_left_or_was_left_says_so_to_what_was_asked_of_it():
    page = joined().history().leave()
    error = page.error("history")
    assert isinstance(error, NotJoined) and (error.channel, error.reason) == ("c", "the channel was left")
    page = joined().history().hears("left", channel="c", reason="behave")
    error = page.error("history")
    assert isinstance(error, NotJoined) and (error.channel, error.reason) == ("c", "behave")
    assert page.told == [("c", "left", {"reason": "behave"})]


def test_hub_that_removes_us_from_a_channel_that_was_left_meanwhile_changes_nothing():
    page = joined().leave().hears("left", channel="c", reason="behave")
    assert page.told == [] and page.answers.keys() == {"join"}


def test_hub_that_gives_no_reason_for_putting_us_out_has_an_empty_one():
    assert joined().hears("left", channel="c").told == [("c", "left", {"reason": ""})]


def test_so_many_publishes_wait_as_are_allowed():
    page = joined(max_pending=2).publish(1).publish(2)
    with pytest.raises(BufferFull, match="^2 messages with .* wait for the hub's answer; at most 2 messages and"):
        page.publish(3)
    page.hears("ack", id=2, offset=1).publish(3)
    assert page.multiplex.pending.count == 2


def test_so_many_bytes_wait_as_are_allowed():
    page = joined().publish(1)
    size = page.multiplex.pending.bytes
    assert size == len(json.dumps(page.take()[0], separators=(",", ":")))
    page = joined(max_pending_bytes=2 * size).publish(1).publish(2)
    assert page.multiplex.pending.bytes == 2 * size
    with pytest.raises(
        BufferFull, match=f"2 messages with {2 * size} bytes.*at most 1000 messages and {2 * size} bytes"
    ):
        page.publish(3)
    page.hears("ack", id=2, offset=1)
    assert page.multiplex.pending.bytes == size


def test_message_that_is_too_long_names_channel_and_sizes():
    page = joined().lost().welcome(max_message=50)
    with pytest.raises(
        MessageTooLong, match="^'c': the message's frame has 1[0-9]{2} bytes, and the hub takes at most 50$"
    ):
        page.publish("x" * 100)
    page = Page().join().publish("x" * 100, "publish").welcome(max_message=50)
    error = page.error("publish")
    assert isinstance(error, MessageTooLong) and error.channel == "c" and "at most 50" in error.reason
    assert error.reason.startswith("the message's frame has 1")


# --- what the hub says ---


def test_ready_says_who_we_are_and_whether_the_session_goes_on():
    page = Page().open().hears("welcome", user="ada", session="s")
    assert page.news() == [(None, "ready", {"user": "ada", "resumed": False})]
    page.lost().open().hears("welcome", session="s", resumed=True)
    assert page.news() == [(None, "ready", {"user": "ada", "resumed": True})]
    assert Page().open().hears("welcome").news() == [(None, "ready", {"user": None, "resumed": False})]


def test_limit_of_the_hub_holds_until_it_says_another():
    page = joined().lost().welcome(max_message=50).lost().welcome()
    with pytest.raises(MessageTooLong):
        page.publish("x" * 100)


def test_page_knows_no_user_before_the_hub_has_said_one():
    page = Page()
    assert page.multiplex.user is None and page.multiplex.ready is False and page.open().multiplex.user is None


def test_what_was_said_before_the_hub_had_said_who_we_are_is_sent():
    """Only where it was somebody else before, it must not be."""
    page = Page().join().publish(1, "publish").welcome(user="bob")
    assert [message["type"] for message in page.take()] == ["hello", "join", "publish"]


@pytest.mark.parametrize(
    ("welcome", "reason"),
    [
        ({"user": "bob"}, "the hub has accepted us as another user: it was not sent again"),
        ({"resumed": False}, "the hub has lost the session: it is unknown whether it was published"),
        ({"max_message": 10}, "the hub's size limit is lower now: it is unknown whether it was published"),
    ],
)
def test_what_may_have_arrived_and_is_not_sent_again_says_why(welcome, reason):
    page = joined().publish("a", "first").publish("b", "second").lost()
    page.welcome(**welcome)
    for ticket in ("first", "second"):
        error = page.error(ticket)
        assert isinstance(error, NotDelivered) and (error.channel, error.reason) == ("c", reason)
    assert [message["type"] for message in page.take()[2:]] == ["hello", "join"] and page.multiplex.pending.count == 0


def test_error_of_a_code_of_its_own_is_no_more_than_what_was_asked():
    page = joined().publish("a", "first").hears("error", id=2, code="rude", reason="be polite")
    assert type(page.error("first")) is ChannelError and page.error("first").code == "rude"


def test_publish_of_one_byte_is_waited_for_as_any_other():
    class Codec(HubCodec):
        def encode(self, message, data):
            floors.append(message.get("floor"))
            return ["x"], []

    floors = []
    page = joined()
    page.multiplex.codec = Codec()
    for number in range(2):
        page.multiplex.publish(0, "c", number, None, None)
    assert floors == [2, 2]


def test_hub_may_say_that_a_publish_is_lost():
    page = joined().publish("a", "first").hears("error", id=2, code="not_delivered", reason="lost")
    error = page.error("first")
    assert isinstance(error, NotDelivered) and (error.channel, error.reason) == ("c", "lost")


def test_all_else_that_was_asked_is_asked_again_on_the_next_connection():
    page = joined().history().leave("leave").join("d", "other").lost()
    page.take()
    page.welcome()
    hello, *rest = page.take()
    assert rest == [{"type": "join", "id": 4, "channel": "d"}]
    page = joined().history().publish("a").lost()
    page.take()
    page.welcome(max_message=1000)
    assert [(message["type"], message["id"]) for message in page.take()[1:]] == [
        ("join", 4),
        ("history", 2),
        ("publish", 3),
    ]


def test_a_history_is_asked_for_again_whoever_the_hub_takes_us_for():
    page = joined().history().publish("a").lost()
    page.take()
    page.welcome(user="bob")
    assert [message["type"] for message in page.take()[1:]] == ["join", "history"]


def test_leave_is_answered_by_the_end_of_the_connection():
    """The next one has joined nothing yet."""
    page = joined().leave().lost().welcome()
    assert page.answers["leave"] == (None, None) and page.multiplex.pending.by_id == {}


def test_each_join_has_its_own_answer():
    page = Page().welcome().join("a", "first").join("b", "second")
    page.hears("joined", id=2, channel="b", epoch="e", offset=5)
    assert page.answers == {"second": ("b", None)}
    page.hears("joined", id=1, channel="a")
    assert page.answers["first"] == ("a", None)
    assert page.news()[1:] == [
        ("b", "joined", {"offset": 5, "epoch": "e"}),
        ("a", "joined", {"offset": None, "epoch": None}),
    ]


def test_channel_that_is_joined_again_says_from_where():
    page = joined(7).hears("message", channel="c", offset=8, data=1, time=5).lost()
    page.take()
    page.welcome()
    since = {"epoch": "e", "offset": 8, "time": 5}
    assert page.take()[1] == {"type": "join", "id": 2, "channel": "c", "since": since}


def test_gap_comes_before_joined():
    page = joined(7).lost().welcome()
    page.news()
    page.hears("joined", id=2, channel="c", epoch="e", offset=20, gap=True)
    assert page.news() == [("c", "gap", {"missed": None}), ("c", "joined", {"offset": 20, "epoch": "e"})]


def test_members_are_emitted_with_the_answer_and_when_they_change():
    page = Page().welcome().join(presence=True)
    page.news()
    page.hears("joined", id=1, channel="c", members=["b", "a"])
    assert page.news()[1:] == [("c", "members", {"members": ["a", "b"], "join": ["a", "b"], "leave": []})]
    page.hears("presence", channel="c", join=["c"], leave=["a"])
    assert page.news() == [("c", "members", {"members": ["b", "c"], "join": ["c"], "leave": ["a"]})]
    page.hears("presence", channel="c", join=["c"], leave=[])
    assert page.news() == []
    page.hears("presence", channel="c", join=[], leave=["b"])
    assert page.news() == [("c", "members", {"members": ["c"], "join": [], "leave": ["b"]})]


def test_message_has_all_that_the_hub_says_of_it():
    page = joined().hears("message", channel="c", offset=1, data={"a": 1}, user="bob", time=3)
    fields = {"channel": "c", "data": {"a": 1}, "user": "bob", "offset": 1, "time": 3.0, "epoch": "e"}
    assert page.news() == [("c", "message", fields)]
    page.hears("message", channel="c", data="of a hub that says no more")
    fields = {**dict.fromkeys(fields), "channel": "c", "data": "of a hub that says no more", "epoch": "e"}
    assert page.news() == [("c", "message", fields)]


def test_what_is_sent_to_the_page_directly_is_of_no_channel():
    page = joined().hears("direct", data={"a": 1})
    assert page.news() == [(None, "message", {"data": {"a": 1}})]


def test_gap_is_emitted_on_its_channel_and_says_how_many_are_missing():
    page = joined(3).hears("message", channel="c", offset=6, data=1)
    assert page.news()[0] == ("c", "gap", {"missed": 2})


def test_publish_is_answered_with_its_offset():
    page = joined().publish(1, "first").publish(2, "second")
    page.hears("ack", id=2, offset=9).hears("ack", id=3)
    assert page.answers["first"] == (9, None) and page.answers["second"] == (None, None)


def test_publish_that_the_hubs_program_has_answered_has_its_answer():
    page = joined().publish(1, "first").publish(2, "second")
    page.hears("ack", id=2, data={"a": 1}).hears("ack", id=3, data=None)
    assert page.answers["first"] == ({"a": 1}, None) and page.answers["second"] == (None, None)


def test_answer_that_comes_twice_is_one():
    page = joined().publish(1, "publish").hears("ack", id=2, offset=1)
    page.hears("ack", id=2, offset=1)
    assert page.multiplex.pending.count == 0 and page.multiplex.pending.bytes == 0


def test_history_that_was_lost_and_is_known_already_is_no_news():
    page = joined().hears("reset", channel="c", epoch="e", offset=0)
    assert page.news() == []
    page.hears("reset", channel="c", epoch="f", offset=3).hears("message", channel="c", offset=4, data=1)
    assert [(channel, name) for channel, name, _ in page.news()] == [("c", "gap"), ("c", "message")]
    page.lost().hears("welcome", session="s")
    page.hears("reset", channel="c", epoch="g", offset=0)
    assert page.news()[1:] == []  # the answer to the join will say it


def test_page_goes_on_from_where_a_new_history_began():
    page = joined().hears("reset", channel="c", epoch="f", offset=3).lost().welcome()
    join = page.take()[-1]
    assert (join["type"], join["since"]) == ("join", {"epoch": "f", "offset": 3})


# --- time ---


def test_answer_is_due_after_the_timeout_and_counts_from_when_it_was_sent():
    assert Page().join().welcome().due == TIMEOUT
    page = Page().join(now=5)
    assert page.due is None
    page.welcome(now=100)
    assert page.due == 100 + TIMEOUT
    page.hears("joined", 200, id=1, channel="c")
    assert page.due is None
    page.publish(1, "publish", now=300)
    assert page.due == 300 + TIMEOUT
    page.wake(299 + TIMEOUT)
    assert "publish" not in page.answers and page.due == 300 + TIMEOUT
    page.wake(300 + TIMEOUT)
    error = page.error("publish")
    assert isinstance(error, TimeoutError) and str(error) == "publish: the hub has not answered in time"


def test_hub_that_answers_others_is_not_late():
    """It answers one request after the other: many take their time."""
    page = joined().publish(1, "first").publish(2, "second").hears("ack", 9000, id=2, offset=1).wake(TIMEOUT)
    assert "second" not in page.answers and page.due == 9000 + TIMEOUT
    page.wake(8999 + TIMEOUT)
    assert "second" not in page.answers
    page.wake(9000 + TIMEOUT)
    assert isinstance(page.error("second"), TimeoutError)


def test_server_that_answers_publishes_only_is_late_with_those_only():
    """A codec answers the rest in its stead."""

    class Codec(HubCodec):
        def encode(self, message, data):
            frames, answers = super().encode(message, data)
            if message["type"] == "join":
                answers = [{"type": "joined", "id": message["id"], "channel": message["channel"]}]
            return frames, answers

    page = Page()
    page.multiplex.codec = Codec()
    page.welcome().join(now=500)
    assert page.answers["join"] == ("c", None) and page.due is None
    page.publish(1, "publish", now=600)
    assert page.due == 600 + TIMEOUT


def test_request_with_a_limit_of_its_own_is_late_by_that_alone():
    page = joined().history(now=10, limit=50)
    assert page.due == 60
    page.wake(59)
    assert "history" not in page.answers
    page.wake(60)
    assert str(page.error("history")) == "history: the hub has not answered in time"
    page = Page().publish(1, "publish", name="@bob", limit=50)
    page.wake(50)
    assert str(page.error("publish")) == "publish: there was no connection in time"


def test_limit_of_its_own_goes_on_without_a_connection():
    page = joined().history(now=10, limit=50).publish(1, "publish", now=10).lost()
    assert page.due == 60
    page.wake(60)
    assert page.answers.keys() == {"join", "history"} and page.due is None


def test_soonest_of_all_that_is_late_is_when_to_wake():
    page = joined().history("a", limit=90).history("b", limit=70).history("c", limit=80)
    assert page.due == 70
    page.wake(70)
    assert page.due == 80
    page = joined().publish(1, now=30).publish(2, now=10).publish(3, now=20)
    assert page.due == 10 + TIMEOUT


def test_join_that_is_given_up_is_left_where_there_is_a_connection():
    page = Page().welcome().join(now=10)
    page.take()
    page.wake(10 + TIMEOUT)
    assert str(page.error("join")) == "join: the hub has not answered in time"
    assert page.take() == [{"type": "leave", "id": 2, "channel": "c"}] and page.multiplex.topics == {}
    page = Page().join(limit=50).wake(50)
    assert str(page.error("join")) == "join: there was no connection in time"
    assert page.sent == [] and page.multiplex.pending.by_id == {}


def test_other_requests_that_are_given_up_are_not():
    page = joined().history()
    page.take()
    page.wake(TIMEOUT)
    assert page.take() == [] and page.multiplex.pending.by_id == {} and "c" in page.multiplex.topics


def test_channel_is_asked_for_again_on_the_same_connection_until_it_is_joined():
    page = joined().lost().welcome(100)
    page.take()
    for times in (1, 2, 3):
        assert page.due == 100 + times * TIMEOUT
        page.wake(100 + times * TIMEOUT)
        assert page.take() == [{"type": "join", "id": 2, "channel": "c", "since": {"epoch": "e", "offset": 0}}]


def test_end_is_what_everything_fails_with_and_channels_stay():
    page = joined().publish(1, "publish").history().join("d", "other")
    error = RuntimeError("closed")
    page.multiplex.end(error)
    page.perform()
    assert {ticket: page.error(ticket) for ticket in ("publish", "history", "other")} == {
        "publish": error,
        "history": error,
        "other": error,
    }
    assert list(page.multiplex.topics) == ["c"] and not page.multiplex.ready and page.due is None


def test_end_of_a_former_membership_does_not_end_a_new_join():
    page = Page().welcome()
    page.join().hears("joined", id=1, channel="c", epoch="e", offset=0)
    page.multiplex.leave(0, "c", "leave", None)
    page.join(ticket="again")
    page.news()
    page.hears("left", channel="c", reason="removed")  # sent before the hub read them
    page.hears("left", id=2, channel="c").hears("joined", id=3, channel="c", epoch="e", offset=0)
    assert page.answers["again"] == ("c", None) and "c" in page.multiplex.topics
    assert [name for _, name, _ in page.news()] == ["joined"]
