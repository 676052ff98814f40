"""What a client may cost: counted before it costs anything, for its connection, its user and its address."""

import asyncio
import math
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect
from websockets.frames import Opcode

from browserws.server import Hub, Settings, StoreUnavailable, serve
from browserws.server.budget import ADDRESS_FACTORS, KINDS, USER_FACTORS, Bucket, Budgets
from browserws.server.stores import ChannelRefused, Publish
from browserws.server.stores.memory import MemoryStore
from tests.faults import hostile
from tests.raw_client import frame
from tests.server.process import HubProcess
from tests.server.talk import Client, run, running


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


# --- buckets ---


def test_what_is_beyond_the_burst_is_waited_for():
    bucket = Bucket(10, 20, 0)
    assert bucket.take(20, 0) == 0
    assert bucket.take(5, 0) == 0.5
    assert bucket.take(5, 0) == 1.0
    assert bucket.take(5, 2) == 0  # what was owed is paid: 20 - 30 + 20 - 5
    assert bucket.level(1000) == 20  # no more is saved


def accounts(**settings):
    clock = Clock()
    return clock, Budgets(Settings(**settings), clock)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_limited_by_connection_user_and_address(kind):
    settings = {"rate": 10, "byte_rate": 10, "byte_burst": 1024, "channel_rate": 10, "max_channels": 10}
    clock, budgets = accounts(**settings, replay_rate=10, replay_burst=1024)
    burst = {"frames": 10, "bytes": 1024, "channels": 10, "replayed": 1024}[kind]

    def connection(user="", address=""):
        budget = budgets.open(address)
        if user:
            budget.belongs_to(user)
        return budget

    alone = connection()
    assert alone.allows(kind) and alone.take(kind, burst) == 0 and not alone.allows(kind)
    assert alone.take(kind, 10) == 1.0 and budgets.slowed[kind] == 1
    for factor, owner in ((USER_FACTORS[kind], {"user": "ada"}), (ADDRESS_FACTORS[kind], {"address": "10.0.0.1"})):
        for _ in range(factor):
            assert connection(**owner).take(kind, burst) == 0
        assert not connection(**owner).allows(kind)
        assert connection(**owner).take(kind, 10 * factor) > 0
        assert connection(**{name: value + "x" for name, value in owner.items()}).take(kind, burst) == 0


def test_account_outlives_its_connections_for_as_long_as_it_owes():
    clock, budgets = accounts(rate=10)
    for _ in range(2):
        budget = budgets.open("10.0.0.1")
        budget.take("frames", 1500)
        budget.close()
        budgets.forget_unused()
    budget = budgets.open("10.0.0.1")
    assert budget.take("frames", 10) > 0
    budget.close()
    clock.now += 1000
    budget = budgets.open("10.0.0.1")
    budgets.forget_unused()
    assert list(budgets._accounts) == [("address", "10.0.0.1")]  # it has a connection
    budget.close()
    budgets.forget_unused()
    assert not budgets._accounts


def test_nothing_is_waited_for_while_something_is_left():
    bucket = Bucket(10, 20, 0)
    assert bucket.take(19.5, 0) == 0 and bucket.take(0.5, 0) == 0
    assert bucket.take(0.5, 0) == 0.05


def test_last_one_is_allowed():
    _, budgets = accounts(channel_rate=10, max_channels=10)
    budget = budgets.open("")
    budget.take("channels", 9)
    assert budget.allows("channels")
    budget.take("channels", 0.5)
    assert not budget.allows("channels")


def test_each_wait_is_counted():
    _, budgets = accounts(rate=10)
    budget = budgets.open("")
    for amount in (10, 1, 1, 1):
        budget.take("frames", amount)
    assert budgets.slowed == {"frames": 3}


def test_account_is_kept_until_its_last_connection_has_ended_once():
    _, budgets = accounts()
    first, second = budgets.open("10.0.0.1"), budgets.open("10.0.0.1")
    first.close()
    first.close()
    budgets.forget_unused()
    assert budgets._accounts
    second.close()
    second.take("frames", 10_000)  # of a connection that has ended: nobody else pays for it
    budgets.forget_unused()
    assert not budgets._accounts


# --- on the wire ---


