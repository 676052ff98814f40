"""`Channels` in plain Python: what cannot be provoked in a browser. (All else: tests/conformance.)"""

import asyncio
import json

from browserws import Channels, ChatClient, LiveDataClient
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


def requests_of(page):
    """What `page(url)` sends to a hub that answers hello and join, when it is done."""
    got = []

    async def server(connection):
        async for frame in connection:
            message = json.loads(frame)
            got.append(message)
            if message["type"] == "hello":
                await connection.send('{"type": "welcome", "user": "ada", "session": "s", "resumed": false}')
            elif message["type"] == "join":
                answer = {"type": "joined", "id": message["id"], "channel": message["channel"], "epoch": "e"}
                await connection.send(json.dumps({**answer, "offset": 0}))

    async def main():
        with FakeNetwork(server):
            await page("ws://fake.test/hub")

    asyncio.run(asyncio.wait_for(main(), SECONDS))
    return [message for message in got if message["type"] != "hello"]


def test_live_data_client_asks_the_hub_to_conflate_if_it_may():
    async def page(url, **options):
        client = LiveDataClient(url, {**QUICK, **options})
        await client.subscribe("ACME", print)
        client.close()

    assert "conflate" not in requests_of(page)[0]
    assert "conflate" not in requests_of(lambda url: page(url, conflate=False))[0]
    assert requests_of(lambda url: page(url, conflate=True))[0]["conflate"] is True


def test_chat_client_shows_itself_in_rooms_and_not_in_its_inbox():
    async def page(url):
        client = ChatClient(url, "ada", QUICK)
        client.connect()
        await client.join_room("lobby")
        client.disconnect()

    joins = {message["channel"]: message.get("presence", False) for message in requests_of(page)}
    assert joins == {"lobby": True, "@ada": False}
