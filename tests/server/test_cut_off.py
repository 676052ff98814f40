"""Hubs that lose sight of their Redis, or of each other: nobody is left with one side of it."""

import asyncio
import contextlib

import pytest

from browserws import Channels
from browserws.server.stores import redis as redis_store
from browserws.server.stores import redis_presence
from browserws.server.stores.redis import RedisStore
from browserws.server.stores.redis_client import HUB
from browserws.testing import FakeNetwork
from tests.faults.proxy import FaultProxy
from tests.server.talk import run, running
from tools.redis import RedisServer


@pytest.fixture(scope="module")
def redis():
    with RedisServer() as server:
        yield server


@contextlib.contextmanager
def proxy_of(redis):
    """A way to Redis that can be cut, and its URL."""
    port = int(redis.url.rsplit(":", 1)[1].split("/")[0])
    with FaultProxy(port) as proxy:
        proxy.url = redis.url.replace(str(port), str(proxy.port))
        yield proxy


def away(function, *arguments):
    """A call of the proxy, which blocks, from asyncio."""
    return asyncio.get_running_loop().run_in_executor(None, function, *arguments)


QUICK = {
    "reconnect_interval": 5,
    "max_reconnect_interval": 20,
    "heartbeat": None,
    "user": "ada",
    "connect_timeout": 1000,
}


def test_hello_that_comes_late_takes_the_session_from_nobody(redis):
    """A page gives up a hello that its hub cannot pass on, and goes on through another hub. When the first hub can
    reach Redis again, the page lives on."""

    async def main():
        with proxy_of(redis) as proxy:
            async with (
                running(store=RedisStore(proxy.url, "late:"), store_timeout=60) as first,
                running(store=RedisStore(redis.url, "late:")) as second,
            ):
                hubs = [second.hub, first.hub, second.hub]

                async def serve(connection):
                    await hubs.pop(0).handle(connection)

                with FakeNetwork(serve):
                    channels = Channels("ws://hub.test/", QUICK)
                    errors = []
                    channels.bind("error", lambda event: errors.append(event.error))
                    channel = await channels.join("c")
                    assert await channel.publish("before") == 1
                    await away(proxy.swallow)
                    channels.reconnect()  # to the first hub, whose Redis does not answer
                    while hubs != [second.hub]:
                        await asyncio.sleep(0)
                    waiting = channel.publish("meanwhile")
                    for _ in range(20):
                        await asyncio.sleep(0)  # the hello is on its way to Redis
                    channels.reconnect()  # to the second
                    assert await waiting == 2
                    await away(proxy.cut)  # what was swallowed is asked again
                    while first.hub.connections:
                        await asyncio.sleep(0.01)
                    assert await channel.publish("after") == 3
                    assert errors == [] and channels.state == "OPEN"
                    channels.close()

    run(main(), seconds=40)


def test_hello_of_a_connection_that_has_gone_is_dropped(redis):
    async def main():
        gate = asyncio.Event()

        async def authenticate(token):
            if token == "slow":
                await gate.wait()
            return "ada"

        async with running(authenticate=authenticate, store=RedisStore(redis.url, "gone:")) as hub:
            async with hub.client("ada", token="quick") as ada:
                session = ada.welcome["session"]
            async with hub.socket() as client:
                await client.send("hello", v=1, token="slow", session=session, connection=7)
                while not hub.hub.connections:
                    await asyncio.sleep(0)
                client.socket.transport.abort()
                await client.socket.wait_closed()
            while any(not connection.socket.is_closed for connection in hub.hub.connections):
                await asyncio.sleep(0)
            gate.set()
            while hub.hub.connections:
                await asyncio.sleep(0)
            async with hub.client("ada", token="quick", session=session, connection=2) as ada:
                assert ada.welcome["resumed"] is True

    run(main())


def test_hub_that_hears_nothing_of_redis_says_so_within_ten_seconds(redis):
    async def main():
        loop = asyncio.get_running_loop()
        with proxy_of(redis) as proxy:
            async with running(store=RedisStore(proxy.url, "silent:")) as hub, hub.client() as ada:
                await ada.ask("join", channel="c")
                assert await hub.get("/healthz") == (200, "ok\n")
                await away(proxy.hold)
                await away(proxy.swallow)
                began = loop.time()
                assert await ada.closed() == 1013
                assert loop.time() - began < 10
                status, body = await hub.get("/healthz")
                assert status == 503 and "store" in body
                async with hub.socket() as late:
                    assert await late.closed() == 1013
                await away(proxy.accept)
                await away(proxy.cut)
                while (await hub.get("/healthz"))[0] != 200:
                    await asyncio.sleep(0.1)
                async with hub.client() as ada:
                    assert (await ada.ask("join", channel="c"))["type"] == "joined"

    run(main(), seconds=60)


def test_client_that_waits_for_redis_is_not_sent_away_as_idle(redis):
    async def main():
        with proxy_of(redis) as proxy:
            store = RedisStore(proxy.url, "patient:")
            async with running(store=store, idle_timeout=2, store_timeout=60) as hub, hub.client() as ada:
                await ada.ask("join", channel="c")
                await away(proxy.refuse)
                await away(proxy.cut)
                await ada.send("join", id=5, channel="d")
                while hub.hub.metrics.unavailable < 8:  # more than two seconds
                    await asyncio.sleep(0.01)
                await away(proxy.accept)
                while (await ada.receive()).get("id") != 5:
                    pass

    run(main(), seconds=40)