def test_pings_are_counted_before_and_after_the_hello():
    async def main():
        async with running(rate=50) as hub:
            for is_in in (False, True):
                attacker = hostile.Attacker(hub.port, "eve")
                await (attacker.hello() if is_in else attacker.connect())
                pongs = 0
                attacker.writer.write(frame(Opcode.PING, b"") * 2000)

                async def read(attacker=attacker):
                    nonlocal pongs
                    while data := await attacker.reader.read(65536):
                        pongs += data.count(b"\x8a\x00")

                await asyncio.wait([asyncio.create_task(read())], timeout=1)
                assert 50 <= pongs < 50 + 171 + 100  # the burst, what one slice held, and a second's
                assert hub.hub.budgets.slowed["frames"] >= 1
                attacker.close()

    run(main())


def test_client_that_does_not_read_its_pongs_is_not_read():
    async def main():
        async with running(rate=1e9, byte_rate=1e9, byte_burst=2**30) as hub:
            attacker = hostile.Attacker(hub.port, "eve")
            await attacker.hello()
            attacker.writer.transport.pause_reading()
            sent = 0
            while attacker.writer.transport.get_write_buffer_size() < 2**20:
                attacker.writer.write(frame(Opcode.PING, b"x" * 125) * 1000)
                sent += 131_000
                await asyncio.sleep(0)
                assert sent < 2**28
            (connection,) = hub.server.connections
            assert connection.transport.get_write_buffer_size() < 2**18
            attacker.writer.transport.resume_reading()
            answered = 0
            while answered < sent - 2**20:  # it goes on when the client reads
                answered += len(await attacker.reader.read(65536))
            attacker.close()

    run(main(), seconds=60)


def test_nothing_more_is_read_before_all_that_came_is_parsed():
    """What a client sends too fast waits at its own side, not in the hub's memory."""

    async def main():
        async with running(rate=200) as hub:
            attacker = hostile.Attacker(hub.port, "eve")
            await attacker.hello()
            attacker.writer.write(frame(Opcode.PING, b"x" * 125) * 300)
            while not hub.hub.budgets.slowed["frames"]:
                await asyncio.sleep(0)
            (connection,) = hub.server.connections
            assert connection._unparsed
            while connection._unparsed:
                assert not connection.transport.is_reading()
                await asyncio.sleep(0)
            await attacker.reader.readexactly(300 * 127)
            attacker.close()

    run(main())


def test_client_is_read_again_when_it_has_read_whatever_the_write_limit():
    async def main():
        hub = Hub(settings=Settings(rate=1e6, byte_rate=1e9, byte_burst=10**9, max_queue=2**26, history=100))
        async with serve(hub, "localhost", 0, write_limit=2**24) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://localhost:{port}", max_queue=1, max_size=None, ping_interval=None) as socket:
                client = Client(socket)
                await client.hello(user="ada")
                await client.ask("join", channel="c")
                socket.transport.pause_reading()
                (connection,) = server.connections
                while connection.transport.get_write_buffer_size() <= 2**16:
                    await hub.publish("c", "x" * 50_000)
                    await asyncio.sleep(0)
                await client.send("ping")
                await asyncio.sleep(0)
                socket.transport.resume_reading()
                for _ in range(2):
                    await client.receive("pong")
                    await client.send("ping")

    run(main())


def test_bytes_are_read_no_faster_than_allowed():
    async def main():
        async with running(byte_rate=50_000, byte_burst=50_000) as hub, hub.client("ada") as ada:
            await ada.ask("join", channel="c")
            loop = asyncio.get_running_loop()
            began = loop.time()
            for number in range(4):
                await ada.send("publish", id=10 + number, channel="c", data="x" * 30_000)
            for _ in range(4):
                await ada.receive("ack")
            assert loop.time() - began > 1.2  # 120,000 bytes less the burst
            assert hub.hub.budgets.slowed["bytes"] > 0

    run(main())


def test_history_is_sent_no_faster_than_allowed():
    async def main():
        async with running(replay_rate=50_000, replay_burst=50_000) as hub, hub.client("ada") as ada:
            epoch = (await ada.ask("join", channel="c"))["epoch"]
            for _ in range(4):
                await hub.hub.publish("c", "x" * 30_000)
            loop = asyncio.get_running_loop()
            began = loop.time()
            await ada.ask("join", channel="c", since={"epoch": epoch, "offset": 0})
            await ada.ask("history", channel="c")
            assert loop.time() - began > 1.2  # 120,000 bytes less the burst
            assert hub.hub.budgets.slowed["replayed"] > 0

    run(main())


