"""The store of a single hub: what it keeps, for how long, and what it says of what is gone."""

import asyncio
from types import SimpleNamespace

import pytest

from browserws._pure.protocol import MAX_PENDING
from browserws.server import Settings
from browserws.server.stores import (
    ABSENT,
    ADD,
    ADDED,
    BATCH_SIZE,
    CONFLICT,
    FIND,
    LOST,
    NEW_CHANNEL,
    REPEAT,
    USER,
    Position,
    Publish,
    Session,
)
from browserws.server.stores.memory import MemoryStore


class Store:
    """A store at a time that the test sets. Its calls do not wait, so they can be made without an event loop."""

    def __init__(self, **settings):
        self.memory = MemoryStore()
        self.told = []
        listener = SimpleNamespace(
            on_entry=lambda channel, entry: self.told.append((channel, entry.offset)),
            on_presence=lambda channel, come, gone: self.told.append((channel, come, gone)),
            on_members=lambda channel, members: self.told.append((channel, list(members))),
            on_removed=lambda *arguments: self.told.append(arguments),
            on_direct=lambda *arguments: self.told.append(arguments),
        )
        self.now = 1000.0
        asyncio.run(self.memory.start(listener, Settings(**settings)))
        self.memory._loop = SimpleNamespace(time=lambda: self.now)

    def __getattr__(self, name):
        method = getattr(self.memory, name)
        return lambda *arguments: asyncio.run(method(*arguments))

    def add(self, channel="c", data="1", **fields):
        """Publish one message."""
        return self.publish([Publish(channel, "ada", 5, data, **fields)])[0]

    def offsets(self, channel="c", limit=1000, before=None):
        return [entry.offset for entry in self.history(channel, limit, before)[1]]


# --- sessions ---


def test_session_goes_on_for_its_user_on_a_later_connection():
    store = Store()
    session, resumed = store.open_session(None, "ada", 1)
    assert session.connection == 1 and not resumed
    assert store.open_session(session.name, "ada", 2) == (Session(session.name, 2), True)
    assert store.open_session(session.name, "ada", None) == (Session(session.name, 3), True)
    for user, connection in (("ada", 3), ("ada", 1), ("bob", 4)):
        other, resumed = store.open_session(session.name, user, connection)
        assert other.name != session.name and not resumed and other.connection == connection
    assert store.open_session(session.name, "ada", 4) == (Session(session.name, 4), True)


def test_new_session_counts_from_where_its_page_is():
    store = Store()
    assert store.open_session(None, "ada", None)[0].connection == 1
    session, resumed = store.open_session("forgotten", "ada", 7)
    assert session.connection == 7 and session.name != "forgotten" and not resumed
    assert len(session.name) >= 20  # nobody guesses it


def test_sessions_are_bounded_and_the_one_unused_for_longest_goes():
    store = Store(max_connections=1)
    first, second = (store.open_session(None, "ada", 1)[0] for _ in range(2))
    assert store.open_session(first.name, "ada", 2)[1]
    third, _ = store.open_session(None, "ada", 1)
    assert not store.open_session(second.name, "ada", 2)[1]  # this made a fourth
    assert store.open_session(third.name, "ada", 2)[1]


def test_session_without_a_connection_is_forgotten_after_its_time():
    store = Store(session_ttl=10)
    sessions = [store.open_session(None, "ada", 1)[0].name for _ in range(2)]
    store.now += 6
    store.keep_sessions([sessions[0], "unknown"])
    store.now += 4
    store.keep_sessions([])
    assert store.open_session(sessions[1], "ada", 2)[1]
    store.now += 6
    store.keep_sessions([sessions[1]])
    store.now += 0.5
    store.keep_sessions([])
    assert store.open_session(sessions[1], "ada", 3)[1]
    assert not store.open_session(sessions[0], "ada", 2)[1]


def test_session_that_resumed_is_used():
    store = Store(session_ttl=10)
    session, _ = store.open_session(None, "ada", 1)
    store.now += 10
    store.open_session(session.name, "ada", 2)
    store.now += 10
    store.keep_sessions([])
    assert store.open_session(session.name, "ada", 3)[1]


def test_session_that_is_kept_is_not_the_one_that_makes_room():
    store = Store(max_connections=1)
    first, second = (store.open_session(None, "ada", 1)[0].name for _ in range(2))
    store.keep_sessions([first])
    store.open_session(None, "ada", 1)
    assert store.open_session(first, "ada", 2)[1]


