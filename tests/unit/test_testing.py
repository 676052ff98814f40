"""The fake network beyond what the conformance suite asks of it: how it is left."""

import asyncio

import pytest

from browserws import ChatClient, ConnectionClosedError, ReliableWebSocket, WebSocket, connect
from browserws._host import current
from browserws.testing import FakeNetwork


async def echo(connection):
    async for message in connection:
        await connection.send(message)


def run(test, server=echo, **options):
    """`test(network)`, then some turns of the event loop; nothing may be shown or left running."""
    shown = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: shown.append(context))
        real = current()
        with FakeNetwork(server, **options) as network:
            await test(network)
        assert current() is real
        await asyncio.sleep(0.05)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert shown == []


@pytest.fixture(autouse=True)
def nothing_is_shown(capsys):
    yield
    assert capsys.readouterr().err == ""


def test_it_may_be_left_while_a_connection_is_closing():
    async def test(network):
        chat = ChatClient("/hub", "ada")
        chat.connect()
        while not network.connections:
            await asyncio.sleep(0)
        chat.disconnect()

    run(test)


@pytest.mark.parametrize("turns", range(6))
def test_what_is_left_is_ended_with_it(turns):
    """Each socket gets its close event, whatever it was doing, and the server's coroutine ends."""
    closes = []

    async def test(network):
        for path in ("/echo", "/hold", "/refuse"):
            WebSocket(path, onclose=lambda event: closes.append(event.code))
        closing = WebSocket("/echo", onclose=lambda event: closes.append(event.code))
        closing.onopen = lambda: closing.close(4000)
        reliable = ReliableWebSocket("/echo", {"reconnect_interval": 1})
        reliable.set_heartbeat(1)
        for _ in range(turns):
            await asyncio.sleep(0)

    run(test, hold=lambda path: path == "/hold", refuse=lambda path: path == "/refuse")
    assert sorted(closes) in ([1006] * 4, [1006] * 3 + [4000])


def test_who_receives_is_given_an_exception_when_the_connection_is_lost():
    receiving = []

    async def test(network):
        ws = await connect("/echo")
        receiving.append(asyncio.create_task(ws.recv()))
        await asyncio.sleep(0)

    run(test)
    with pytest.raises(ConnectionClosedError, match="no close frame received or sent"):
        receiving[0].result()


def test_a_server_that_goes_on_is_ended():
    ended = []

    async def server(connection):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(connection.close_code)

    async def test(network):
        WebSocket("/")
        while not network.connections:
            await asyncio.sleep(0)

    run(test, server)
    assert ended == [1006]