def test_lists_of_members_are_sent_no_faster_than_allowed():
    async def main():
        async with running(replay_rate=2000, replay_burst=2000) as hub, AsyncExitStack() as stack:
            for number in range(33):
                client = await stack.enter_async_context(hub.client(f"{number}".zfill(60)))
                await client.ask("join", channel="c", presence=True)
            ada = await stack.enter_async_context(hub.client("ada"))
            loop = asyncio.get_running_loop()
            began = loop.time()
            for _ in range(3):
                await ada.ask("join", channel="c", presence=True)
            assert loop.time() - began > 0.9  # two lists of 1,983 bytes, less the burst; the third is paid for later
            assert hub.hub.budgets.slowed["replayed"] > 0

    run(main())


def test_new_channels_are_refused_and_those_that_exist_are_not():
    async def main():
        async with (
            running(max_channels=3, channel_rate=0.001) as hub,
            hub.client("ada") as ada,
            hub.client("bob") as bob,
        ):
            for number in range(3):
                assert (await ada.ask("join", channel=f"c{number}"))["type"] == "joined"
                await ada.ask("leave", channel=f"c{number}")
            assert (await ada.ask("join", channel="new"))["code"] == "too_many"
            assert (await ada.ask("publish", channel="@new", data=1))["code"] == "too_many"
            assert (await ada.ask("join", channel="c0"))["type"] == "joined"
            assert (await bob.ask("publish", channel="@new", data=1))["type"] == "ack"
            assert (await ada.ask("publish", channel="@new", data=2))["type"] == "ack"
            assert "new" not in hub.hub.store._logs

    run(main())


def test_inboxes_that_are_made_are_counted():
    async def main():
        async with running(max_channels=3, channel_rate=0.001) as hub, hub.client("ada") as ada:
            answers = [(await ada.ask("publish", channel=f"@{n}", data=1))["type"] for n in range(5)]
            assert answers == ["ack"] * 3 + ["error"] * 2

    run(main())


def test_user_with_many_connections_makes_no_more_channels_than_is_allowed():
    async def main():
        async with running(max_channels=3, channel_rate=0.001, authenticate=lambda token: token) as hub:
            made = 0
            for connection in range(6):
                async with hub.client(token="ada") as ada:
                    for number in range(3):
                        made += (await ada.ask("join", channel=f"{connection} {number}"))["type"] == "joined"
            assert made == 3 * USER_FACTORS["channels"]

    run(main())


def test_those_who_only_say_the_same_name_share_nothing():
    """Without authentication anybody could use up what others of that name may."""

    async def main():
        async with running() as hub, hub.client("guest"), hub.client("guest"):
            assert not [key for key in hub.hub.budgets._accounts if key[0] == "user"]

    run(main())


def test_no_more_is_owed_than_may_be_saved():
    bucket = Bucket(10, 20, 0)
    for _ in range(100):
        assert bucket.take(20, 0) <= 2


def test_user_who_goes_while_they_are_authenticated_leaves_no_account():
    async def main():
        gate = asyncio.Event()

        async def authenticate(token):
            await gate.wait()
            return token

        async with running(authenticate=authenticate) as hub:
            async with hub.socket() as client:
                await client.send("hello", v=1, token="eve")
                while not hub.hub.connections:
                    await asyncio.sleep(0)
                client.socket.transport.abort()
            while any(not connection.socket.is_closed for connection in hub.hub.connections):
                await asyncio.sleep(0)
            gate.set()
            while hub.hub.connections:
                await asyncio.sleep(0)
            hub.hub.budgets.forget_unused()
            assert ("user", "eve") not in hub.hub.budgets._accounts

    run(main())


def test_all_that_waits_for_clients_has_a_limit_too():
    """Each of them has less than its own."""

    async def main():
        async with running(max_queue=2**20, max_queues=2**20) as hub:
            clients = [hostile.Attacker(hub.port, f"u{number}") for number in range(8)]
            for client in clients:
                await client.hello()
                await client.ask("join", channel="c")
                client.writer.transport.pause_reading()
            while hub.hub.rooms.find("c") is None or len(hub.hub.rooms.find("c").outlets) < 8:
                await asyncio.sleep(0)
            most = 0
            while hub.hub.metrics.closes["4408"] == 0:
                await hub.hub.publish("c", "x" * 60_000)
                most = max(most, hub.hub.flusher.size)
                await asyncio.sleep(0)
            assert 2**19 < most <= 2**20
            for client in clients:
                client.writer.transport.abort()
            while hub.hub.connections:
                await asyncio.sleep(0.01)
            assert hub.hub.flusher.size == 0

    run(main(), seconds=40)


