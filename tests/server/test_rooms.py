"""Who gets what in a room: once, in order, and nothing after they have left."""

import asyncio
import json

import pytest

from browserws.server import Hub, MemoryStore, Settings
from browserws.server.frames import Frame
from browserws.server.membership import Membership, State
from browserws.server.outlet import Flusher, Outlet
from browserws.server.room import Room
from browserws.server.stores import Entry, Position, Publish, StoreUnavailable
from tests.server.talk import run, running


def test_member_who_joins_again_is_one_member():
    async def main():
        async with running() as hub, hub.client("ada") as ada, hub.client("bob") as bob:
            for client in (ada, bob, bob):
                await client.ask("join", channel="c", presence=True)
            assert hub.hub.rooms.find("c").members == {"ada": 1, "bob": 1}
            await bob.ask("leave", channel="c")
            gone = []
            while "bob" not in gone:
                gone += (await ada.receive("presence"))["leave"]

    run(main())


def test_who_has_left_hears_of_nothing_any_more():
    async def main():
        async with running() as hub, hub.client("ada") as ada, hub.client("bob") as bob:
            for client in (ada, bob):
                await client.ask("join", channel="c", presence=True)
            await ada.ask("leave", channel="c")
            ada._waiting.clear()
            while "ada" not in (await bob.receive("presence"))["leave"]:
                pass
            await hub.hub.publish("c", 1)
            await bob.receive("message")
            await ada.send("ping")
            await ada.receive("pong")
            assert ada._waiting == []

    run(main())


def test_program_hears_who_has_left_and_not_who_joins_again():
    left = []

    async def main():
        async with running() as hub, hub.client("ada") as ada:
            hub.hub.on("leave")(lambda channel, user: left.append((channel, user)))
            for channel in ("b", "c", "c"):
                await ada.ask("join", channel=channel)
            await ada.ask("leave", channel="c")
            await ada.socket.close()
            while len(left) < 2:
                await asyncio.sleep(0)
        assert left == [("c", "ada"), ("b", "ada")]

    run(main())


def test_what_is_sent_past_channels_comes_to_whom_it_is_for():
    async def main():
        async with running() as hub, hub.client("ada") as ada, hub.client("bob") as bob:
            await hub.hub.send("bob", {"to": "bob"})
            await hub.hub.broadcast("all")
            assert [(await bob.receive("direct"))["data"] for _ in range(2)] == [{"to": "bob"}, "all"]
            assert (await ada.receive("direct"))["data"] == "all"

    run(main())


def test_room_that_nobody_is_in_is_forgotten():
    async def main():
        async with running() as hub, hub.client("ada") as ada, hub.client("bob") as bob:
            await ada.ask("join", channel="c")
            await bob.ask("join", channel="c", presence=True)
            await ada.ask("leave", channel="c")
            assert hub.hub.rooms.find("c") is not None and hub.hub.store._listening == {"c"}
            await bob.ask("leave", channel="c")
            while hub.hub.store._listening:
                await asyncio.sleep(0)
            assert hub.hub.rooms._rooms == {} and hub.hub.metrics.channels == 0
            assert (await ada.ask("join", channel="c"))["type"] == "joined"

    run(main())


class Gated(MemoryStore):
    """What is asked for of a history waits for the gate."""

    def __init__(self):
        super().__init__()
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()

    async def between(self, *arguments):
        self.asked.set()
        await self.gate.wait()
        return await super().between(*arguments)


async def joins_late(hub, client, conflate=False):
    """The client asks for what came after the tenth of fifty messages, and the store is about to answer."""
    for number in range(1, 51):
        await hub.hub.publish("c", number)
    since = {"epoch": hub.hub.store._logs["c"].epoch, "offset": 10}
    await client.send("join", id=9, channel="c", since=since, conflate=conflate)
    await hub.hub.store.asked.wait()


@pytest.mark.parametrize("conflate", [False, True])
def test_what_comes_while_a_client_catches_up_comes_once_and_after_what_it_missed(conflate):
    async def main():
        async with running(store=Gated()) as hub, hub.client("ada") as ada:
            await joins_late(hub, ada, conflate)
            for number in range(51, 61):
                await hub.hub.publish("c", number)
            hub.hub.store.gate.set()
            got = [(await ada.receive("message"))["offset"] for _ in range(50)]
            await hub.hub.publish("c", 61)
            got.append((await ada.receive("message"))["offset"])
            assert got == list(range(11, 62))
            await ada.send("ping")
            await ada.receive("pong")
            assert [message["type"] for message in ada._waiting] == ["joined"]

    run(main())


def test_history_that_is_lost_while_a_client_catches_up_is_a_reset_and_then_the_new_one():
    async def main():
        async with running(store=Gated()) as hub, hub.client("ada") as ada:
            await joins_late(hub, ada)
            log = hub.hub.store._logs["c"]
            log.clear()
            log.epoch, log.offset = "another", 0
            hub.hub.rooms.on_reset("c", Position("another", 0))
            for number in (1, 2):
                await hub.hub.publish("c", number)
            hub.hub.store.gate.set()
            assert (await ada.receive())["type"] == "joined"
            assert (await ada.receive())["type"] == "reset"
            await hub.hub.publish("c", 3)
            assert [(await ada.receive())["data"] for _ in range(3)] == [1, 2, 3]

    run(main())


