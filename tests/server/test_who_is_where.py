"""`Rooms` by itself: which client is in which room, and what the store is told of it."""

import asyncio
import json
from collections import Counter

import pytest

from browserws.server.membership import Membership, State
from browserws.server.metrics import Metrics
from browserws.server.rooms import Rooms
from browserws.server.stores import ChannelRefused, Entry, Position, StoreUnavailable
from tests.server.talk import run


class Store:
    """Writes down what it is told. `is_away` makes it fail, and what forgets a channel waits for `gate`."""

    def __init__(self):
        self.known = set()
        self.left = []
        self.forgotten = []
        self.is_away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def listen(self, channel, may_be_made):
        await asyncio.sleep(0)
        if channel not in self.known and not may_be_made:
            raise ChannelRefused
        is_new = channel not in self.known
        self.known.add(channel)
        return Position("e", 3), is_new

    async def leave(self, channel, user):
        self.left.append((channel, user))
        if self.is_away:
            raise StoreUnavailable

    async def forget(self, channel):
        await self.gate.wait()
        self.forgotten.append(channel)


class Outlet:
    """Writes down what it gets."""

    def __init__(self):
        self.got = []

    def write(self, frame):
        self.got.append(json.loads(frame.payload))

    def latest(self, channel, frame):
        self.write(frame)

    def drop_latest(self, channel):
        pass


class Here:
    """The rooms of a hub."""

    def __init__(self):
        self.store = Store()
        self.metrics = Metrics(Counter())
        self.disconnected = []
        self.rooms = Rooms(self.store, self.metrics, lambda *who: self.disconnected.append(who))

    async def join(self, channel="c", user="ada", outlet=None, **how):
        """A client that gets what comes."""
        room, _ = await self.rooms.open(channel)
        membership = Membership(channel, user, outlet or Outlet(), **how)
        self.rooms.enter(membership, room)
        room.answered(membership)
        room.caught_up(membership, room.offset)
        return membership


def of_rooms(function):
    """A test of `Here`, inside an event loop."""

    def runs():
        async def main():
            await function(Here())

        run(main(), seconds=5)

    runs.__name__, runs.__doc__ = function.__name__, function.__doc__
    return runs


async def turns():
    for _ in range(5):
        await asyncio.sleep(0)


# --- rooms ---


@of_rooms
async def test_room_is_opened_when_it_is_asked_for_and_there_from_then_on(here):
    assert here.rooms.find("c") is None
    room, is_new = await here.rooms.open("c")
    assert is_new is True and (room.channel, room.epoch, room.offset) == ("c", "e", 3)
    assert await here.rooms.open("c") == (room, False) and here.rooms.find("c") is room
    here.store.known.add("d")
    assert (await here.rooms.open("d", False))[1] is False
    assert here.metrics.channels == 2


@of_rooms
async def test_of_those_who_wait_for_a_room_one_has_made_it(here):
    opened = await asyncio.gather(*(here.rooms.open("c") for _ in range(3)))
    assert [is_new for _, is_new in opened] == [True, False, False]
    assert len({id(room) for room, _ in opened}) == 1


@of_rooms
async def test_channel_that_may_not_be_made_is_refused_and_may_be_later(here):
    with pytest.raises(ChannelRefused):
        await here.rooms.open("c", may_be_made=False)
    assert here.rooms.find("c") is None and here.metrics.channels == 0
    assert (await here.rooms.open("c"))[1] is True


@of_rooms
async def test_room_is_forgotten_when_the_last_client_has_left(here):
    one, other = await here.join(), await here.join()
    await here.join("d")
    here.rooms.leave(one)
    await turns()
    assert here.store.forgotten == [] and here.metrics.channels == 2
    here.rooms.leave(other)
    await turns()
    assert here.store.forgotten == ["c"] and here.rooms.find("c") is None and here.metrics.channels == 1
    assert here.store.left == []


@of_rooms
async def test_room_that_is_opened_anew_is_not_forgotten(here):
    former = await here.join()
    room = here.rooms.find("c")
    here.rooms.leave(former)
    await here.rooms.open("c")
    await turns()
    assert here.rooms.find("c") is not room and here.store.forgotten == ["c"]
    await here.rooms._forget("c")  # as if it came late
    here.rooms.close_if_empty(room)  # the one that was there before
    await turns()
    assert here.rooms.find("c") is not None and here.store.forgotten == ["c"]
    here.rooms.close_if_empty(here.rooms.find("c"))
    await turns()
    assert here.rooms.find("c") is None and here.store.forgotten == ["c", "c"]


