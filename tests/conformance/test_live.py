"""`LiveDataClient`."""

import asyncio

from suite import EventLog, Log, here, key, raised
from test_channels import QUICK, do

from browserws import LiveDataClient, NotJoined


def live(path, **options):
    client = LiveDataClient(here.server + path, dict(QUICK, **options))
    return client, EventLog(client)


async def test_callbacks_get_the_updates_of_their_channel():
    name = key()
    client, log = live("/hub/" + name)
    acme, other = Log(), Log()
    await client.subscribe("ACME", acme.append)
    await client.subscribe("OTHER", lambda: other.append("without the update"))
    await do(name, "publish/ACME/3")
    await do(name, "publish/OTHER/1")
    await acme.reaches(3)
    await other.reaches(1)
    assert [(update.channel, update.data) for update in acme] == [("ACME", 1), ("ACME", 2), ("ACME", 3)]
    assert len(log.of("update")) == 4 and client.subscriptions == ["ACME", "OTHER"]
    client.close()


async def test_subscription_ends_with_its_last_callback():
    name = key()
    client, _ = live("/hub/" + name)
    first, second = Log(), Log()
    await client.subscribe("ACME", first.append)
    client.subscribe("ACME", second.append)
    client.unsubscribe("ACME", first.append)
    await do(name, "publish/ACME/1")
    await second.reaches(1)
    assert first == []
    client.unsubscribe("ACME", second.append)
    assert client.subscriptions == []
    raised(NotJoined, client.unsubscribe, "ACME")
    raised(TypeError, client.subscribe, "ACME", None)
    client.close()


async def test_updates_can_be_iterated_and_go_on_after_a_reconnect():
    name = key()
    client, log = live("/hub/" + name)
    got = Log()

    async def read():
        async for update in client.updates("ACME"):
            got.append(update.data)
            if update.data == 5:
                client.unsubscribe("ACME")

    reading = asyncio.create_task(read())
    while client.state != "OPEN":
        await log.reaches(len(log) + 1)
    await client.subscribe("ACME", lambda: None)
    await do(name, "publish/ACME/2")
    await got.reaches(2)
    await do(name, "cut")
    await do(name, "publish/ACME/5")
    await reading
    assert got == [1, 2, 1, 2, 3, 4, 5]
    client.close()
