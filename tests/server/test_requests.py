"""Each request of the table has something that answers it, and is read in its turn."""

import asyncio

import pytest
from websockets.exceptions import ConnectionClosed

from browserws._pure.protocol import MESSAGES, REQUESTS
from tests.server.talk import run, running

ANSWERS = {
    "join": "joined",
    "leave": "left",
    "publish": "ack",
    "history": "history",
    "call": "error",
    "ping": "pong",
}
WITHOUT_ANSWER = {"hello", "more", "cancel"}  # a second hello; what is said of a call


def test_each_request_of_the_table_has_an_answer_of_the_table():
    assert REQUESTS.keys() - WITHOUT_ANSWER == ANSWERS.keys()
    assert MESSAGES.keys() >= set(ANSWERS.values())


@pytest.mark.parametrize("kind", ANSWERS)
def test_each_request_is_answered(kind):
    async def main():
        async with running() as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            await ada.send(kind, id=7, channel="c", data=1, name="unknown")
            answer = await ada.receive(ANSWERS[kind])
            assert kind == "ping" or answer["id"] == 7

    run(main())


def test_hello_comes_once():
    async def main():
        async with running() as hub, hub.client() as ada:
            await ada.send("hello", v=1)
            assert await ada.closed() == 4400

    run(main())


def test_requests_wait_for_the_publishes_before_them_and_a_ping_does_not():
    async def main():
        async with running() as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            real, gate = hub.hub.store.publish, asyncio.Event()

            async def publish(publishes):
                await gate.wait()
                return await real(publishes)

            hub.hub.store.publish = publish
            await ada.send("publish", id=7, channel="c", data=1)
            await ada.send("ping")
            await ada.receive("pong")
            received = hub.hub.metrics.received
            await ada.send("leave", id=8, channel="c")
            while hub.hub.metrics.received == received:
                await asyncio.sleep(0)
            gate.set()
            assert [(await ada.receive())["type"] for _ in range(3)] == ["message", "ack", "left"]

    run(main())


def test_publishes_of_a_client_that_disconnects_are_made_before_it_is_forgotten():
    """Else its session could expire, and its user leave, before what it has sent."""

    async def main():
        async with running() as hub:
            real, asked, gate = hub.hub.store.publish, asyncio.Event(), asyncio.Event()

            async def publish(publishes):
                asked.set()
                await gate.wait()
                return await real(publishes)

            async with hub.client() as ada:
                await ada.ask("join", channel="c")
                hub.hub.store.publish = publish
                await ada.send("publish", id=7, channel="c", data=1)
                await asked.wait()
            (connection,) = hub.hub.connections
            while not connection.socket.is_closed:
                await asyncio.sleep(0)
            for _ in range(20):
                await asyncio.sleep(0)
            assert hub.hub.connections == {connection} and connection.has_joined("c")
            gate.set()
            while hub.hub.connections:
                await asyncio.sleep(0)
            assert hub.hub.store._logs["c"].offset == 1

    run(main())


def test_exception_of_authorize_is_logged_and_says_nothing_to_the_client(caplog):
    def authorize(user, channel, action):
        return int("secret")

    async def main():
        async with running(authorize=authorize) as hub, hub.client() as ada:
            await ada.send("join", id=1, channel="c")
            with pytest.raises(ConnectionClosed) as closed:
                await ada.receive("joined")
            assert closed.value.rcvd.code == 1011 and "secret" not in closed.value.rcvd.reason

    run(main())
    assert "secret" in caplog.text
