"""One connection: when it is idle, and what it gives back at its end."""

import asyncio
import time

from browserws.server import MemoryStore, StoreUnavailable, User
from tests.server.talk import run, running


class Unavailable(MemoryStore):
    """Says so until `available`."""

    def __init__(self):
        super().__init__()
        self.asked = asyncio.Event()
        self.available = False

    async def history(self, *arguments):
        self.asked.set()
        if not self.available:
            raise StoreUnavailable
        return await super().history(*arguments)


def test_client_is_not_idle_while_the_store_is_unavailable_and_may_be_afterwards():
    async def main():
        store = Unavailable()
        async with running(store=store, idle_timeout=1000) as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            (connection,) = hub.hub.connections
            later = hub.hub.now() + 2000
            assert connection.is_idle(later)
            await ada.send("history", id=7, channel="c")
            await store.asked.wait()
            while hub.hub.metrics.unavailable == 0:
                await asyncio.sleep(0)
            assert not connection.is_idle(later)
            store.available = True
            assert (await ada.receive("history"))["messages"] == []
            assert connection.is_idle(later) and not connection.is_idle(hub.hub.now() + 500)

    run(main())


def test_timer_of_a_token_ends_with_the_connection():
    async def main():
        async with running(authenticate=lambda token: User("ada", time.time() + 1000)) as hub:
            async with hub.client(token="x"):
                (connection,) = hub.hub.connections
                assert not connection._expiry.cancelled()
            while hub.hub.connections:
                await asyncio.sleep(0)
            assert connection._expiry.cancelled()

    run(main())


def test_first_reason_to_close_is_the_one_that_the_client_gets():
    async def main():
        async with running() as hub, hub.client() as ada:
            (connection,) = hub.hub.connections
            connection.close_soon(4403, "first")
            await connection.close(4401, "second")
            assert await ada.closed() == 4403 and ada.socket.close_reason == "first"
            connection.close_soon(4401, "third")  # harmless
            assert hub.hub.metrics.closes == {"4403": 1}

    run(main())
