"""One channel in one hub process: who gets which frame, and in which order."""

import asyncio
import json

import pytest

from browserws.server import room as module
from browserws.server.membership import MOVES, Membership, State
from browserws.server.room import Room
from browserws.server.stores import Entry, Position
from tests.server.talk import run


@pytest.fixture(autouse=True)
def no_delay(monkeypatch):
    monkeypatch.setattr(module, "PRESENCE_DELAY", 0)


class Outlet:
    """Writes down what it gets."""

    def __init__(self):
        self.got = []

    def write(self, frame):
        self.got.append(json.loads(frame.payload))

    def latest(self, channel, frame):
        self.got.append(("latest", channel, json.loads(frame.payload)["offset"]))

    def drop_latest(self, channel):
        self.got.append(("drop", channel))

    def offsets(self):
        return [message["offset"] for message in self.got if isinstance(message, dict)]


def entry(offset, epoch="e"):
    return Entry(epoch, offset, "ada", 5, "1")


def room(offset=0):
    return Room("c", Position("e", offset))


def entered(room, outlet=None, **how):
    """A client whose join the hub has not answered yet."""
    membership = Membership("c", "ada", outlet or Outlet(), **how)
    room.enter(membership)
    return membership


def catching_up(room, outlet=None, **how):
    """A client that has been told that it has joined."""
    membership = entered(room, outlet, **how)
    room.answered(membership)
    return membership


def joined(room, offset=None, **how):
    """A client that has all up to an offset."""
    membership = catching_up(room, **how)
    room.caught_up(membership, room.offset if offset is None else offset)
    return membership


# --- messages ---


def test_message_goes_once_to_all_who_have_joined():
    here = room(3)
    all_, newest = joined(here).outlet, joined(here, conflate=True).outlet
    waiting = entered(here).outlet, catching_up(here).outlet
    assert here.add_entry(entry(4)) == 2
    assert here.add_entry(entry(4)) == here.add_entry(entry(2)) == 0
    message = {"type": "message", "channel": "c", "offset": 4, "user": "ada", "time": 5, "data": 1}
    assert all_.got == [message] and newest.got == [("latest", "c", 4)]
    assert waiting[0].got == waiting[1].got == [] and here.offset == 4


def test_who_has_read_more_than_this_hub_gets_what_comes_after():
    here = room(3)
    ahead = [joined(here, offset=5), joined(here, conflate=True, offset=6), joined(here, offset=4)]
    assert {membership.state for membership in ahead} == {State.AHEAD}
    for offset in range(4, 9):
        here.add_entry(entry(offset))
    assert ahead[0].outlet.offsets() == [6, 7, 8] and ahead[2].outlet.offsets() == [5, 6, 7, 8]
    assert ahead[1].outlet.got == [("latest", "c", 7), ("latest", "c", 8)]
    assert [membership.state for membership in ahead] == [State.LIVE, State.CONFLATING, State.LIVE]
    assert not here._ahead


def test_who_was_removed_meanwhile_gets_nothing():
    here = room()
    membership = catching_up(here, presence=True)
    here.leave(membership)
    here.caught_up(membership, 0)
    here.add_entry(entry(1))
    assert membership.outlet.got == [("drop", "c")]


@pytest.mark.parametrize("conflate", [False, True])
def test_who_leaves_gets_nothing_more(conflate):
    async def main():
        here = room(3)
        memberships = [joined(here, conflate=conflate, presence=True), joined(here, conflate=conflate, offset=9)]
        for membership in memberships:
            here.leave(membership)
        here.add_presence(["ada"], [])
        for offset in range(4, 12):
            here.add_entry(entry(offset))
        here.reset(Position("f", 0))
        await asyncio.sleep(0.001)
        assert [membership.outlet.got for membership in memberships] == [[("drop", "c")]] * 2

    run(main())


def test_new_history_is_reported_before_its_first_message():
    here = room(3)
    all_, newest, ahead = joined(here).outlet, joined(here, conflate=True).outlet, joined(here, offset=7).outlet
    behind, entering = catching_up(here).outlet, entered(here).outlet
    here.add_entry(entry(2, "f"))
    reset = {"type": "reset", "channel": "c", "epoch": "f", "offset": 1}
    message = {"type": "message", "channel": "c", "offset": 2, "user": "ada", "time": 5, "data": 1}
    assert all_.got == ahead.got == [("drop", "c"), reset, message]
    assert newest.got == [("drop", "c"), reset, ("latest", "c", 2)]
    assert behind.got == [("drop", "c"), reset] and entering.got == []
    assert (here.epoch, here.offset) == ("f", 2)
    here.reset(Position("f", 9))
    assert here.offset == 2 and behind.got == [("drop", "c"), reset]  # it is the one that there is


def test_who_was_ahead_of_a_history_that_was_lost_gets_the_new_one_conflated_if_it_was():
    here = room(3)
    ahead = joined(here, conflate=True, offset=7)
    here.reset(Position("f", 0))
    here.add_entry(entry(1, "f"))
    assert ahead.outlet.got[-1] == ("latest", "c", 1)


def test_who_was_ahead_left_and_is_catching_up_again_gets_nothing_before_it_has():
    here = room(3)
    former = joined(here, conflate=True, offset=4)
    here.leave(former)
    membership = catching_up(here, former.outlet)
    here.add_entry(entry(4))
    here.add_entry(entry(5))
    assert former.outlet.got == [("drop", "c")]
    here.caught_up(membership, 5)
    here.add_entry(entry(6))
    assert former.outlet.offsets() == [6]


