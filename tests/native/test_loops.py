"""A program needs a running event loop, and leaves nothing behind when that ends."""

import asyncio
import time

import pytest
import suite

from browserws import ReliableWebSocket, WebSocket, connect
from browserws.native import NoEventLoop
from tests.native.program import Recorder, events_of, run


@pytest.mark.parametrize("made", [lambda: WebSocket("ws://h/"), lambda: ReliableWebSocket("ws://h/")])
def test_without_an_event_loop_it_says_what_to_do(made):
    with pytest.raises(NoEventLoop, match=r"asyncio\.run\(main\(\)\).*browserws\.sync"):
        made()


def test_connect_can_be_called_before_the_event_loop_runs(server):
    connecting = connect(server + "/greet")

    async def main():
        async with connecting as ws:
            return await ws.recv()

    assert run(main()) == "welcome"


def test_program_that_ends_closes_its_sockets_and_says_so(site):
    """1001, as a page that is left."""
    key = suite.key()
    opened = []

    async def main():
        recorder = await Recorder(f"ws://localhost:{site.port}/report-close/{key}").open()
        opened.append(recorder)

    run(main())
    assert opened[0].types() == ["open"]

    async def ask():
        async with connect(f"ws://localhost:{site.port}/closes/{key}") as ws:
            return await ws.recv()

    assert run(ask()) == '[1001, ""]'


@pytest.mark.parametrize("iterations", range(12))
def test_program_that_ends_while_it_connects_leaves_nothing(server, iterations):
    async def main():
        for _ in range(3):
            WebSocket(server + "/greet")
            ReliableWebSocket(server + "/greet", {"reconnect_interval": 0})
        await suite.turns(iterations)

    run(main())


def test_program_that_ends_lets_connections_close_as_they_should(site):
    """Tasks that are cancelled at the end may still talk to the server."""
    key = suite.key()

    async def talk(ready):
        async with connect(f"ws://localhost:{site.port}/report-close/{key}") as ws:
            ready.set()
            await ws.recv()

    async def main():
        ready = asyncio.Event()
        task = asyncio.create_task(talk(ready))
        await ready.wait()
        return task

    before = time.monotonic()
    assert run(main()).cancelled()
    assert time.monotonic() - before < 5

    async def ask():
        async with connect(f"ws://localhost:{site.port}/closes/{key}") as ws:
            return await ws.recv()

    assert run(ask()) == '[4011, ""]'


def test_nothing_reconnects_when_the_loop_has_ended(server):
    async def main():
        ws = ReliableWebSocket(server + "/drop", {"reconnect_interval": 0, "min_uptime": 0, "jitter": False})
        ws.onopen = lambda: ws.send("go")
        attempts = suite.Log()
        ws.bind("connecting", attempts.append)
        await attempts.reaches(20)

    run(main())


def test_timer_that_is_due_while_the_loop_is_shut_down_opens_nothing(server):
    """Here, that takes a while: a thread of the loop has work to do."""
    paths = ["/hold", "/refuse"]

    async def main():
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.5)
        ws = ReliableWebSocket(lambda: server + paths.pop(), {"reconnect_interval": 100, "jitter": False})
        waiting = suite.Log()
        ws.bind("reconnecting", waiting.append)
        await waiting.reaches(1)

    run(main())
    assert paths == ["/hold"]


def test_closed_connections_leave_no_task_and_no_timer(server):
    async def main():
        async with connect(server + "/echo") as ws:
            await ws.send("hello")
            await ws.recv()
        recorder = await Recorder(server + "/greet").open()
        await recorder.done()
        assert len((await events_of(server + "/refuse")).events) == 2
        await suite.turns()
        loop = asyncio.get_running_loop()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert [timer for timer in loop._scheduled if not timer.cancelled() and "native" in repr(timer)] == []

    run(main())
