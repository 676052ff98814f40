"""`connect(backpressure=...)`: a reader that is slow holds up the sender. (`test_connect` runs with it, too.)"""

import asyncio

from suite import here, key, needs_streams, raised, raised_by

from browserws import ConnectionClosedError, State, connect
from browserws._host import current, use

COUNT = 256
SIZE = 64 * 1024  # bytes; 16 MB in all, more than fits in all buffers on the way (5 MB were seen)


def push(name):
    return here.server + "/push/%s/%d/%d" % (name, COUNT, SIZE)


async def pushed(name):
    async with connect(here.server + "/pushed/" + name) as ws:
        return int(await ws.recv())


async def read_all(ws):
    for number in range(COUNT):
        message = await ws.recv()
        assert len(message) == SIZE and int(bytes(message[:8])) == number


@needs_streams
async def test_server_waits_while_the_page_does_not_read():
    """And memory stays as it is: no more than `max_queue` messages have come into the page."""
    name = key()
    async with connect(push(name), backpressure=True) as ws:
        await ws.send("go")
        sent = await pushed(name)
        assert sent < COUNT
        assert ws.backlog <= 16
        await read_all(ws)


@needs_streams
async def test_queue_holds_max_queue_messages():
    name = key()
    async with connect(push(name), backpressure=True, max_queue=3) as ws:
        await ws.send("go")
        await pushed(name)
        assert ws.backlog == 3
        await read_all(ws)


async def test_without_it_the_backlog_grows_and_tells():
    name = key()
    async with connect(push(name)) as ws:
        await ws.send("go")
        assert await pushed(name) == COUNT
        first = await ws.recv()
        assert int(bytes(first[:8])) == 0
        while ws.backlog <= 16:  # they come, though nobody reads
            await asyncio.sleep(0.01)


@needs_streams
async def test_close_does_not_wait_for_what_nobody_reads():
    name = key()
    ws = await connect(push(name), backpressure=True)
    await ws.send("go")
    await pushed(name)
    await ws.close()
    assert (ws.state, ws.close_code) == (State.CLOSED, 1000)


@needs_streams
async def test_what_was_sent_goes_out_before_the_close():
    name = key()
    async with connect(here.server + "/report-close/" + name, backpressure=True) as ws:
        for _ in range(10):
            await ws.send(bytes(SIZE))
        await ws.close(4005, "done")
    async with connect(here.server + "/closes/" + name) as reports:
        assert await reports.recv() == '[4005, "done"]'


@needs_streams
async def test_server_that_closes_while_it_is_held_up_does_not_end_well_if_messages_are_missing():
    """Chromium drops them; that must not look like the end that the server wanted."""
    async with connect(here.server + "/burst-close/500", backpressure=True, max_queue=4) as ws:
        await ws.send("go")
        async with connect(here.server + "/echo") as other:
            for _ in range(20):
                await other.send("time passes")
                await other.recv()
        received = []
        try:
            while True:
                received.append(await ws.recv())
        except ConnectionClosedError:
            pass
        assert received == [str(number) for number in range(len(received))]
        assert ws.close_code == (4000 if len(received) == 500 else 1006)


@needs_streams
async def test_connection_that_is_lost_is_reported_though_nobody_reads():
    ws = await connect(here.server + "/drop", backpressure=True)
    await ws.send("go")
    await ws.wait_closed()
    assert ws.close_code == 1006
    await raised_by(ConnectionClosedError, ws.recv())


async def test_where_there_is_none_it_is_refused_or_done_without():
    class NoStreams:
        """The host as it is, in a browser without WebSocketStream."""

        supports_backpressure = False

        def __init__(self, host):
            self._host = host

        def __getattr__(self, name):
            return getattr(self._host, name)

    real = current()
    use(NoStreams(real))
    try:
        error = raised(NotImplementedError, connect, here.server + "/echo", backpressure=True)
        assert "WebSocketStream" in str(error) and "prefer" in str(error)
        async with connect(here.server + "/echo", backpressure="prefer") as ws:
            await ws.send("hello")
            assert await ws.recv() == "hello"
    finally:
        use(real)


@needs_streams
async def test_preferred_is_used_where_it_is():
    name = key()
    async with connect(push(name), backpressure="prefer", max_queue=(5, 1)) as ws:
        await ws.send("go")
        await pushed(name)
        assert ws.backlog == 5


async def test_what_waits_is_counted_in_bytes():
    """`write_limit` is about bytes: a Korean letter is three."""
    for options in ({}, {"backpressure": "prefer"}):
        name = key()
        async with connect(here.server + "/deaf/" + name, **options) as ws:
            await ws.send("한하" * 500)
            await ws.send(b"x" * 500)
            assert ws._socket.js.bufferedAmount == 3500
            async with connect(here.server + "/wake/" + name):
                pass
            assert [await ws.recv(), await ws.recv()] == ["1000", "500"]


async def test_bad_limits_are_refused():
    for arguments in ({"backpressure": "yes"}, {"max_queue": -1}, {"max_queue": (2, 3)}, {"write_limit": (1, -1)}):
        raised(ValueError, connect, here.server + "/echo", **arguments)
