"""Hub processes that share a Redis, which goes away and comes back."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from redis import exceptions

from browserws.server import Hub, StoreUnavailable, serve
from browserws.server.stores import Publish, redis_presence
from browserws.server.stores import redis as redis_store
from browserws.server.stores.redis import RedisStore
from browserws.server.stores.redis_client import HUB
from tests.server import over
from tests.server.talk import run, running
from tools.redis import RedisServer

NAMES = ["*", "a b", "c:*", "m:c", "{c}", "[a-z]", "?", "ü😀", "EVAL 'x'", "../x"]


@pytest.fixture(scope="module")
def redis():
    with over.redis() as server:
        yield server


def hub(redis, prefix, **options):
    return running(store=RedisStore(redis.url, prefix), **options)


async def members(hub, channel):
    """Who is there, on whatever process, as Redis has it."""
    fields = await hub.store.client.redis.hkeys(hub.store._presence._key(channel))
    return sorted({field.decode().split(" ", 1)[1] for field in fields if b" " in field})


def test_two_processes_are_one_hub(redis):
    async def main():
        async with AsyncExitStack() as stack:
            first, second = [await stack.enter_async_context(hub(redis, "two:")) for _ in range(2)]
            ada = await stack.enter_async_context(first.client("ada"))
            bob = await stack.enter_async_context(second.client("bob"))
            for client in (ada, bob):
                await client.ask("join", channel="c", presence=True)
            assert (await ada.ask("publish", channel="c", data="hello"))["offset"] == 1
            assert (await bob.ask("publish", channel="c", data="hi"))["offset"] == 2
            async with second.client("eve") as eve:
                joined = await eve.ask("join", channel="c", presence=True)
                assert sorted(joined["members"]) == ["ada", "bob", "eve"]
                history = await eve.ask("history", channel="c")
                assert [m["data"] for m in history["messages"]] == ["hello", "hi"]
                await eve.ask("leave", channel="c")
            for client in (ada, bob):
                gone = []
                while "eve" not in gone:
                    gone += (await client.receive("presence"))["leave"]

    run(main())


def test_who_is_removed_has_to_leave_every_process(redis):
    async def main():
        async with AsyncExitStack() as stack:
            first, second = [await stack.enter_async_context(hub(redis, "out:")) for _ in range(2)]
            clients = [await stack.enter_async_context(one.client("ada")) for one in (first, second)]
            bob = await stack.enter_async_context(second.client("bob"))
            for client in (*clients, bob):
                await client.ask("join", channel="c", presence=True)
            await first.hub.remove("ada", "c", "enough")
            for client in clients:
                assert (await client.receive("left"))["reason"] == "enough"
            gone = []
            while "ada" not in gone:
                gone += (await bob.receive("presence"))["leave"]

    run(main())


def test_each_hears_what_the_other_publishes_in_one_order(redis):
    async def main():
        async with AsyncExitStack() as stack:
            hubs = [await stack.enter_async_context(hub(redis, "order:", rate=1e6)) for _ in range(2)]
            clients = [await stack.enter_async_context(h.client(f"u{n}")) for n, h in enumerate(hubs)]
            for client in clients:
                await client.ask("join", channel="c")

            async def publish(client):
                for number in range(300):
                    await client.send("publish", id=number + 10, channel="c", data=number)

            async def read(client):
                return [(m["user"], m["data"]) for m in [await client.receive("message") for _ in range(600)]]

            *_, first, second = await asyncio.gather(*map(publish, clients), *map(read, clients))
            assert first == second
            for user in ("u0", "u1"):
                assert [data for who, data in first if who == user] == list(range(300))

    run(main())


def test_session_and_position_are_known_to_every_process(redis):
    async def main():
        async with AsyncExitStack() as stack:
            first, second = [await stack.enter_async_context(hub(redis, "resume:")) for _ in range(2)]
            async with first.client("ada") as ada:
                joined = await ada.ask("join", channel="c")
                await ada.send("publish", id=7, channel="c", data="once")
                await ada.receive("ack")
                session = ada.welcome["session"]
            async with second.client("ada", session=session) as ada:
                assert ada.welcome["resumed"] is True
                await ada.send("join", id=8, channel="c", since={"epoch": joined["epoch"], "offset": 0})
                assert (await ada.receive("message"))["data"] == "once"
                await ada.send("publish", id=7, channel="c", data="once")
                ack = await ada.receive("ack")
                assert (ack["offset"], ack["repeat"]) == (1, True)
            async with second.client("bob", session=session) as bob:
                assert bob.welcome["resumed"] is False

    run(main())


def test_channel_names_are_parts_of_keys_and_never_patterns(redis):
    async def main():
        async with hub(redis, "names:") as running, running.client() as client:
            await client.ask("join", channel="c")
            await client.ask("publish", channel="c", data="not to be touched")
            await client.receive("message")
            for name in NAMES:
                assert (await client.ask("join", channel=name))["offset"] == 0, name
                assert (await client.ask("publish", channel=name, data=name))["offset"] == 1, name
                assert (await client.receive("message"))["channel"] == name
                assert [m["data"] for m in (await client.ask("history", channel=name))["messages"]] == [name]
            assert len((await client.ask("history", channel="c"))["messages"]) == 1

    run(main())


def test_many_channels_are_read_by_several_connections(redis, monkeypatch):
    monkeypatch.setattr(redis_store, "READER_CHANNELS", 3)

    async def main():
        async with hub(redis, "many:") as running, running.client() as client:
            for number in range(10):
                await client.ask("join", channel=f"c{number}")
            assert len(running.hub.store._readers) == 4
            for number in range(10):
                await client.ask("publish", channel=f"c{number}", data=number)
                assert (await client.receive("message"))["data"] == number

    run(main())


def test_history_that_was_trimmed_is_a_gap(redis):
    async def main():
        async with hub(redis, "gap:", history=1) as running, running.client("ada") as ada:
            joined = await ada.ask("join", channel="c")
            for number in range(500):  # Redis trims whole nodes of a hundred
                await running.hub.publish("c", number)
            since = {"epoch": joined["epoch"], "offset": 0}
            async with running.client("bob") as bob:
                answer = await bob.ask("join", channel="c", since=since)
                assert answer["gap"] is True and answer["offset"] == 500

    run(main())


def test_publishes_wait_while_redis_is_away_and_go_on_by_themselves():
    async def main():
        with RedisServer() as redis:
            async with hub(redis, "away:") as running, running.client() as client:
                await client.ask("join", channel="c")
                await client.ask("publish", channel="c", data="before")
                redis.kill()
                await client.send("publish", id=50, channel="c", data="meanwhile")
                await client.send("publish", id=51, channel="c", data="and more")
                with pytest.raises(StoreUnavailable):
                    await running.hub.publish("c", "by a program")
                async with running.socket() as late:
                    await late.send("hello", v=1, user="late")
                    assert await late.closed() == 1013
                redis.start()
                got = []
                while got[-1:] != ["and more"]:
                    got.append((await client.receive("message"))["data"])
                assert got[-2:] == ["meanwhile", "and more"]

    run(main())


def test_publish_that_redis_refuses_holds_up_nobody_else(redis):
    """Here as a key of another program stands where the channel's would."""

    async def main():
        store = RedisStore(redis.url, "stuck:")
        async with running(store=store) as hub, hub.client("ada") as ada, hub.client("bob") as bob:
            await store.client.redis.set(store.client.channel_key("m", "@eve"), "not a hash")
            await bob.ask("join", channel="c")
            await ada.send("publish", id=5, channel="@eve", data="stuck")
            for number in range(20):
                assert (await bob.ask("publish", channel="c", data=number))["offset"] == number + 1
            await store.client.redis.delete(store.client.channel_key("m", "@eve"))
            assert (await ada.receive("ack"))["id"] == 5

    run(main())