class Wire:
    """A client that takes nothing until it is ready."""

    def __init__(self):
        self.ready = False
        self.got = []

    def is_ready(self):
        return self.ready

    def write(self, frames):
        self.got += [frame.payload for frame in frames]


def outlet(limit=10_000, total=10**9):
    flusher, wire, overflows = Flusher(total), Wire(), []
    return Outlet(flusher, wire, limit, lambda: overflows.append(1)), wire, flusher, overflows


def test_what_waits_when_a_client_gets_late_counts():
    async def main():
        out, wire, flusher, overflows = outlet()
        out.write(Frame("what is too much"))
        await asyncio.sleep(0)
        for _ in range(9):
            out.write(Frame("x" * 1000))
        assert 9_000 < flusher.size < 9_100
        out.write(Frame("x" * 1000))
        assert overflows and flusher.size == 0

    run(main())


def test_client_that_keeps_up_again_owes_nothing():
    async def main():
        out, wire, flusher, overflows = outlet()
        for _ in range(3):
            for _ in range(9):
                out.write(Frame("x" * 1000))
            await asyncio.sleep(0)
            wire.ready = True
            out.flush()
            wire.ready = False
            assert flusher.size == 0
        assert len(wire.got) == 27 and not overflows

    run(main())


def test_only_the_newest_of_a_conflated_channel_waits_and_counts():
    async def main():
        out, wire, flusher, overflows = outlet()
        out.write(Frame("x"))
        await asyncio.sleep(0)
        for number in range(100):
            out.latest("c", Frame(f"{number:1000}"))
        assert 1_000 < flusher.size < 1_100
        wire.ready = True
        out.flush()
        assert wire.got == ["x", f"{99:1000}"] and not overflows

    run(main())


def test_client_that_cannot_be_written_to_is_nobody_elses_trouble(caplog):
    class Broken(Wire):
        ready = True

        def is_ready(self):
            raise ZeroDivisionError

    async def main():
        flusher, overflows = Flusher(10**9), []
        broken = Outlet(flusher, Broken(), 1000, lambda: overflows.append(1))
        wire = Wire()
        wire.ready = True
        other = Outlet(flusher, wire, 1000, print)
        for out in (broken, other):
            out.write(Frame("x"))
        await asyncio.sleep(0)
        assert wire.got == ["x"] and overflows == [1]

    run(main())


def test_presence_that_was_sent_is_presence():
    """Whatever the store says, and however often."""

    async def main():
        room = Room("c", Position("e", 0))
        told = set()
        out, wire, _, _ = outlet()
        wire.ready = True
        membership = Membership("c", "ada", out, presence=True)
        room.enter(membership)
        room.answered(membership)
        for come, gone in [(["a"], []), (["a"], ["b"]), ([], ["a"]), ([], ["a"]), (["c", "d"], []), (["a"], ["c"])]:
            room.add_presence(come, gone)
        room.set_members(["d", "e"])
        room.set_members(["d", "e"])
        await asyncio.sleep(0.1)
        for text in wire.got:
            change = json.loads(text)
            told = (told | set(change["join"])) - set(change["leave"])
        assert told == room.present == {"d", "e"}

    run(main())


def test_who_has_read_more_than_this_process_gets_only_what_is_new():
    async def main():
        room = Room("c", Position("e", 5))
        out, wire, _, _ = outlet()
        wire.ready = True
        membership = Membership("c", "ada", out)
        room.enter(membership)
        room.answered(membership)
        room.caught_up(membership, 7)  # another process had told it of 6 and 7
        for offset in range(6, 10):
            room.add_entry(Entry("e", offset, None, 0, str(offset)))
        await asyncio.sleep(0)
        assert [text[-2] for text in wire.got] == ["8", "9"]
        assert membership.state is State.LIVE and room.outlets == {out}

    run(main())


def test_hub_forgets_who_left_while_the_store_is_asked():
    async def main():
        hub = Hub(settings=Settings(presence_grace=0))
        async with hub:
            await hub.store.listen("c")
            await hub.store.enter("c", "ada")
            await hub.rooms._leave_store("c", "ada")
            assert not hub.store._logs["c"].members
            await hub.store.publish([Publish("c", None, 0, "1")])

    run(main())


def test_room_is_opened_once_also_when_the_store_fails_at_first():
    class Failing(MemoryStore):
        listens = 0

        async def listen(self, channel, may_be_made=True):
            self.listens += 1
            await asyncio.sleep(0)
            if self.listens == 1:
                raise StoreUnavailable
            return await super().listen(channel, may_be_made)

    async def main():
        store = Failing()
        async with Hub(store=store) as hub:
            results = await asyncio.gather(*(hub.rooms.open("c") for _ in range(5)), return_exceptions=True)
            assert isinstance(results[0], StoreUnavailable)
            assert len({id(room) for room, _ in results[1:]}) == 1 and store.listens == 2
            assert [is_new for _, is_new in results[1:]].count(True) == 1

    run(main())


