"""`Reconnector` by itself, as `ReliableWebSocket` and `Channels` have it."""

import asyncio
from types import SimpleNamespace

import pytest
from suite import Log

from browserws._pure.options import Options
from browserws._runtime.handlers import Handlers
from browserws._runtime.reconnector import Reconnector
from browserws.errors import ConnectionClosed, NotOpen
from browserws.events import RELIABLE_EVENTS
from browserws.testing import FakeNetwork


class Recorder:
    """A reconnector, and its events in order."""

    def __init__(self, **options):
        self.handlers = Handlers(RELIABLE_EVENTS)
        self.events = Log()
        for name in RELIABLE_EVENTS:
            self.handlers.add(name, self.events.append)
        self.reconnector = Reconnector(self, self.handlers, "/", Options({"close_timeout": 100, **options}))

    async def has(self, name):
        while name not in [event.type for event in self.events]:
            await self.events.reaches(len(self.events) + 1)
        return next(event for event in self.events if event.type == name)


def run(server, test, **options):
    async def main():
        with FakeNetwork(server) as network:
            await test(Recorder(**options), network)

    asyncio.run(main())


def test_close_is_normal_and_without_a_reason_unless_asked_otherwise():
    async def test(recorder, network):
        await recorder.has("open")
        recorder.reconnector.close()
        event = await recorder.has("close")
        assert (event.code, event.reason) == (1000, "")

    run(lambda connection: connection.wait_closed(), test)


def test_heartbeat_sends_its_message_and_takes_its_reply():
    got = []

    async def server(connection):
        async for message in connection:
            got.append(message)
            for answer in ("pong", "after it"):
                await connection.send(answer)

    async def test(recorder, network):
        await recorder.has("open")
        recorder.reconnector.set_heartbeat(10, "ping", "pong")
        assert (await recorder.has("message")).data == "after it"
        assert got[0] == "ping" and recorder.reconnector.latency is not None
        recorder.reconnector.close()

    run(server, test)


def test_bytes_that_wait_for_a_connection_are_not_copied():
    async def test(recorder, network):
        data = bytes(1000)
        assert recorder.reconnector.send(data) is False
        assert recorder.reconnector.outbox.queue[0] is data

    run(lambda connection: connection.wait_closed(), test, auto_connect=False)


def test_who_sends_after_close_in_a_handler_is_told_that_it_is_closed_although_the_attempt_is_still_there():
    """`NotOpen` would say: send later."""
    raised = []

    async def test(recorder, network):
        reconnector = recorder.reconnector

        def leave():
            reconnector.close()
            with pytest.raises((ConnectionClosed, NotOpen)) as error:
                reconnector.send("a")
            raised.append(error.value)

        recorder.handlers.add("offline", leave)
        await recorder.has("connecting")
        assert reconnector.socket.ready_state == 0
        network.happen("offline")
        assert len(raised) == 1 and isinstance(raised[0], ConnectionClosed)
        assert (raised[0].rcvd, raised[0].sent) == (None, None)

    run(lambda connection: connection.wait_closed(), test)


def test_what_a_former_attempt_still_does_is_dropped():
    """Law 5: a browser may hand over an event of a socket that was aborted, later than it opens the next one."""

    async def test(recorder, network):
        await recorder.has("open")
        former = recorder.reconnector.socket
        recorder.reconnector.reconnect()
        recorder.events.clear()
        await recorder.has("open")
        recorder.events.clear()
        former._callbacks.on_messages(iter(["late"]), 1, None)
        former._callbacks.on_end(1006, "", False, None)
        assert recorder.events == [] and recorder.reconnector.state == "OPEN"
        recorder.reconnector.socket._callbacks.on_messages(iter(["new"]), 1, None)
        assert [event.data for event in recorder.events] == ["new"]
        recorder.reconnector.close()

    run(lambda connection: connection.wait_closed(), test)


def test_each_attempt_is_made_where_the_first_one_was():
    async def main():
        here, there = [FakeNetwork(lambda connection: connection.wait_closed()) for _ in range(2)]
        with here:
            recorder = Recorder(auto_connect=False)
            with there:
                recorder.reconnector.reconnect()
                await recorder.has("open")
                assert len(here.connections) == 1 and there.connections == []

    asyncio.run(main())


def test_what_else_the_browser_says_of_a_failure_and_of_the_end_is_passed_on():
    asked = []

    async def test(recorder, network):
        await recorder.has("open")
        reconnector, source = recorder.reconnector, SimpleNamespace(timeStamp=7)
        reconnector._on_failure(source)
        assert (await recorder.has("error")).timeStamp == 7
        reconnector._on_end(1006, "", False, source)
        assert [event.timeStamp for event in asked] == [7]

    run(lambda connection: connection.wait_closed(), test, should_reconnect=lambda event: asked.append(event))