def test_redis_that_has_forgotten_all_is_a_reset():
    async def main():
        with RedisServer() as redis:
            async with hub(redis, "forgot:") as running, running.client() as client:
                joined = await client.ask("join", channel="c", presence=True)
                await client.ask("publish", channel="c", data="before")
                await client.receive("message")
                await running.hub.store.client.redis.flushall()
                reset = await client.receive("reset")
                assert reset["offset"] == 0 and reset["epoch"] != joined["epoch"]
                await client.send("publish", id=60, channel="c", data="after")
                message = await client.receive("message")
                assert (message["data"], message["offset"]) == ("after", 1)
                while await members(running.hub, "c") != ["ada"]:
                    await asyncio.sleep(0.05)

    run(main())


def test_members_of_a_process_that_died_are_buried(redis, monkeypatch):
    monkeypatch.setattr(redis_presence, "LIFETIME", 1)
    monkeypatch.setattr(redis_store, "HEARTBEAT", 0.3)

    async def main():
        dying = Hub(store=RedisStore(redis.url, "dead:"))
        async with hub(redis, "dead:") as other, other.client("ada") as ada:
            await ada.ask("join", channel="c", presence=True)
            await dying.start()
            await dying.store.enter("c", "bob")
            assert sorted(await members(other.hub, "c")) == ["ada", "bob"]
            for task in [dying.store._beating, dying._ticking]:
                task.cancel()  # as if it had been killed
            gone = []
            while "bob" not in gone:
                gone += (await ada.receive("presence"))["leave"]
            assert await members(other.hub, "c") == ["ada"]
            await dying.store.stop()

    run(main())