def test_room_is_empty_when_nobody_is_there_in_any_way():
    here = room()
    assert here.is_empty
    membership = entered(here)
    assert not here.is_empty
    here.answered(membership)
    assert not here.is_empty
    here.caught_up(membership, 0)
    assert not here.is_empty
    here.leave(membership)
    assert here.is_empty
    for how in ({"conflate": True}, {"offset": 9}, {"presence": True}):
        membership = joined(here, **how)
        assert not here.is_empty
        here.leave(membership)
    assert not here.is_empty  # the last one is still shown
    assert here.forget_member("ada") is True
    assert here.is_empty


def test_user_is_a_member_until_the_last_of_its_clients_is_forgotten():
    here = room()
    for presence in (True, True, False):
        here.leave(joined(here, presence=presence))
    assert here.members == {"ada": 2}
    assert here.forget_member("ada") is False and here.members == {"ada": 1}
    assert here.forget_member("ada") is True and here.members == {}


# --- the moves of a membership ---


PATHS = {
    State.REQUESTED: [],
    State.ENTERED: [State.ENTERED],
    State.CATCHING_UP: [State.ENTERED, State.CATCHING_UP],
    State.AHEAD: [State.ENTERED, State.CATCHING_UP, State.AHEAD],
    State.LIVE: [State.ENTERED, State.CATCHING_UP, State.LIVE],
    State.CONFLATING: [State.ENTERED, State.CATCHING_UP, State.CONFLATING],
    State.LEFT: [State.LEFT],
}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_move_that_is_not_in_the_table_is_refused_and_changes_nothing(before, after):
    membership = Membership("c", "ada", Outlet())
    for state in PATHS[before]:
        membership.move(state)
    if after in MOVES[before]:
        membership.move(after)
        assert membership.state is after
    else:
        with pytest.raises(ValueError, match=f"{before.value} cannot be {after.value} next"):
            membership.move(after)
        assert membership.state is before
    assert membership.has_left == (membership.state is State.LEFT)


def test_who_has_left_never_comes_back_and_nobody_is_sent_messages_before_its_answer():
    assert MOVES[State.LEFT] == set()
    assert MOVES[State.REQUESTED] == {State.ENTERED, State.LEFT}
    assert MOVES[State.ENTERED] == {State.CATCHING_UP, State.LEFT}
    assert all(State.LEFT in moves for state, moves in MOVES.items() if state is not State.LEFT)


# --- presence ---


def presence(*changes):
    """What a watcher is told, one message for each time that it is."""

    async def main():
        here = room()
        here.present.update(("ada", "bob"))
        watcher, other = joined(here, presence=True).outlet, joined(here).outlet
        for change in changes:
            if change is None:
                await asyncio.sleep(0.001)
            else:
                change(here)
        await asyncio.sleep(0.001)
        assert other.got == []
        assert all((got["type"], got["channel"]) == ("presence", "c") for got in watcher.got)
        return [(got["join"], got["leave"]) for got in watcher.got], here.present

    return run(main())


def test_changes_are_gathered():
    come = presence(
        lambda here: here.add_presence(["eve", "dan"], []),
        lambda here: here.add_presence([], ["bob"]),
        lambda here: here.add_presence(["fay"], ["ada"]),
    )
    assert come == ([(["dan", "eve", "fay"], ["ada", "bob"])], {"dan", "eve", "fay"})


def test_changes_of_another_time_are_another_message():
    told, _ = presence(
        lambda here: here.add_presence(["eve"], []), None, lambda here: here.add_presence(["fay"], ["ada"])
    )
    assert told == [(["eve"], []), (["fay"], ["ada"])]


def test_what_is_known_is_not_sent():
    assert presence(lambda here: here.add_presence(["ada"], ["eve"])) == ([], {"ada", "bob"})
    told, _ = presence(lambda here: here.add_presence(["ada", "eve"], ["fay", "bob"]))
    assert told == [(["eve"], ["bob"])]


def test_who_comes_back_at_once_has_come_and_who_goes_at_once_has_gone():
    """A page knows what to do with either, whoever it has in its list."""
    told, present = presence(
        lambda here: here.add_presence([], ["ada"]),
        lambda here: here.add_presence(["ada"], []),
        lambda here: here.add_presence(["eve"], []),
        lambda here: here.add_presence([], ["eve"]),
    )
    assert told == [(["ada"], ["eve"])] and present == {"ada", "bob"}


def test_list_of_members_is_sent_as_what_has_changed():
    told, present = presence(lambda here: here.set_members({"bob": 1, "eve": 2, "dan": 3}))
    assert told == [(["dan", "eve"], ["ada"])] and present == {"bob", "eve", "dan"}
    assert presence(lambda here: here.set_members(["bob", "ada"]))[0] == []
    assert presence(lambda here: here.set_members(["bob"]))[0] == [([], ["ada"])]
    assert presence(lambda here: here.set_members(["bob", "eve"]))[0] == [(["eve"], ["ada"])]
    assert presence(lambda here: here.set_members(["ada", "bob", "eve"]))[0] == [(["eve"], [])]


def test_room_knows_where_its_epoch_began():
    """Whoever has read up to there has missed nothing of it."""
    here = room(3)
    here.add_entry(entry(4))
    assert here.began == 3
    here.reset(Position("f", 7))
    here.add_entry(entry(8, "f"))
    assert here.began == 7
    here.add_entry(entry(5, "g"))
    assert here.began == 4
