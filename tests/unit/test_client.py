"""What of `connect()` needs a clock of its own, or asyncio as only CPython has it."""

import asyncio
import inspect

import pytest
from websockets.asyncio.client import ClientConnection as TheirConnection
from websockets.asyncio.client import connect as websockets_connect
from websockets.sync.client import ClientConnection as TheirSync
from websockets.sync.client import connect as websockets_sync_connect

from browserws import ClientConnection, ConnectionClosedError, connect, sync
from browserws._pure.unsupported import ARGUMENTS
from browserws.testing import FakeNetwork


async def closes_at_once(connection):
    pass


class Time(FakeNetwork):
    """A network where each look at the clock finds that `step` seconds have gone by."""

    step = 0.0
    now = 0.0

    def clock(self):
        self.now += self.step
        return self.now * 1000


def delays_asked_for(uptime):
    """How often the delays started anew in 10 connections that lived `uptime` seconds each."""
    started = []

    def delays():
        started.append(None)
        return iter([0] * 100)

    async def main():
        with Time(closes_at_once) as network:
            network.step = uptime
            async for _ in connect("ws://h/", reconnect_delays=delays):
                if len(network.connections) == 10:
                    break

    asyncio.run(main())
    return len(started)


def test_only_a_connection_that_lived_starts_the_delays_again():
    """Else a server that accepts and closes at once is asked again as fast as the network can."""
    assert delays_asked_for(uptime=4.9) == 1
    assert delays_asked_for(uptime=5.0) == 9


def test_message_that_does_not_fit_in_memory_closes_the_connection():
    """Nothing may come without it; what came before it is handed out."""

    def too_large():
        yield "a"
        raise MemoryError("b")

    async def main():
        codes = []

        async def server(connection):
            await connection.wait_closed()
            codes.append((connection.close_code, connection.close_reason))

        with FakeNetwork(server):
            async with connect("ws://h/") as ws:
                ws._on_messages(too_large(), 2, None)
                ws._on_messages(iter("c"), 1, None)
                assert await ws.recv() == "a"
                for _ in range(2):
                    with pytest.raises(ConnectionClosedError, match="did not fit in memory"):
                        await ws.recv()
        return codes

    assert asyncio.run(main()) == [(4009, "a message did not fit in memory")]


def test_leaving_the_loop_closes_its_connection():
    async def main():
        with FakeNetwork(lambda connection: connection.wait_closed()) as network:
            async for _ in connect("ws://h/"):
                break
            await network.connections[0].wait_closed()
            assert network.connections[0].close_code == 1000

    asyncio.run(main())


def test_who_had_to_wait_with_sending_goes_on_at_the_low_mark():
    """Else a sender wakes up for each message that leaves the buffer, and the buffer is always full."""

    async def main():
        with FakeNetwork(lambda connection: connection.wait_closed()):
            ws = await connect("ws://h/", write_limit=(1000, 100))
            browser = ws._socket.js
            for high, goes_at in ((1001, 100), (5000, 100)):
                browser.bufferedAmount = high
                ws._unflushed = 2000  # it believes that the buffer is full, and looks
                sending = asyncio.create_task(ws.send("x"))
                await asyncio.sleep(0.01)
                assert not sending.done()
                browser.bufferedAmount = goes_at + 1
                await asyncio.sleep(0.12)
                assert not sending.done()
                browser.bufferedAmount = goes_at
                await sending
            browser.bufferedAmount = 1000
            ws._unflushed = 2000
            await asyncio.wait_for(ws.send("x"), 0.001)
            draining = asyncio.create_task(ws.drain())
            await asyncio.sleep(0.12)
            assert not draining.done()
            browser.bufferedAmount = 100
            await draining
            await ws.close()

    asyncio.run(main())


def test_the_low_mark_is_a_quarter_of_the_limit():
    async def main():
        with FakeNetwork(lambda connection: connection.wait_closed()):
            ws = await connect("ws://h/", write_limit=400)
            browser = ws._socket.js
            browser.bufferedAmount = 101
            draining = asyncio.create_task(ws.drain())
            await asyncio.sleep(0.05)
            assert not draining.done()
            browser.bufferedAmount = 100
            await draining
            connect("ws://h/", write_limit=(10, 10))

    asyncio.run(main())


