"""What a program does with a hub: it sends past channels, asks who is there, disconnects, and publishes what it may
repeat. In one process, and from one of two that share a Redis.
"""

import asyncio
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect

from browserws.server.stores.memory import MemoryStore
from browserws.server.stores.redis import RedisStore
from tests.server.process import HubProcess
from tests.server.talk import Client, run, running
from tools.redis import RedisServer


@pytest.fixture(scope="module")
def redis():
    with RedisServer() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def with_hubs(request):
    """Run `test(here, there)`: the program has `here`, and pages that count connect to `there`."""

    def with_hubs(test, **options):
        async def main():
            async with AsyncExitStack() as stack:
                if request.param == "memory":
                    hub = await stack.enter_async_context(running(store=MemoryStore(), **options))
                    await test(hub, hub)
                else:
                    url, prefix = request.getfixturevalue("redis").url, request.node.name + ":"
                    hubs = [running(store=RedisStore(url, prefix), **options) for _ in range(2)]
                    await test(*[await stack.enter_async_context(hub) for hub in hubs])

        run(main())

    return with_hubs


async def nothing_more(*clients):
    """Nothing came for them but the answer to a ping."""
    for client in clients:
        await client.send("ping")
        assert (await client.receive())["type"] == "pong"


def test_what_is_sent_comes_to_those_it_is_for(with_hubs):
    async def test(here, there):
        connections = {}

        @there.hub.on("connect")
        def connected(connection, user):
            connections.setdefault(user, []).append(connection)

        async with there.client("ada") as ada, there.client("ada") as again, there.client("bob") as bob:
            await here.hub.broadcast({"to": "all"})
            for client in (ada, again, bob):
                assert await client.receive() == {"type": "direct", "data": {"to": "all"}}
            await here.hub.send("ada", b"\n\0")
            for client in (ada, again):
                assert await client.receive() == {"type": "direct", "data": b"\n\0"}
            await here.hub.send_to(connections["ada"][0].id, "first")
            assert (await ada.receive())["data"] == "first"
            await here.hub.send_to(connections["bob"][0], None)
            assert await bob.receive() == {"type": "direct", "data": None}
            await nothing_more(ada, again, bob)
            await here.hub.send("nobody", 1)
            await here.hub.send_to("nowhere", 1)
            await here.hub.broadcast("last")
            for client in (ada, again, bob):
                assert (await client.receive())["data"] == "last"

    with_hubs(test)


def test_who_has_not_been_welcomed_gets_nothing(with_hubs):
    async def test(here, there):
        async with there.socket() as stranger, there.client("ada") as ada:
            await here.hub.broadcast(1)
            assert (await ada.receive())["data"] == 1
            await stranger.hello(user="eve")
            await nothing_more(stranger)

    with_hubs(test)


def test_what_cannot_be_sent_is_refused_before_anything_happens(with_hubs):
    async def test(here, there):
        async with there.client("ada") as ada:
            for wrong in (object(), float("nan"), {1: 2}):
                for send in (here.hub.broadcast, lambda data: here.hub.send("ada", data)):
                    with pytest.raises((TypeError, ValueError)):
                        await send(wrong)
            for user in ("", 1):
                with pytest.raises((TypeError, ValueError)):
                    await here.hub.send(user, 1)
            await here.hub.broadcast(1)
            assert (await ada.receive())["data"] == 1

    with_hubs(test)


def test_members_are_those_of_all_processes(with_hubs):
    async def test(here, there):
        async with there.client("bob") as bob, here.client("ada") as ada, there.client("eve") as eve:
            for client in (ada, bob):
                await client.ask("join", channel="c", presence=True)
            await eve.ask("join", channel="c")
            assert await here.hub.members("c") == await there.hub.members("c") == ["ada", "bob"]
            await bob.ask("leave", channel="c")
            while await here.hub.members("c") != ["ada"]:
                await asyncio.sleep(0.01)
            assert await here.hub.members("elsewhere") == []
            with pytest.raises(ValueError, match="a channel's name"):
                await here.hub.members("")

    with_hubs(test)


def test_user_is_disconnected_from_all_processes(with_hubs):
    async def test(here, there):
        async with there.client("ada") as ada, here.client("ada") as again, there.client("bob") as bob:
            await here.hub.disconnect("ada", "goodbye")
            for client in (ada, again):
                assert await client.closed() == 4403 and client.socket.close_reason == "goodbye"
            await nothing_more(bob)

    with_hubs(test)


def test_publish_with_a_key_is_made_once_whichever_process_repeats_it(with_hubs):
    async def test(here, there):
        async with there.client("ada") as ada:
            await ada.ask("join", channel="c")
            assert [await hub.hub.publish("c", 1, key="order-7") for hub in (here, there, here)] == [1, 1, 1]
            assert await there.hub.publish("c", 2, key="order-8") == 2
            assert [(await ada.receive("message"))["data"] for _ in range(2)] == [1, 2]
            await nothing_more(ada)

    with_hubs(test)


def test_hub_from_the_command_line_has_what_a_function_adds():
    async def main(port):
        async with connect(f"ws://localhost:{port}") as socket:
            client = Client(socket)
            await client.hello(user="ada")
            assert (await client.ask("call", name="add", arguments={"a": 1, "b": 2}))["data"] == 3

    hub = HubProcess("--setup", "tests.conformance.hub_scenarios:add_functions")
    try:
        run(main(hub.port))
    finally:
        hub.terminate()