# --- who is in which of them ---


@of_rooms
async def test_client_is_in_the_rooms_that_it_has_joined(here):
    outlet, stranger = Outlet(), Outlet()
    one, other = await here.join("c", outlet=outlet), await here.join("d", outlet=outlet)
    assert here.rooms.membership(outlet, "c") is one and here.rooms.membership(outlet, "d") is other
    assert here.rooms.membership(outlet, "e") is here.rooms.membership(stranger, "c") is None
    assert (here.rooms.count(outlet), here.rooms.count(stranger)) == (2, 0)
    here.rooms.leave(one)
    assert here.rooms.membership(outlet, "c") is None and here.rooms.membership(outlet, "d") is other
    assert one.has_left and here.rooms.count(outlet) == 1
    here.rooms.leave(other)
    assert here.rooms.count(outlet) == 0 and here.rooms._memberships == {}


@of_rooms
async def test_client_whose_connection_has_ended_is_in_no_room_and_the_others_stay(here):
    outlet = Outlet()
    gone = [await here.join(channel, outlet=outlet, presence=True) for channel in "cd"]
    other = await here.join("c", "bob")
    here.rooms.leave_all(outlet, 0.02)
    here.rooms.leave_all(Outlet(), 0.02)
    assert [membership.has_left for membership in (*gone, other)] == [True, True, False]
    assert here.rooms.channels_with_members() == ["c", "d"]  # they may be back in a moment
    while here.store.left != [("c", "ada"), ("d", "ada")]:
        await asyncio.sleep(0.005)
    await turns()
    assert here.rooms.channels_with_members() == [] and here.store.forgotten == ["d"]


# --- presence ---


@of_rooms
async def test_user_who_leaves_is_told_to_the_store_at_once(here):
    await here.join(user="bob", presence=True)
    here.rooms.leave(await here.join(presence=True))
    assert list(here.rooms.members_here("c")) == ["bob"]
    await turns()
    assert here.store.left == [("c", "ada")]


@of_rooms
async def test_user_whose_other_client_stays_is_still_there(here):
    await here.join(presence=True)
    here.rooms.leave(await here.join(presence=True))
    await turns()
    assert list(here.rooms.members_here("c")) == ["ada"] and here.store.left == []


@of_rooms
async def test_user_is_shown_for_a_while_after_its_connection_has_ended(here):
    await here.join("d")
    here.rooms.leave(await here.join(presence=True), 60)
    (grace,) = here.rooms._graces
    assert 59 < grace.when() - asyncio.get_running_loop().time() <= 60
    await turns()
    assert list(here.rooms.members_here("c")) == ["ada"] and here.store.left == []
    grace._callback()  # the time is over
    await turns()
    assert here.store.left == [("c", "ada")] and here.store.forgotten == ["c"] and not here.rooms._graces
    assert list(here.rooms.members_here("c")) == [] and here.metrics.channels == 1


@of_rooms
async def test_user_who_has_come_back_meanwhile_is_not_told_to_have_left(here):
    here.rooms.leave(await here.join(presence=True), 0.01)
    await here.join(presence=True)
    while here.rooms._graces:
        await asyncio.sleep(0.005)
    here.rooms.check_presence("c", "ada")
    await turns()
    assert here.store.left == [] and list(here.rooms.members_here("c")) == ["ada"]


@of_rooms
async def test_store_that_is_away_when_a_user_leaves_is_nobodys_trouble(here):
    here.store.is_away = True
    await here.rooms._leave_store("c", "ada")
    assert here.store.left == [("c", "ada")]


@of_rooms
async def test_members_here_are_those_of_the_channel(here):
    await here.join("c", "ada", presence=True)
    await here.join("d", "bob")
    assert list(here.rooms.members_here("c")) == ["ada"]
    assert list(here.rooms.members_here("d")) == list(here.rooms.members_here("e")) == []
    assert here.rooms.channels_with_members() == ["c"]