def test_wrong_address_of_redis_is_noticed_at_once():
    async def main():
        hub = Hub(store=RedisStore("redis://localhost:1"))
        with pytest.raises(StoreUnavailable):
            async with serve(hub, "localhost", 0):
                pass

    run(main())


def test_redis_that_has_lost_the_end_of_a_history_is_a_reset(monkeypatch):
    """As after a power cut, or when a replica that lags behind takes over: the epoch is the same."""
    monkeypatch.setattr(redis_store, "HEARTBEAT", 0.2)

    async def main():
        with RedisServer() as redis:
            async with hub(redis, "tail:") as running, running.client() as client:
                joined = await client.ask("join", channel="c")
                for number in range(10):
                    await running.hub.publish("c", number)
                    await client.receive("message")
                store = running.hub.store
                meta, stream, *_ = store.client.channel_keys("c")
                await store.client.redis.hset(meta, "offset", 5)
                await store.client.redis.delete(stream)
                reset = await client.receive("reset")
                assert reset["offset"] == 5 and reset["epoch"] != joined["epoch"]
                await running.hub.publish("c", "after")
                assert (await client.receive("message"))["offset"] == 6

    run(main())


def test_reader_survives_what_redis_refuses(redis):
    """A script of somebody else that runs for too long makes Redis refuse everything."""

    async def main():
        async with hub(redis, "busy:") as running, running.client() as client:
            await client.ask("join", channel="c")
            store = running.hub.store
            real, store.client.blocking.xread = store.client.blocking.xread, refuse
            store._reader_of["c"].wake()  # so that it asks again
            await refused.wait()
            store.client.blocking.xread = real
            await running.hub.publish("c", "after")
            assert (await client.receive("message"))["data"] == "after"

    refused = asyncio.Event()

    async def refuse(*arguments, **options):
        refused.set()
        raise exceptions.ResponseError("BUSY")

    run(main())


def test_members_of_a_process_that_stops_have_gone(redis):
    async def main():
        async with hub(redis, "stops:") as other, other.client("ada") as ada:
            await ada.ask("join", channel="c", presence=True)
            async with hub(redis, "stops:") as stopping:
                for number in range(20):
                    async with stopping.client(f"u{number}") as client:
                        await client.ask("join", channel="c", presence=True)
            assert await members(other.hub, "c") == ["ada"]

    run(main())


def test_requests_at_the_edge_get_an_answer(redis):
    async def main():
        async with hub(redis, "edge:") as running, running.client() as client:
            await client.ask("join", channel="c")
            await client.ask("publish", channel="c", data=1)
            for before in (0, 1):
                assert (await client.ask("history", channel="c", before=before))["messages"] == []
            assert (await client.ask("history", channel="c", limit=0))["messages"] == []

    run(main())


def test_long_histories_come_in_pieces_and_whole(redis):
    async def main():
        async with hub(redis, "long:", rate=1e6, max_message=200_000) as running, running.client("ada") as ada:
            joined = await ada.ask("join", channel="c")
            for number in range(150):
                await running.hub.publish("c", number)
            history = await ada.ask("history", channel="c", limit=100)
            assert [m["data"] for m in history["messages"]] == list(range(50, 150))
            history = await ada.ask("history", channel="c", limit=1000, before=120)
            assert [m["data"] for m in history["messages"]] == list(range(119))
            async with running.client("bob") as bob:
                await bob.send("join", id=1, channel="c", since={"epoch": joined["epoch"], "offset": 20})
                got = [(await bob.receive("message"))["data"] for _ in range(130)]
                assert got == list(range(20, 150))

    run(main())