# --- presence ---


@pytest.fixture
def quick_beats(monkeypatch):
    monkeypatch.setattr(redis_store, "HEARTBEAT", 0.2)
    monkeypatch.setattr(redis_presence, "LIFETIME", 2)


@pytest.mark.parametrize("ghost", ["here", "elsewhere", "dead"])
def test_who_is_not_there_is_removed_by_the_beat(redis, quick_beats, ghost):
    """However it came there: by a call that was carried out late, or from a process that died with Redis."""

    async def main():
        prefix = f"ghost-{ghost}:"
        async with (
            running(store=RedisStore(redis.url, prefix)) as hub,
            running(store=RedisStore(redis.url, prefix)) as other,
            hub.client("ada") as ada,
            other.client("bob") as bob,
        ):
            for client in (ada, bob):
                await client.ask("join", channel="c", presence=True)
            process = {
                "here": hub.hub.store.client.process,
                "elsewhere": other.hub.store.client.process,
                "dead": "0" * 16,
            }[ghost]
            store = hub.hub.store
            if ghost == "dead":
                await store.client.redis.set(store.client.key("l", process), "1", ex=1)  # it lived until now
            await store._presence._emit(store._presence._enter, "j", "c", process, "eve", 60)
            for client in (ada, bob):
                gone = []
                while "eve" not in gone:
                    gone += (await client.receive("presence"))["leave"]

    run(main())


def test_presence_comes_right_again_after_changes_that_no_process_received(redis, quick_beats):
    """The stream of changes was cut short while a process did not read."""

    async def main():
        async with (
            running(store=RedisStore(redis.url, "unheard:")) as hub,
            running(store=RedisStore(redis.url, "unheard:")) as other,
            hub.client("ada") as ada,
        ):
            await ada.ask("join", channel="c", presence=True)
            reader = hub.hub.store._presence
            reader._task.cancel()  # it does not read
            async with other.client("bob") as bob, other.client("eve") as eve:
                for client in (bob, eve):
                    await client.ask("join", channel="c", presence=True)
                await eve.ask("leave", channel="c")
                await hub.hub.store.client.redis.delete(hub.hub.store.client.key("presence", HUB))
                here = set()
                while here != {"ada", "bob"}:
                    change = await ada.receive("presence")
                    here = (here | set(change["join"])) - set(change["leave"])

    run(main())


def test_presence_comes_right_again_after_a_loss_that_as_many_changes_followed(redis):
    """A process that had no beat between the loss and the changes sees that they are not those that it knows."""

    async def main():
        async with (
            running(store=RedisStore(redis.url, "as-many:")) as hub,
            running(store=RedisStore(redis.url, "as-many:")) as other,
            hub.client("ada") as ada,
            other.client("bob") as bob,
        ):
            for client in (ada, bob):
                await client.ask("join", channel="c", presence=True)
            await ada.receive("presence")
            presence = hub.hub.store._presence
            presence._task.cancel()  # it does not read
            await hub.hub.store.client.redis.delete(presence._key("c"))
            for user in ("bob", "eve"):
                await other.hub.store._presence.enter("c", user)
            await presence.beat()
            fields = await hub.hub.store.client.redis.hkeys(presence._key("c"))
            assert {field.decode().partition(" ")[2] for field in fields} == {"", "ada", "bob", "eve"}
            assert (await ada.receive("presence"))["join"] == ["eve"]

    run(main())


def test_members_of_a_process_and_a_redis_that_died_together_go(quick_beats):
    async def main():
        with RedisServer() as redis:
            async with running(store=RedisStore(redis.url)) as hub, hub.client("ada") as ada:
                await ada.ask("join", channel="c", presence=True)
                dying = RedisStore(redis.url)
                async with running(store=dying) as other, other.client("bob") as bob:
                    await bob.ask("join", channel="c", presence=True)
                    here = set()
                    while "bob" not in here:
                        here |= set((await ada.receive("presence"))["join"])
                    for task in (dying._beating, other.hub._ticking):
                        task.cancel()  # as if it had been killed
                    await dying.client.redis.flushall()
                    gone = set()
                    while "bob" not in gone:
                        gone |= set((await ada.receive("presence"))["leave"])
                    members = await hub.hub.store.client.redis.hkeys(hub.hub.store._presence._key("c"))
                    assert not [field for field in members if field.endswith(b" bob")]

    run(main())


def test_user_is_disconnected_everywhere(redis):
    async def main():
        async with (
            running(store=RedisStore(redis.url, "out:")) as first,
            running(store=RedisStore(redis.url, "out:")) as second,
            second.client("ada") as ada,
            second.client("bob") as bob,
        ):
            await first.hub.disconnect("ada", "enough")
            assert await ada.closed() == 4403 and ada.socket.close_reason == "enough"
            assert (await bob.ask("join", channel="c"))["type"] == "joined"

    run(main())


def test_programs_can_publish_again_what_perhaps_was_published(redis):
    async def main():
        async with running(store=RedisStore(redis.url, "key:")) as hub:
            assert await hub.hub.publish("c", 1, key="order-7") == 1
            assert await hub.hub.publish("c", 1, key="order-7") == 1
            assert await hub.hub.publish("c", 2, key="order-8") == 2

    run(main())