def test_limits_are_those_of_websockets():
    ours, theirs = (inspect.signature(one.__init__).parameters for one in (connect, websockets_connect))
    for name in ("open_timeout", "close_timeout", "max_size", "max_queue"):
        assert ours[name].default == theirs[name].default, name


@pytest.mark.parametrize("how", ["cancelled", "timeout"])
def test_a_handshake_that_is_given_up_closes_its_socket(how):
    """Else the browser would go on with it for minutes, and hold up others to this host."""

    async def main():
        with FakeNetwork(closes_at_once, hold=lambda path: True) as network:
            task = asyncio.create_task(connect("ws://h/", open_timeout=0.02 if how == "timeout" else None)._open())
            await asyncio.sleep(0.01)
            if how == "cancelled":
                task.cancel()
            with pytest.raises((asyncio.CancelledError, asyncio.TimeoutError)):
                await task
            assert network._links[0].js.readyState == 3

    asyncio.run(main())


def test_a_handshake_that_timed_out_is_tried_again():
    async def main():
        with FakeNetwork(closes_at_once, hold=lambda path: True) as network:
            with pytest.raises(asyncio.TimeoutError):
                async for _ in connect("ws://h/", open_timeout=0.01, reconnect_delays=lambda: iter([0, 0])):
                    raise AssertionError("opened")
            assert len(network._links) == 3

    asyncio.run(main())


def test_connect_can_be_entered_again_but_not_twice_at_once():
    async def main():
        with FakeNetwork(lambda connection: connection.wait_closed()):
            connector = connect("ws://h/")
            for _ in range(2):
                async with connector:
                    with pytest.raises(RuntimeError, match="reentrant"):
                        await connector.__aenter__()

    asyncio.run(main())


def test_back_pressure_without_a_queue_holds_one_message():
    async def server(connection):
        for number in range(5):
            await connection.send(str(number))
        await connection.close()

    async def main():
        with FakeNetwork(server):
            async with connect("ws://h/", max_queue=0, backpressure=True) as ws:
                assert [message async for message in ws] == ["0", "1", "2", "3", "4"]

    asyncio.run(asyncio.wait_for(main(), 5))


def test_nothing_comes_after_a_message_that_was_too_large():
    """Neither what waited behind it, nor what the server sends until it has read our close."""
    late = asyncio.Event()

    async def server(connection):
        connection.transport.pause_reading()
        for message in ("large message", "behind it"):
            await connection.send(message)
        await late.wait()
        await connection.send("late")
        connection.transport.resume_reading()

    async def main():
        with FakeNetwork(server):
            ws = await connect("ws://h/", max_size=5)
            while ws.backlog < 2:
                await asyncio.sleep(0)
            receiving = asyncio.create_task(ws.recv())
            await asyncio.sleep(0)
            assert ws.backlog == 0
            late.set()
            for receiver in (receiving, ws.recv()):
                with pytest.raises(ConnectionClosedError, match="4009"):
                    await receiver
            assert ws.backlog == 0

    asyncio.run(main())


def test_the_code_of_a_close_that_was_not_clean_is_1006():
    """The server's close frame came, but the closing handshake was not finished: as for websockets."""

    async def server(connection):
        connection._link.end(4000, "", False)
        await connection.wait_closed()

    async def main():
        with FakeNetwork(server):
            ws = await connect("ws://h/")
            await ws.wait_closed()
            assert ws.close_code == 1006

    asyncio.run(main())


def test_recv_in_wait_for_loses_nothing():
    async def numbers(connection):
        for number in range(2000):
            await connection.send(str(number))
        await connection.wait_closed()

    async def main():
        received = []
        with FakeNetwork(numbers):
            async with connect("ws://h/") as ws:
                while len(received) < 2000:
                    try:
                        received.append(await asyncio.wait_for(ws.recv(), 0.00001))
                    except asyncio.TimeoutError:
                        pass
        assert received == [str(number) for number in range(2000)]

    asyncio.run(main())