# --- the store in memory ---


async def store(**settings):
    class Nobody:
        def on_entry(self, channel, entry):
            pass

    result = MemoryStore()
    await result.start(Nobody(), Settings(**settings))
    return result


def test_channels_that_somebody_listens_to_keep_their_history():
    """However many channels others want: these are refused."""

    async def main():
        memory = await store(store_channels=10)
        for number in range(10):
            await memory.listen(f"c{number}")
            await memory.publish([Publish(f"c{number}", None, 0, "1")])
        with pytest.raises(ChannelRefused):
            await memory.listen("one more")
        assert (await memory.publish([Publish("one more", None, 0, "1")]))[0].status == "new channel"
        assert [len((await memory.history(f"c{n}", 10, None))[1]) for n in range(10)] == [1] * 10
        await memory.forget("c3")
        await memory.listen("one more")  # in place of the one that nobody listens to
        assert "c3" not in memory._logs and len(memory._logs) == 10

    run(main())


def test_histories_that_were_unused_for_longest_go_first():
    async def main():
        memory = await store(store_bytes=10_000, history_bytes=5_000)
        data = "x" * 900
        await memory.listen("listened")
        for channel in ("listened", "old", "older"):
            await memory.publish([Publish(channel, None, 0, data)] * 2)
        await memory.publish([Publish("old", None, 0, data)])
        await memory.publish([Publish("new", None, 0, data)] * 3)  # 10,000: as much as may be
        assert set(memory._logs) == {"listened", "old", "older", "new"} and memory._size == 10_000
        await memory.publish([Publish("new", None, 0, data)])
        assert set(memory._logs) == {"listened", "old", "new"}
        assert memory._size == sum(log.size for log in memory._logs.values()) == 9_000
        await memory.publish([Publish("new", None, 0, data)] * 30)
        assert memory._logs["listened"].size == 2_000 and memory._size <= 10_000

    run(main())


def test_histories_of_channels_in_use_go_when_nothing_else_is_left():
    async def main():
        memory = await store(store_bytes=10_000, history_bytes=5_000)
        for channel in ("a", "b", "c"):
            await memory.listen(channel)
            await memory.publish([Publish(channel, None, 0, "x" * 900)] * 4)
        assert memory._size <= 10_000 and memory._logs["c"].size == 4_000 and memory._logs["a"].size == 0
        assert memory._logs["a"].offset == 4  # it goes on where it was

    run(main())


def test_program_hears_that_no_channel_more_can_be_made():
    async def main():
        async with Hub(settings=Settings(store_channels=1)) as hub:
            await hub.rooms.open("c")
            with pytest.raises(StoreUnavailable):
                await hub.publish("another", 1)

    run(main())


# --- settings ---


@pytest.mark.parametrize(
    ("name", "value"),
    [("rate", 0), ("rate", -1), ("history", 0), ("history", 1.5), ("max_connections", 0), ("idle_timeout", 0)]
    + [("rate", math.inf), ("rate", math.nan), ("store_timeout", 0), ("session_ttl", 0), ("max_message", 1)],
)
def test_settings_that_cannot_be_are_refused(name, value):
    with pytest.raises(ValueError, match=name):
        Settings(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("rate", "7"), ("rate", None), ("history", True)])
def test_settings_that_are_no_numbers_are_refused(name, value):
    with pytest.raises(TypeError, match=name):
        Settings(**{name: value})


def test_a_count_that_is_written_as_a_float_is_a_count():
    """A queue's length, for one, has to be an int."""
    settings = Settings(history=1e3, rate=7)
    assert type(settings.history) is int and settings == Settings(history=1000, rate=7.0)


# --- all at once ---


@pytest.mark.timeout(300)
def test_hostile_clients_cost_little_and_the_others_notice_nothing():
    """Twelve kinds, beside 500 clients that chat. (`python -m tests.faults.hostile` tells how long these wait.)"""
    hub = HubProcess("--handshake-timeout", "60")  # for a machine that has much else to do
    try:
        before, most, _, attacked = run(hostile.measure(hub, seconds=6), seconds=280)
    finally:
        hub.kill()
    assert (most - before) / 1024 < 32
    assert len(attacked) == hostile.ROOMS * hostile.MEMBERS * hostile.MEMBERS * 3
