"""Publishes on their way to the store: their order, how many go at once, and what happens when it fails."""

import asyncio

import pytest

from browserws.server import MemoryStore, StoreUnavailable
from browserws.server.metrics import Metrics
from browserws.server.publisher import MOST, MOST_OF_ONE, SIZE_OF_ONE, Pending, Publisher
from browserws.server.store import Publish, Published
from tests.server.talk import run, running


class Store:
    """What was made, in the batches in which it was; it waits until it is let go."""

    def __init__(self):
        self.batches = []
        self.gate = asyncio.Event()
        self.error = None  # of the next call
        self.publisher = Publisher(self, Metrics())

    async def publish(self, publishes):
        await self.gate.wait()
        error, self.error = self.error, None
        if error is not None:
            raise error
        self.batches.append([(publish.user, publish.number) for publish in publishes])
        return [Published("epoch", publish.number, False) for publish in publishes]


class Client:
    def __init__(self, store, user):
        self.user = user
        self.answered = []
        self.failures = 0
        self.is_gone = False
        self.pending = Pending(store.publisher, self.made, self.failed, lambda: self.is_gone)

    async def publish(self, *numbers, data="1"):
        for number in numbers:
            await self.pending.add(Publish("c", self.user, 0, data, "session", number))

    def made(self, publish, published):
        self.answered.append(published.offset)

    def failed(self):
        self.failures += 1


def test_what_comes_while_one_is_made_goes_at_once():
    async def main():
        store = Store()
        ada, bob = Client(store, "ada"), Client(store, "bob")
        await ada.publish(1)
        await asyncio.sleep(0)  # it is being made
        await ada.publish(2)
        await bob.publish(7, 8)
        await ada.publish(3)
        store.gate.set()
        await ada.pending.idle()
        await bob.pending.idle()
        assert store.batches == [[("ada", 1)], [("ada", 2), ("bob", 7), ("bob", 8), ("ada", 3)]]
        assert ada.answered == [1, 2, 3] and bob.answered == [7, 8]
        await ada.publish(4)
        await ada.pending.idle()
        assert ada.answered == [1, 2, 3, 4]

    run(main())


@pytest.mark.parametrize(("data", "most"), [("1", MOST_OF_ONE), ("x" * (SIZE_OF_ONE // 4), 4)], ids=["many", "large"])
def test_client_is_not_read_while_too_much_of_it_waits(data, most):
    async def main():
        store = Store()
        ada, bob = Client(store, "ada"), Client(store, "bob")
        await ada.publish(*range(most - 1), data=data)
        one_more = asyncio.create_task(ada.publish(most - 1, data=data))
        await bob.publish(0)
        done, _ = await asyncio.wait([one_more], timeout=0.05)
        assert not done
        store.gate.set()
        await one_more
        assert ada.answered == list(range(most))

    run(main())


def test_many_go_in_several_batches():
    async def main():
        store = Store()
        clients = [Client(store, f"u{number}") for number in range(10)]
        for client in clients:
            await client.publish(*range(MOST_OF_ONE - 1))
        store.gate.set()
        for client in clients:
            await client.pending.idle()
            assert client.answered == list(range(MOST_OF_ONE - 1))
        assert max(map(len, store.batches)) == MOST

    run(main())


def test_after_an_error_nothing_of_that_client_is_made():
    """Later ones would come before those that are sent again."""

    async def main():
        store = Store()
        ada, bob = Client(store, "ada"), Client(store, "bob")
        await ada.publish(1)
        await asyncio.sleep(0)
        await ada.publish(2)
        await bob.publish(3)
        store.error = ZeroDivisionError()
        store.gate.set()
        with pytest.raises(ZeroDivisionError):
            await ada.pending.idle()
        with pytest.raises(ZeroDivisionError):
            await ada.publish(4)
        await bob.pending.idle()
        assert store.batches == [[("bob", 3)]]
        assert (ada.failures, ada.answered) == (1, [])

    run(main())


def test_publishes_wait_for_the_store_as_long_as_their_client_does():
    async def main():
        store = Store()
        store.error = StoreUnavailable()
        store.gate.set()
        ada, bob = Client(store, "ada"), Client(store, "bob")
        await ada.publish(1, 2)
        await bob.publish(3)
        ada.is_gone = True
        with pytest.raises(StoreUnavailable):
            await ada.pending.idle()
        await bob.pending.idle()
        assert store.batches == [[("bob", 3)]]

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