@pytest.mark.parametrize("step", [0.0, 0.001, 0.025, 1.0])
def test_a_full_inbox_leaves_other_tasks_their_turn(step):
    """After at most 64 messages and 20 ms, however many there are."""

    async def numbers(connection):
        for number in range(6400):
            await connection.send(str(number))
        await connection.close()

    async def read(by):
        turns = []

        async def other():
            while True:
                turns.append(None)
                await asyncio.sleep(0)

        with Time(numbers) as network:
            ws = await connect("ws://h/")
            await ws.wait_closed()
            assert ws.backlog == 6400
            network.step = step
            task = asyncio.create_task(other())
            received = [message async for message in ws] if by == "for" else [await ws.recv() for _ in range(6400)]
            task.cancel()
        assert received == [str(number) for number in range(6400)]
        return len(turns)

    for by in ("for", "recv"):
        turns = asyncio.run(read(by))
        assert turns >= 6400 * min(step, 0.02) / 64 / 0.02 - 3, by
        if step == 0:
            assert turns <= 1, "it costs time"


def test_every_argument_of_websockets_is_known():
    """Each is honoured, or refused with a reason: none is an unknown word."""
    ours = set(inspect.signature(connect.__init__).parameters)
    theirs = set(inspect.signature(websockets_connect.__init__).parameters) - {"kwargs"}
    assert theirs <= ours | set(ARGUMENTS)


# Public names of websockets' connection that are no part of its documented API: how it does its work.
INTERNAL = """
    acknowledge_pings close_exc connection_lost connection_made data_received drain eof_received handshake keepalive
    pause_writing process_event resume_writing send_context send_data set_connection_exc start_keepalive
    terminate_pending_pings close_socket maybe_raise_legacy_warning recv_bufsize recv_events
""".split()
ATTRIBUTES = ["id", "latency", "logger", "request", "response"]  # set by its __init__


@pytest.mark.parametrize(("ours", "theirs"), [(ClientConnection, TheirConnection), (sync.ClientConnection, TheirSync)])
def test_connections_have_all_that_those_of_websockets_have(ours, theirs):
    names = {name for name in dir(theirs) if not name.startswith("_")} - set(INTERNAL)
    missing = [name for name in sorted(names) + ATTRIBUTES if not hasattr(ours, name)]
    assert missing == []
    for name in names:
        if inspect.isfunction(getattr(theirs, name)) and name not in ("ping", "pong"):
            expected = list(inspect.signature(getattr(theirs, name)).parameters)
            assert set(expected) <= set(inspect.signature(getattr(ours, name)).parameters), name


def test_every_argument_of_the_blocking_connect_is_known():
    theirs = set(inspect.signature(websockets_sync_connect).parameters) - {"kwargs", "legacy", "uri"}
    assert theirs <= set(inspect.signature(connect.__init__).parameters) | set(ARGUMENTS)
    assert "legacy" in inspect.signature(sync.connect).parameters


@pytest.mark.parametrize("name", ARGUMENTS)
def test_refusal_says_what_was_wrong(name):
    with FakeNetwork(closes_at_once), pytest.raises(TypeError, match=f"{name}='nonsense' in a browser: "):
        connect("ws://h/", **{name: "nonsense"})


def test_outside_a_browser_connect_says_so(no_host):
    with pytest.raises(NotImplementedError, match="needs a browser"):
        connect("ws://h/")
    with pytest.raises(TypeError, match="ssl=True in a browser"):
        connect("ws://h/", ssl=True)


def test_write_limit_counts_bytes_and_not_characters():
    async def server(connection):
        connection.transport.pause_reading()
        await connection.wait_closed()

    async def main():
        with FakeNetwork(server):
            ws = await connect("ws://h/", write_limit=1000)
            for _ in range(3):
                await ws.send("\u20ac" * 100)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(ws.send("\u20ac" * 100), 0.05)
                await asyncio.wait_for(ws.send("\u20ac" * 100), 0.05)

    asyncio.run(main())