# --- the end ---


@of_rooms
async def test_hub_that_stops_removes_all_who_were_here(here):
    for channel, user in (("c", "ada"), ("c", "bob"), ("d", "eve")):
        await here.join(channel, user, presence=True)
    here.rooms.leave(await here.join("d", "fay", presence=True), 60)
    await here.rooms.stop(1)
    assert sorted(here.store.left) == [("c", "ada"), ("c", "bob"), ("d", "eve"), ("d", "fay")]
    assert all(handle.cancelled() for handle in here.rooms._graces)


@of_rooms
async def test_hub_that_stops_waits_for_what_the_store_is_being_told(here):
    here.store.gate.clear()
    here.rooms.leave(await here.join())
    stopping = asyncio.create_task(here.rooms.stop(60))
    await turns()
    assert not stopping.done()
    here.store.gate.set()
    await stopping
    assert here.store.forgotten == ["c"] and not here.rooms._tasks


@of_rooms
async def test_hub_that_stops_does_not_wait_for_ever(here):
    here.store.gate.clear()
    here.rooms.leave(await here.join())
    await asyncio.wait_for(here.rooms.stop(0.01), 1)
    assert here.store.forgotten == []
    here.store.gate.set()


@of_rooms
async def test_hub_that_stops_while_the_store_is_away_asks_once(here):
    for channel in "cd":
        await here.join(channel, presence=True)
    here.store.is_away = True
    await here.rooms.stop(1)
    assert here.store.left == [("c", "ada")]


# --- what the store says ---


@of_rooms
async def test_deliveries_add_up(here):
    memberships = [await here.join("c"), await here.join("c"), await here.join("d")]
    for channel, offset in (("c", 4), ("d", 4), ("c", 5), ("nobody is there", 4)):
        here.rooms.on_entry(channel, Entry("e", offset, "bob", 5, "1"))
    assert [[got["offset"] for got in membership.outlet.got] for membership in memberships] == [[4, 5], [4, 5], [4]]
    assert here.metrics.delivered == 5


@of_rooms
async def test_room_hears_what_is_of_its_channel(here):
    one, other = await here.join("c", presence=True), await here.join("d", presence=True)
    for channel in ("c", "nobody is there"):
        here.rooms.on_reset(channel, Position("f", 0))
        here.rooms.on_members(channel, ["ada", "bob"])
        here.rooms.on_presence(channel, ["eve"], ["bob"])
    room = here.rooms.find("c")
    assert (room.epoch, room.offset, room.present) == ("f", 0, {"ada", "eve"})
    assert one.outlet.got == [{"type": "reset", "channel": "c", "epoch": "f", "offset": 0}]
    assert other.outlet.got == [] and here.rooms.find("d").epoch == "e" and not here.rooms.find("d").present


@of_rooms
async def test_user_who_is_removed_is_told_why_and_nobody_else(here):
    removed = [await here.join(), await here.join(presence=True)]
    others = [await here.join(user="bob"), await here.join("d")]
    here.rooms.on_removed("c", "ada", "banned")
    here.rooms.on_removed("nobody is there", "ada", "banned")
    await turns()
    for membership in removed:
        assert membership.has_left
        assert membership.outlet.got == [{"type": "left", "channel": "c", "reason": "banned"}]
    assert not any(membership.has_left or membership.outlet.got for membership in others)
    assert here.store.left == [("c", "ada")] and here.disconnected == []


@of_rooms
async def test_user_who_is_removed_while_a_join_is_under_way_has_left(here):
    memberships = [Membership(*who, Outlet()) for who in (("c", "ada"), ("d", "ada"), ("c", "bob"), ("c", "ada"))]
    for membership in memberships:
        here.rooms.request(membership)
    here.rooms.close_request(memberships[3])
    for _ in range(2):  # also again
        here.rooms.on_removed("c", "ada", "banned")
    states = [State.LEFT, State.REQUESTED, State.REQUESTED, State.REQUESTED]
    assert [membership.state for membership in memberships] == states


@of_rooms
async def test_user_who_is_removed_from_the_hub_is_disconnected(here):
    membership = await here.join()
    here.rooms.on_removed("", "ada", "banned")
    assert here.disconnected == [("ada", "banned")] and not membership.has_left
