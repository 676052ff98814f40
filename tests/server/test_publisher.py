"""The publishes of one client: their order, how many go at once, and what happens when one fails."""

import asyncio

import pytest

from browserws.server import MemoryStore
from browserws.server.publisher import AT_ONCE, SIZE_AT_ONCE, Publisher
from browserws.server.store import Publish
from tests.server.talk import run, running


def publish(number, data="1"):
    return Publish("c", "ada", 0, data, "session", number)


class Store:
    """What a publisher has made, in the batches in which it made them; it waits until it is let go."""

    def __init__(self):
        self.batches = []
        self.failures = 0
        self.gate = asyncio.Event()
        self.publisher = Publisher(self.make, self.failed)

    async def make(self, publishes):
        await self.gate.wait()
        self.batches.append([publish.number for publish in publishes])
        if -1 in self.batches[-1]:
            raise OSError("it fails")

    def failed(self):
        self.failures += 1


def test_what_comes_while_one_is_made_goes_at_once():
    async def main():
        store = Store()
        await store.publisher.add(publish(0))
        await asyncio.sleep(0)
        for number in range(1, 10):
            await store.publisher.add(publish(number))
        store.gate.set()
        await store.publisher.idle()
        assert store.batches == [[0], list(range(1, 10))]
        await store.publisher.add(publish(10))
        await store.publisher.idle()
        assert store.batches[-1] == [10]

    run(main())


@pytest.mark.parametrize(("data", "fits"), [("1", AT_ONCE), ("x" * (SIZE_AT_ONCE // 4), 4)], ids=["many", "large"])
def test_no_more_than_some_wait(data, fits):
    async def main():
        store = Store()
        await store.publisher.add(publish(0, data))
        await asyncio.sleep(0)  # it is being made
        for number in range(1, fits):
            await store.publisher.add(publish(number, data))
        one_more = asyncio.create_task(store.publisher.add(publish(fits, data)))
        done, _ = await asyncio.wait([one_more], timeout=0.05)
        assert not done
        store.gate.set()
        await one_more
        assert store.batches == [[0], list(range(1, fits + 1))]

    run(main())


def test_after_a_failure_nothing_is_made():
    """Later ones would come before those that are sent again."""

    async def main():
        store = Store()
        store.gate.set()
        await store.publisher.add(publish(-1))
        with pytest.raises(OSError, match="it fails"):
            await store.publisher.idle()
        with pytest.raises(OSError, match="it fails"):
            await store.publisher.add(publish(0))
        assert store.batches == [[-1]] and store.failures == 1

    run(main())


def test_store_that_fails_ends_the_connection_and_the_next_one_makes_all_in_order(caplog):
    class Failing(MemoryStore):
        fails = True

        async def publish(self, publishes):
            if self.fails and any(publish.number == 4 for publish in publishes):
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