def test_what_is_in_redis_goes_in_time(redis):
    """All that belongs to a channel when nothing was published for long, a session when its page is away."""

    async def main():
        async with hub(redis, "ttl:", history_ttl=100, session_ttl=50) as running, running.client() as client:
            await client.ask("join", channel="c", presence=True)
            await client.ask("publish", channel="c", data=1)
            store = running.hub.store
            await store._reader_of["c"].keep()
            found = {}
            async for key in store.client.redis.scan_iter(match="ttl:*"):
                found[key.decode().split(":")[1][:1]] = await store.client.redis.ttl(key)
            assert 0 < found.pop("c") <= 50
            streams = found.pop("p")  # of presence: it is short
            assert streams == -1 and await store.client.redis.xlen(store.client.key("presence", HUB)) == 1
            assert found.keys() == {"m", "s", "d", "u", "l"} and 0 < found["s"] <= 100, found
            assert all(0 < ttl <= running.hub.settings.channel_ttl for ttl in found.values()), found

    run(main())


def test_channel_in_use_is_kept_and_its_session_too(redis, monkeypatch):
    async def main():
        async with hub(redis, "kept:", history_ttl=100, session_ttl=50) as running, running.client() as client:
            await client.ask("join", channel="c")
            store = running.hub.store
            meta, _, recent, _ = store.client.channel_keys("c")
            session = store.client.key("c", client.welcome["session"])
            for key in (meta, recent, session):
                await store.client.redis.expire(key, 5)
            store._reader_of["c"]._kept_at = -1000
            await store._reader_of["c"].keep()
            await store.keep_sessions([client.welcome["session"]])
            assert await store.client.redis.ttl(meta) > 90 and await store.client.redis.ttl(recent) > 90
            assert await store.client.redis.ttl(session) > 40

    run(main())


def test_burst_larger_than_the_history_reaches_whoever_is_there(redis):
    """It is kept for as long as it takes to read it."""

    async def main():
        async with (
            hub(redis, "burst:", history=10, rate=1e6) as first,
            hub(redis, "burst:", history=10) as second,
            first.client("ada") as ada,
            second.client("bob") as bob,
        ):
            for client in (ada, bob):
                await client.ask("join", channel="c")
            for number in range(10, 50):
                await ada.send("publish", id=number, channel="c", data=number)
            assert [(await bob.receive())["offset"] for _ in range(40)] == list(range(1, 41))

    run(main())


def test_reader_that_comes_too_late_for_a_trimmed_message_ends_no_history(redis):
    """What is missing, a page sees by the offsets."""

    async def main():
        async with hub(redis, "late:") as running, running.client("ada") as ada:
            store = running.hub.store
            gate, real = asyncio.Event(), store.client.blocking.xread

            async def xread(*arguments, **options):
                await gate.wait()
                return await real(*arguments, **options)

            store.client.blocking.xread = xread
            epoch = (await ada.ask("join", channel="c"))["epoch"]
            for number in range(5):
                await running.hub.publish("c", number)
            await store.client.redis.xtrim(store.client.channel_keys("c")[1], maxlen=2, approximate=False)
            gate.set()
            assert [(await ada.receive())["offset"] for _ in range(2)] == [4, 5]
            assert (await ada.ask("history", channel="c"))["epoch"] == epoch

    run(main())


def test_history_that_has_expired_leaves_nothing_in_the_account(redis):
    async def main():
        async with hub(redis, "quiet:", history_bytes=20_000) as running, running.client("ada") as ada:
            await ada.ask("join", channel="c")
            store = running.hub.store
            long_ago = 0
            await store.publish([Publish("c", None, long_ago, "x" * 600)] * 28)
            await store.client.redis.delete(store.client.channel_keys("c")[1])
            await store.publish([Publish("c", None, long_ago, "x")] * 100)
            assert await store.client.redis.xlen(store.client.channel_keys("c")[1]) == 100

    run(main())


def test_no_channel_asked_for_gives_no_messages(redis):
    async def main():
        async with hub(redis, "silence:") as running:
            store = running.hub.store
            store.client._heard_at -= 100
            await store.keep_sessions([])
            assert store.silent_for() > 99

    run(main())


def test_readers_without_channels_end(redis, monkeypatch):
    monkeypatch.setattr(redis_store, "READER_CHANNELS", 3)

    async def main():
        async with hub(redis, "ends:") as running, running.client() as client:
            for number in range(7):
                await client.ask("join", channel=f"c{number}")
            assert len(running.hub.store._readers) == 3
            for number in range(7):
                await client.ask("leave", channel=f"c{number}")
            while running.hub.store._readers:
                await asyncio.sleep(0)
            await client.ask("join", channel="c")
            await client.ask("publish", channel="c", data=1)
            assert (await client.receive("message"))["data"] == 1

    run(main())