def test_publishes_that_are_refused_twice_leave_the_connection_as_it_is():
    async def main():
        async with running() as hub:
            async with hub.client("ada") as ada:
                session = ada.welcome["session"]
            async with hub.client("ada", session=session) as ada:
                for _ in range(2):
                    await ada.send("publish", id=7, channel="c", data=1)
                for _ in range(2):
                    assert (await ada.receive())["code"] == "not_joined"
                await ada.send("join", id=8, channel="c")
                await ada.send("publish", id=9, channel="c", data=1)
                assert (await ada.receive("ack"))["id"] == 9

    run(main())


@pytest.mark.parametrize("data", ["x\ud800", {1: 2}, float("nan"), object()])
def test_program_that_publishes_what_is_no_json_hears_of_it_and_nobody_else(data):
    async def main():
        async with running() as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            with pytest.raises((TypeError, ValueError)):
                await hub.hub.publish("c", data)
            with pytest.raises(ValueError):
                await hub.hub.publish("c", 1, user="a\n")
            assert (await ada.ask("history", channel="c"))["messages"] == []

    run(main())


def test_client_that_only_answers_pings_is_not_idle():
    async def main():
        async with running(idle_timeout=1) as hub, hub.client("ada") as ada:
            (connection,) = hub.hub.connections
            for _ in range(20):
                await asyncio.wait_for(await ada.socket.ping(), 5)
                connection.deadline = 0  # long ago
                hub.hub._close_idle()
            await ada.ask("leave", channel="c")

    run(main())


# --- who is removed, or refused, while a join is under way ---


class GatedSince(MemoryStore):
    """Where a channel is, is asked, and the answer waits for the gate."""

    def __init__(self):
        super().__init__()
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()

    async def since(self, *arguments):
        self.asked.set()
        await self.gate.wait()
        return await super().since(*arguments)


def test_member_who_is_removed_before_the_answer_to_a_join_is_in_the_room_for_nobody():
    async def main():
        store = GatedSince()
        async with running(store=store) as hub, hub.client("ada") as ada:
            await ada.send("join", id=5, channel="c", presence=True)
            await store.asked.wait()
            await hub.hub.remove("ada", "c", "banned")
            assert await ada.receive() == {"type": "left", "channel": "c", "reason": "banned"}
            store.gate.set()
            answer = await ada.receive()
            assert (answer["type"], answer["id"], answer["code"]) == ("error", 5, "not_joined")
            while store._listening or store._logs["c"].members:
                await asyncio.sleep(0)
            await hub.hub.publish("c", 1)
            assert (await ada.ask("join", channel="c", presence=True))["members"] == ["ada"]

    run(main())


def test_member_who_is_removed_while_it_catches_up_gets_no_more_of_it():
    async def main():
        async with running(store=Gated()) as hub, hub.client("ada") as ada:
            await joins_late(hub, ada)
            await hub.hub.remove("ada", "c", "banned")
            hub.hub.store.gate.set()
            await ada.send("ping")
            types = []
            while types[-1:] != ["pong"]:
                types.append((await ada.receive())["type"])
            assert types == ["joined", "left", "pong"]

    run(main())


def test_join_again_that_is_refused_leaves_the_member_as_it_was():
    allowed = True

    async def main():
        nonlocal allowed
        async with running(authorize=lambda *what: allowed) as hub, hub.client("ada") as ada:
            await ada.ask("join", channel="c")
            allowed = False
            assert (await ada.ask("join", channel="c"))["code"] == "forbidden"
            await hub.hub.publish("c", 1)
            assert (await ada.receive("message"))["data"] == 1

    run(main())


def test_member_who_is_removed_while_it_joins_again_has_left_and_does_not_join():
    async def main():
        asked, gate = asyncio.Event(), asyncio.Event()
        gate.set()

        async def authorize(*what):
            asked.set()
            await gate.wait()
            return True

        async with running(authorize=authorize) as hub, hub.client("ada") as ada:
            await ada.ask("join", channel="c")
            gate.clear()
            asked.clear()
            await ada.send("join", id=5, channel="c")
            await asked.wait()
            await hub.hub.remove("ada", "c", "banned")
            assert (await ada.receive())["type"] == "left"
            gate.set()
            assert (await ada.receive())["code"] == "not_joined"
            assert (await ada.ask("publish", channel="c", data=1))["code"] == "not_joined"

    run(main())


def test_who_disconnects_while_joining_is_in_no_room():
    async def main():
        store = GatedSince()
        async with running(store=store, presence_grace=0) as hub:
            async with hub.client("ada") as ada:
                await ada.send("join", id=5, channel="c", presence=True)
                await store.asked.wait()
            store.gate.set()
            while store._listening or hub.hub.connections:
                await asyncio.sleep(0)
            assert not store._logs["c"].members and hub.hub.metrics.channels == 0

    run(main())