# --- which publishes were made ---


PAGE = Session("page", 1)


def test_publish_is_made_once():
    store = Store()
    assert store.add(session=PAGE, id=3, sent_on=1)[::2] == (ADDED, 1)
    again = store.add(session=PAGE, id=3, sent_on=1)
    assert again == (REPEAT, store.listen("c")[0].epoch, 1)
    assert store.add(session=PAGE, id=4, sent_on=1).offset == 2
    assert store.add(session=Session("other", 1), id=3, sent_on=1).offset == 3
    assert store.add("another", session=PAGE, id=3, sent_on=1).offset == 1
    assert store.add(id=3).offset == 4  # of nobody's session


def test_publish_is_known_by_the_connection_that_sent_it_first():
    store = Store()
    store.add(session=PAGE, id=3, sent_on=1)
    second = Session("page", 2)
    assert store.add(session=second, id=3, sent_on=1).status == REPEAT
    assert store.add(session=second, id=3, sent_on=2).status == ADDED  # of a page that uses the same session
    assert store.add(session=second, id=3).status == REPEAT  # it does not say: any
    assert store.add(session=second, id=9).status == ADDED
    assert store.add(session=second, id=9, sent_on=2).status == REPEAT


def test_what_would_come_after_what_was_sent_later_is_not_published():
    store = Store()
    store.add(session=PAGE, id=5, sent_on=1)
    assert store.add(session=PAGE, id=4, sent_on=1).status == ADDED  # it was not sent again
    second = Session("page", 2)
    assert store.add(session=second, id=3, sent_on=1) == (LOST, "", 0)
    assert store.add(session=PAGE, id=3, sent_on=1).status == CONFLICT
    assert store.add(session=second, id=3, sent_on=1, may=FIND).status == ABSENT
    assert store.add(session=second, id=6, sent_on=1).status == ADDED
    assert store.add(session=second, id=3, sent_on=2).status == ADDED  # of a page that uses the same session
    assert store.add(session=Session("page", 3), id=2).status == ADDED  # it does not say when it was sent


def test_earlier_connection_publishes_no_more():
    store = Store()
    store.add(session=Session("page", 2), id=1, sent_on=2)
    assert store.add(session=PAGE, id=2, sent_on=1) == (CONFLICT, "", 0)
    assert store.add(session=Session("page", 2), id=2, sent_on=2).offset == 2


def test_what_the_page_does_not_wait_for_is_forgotten():
    store = Store()
    for number in (1, 2, 3):
        store.add(session=PAGE, id=number, sent_on=1)
    store.add(session=PAGE, id=4, sent_on=1, floor=3)
    assert [store.add(session=PAGE, id=n, sent_on=1, floor=3).status for n in (3, 4)] == [REPEAT] * 2
    assert [store.add(session=PAGE, id=n, sent_on=1, floor=3).status for n in (1, 2)] == [ADDED] * 2


def test_floor_counts_for_its_own_connection_and_never_falls():
    store = Store()
    store.add(session=PAGE, id=1, sent_on=1)
    second = Session("page", 2)
    store.add(session=second, id=5, sent_on=2, floor=5)
    store.add(session=second, id=6, sent_on=2, floor=6)
    assert store.add(session=second, id=1, sent_on=1, floor=6).status == REPEAT
    assert store.add(session=second, id=5, sent_on=2, floor=6).status == ADDED
    assert store.add(session=second, id=5, sent_on=2, floor=2).status == REPEAT
    store.add(session=second, id=7, sent_on=2, floor=6)
    assert store.add(session=second, id=5, sent_on=2, floor=6).status == REPEAT  # 6 is no news


def test_of_a_session_so_many_are_known_as_may_be_unanswered():
    store = Store(history=1)
    for number in range(MAX_PENDING + 1):
        store.add(session=PAGE, id=number, sent_on=1)
    assert store.add(session=PAGE, id=1, sent_on=1).status == REPEAT
    assert store.add(session=PAGE, id=0, sent_on=1).status == ADDED


