"""What of `ReliableWebSocket` needs a look behind the page: what waits in the browser, listens, or still runs."""

import asyncio

import pytest
from suite import EventLog, Log, turns

from browserws import InvalidHandshake, ReliableWebSocket, connect
from browserws.testing import FakeNetwork


class Network(FakeNetwork):
    """One that knows the timers that are still to ring."""

    def __enter__(self):
        self._timers = []
        return super().__enter__()

    def call_later(self, seconds, callback):
        timer = super().call_later(seconds, callback)
        self._timers.append(timer)
        return timer

    def timers(self):
        now = asyncio.get_running_loop().time()
        return [timer for timer in self._timers if not timer.cancelled() and timer.when() > now]


QUICK = {"reconnect_interval": 20, "max_reconnect_interval": 100, "close_timeout": 100}


def run(server, test, **network):
    """`test(network)` against `server`."""

    async def main():
        with Network(server, **network) as fake:
            await test(fake)

    asyncio.run(main())


async def echo(connection):
    async for message in connection:
        await connection.send(message)


def test_an_answer_that_waits_in_the_browser_at_the_end_still_shows_what_arrived():
    """The last messages of a connection are handed out before it is told what is undelivered."""
    sockets = []

    async def server(connection):
        async for message in connection:
            if message == "ping":
                sockets[0].send("after the ping")
                connection._link.deliver("pong")  # it waits in the browser ...
                sockets[0].reconnect()  # ... when the connection ends

    async def test(network):
        ws = ReliableWebSocket("/", QUICK)
        sockets.append(ws)
        log = EventLog(ws)
        ws.set_heartbeat(10)
        for connection in (1, 2):
            await log.has("open", connection)
            for number in range(3 * connection):
                ws.send(str(number))
            event = await log.has("undelivered", connection)
            assert (event.messages, event.forgotten) == (["after the ping"], 0)
        ws.close()

    run(server, test)


def test_an_answer_to_a_ping_of_the_last_connection_confirms_nothing_on_the_next():
    """Nor is it an answer at all: it is a message like any other."""

    async def server(connection):
        async for message in connection:
            if message == "b":
                await connection.send("pong")

    async def test(network):
        pinged = Log()
        ws = ReliableWebSocket("/", QUICK)
        log = EventLog(ws)
        ws.set_heartbeat(50, lambda: pinged.append(None) or "ping", timeout=60_000)
        await log.has("open")
        ws.send("a")
        await pinged.reaches(2)
        ws.reconnect()
        await log.has("open", 2)
        ws.send("b")
        event = await log.has("message")
        assert event.data == "pong" and ws.latency is None
        ws.reconnect()
        await log.has("undelivered", 2)
        assert [event.messages for event in log.of("undelivered")] == [["a"], ["b"]]
        ws.close()

    run(server, test)


@pytest.mark.parametrize("end", ["close", "giveup", "never connected"])
def test_nobody_listens_to_the_page_after_the_end(end):
    """A page that opens and closes sockets all day would have a listener for each."""

    async def test(network):
        ws = ReliableWebSocket("/refuse" if end == "giveup" else "/", {**QUICK, "max_retries": 1})
        log = EventLog(ws)
        if end == "close":
            await log.has("open")
        if end != "giveup":
            assert end != "close" or len(network._watchers) == 1
            ws.close()
        await log.has("giveup" if end == "giveup" else "close")
        await turns()
        assert network._watchers == [] and ws.state == "CLOSED"
        network.happen("online")
        ws.reconnect()
        assert len(network._watchers) == 1
        ws.close()

    run(echo, test, refuse=lambda path: path == "/refuse")


def test_an_ended_socket_has_no_timer_left():
    async def test(network):
        for path in ("/", "/hold", "/refuse"):
            ws = ReliableWebSocket(path, {"reconnect_interval": 60_000, "max_reconnect_interval": 60_000})
            ws.set_heartbeat(60_000)
            ws.expect_ping(60_000)
            log = EventLog(ws)
            await log.has({"/": "open", "/hold": "connecting", "/refuse": "reconnecting"}[path])
            assert network.timers(), path
            ws.close()
            await log.has("close", 2 if path == "/refuse" else 1)
            await turns()
            assert network.timers() == [], path

    run(echo, test, hold=lambda path: path == "/hold", refuse=lambda path: path == "/refuse")


def test_an_ended_connection_has_no_timer_and_no_task_left():
    async def test(network):
        async with connect("/") as ws:
            assert network.timers() == []
            receiving = asyncio.create_task(ws.recv(timeout=60))
            await turns()
            assert len(network.timers()) == 1
            await ws.send("x")
            assert await receiving == "x"
            assert network.timers() == []
            receiving = asyncio.create_task(ws.recv(timeout=60))
            await turns()
            receiving.cancel()
            await turns()
            assert network.timers() == []
        await ws.close()
        await turns()
        assert network.timers() == []
        for path in ("/refuse", "/hold"):
            with pytest.raises((InvalidHandshake, asyncio.TimeoutError)):
                await connect(path, open_timeout=0.05)
            assert network.timers() == []
        await turns()
        assert len(asyncio.all_tasks()) == 1

    run(echo, test, hold=lambda path: path == "/hold", refuse=lambda path: path == "/refuse")
