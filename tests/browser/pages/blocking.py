"""Calls that block, in Pyodide; each function is one thing that they promise. MicroPython says that it cannot, and so
does Pyodide in a browser without JavaScript Promise Integration."""

import asyncio
import gc
import sys

import js

import browserws
from browserws import ConnectionClosedError, InvalidHandshake, State, WebSocket
from browserws.sync import connect


def raised(kind, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        return error
    raise AssertionError("not raised")


def messages_go_both_ways():
    with connect("/echo") as ws:
        for message in ("text", b"\0\xff", "", b""):
            ws.send(message)
            assert ws.recv() == message
        ws.send([b"a", b"b"])
        assert ws.recv(decode=True) == "ab"
        ws.send("x")
        assert list(ws.recv_streaming()) == ["x"]
        ws.drain()
        assert (ws.state, ws.close_code, ws.close_reason, ws.subprotocol) == (State.OPEN, None, None, None)
        assert ws.state.name == "OPEN" and len(ws.id) == 36 and hasattr(ws.logger, "info")
        assert ws.wait_closed(timeout=0.01) is False
        for call in (ws.ping, ws.pong, lambda: ws.latency, lambda: ws.request):
            raised(NotImplementedError, call)
    assert (ws.state, ws.close_code) == (State.CLOSED, 1000)
    assert ws.wait_closed() is True


def recv_has_a_timeout_and_loses_nothing():
    with connect("/delay/100") as ws:
        ws.send("late")
        raised(TimeoutError, ws.recv, timeout=0.01)
        raised(TimeoutError, ws.recv, 0)
        assert ws.recv(timeout=10) == "late"


def iteration_ends_with_the_connection():
    with connect("/flood/2000") as ws:
        ws.send("go")
        for number, message in enumerate(ws):
            assert message == str(number)
            if number == 1999:
                ws.close(4000, "enough")
                break
    with connect("/close-after/1000") as ws:
        ws.send("again")
        assert list(ws) == ["again"] * 3
    with connect("/burst-close/3") as ws:
        ws.send("go")
        error = raised(ConnectionClosedError, list, ws)
        assert (error.rcvd.code, error.rcvd.reason) == (4000, "burst")


def what_fails_says_why():
    raised(InvalidHandshake, connect, "/refuse")
    raised(TimeoutError, connect, "/hold", open_timeout=0.05)
    with connect("/echo") as ws:
        raised(TypeError, ws.send, 1)
    raised(ConnectionClosedError.__base__, ws.send, "late")
    try:
        with connect("/echo") as ws:
            raise KeyError
    except KeyError:
        assert ws.close_code == 4011


async def the_page_goes_on_meanwhile():
    ticks = []

    async def tick():
        while True:
            await asyncio.sleep(0.01)
            ticks.append(1)

    task = asyncio.create_task(tick())
    with connect("/delay/200") as ws:
        ws.send("x")
        assert ws.recv() == "x"
    task.cancel()
    assert len(ticks) > 3


async def a_handler_cannot_block():
    errors = asyncio.Queue()

    def handler(event):
        try:
            connect("/echo")
        except NotImplementedError as error:
            errors.put_nowait(error)

    ws = WebSocket("/greet", onmessage=handler)
    assert "called by JavaScript" in str(await errors.get())
    ws.close()


async def a_task_can_block_when_it_has_let_the_loop_go_round():
    async with browserws.connect("/delay/20") as ws:
        await ws.send("x")
        await ws.recv()
        assert "sleep(0)" in str(raised(NotImplementedError, connect, "/echo"))
        await asyncio.sleep(0)
        with connect("/echo") as other:
            other.send("y")
            assert other.recv() == "y"


async def a_generator_that_a_receiving_task_drops_is_closed():
    """`recv` goes on outside of the event loop's own callbacks: what the loop sets up must be there, too."""
    closed = asyncio.Event()

    async def numbers():
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            closed.set()

    async with browserws.connect("/delay/20") as ws:
        await ws.send("x")
        await ws.recv()
        async for _ in numbers():
            break
        gc.collect()
        await closed.wait()


async def main():
    if sys.implementation.name == "micropython":
        assert "MicroPython" in str(raised(NotImplementedError, connect, "/echo"))
    elif not hasattr(js.WebAssembly, "Suspending"):
        assert "JSPI" in str(raised(NotImplementedError, connect, "/echo"))
    else:
        messages_go_both_ways()
        recv_has_a_timeout_and_loses_nothing()
        iteration_ends_with_the_connection()
        what_fails_says_why()
        await the_page_goes_on_meanwhile()
        await a_handler_cannot_block()
        await a_task_can_block_when_it_has_let_the_loop_go_round()
        await a_generator_that_a_receiving_task_drops_is_closed()
    print("blocking calls: all is well")


await main()
