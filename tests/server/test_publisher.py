"""Publishes on their way to the store: their order, how many go at once, and what happens when it fails."""

import asyncio

import pytest
from redis import exceptions

from browserws.server import MemoryStore, StoreUnavailable
from browserws.server.publisher import MAX_WAITING, MAX_WAITING_SIZE, Publisher
from browserws.server.stores import ADDED, Publish, Published, Session
from browserws.server.stores.redis import RedisStore
from browserws.server.stores.redis_publisher import FAILED, MAX_BATCH_SIZE, RedisPublisher
from tests.server.talk import run, running
from tools.redis import RedisServer


def publish(number, data="1"):
    return Publish("c", "ada", 0, data, Session("session", 1), number)


class Store:
    """What was made, in the batches in which it was; it waits until it is let go."""

    def __init__(self):
        self.batches = []
        self.gate = asyncio.Event()
        self.fails = lambda number: None  # the error of a publish

    async def make(self, publishes):
        await self.gate.wait()
        numbers = [publish.id for publish in publishes]
        for number in numbers:
            if self.fails(number) is not None:
                raise self.fails(number)
        self.batches.append(numbers)
        return [Published(ADDED, "epoch", number) for number in numbers]


# --- of one client ---


class Client:
    def __init__(self):
        self.store = Store()
        self.publisher = Publisher(self._make)

    async def _make(self, publishes):
        try:
            await self.store.make(publishes)
            return True
        except ZeroDivisionError:
            return False


def test_what_comes_while_one_is_made_goes_at_once():
    async def main():
        client = Client()
        await client.publisher.add(publish(0))
        await asyncio.sleep(0)  # it is being made
        for number in range(1, 10):
            await client.publisher.add(publish(number))
        client.store.gate.set()
        await client.publisher.idle()
        assert client.store.batches == [[0], list(range(1, 10))]
        await client.publisher.add(publish(10))
        await client.publisher.idle()
        assert client.store.batches[-1] == [10]

    run(main())


