"""`Channels` in plain Python: what cannot be provoked in a browser. (All else: tests/conformance.)"""

import asyncio

from browserws import Channels
from browserws.server import Hub
from browserws.testing import FakeNetwork

QUICK = {"user": "ada", "reconnect_interval": 5, "max_reconnect_interval": 20, "close_timeout": 100, "heartbeat": None}
SECONDS = 10


def with_hub(test):
    """`test(network, hub, channels)` with a hub, and channels on it."""

    async def main():
        hub = Hub()
        await hub.start()
        with FakeNetwork(hub.handle) as network:
            channels = Channels("ws://fake.test/hub", QUICK)
            await test(network, hub, channels)
            channels.close()
        await hub.stop()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_publish_after_the_connection_broke_and_before_the_page_is_told_was_not_sent():
    """Else it would be uncertain whether it arrived, though it never went out."""

    async def test(network, hub, channels):
        channel = await channels.join("news")
        another = Hub()
        await another.start()
        network.server = another.handle
        network.connections[-1].transport.abort()
        assert channels.state == "OPEN"
        assert await channel.publish("hello") == 1
        await another.stop()

    with_hub(test)