def test_publishes_are_known_for_as_long_as_is_promised_and_at_most_twice_so_long():
    store = Store(session_ttl=10, idle_timeout=10)
    promised = store.memory._settings.remembered
    store.add(session=Session("other", 1), id=1)  # it begins a time of its own
    store.now += promised / 2
    store.add(session=PAGE, id=1, sent_on=1)
    store.now += promised
    store.add(session=Session("other", 1), id=2)
    assert store.add(session=PAGE, id=1, sent_on=1, may=FIND).status == REPEAT
    store.now += promised + 1
    store.add(session=Session("other", 1), id=3)
    assert store.add(session=PAGE, id=1, sent_on=1).status == ADDED


def test_publishes_are_known_however_many_sessions_publish_meanwhile():
    store = Store()
    sessions = [Session(str(number), 1) for number in range(5)]
    for session in sessions:
        store.now += 1
        store.add(session=session, id=1, sent_on=1)
    for session in sessions:
        assert store.add(session=session, id=1, sent_on=1, may=FIND).status == REPEAT


def test_session_that_publishes_is_remembered_again():
    store = Store(session_ttl=10, idle_timeout=10)
    for number in range(10):
        store.now += store.memory._settings.remembered
        assert store.add(session=PAGE, id=number, sent_on=1).status == ADDED
        if number:
            assert store.add(session=PAGE, id=number - 1, sent_on=1).status == REPEAT


def test_publish_that_may_not_make_a_channel_makes_none():
    store = Store()
    assert store.add(may=ADD) == (NEW_CHANNEL, "", 0)
    assert store.add(may=FIND) == (ABSENT, "", 0)
    assert store.listen("c")[1]  # so it is new
    assert store.add(may=ADD).offset == 1
    assert store.add(session=PAGE, id=1, sent_on=1, may=FIND) == (ABSENT, "", 0)
    assert store.add(session=PAGE, id=1, sent_on=1, may=ADD).offset == 2
    assert store.add(session=PAGE, id=1, sent_on=1, may=FIND)[::2] == (REPEAT, 2)


def test_looking_for_a_publish_raises_the_fence():
    store = Store()
    store.add()
    store.add(session=Session("page", 2), id=1, sent_on=1, may=FIND)
    assert store.add(session=PAGE, id=1, sent_on=1).status == CONFLICT


# --- messages ---


def test_entry_has_all_that_was_published():
    store = Store()
    position, is_new = store.listen("c")
    assert is_new and position.offset == 0 and not store.listen("c")[1]
    store.add(data="[1]")
    store.add("other")
    assert store.told == [("c", 1)]
    epoch, (entry,) = store.history("c", 10, None)
    assert entry == (position.epoch, 1, "ada", 5, "[1]") and epoch == position.epoch
    assert store.history("other", 10, None)[0] != epoch
    assert store.listen("c") == (Position(epoch, 1), False)
    store.forget("c")
    store.add()
    assert store.told == [("c", 1)]


def test_history_keeps_to_its_length_and_its_bytes():
    store = Store(history=3, history_bytes=1024)
    for _ in range(5):
        store.add()
    assert store.offsets() == [3, 4, 5]
    store.add(data="x" * 412)
    store.add(data="x" * 412)  # with what an entry costs beside its data, 1,024
    assert store.offsets() == [6, 7]
    store.add(data="")
    assert store.offsets() == [7, 8]
    store.add(data="x" * 2000)
    assert store.offsets() == [] and store.memory._size == 0


def test_history_is_the_last_messages_before_an_offset():
    store = Store(history=4)
    for _ in range(6):
        store.add()
    assert store.offsets() == [3, 4, 5, 6]
    assert store.offsets(limit=2) == [5, 6]
    assert store.offsets(before=6) == [3, 4, 5]
    assert store.offsets(limit=1, before=6) == [5]
    assert store.offsets(before=4) == [3]
    assert store.offsets(before=3) == store.offsets(before=1) == []
    assert store.offsets(before=100) == [3, 4, 5, 6]
    store.listen("empty")
    assert store.offsets("empty") == store.offsets("empty", before=1) == []


def test_position_is_known_while_all_that_came_after_it_is():
    store = Store(history=3)
    store.listen("c")
    here, _ = store.since("c", Position("", 0))
    assert store.since("c", here) == (here, True)
    for _ in range(5):
        store.add()
    known = [store.since("c", Position(here.epoch, offset))[1] for offset in range(7)]
    assert known == [False, False, True, True, True, True, False]
    assert store.since("c", Position("other", 4)) == (Position(here.epoch, 5), False)