@pytest.mark.parametrize(
    ("data", "most"), [("1", MAX_WAITING), ("x" * (MAX_WAITING_SIZE // 4), 4)], ids=["many", "large"]
)
def test_client_is_not_read_while_too_much_of_it_waits(data, most):
    async def main():
        client = Client()
        for number in range(most - 1):
            await client.publisher.add(publish(number, data))
        await asyncio.sleep(0)  # these are being made
        for number in range(most - 1):
            await client.publisher.add(publish(number, data))
        one_more = asyncio.create_task(client.publisher.add(publish(most - 1, data)))
        done, _ = await asyncio.wait([one_more], timeout=0.05)
        assert not done
        client.store.gate.set()
        await one_more
        assert client.store.batches == [list(range(most - 1)), list(range(most))]

    run(main())


def test_size_that_waits_is_that_of_what_is_not_being_made():
    async def main():
        client = Client()
        for number in range(4):  # each takes all but one byte of what may wait
            await asyncio.wait_for(client.publisher.add(publish(number, "x" * (MAX_WAITING_SIZE - 1))), 1)
            client.store.gate.set()
            await client.publisher.idle()
            client.store.gate.clear()
        await client.publisher.add(publish(4))
        await asyncio.sleep(0)  # it is being made
        await asyncio.wait_for(client.publisher.add(publish(5, "x" * (MAX_WAITING_SIZE - 1))), 1)
        client.store.gate.set()
        await client.publisher.idle()
        assert client.store.batches == [[0], [1], [2], [3], [4], [5]]

    run(main())


def test_after_a_failure_nothing_is_made():
    """Later ones would come before those that are sent again."""

    async def main():
        client = Client()
        client.store.gate.set()
        client.store.fails = lambda number: ZeroDivisionError() if number == 1 else None
        for number in (1, 2):
            await client.publisher.add(publish(number))
            await client.publisher.idle()
        assert client.store.batches == []

    run(main())


def test_store_that_fails_ends_the_connection_and_the_next_one_makes_all_in_order(caplog):
    class Failing(MemoryStore):
        fails = True

        async def publish(self, publishes):
            if self.fails and any(publish.id == 4 for publish in publishes):
                raise ZeroDivisionError
            return await super().publish(publishes)

    async def main():
        store = Failing()
        async with running(store=store) as hub, hub.client("bob") as bob:
            await bob.ask("join", channel="c")
            async with hub.client("ada") as ada:
                await ada.ask("join", channel="c")
                for number in range(3, 8):
                    await ada.send("publish", id=number, channel="c", data=number)
                assert await ada.closed() == 1011
                session = ada.welcome["session"]
            store.fails = False
            async with hub.client("ada", session=session) as ada:
                await ada.ask("join", channel="c")
                for number in range(3, 8):
                    await ada.send("publish", id=number, channel="c", data=number)
                assert [(await bob.receive("message"))["data"] for _ in range(5)] == list(range(3, 8))
        assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1

    run(main())


class Away(MemoryStore):
    """It has been reached once, and never again."""

    async def publish(self, publishes):
        raise StoreUnavailable("away")


class Slow(MemoryStore):
    async def publish(self, publishes):
        await asyncio.sleep(0.5)
        return await super().publish(publishes)


@pytest.mark.parametrize("store", [Away, Slow])
def test_hub_stops_while_a_publish_is_on_its_way(store):
    async def main():
        async with running(store=store()) as hub, hub.client() as client:
            await client.ask("join", channel="c")
            await client.send("publish", id=5, channel="c", data=1)
            while hub.hub.metrics.received != 3:
                await asyncio.sleep(0)

    run(main(), seconds=10)


def test_violation_is_reported_although_the_store_is_away():
    async def main():
        async with running(store=Away()) as hub, hub.client() as client:
            await client.ask("join", channel="c")
            await client.send("publish", id=5, channel="c", data=1)
            await client.socket.send("hello?")
            assert await client.closed() == 4400
            assert hub.hub.metrics.closes == {"4400": 1}

    run(main())


def test_hook_that_cannot_reach_something_of_its_own_is_a_failure_of_the_hub():
    """No clean end: the page would not come back."""

    async def authorize(user, channel, action):
        raise StoreUnavailable("another one")

    async def main():
        async with running(authorize=authorize) as hub, hub.client() as client:
            await client.send("join", id=5, channel="c")
            assert await client.closed() == 1011

    run(main())


@pytest.fixture(params=["memory", "Redis"])
def new_store(request):
    if request.param == "memory":
        yield MemoryStore
    else:
        with RedisServer() as redis:
            yield lambda: RedisStore(redis.url)


def test_only_the_last_connection_of_a_session_publishes(new_store):
    """What an earlier one still had to publish comes again, or is refused, and must not be made later."""

    async def main():
        store = new_store()
        gate, real = asyncio.Event(), store.publish

        async def publish(publishes):
            if publishes[0].id == 5:
                await gate.wait()
            return await real(publishes)

        store.publish = publish
        async with running(store=store) as hub, hub.client("bob") as bob, hub.client() as first:
            for client in (bob, first):
                await client.ask("join", channel="c")
            await first.send("publish", id=5, channel="c", data="late")
            async with hub.client(session=first.welcome["session"]) as second:
                assert second.welcome["resumed"]
                assert (await second.ask("publish", channel="c", data="late"))["code"] == "not_joined"
                gate.set()
                assert await first.closed() == 4409
                await second.ask("join", channel="c")
                await second.ask("publish", channel="c", data="now")
            assert (await bob.receive("message"))["data"] == "now"

    run(main())


def test_each_attempt_has_a_time_of_its_own():
    """By which a store that loses data knows one entry from another at the same place."""

    class Unsteady(MemoryStore):
        def __init__(self):
            super().__init__()
            self.times = []

        async def publish(self, publishes):
            self.times.append(publishes[0].time)
            if len(self.times) < 3:
                raise StoreUnavailable
            return await super().publish(publishes)

    async def main():
        store = Unsteady()
        async with running(store=store) as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            await ada.ask("publish", channel="c", data=1)
            assert (await ada.receive("message"))["time"] == store.times[-1]
            assert sorted(set(store.times)) == store.times and len(store.times) == 3

    run(main())


# --- of all clients, to Redis ---


async def results(*calls):
    return await asyncio.gather(*calls, return_exceptions=True)


def test_publishes_of_all_go_in_one_script():
    async def main():
        store = Store()
        publisher = RedisPublisher(store.make)
        calls = [asyncio.create_task(publisher.publish([publish(n), publish(n + 1)])) for n in (0, 10, 20)]
        store.gate.set()
        assert [[one.offset for one in answer] for answer in await results(*calls)] == [[0, 1], [10, 11], [20, 21]]
        assert store.batches == [[0, 1, 10, 11, 20, 21]]

    run(main())


def test_only_who_is_to_blame_suffers():
    async def main():
        async def script(publishes):
            return [Published(FAILED, "WRONGTYPE") if p.id == 10 else Published(ADDED, "e", p.id) for p in publishes]

        publisher = RedisPublisher(script)
        first, second, third = await results(*(publisher.publish([publish(n)]) for n in (0, 10, 20)))
        assert isinstance(second, StoreUnavailable)
        assert (first[0].offset, third[0].offset) == (0, 20)

    run(main())


def test_all_hear_that_redis_cannot_be_reached():
    async def main():
        store = Store()
        store.gate.set()
        store.fails = lambda number: exceptions.ConnectionError("away")
        publisher = RedisPublisher(store.make)
        answers = await results(*(publisher.publish([publish(n)]) for n in range(3)))
        assert [type(answer) for answer in answers] == [exceptions.ConnectionError] * 3
        store.fails = lambda number: None
        assert (await publisher.publish([publish(5)]))[0].offset == 5

    run(main())


def test_scripts_have_a_limit():
    async def main():
        store = Store()
        publisher = RedisPublisher(store.make)
        calls = [asyncio.create_task(publisher.publish([publish(n)])) for n in range(600)]
        store.gate.set()
        await results(*calls)
        assert list(map(len, store.batches)) == [250, 250, 100]

    run(main())


def test_scripts_have_a_limit_of_size():
    """Meanwhile Redis does nothing else."""

    async def main():
        store = Store()
        publisher = RedisPublisher(store.make)
        data = "x" * (MAX_BATCH_SIZE // 4)
        calls = [asyncio.create_task(publisher.publish([publish(n, data)])) for n in range(10)]
        store.gate.set()
        await results(*calls)
        assert list(map(len, store.batches)) == [4, 4, 2]

    run(main())
