"""`LiveDataClient`."""

import asyncio

from suite import EventLog, Log, here, key, raised, raised_by
from test_channels import QUICK, do

from browserws import LiveDataClient, NotAllowed, NotJoined


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


async def test_close_ends_all_and_reconnect_begins_again():
    name = key()
    client, log = live("/hub/" + name)
    updates = Log()
    await client.subscribe("ACME", updates.append)
    client.close()
    while client.state != "CLOSED":
        await log.reaches(len(log) + 1)
    client.reconnect()
    while client.state != "OPEN":
        await log.reaches(len(log) + 1)
    await do(name, "publish/ACME/1")
    await updates.reaches(1)
    assert [event.state for event in log.of("state")] == [
        "CONNECTING",
        "OPEN",
        "CLOSING",
        "CLOSED",
        "CONNECTING",
        "OPEN",
    ]
    client.close()


async def test_each_client_has_subscriptions_of_its_own():
    path = "/hub/" + key()
    one, _ = live(path)
    other, _ = live(path)
    first, second = Log(), Log()
    await one.subscribe("ACME", first.append)
    await other.subscribe("ACME", second.append)
    one.unsubscribe("ACME", first.append)
    assert one.subscriptions == [] and other.subscriptions == ["ACME"]
    one.close()
    other.close()


async def test_subscription_that_is_refused_is_reported_once():
    """Where somebody waits for it, it is raised there; else it is an event."""
    client, log = live("/hub/" + key() + "/guarded", token="ada")
    await raised_by(NotAllowed, client.subscribe("secrets", print).wait())
    await client.subscribe("ACME", print)
    assert log.of("error") == [] and client.subscriptions == ["ACME"]
    client.subscribe("secrets", print)
    assert isinstance((await log.has("error")).error, NotAllowed)
    await client.subscribe("OTHER", print)
    assert len(log.of("error")) == 1
    client.close()


async def test_subscription_that_the_hub_ends_is_an_error():
    name = key()
    client, log = live("/hub/" + name, user="ada")
    await client.subscribe("ACME", print)
    await do(name, "put-out/ada/ACME")
    error = (await log.has("error")).error
    assert isinstance(error, NotJoined) and error.channel == "ACME" and "put out" in str(error)
    assert client.subscriptions == []
    client.close()


async def test_gap_is_reported():
    name = key()
    client, log = live("/hub/" + name + "/short")
    await client.subscribe("ACME", print)
    await do(name, "cut/ACME/6")
    event = await log.has("gap")
    assert (event.channel, event.missed) == ("ACME", None)
    client.close()