def test_position_in_a_history_that_was_dropped_is_known_at_its_end_only():
    store = Store(history_ttl=1)
    position, _ = store.listen("c")
    for _ in range(4):
        store.add()
    store.now += 2
    store.keep_sessions([])
    known = [store.since("c", Position(position.epoch, offset))[1] for offset in range(7)]
    assert known == [False, False, False, False, True, False, False]


def test_messages_between_two_offsets_come_in_batches():
    store = Store(history=50)
    for _ in range(60):
        store.add()
    epoch = store.listen("c")[0].epoch

    def between(after, up_to):
        return [entry.offset for entry in store.between("c", epoch, after, up_to)]

    assert between(10, 13) == [11, 12, 13]
    assert between(20, 60) == list(range(21, 21 + BATCH_SIZE))
    assert between(0, 12) == [11, 12]
    assert between(59, 100) == [60] and between(60, 100) == []
    assert store.between("c", "other", 10, 13) == store.between("nothing", epoch, 10, 13) == []
    store.listen("empty")
    assert store.between("empty", store.listen("empty")[0].epoch, 0, 5) == []


def test_history_that_is_not_used_is_dropped_after_its_time():
    store = Store(history_ttl=100)
    store.listen("listened")
    for channel in ("listened", "old", "used"):
        store.add(channel)
    store.now += 60
    store.add("used")
    store.now += 40
    store.keep_sessions([])
    assert store.offsets("old") == [1]
    store.now += 1
    store.keep_sessions([])
    assert list(store.memory._logs) == ["listened", "used"]
    assert store.offsets("listened") == [] and store.offsets("used") == [1, 2]
    assert store.memory._size == store.memory._logs["used"].size == 2 * 101
    assert store.add("listened").offset == 2


def test_channel_that_is_left_may_make_room_and_one_that_is_used_comes_last():
    store = Store(store_channels=3)
    store.listen("a")
    for channel in "abc":
        store.add(channel)
    store.add("b")
    store.add("d")
    assert set(store.memory._logs) == {"a", "b", "d"}
    store.forget("a")
    store.forget("never made")
    store.add("e")
    assert set(store.memory._logs) == {"a", "d", "e"}
    store.listen("d")
    store.add("f")
    store.add("g")
    assert set(store.memory._logs) == {"d", "f", "g"}


def test_store_without_room_takes_what_there_is_and_makes_no_more():
    store = Store(store_channels=1)
    store.listen("a")
    assert store.add("b").status == NEW_CHANNEL
    assert store.add("a").status == ADDED


def test_no_more_is_dropped_than_makes_some_room():
    """A tenth is freed at a time, so that this is not done for each message."""
    store = Store(store_bytes=10_000)
    for number in range(10):
        store.add(f"c{number}", "x" * 900)
    assert len(store.memory._logs) == 10
    store.add("more", "")
    assert list(store.memory._logs) == [f"c{number}" for number in range(2, 10)] + ["more"]
    assert store.memory._size == 8_100


# --- members ---


def test_members_come_and_go_once():
    store = Store()
    store.listen("c")
    for user in ("ada", "bob", "ada"):
        store.enter("c", user)
    store.check_members("c")
    for user in ("ada", "ada", "eve"):
        store.leave("c", user)
    store.leave("nothing", "ada")
    store.check_members("c")
    assert store.told == [
        ("c", ["ada"], []),
        ("c", ["bob"], []),
        ("c", ["ada", "bob"]),
        ("c", [], ["ada"]),
        ("c", ["bob"]),
    ]


def test_members_are_those_who_are_there():
    store = Store()
    assert store.members("c") == []
    store.listen("c")
    for user in ("ada", "bob"):
        store.enter("c", user)
    assert store.members("c") == ["ada", "bob"] and store.members("d") == []


def test_what_is_sent_past_channels_reaches_the_hub():
    store = Store()
    store.send(USER, "ada", "data")
    assert store.told == [(USER, "ada", "data")]


def test_removal_reaches_the_hub():
    store = Store()
    store.remove("c", "ada", "why")
    assert store.told == [("c", "ada", "why")]


def test_memory_is_never_silent():
    assert MemoryStore().silent_for() == 0


@pytest.mark.parametrize("call", [lambda store: store.stop(), lambda store: store.look_again("c")])
def test_what_other_stores_do_is_nothing_here(call):
    assert call(Store()) is None
