"""`browserws.sync` in a program: no event loop of one's own, and no `await`."""

import asyncio
import signal
import threading

import pytest

import browserws
from browserws import ConnectionClosedError, InvalidHandshake, State
from browserws.native import Endpoint
from browserws.sync import connect
from tests.native.program import program


def test_messages_go_both_ways(server):
    with connect(server + "/echo") as ws:
        for message in ("text", b"\0\xff", "", b"", "x" * 500_000):
            ws.send(message)
            assert ws.recv(timeout=5) == message
        ws.send([b"a", b"b"])
        assert ws.recv(decode=True) == "ab"
        ws.send("x")
        assert list(ws.recv_streaming()) == ["x"]
        ws.send(b"into")
        buffer = bytearray(5)
        assert (ws.recv_into(buffer), buffer) == (4, bytearray(b"into\0"))
        ws.drain()
        assert (ws.state, ws.close_code, ws.close_reason, ws.subprotocol) == (State.OPEN, None, None, None)
        assert ws.wait_closed(timeout=0.01) is False
        with pytest.raises(NotImplementedError):
            ws.ping()
    assert (ws.state, ws.close_code, ws.wait_closed()) == (State.CLOSED, 1000, True)
    with connect(server + "/subprotocol", subprotocols=["a", "b"]) as ws:
        assert ws.recv() == ws.subprotocol == "b"


def test_recv_has_a_timeout_and_loses_nothing(server):
    with connect(server + "/delay/100") as ws:
        ws.send("late")
        for timeout in (0.01, 0):
            with pytest.raises(TimeoutError):
                ws.recv(timeout=timeout)
        assert ws.recv(timeout=10) == "late"


def test_iteration_ends_with_the_connection(server):
    with connect(server + "/close-after/1000") as ws:
        ws.send("again")
        assert list(ws) == ["again"] * 3
    with connect(server + "/burst-close/2000") as ws:
        ws.send("go")
        for number in range(2000):
            assert ws.recv() == str(number)
        with pytest.raises(ConnectionClosedError, match="4000 .* burst"):
            ws.recv()


def test_what_fails_says_why(server):
    with pytest.raises(InvalidHandshake, match="HTTP 403"):
        connect(server + "/refuse")
    with pytest.raises(TimeoutError):
        connect(server + "/hold", open_timeout=0.05)
    with pytest.raises(TypeError), connect(server + "/echo") as ws:
        ws.send(1)
    assert ws.close_code == 4011
    with pytest.raises(ValueError, match="ws://"):
        connect(Endpoint(server, ssl=True))


def test_threads_talk_at_the_same_time(server):
    answers = {}

    def talk(number):
        with connect(server + "/delay/50") as ws:
            ws.send(str(number))
            answers[number] = ws.recv()

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: str(number) for number in range(20)}
    assert [thread.name for thread in threading.enumerate()].count("browserws.sync") == 1


def test_it_works_where_a_loop_is_running(server):
    """As in a notebook; that loop waits meanwhile."""

    async def main():
        with connect(server + "/greet") as ws:
            assert ws.recv() == "welcome"

    asyncio.run(main())


def test_call_that_would_wait_for_itself_says_so(server):
    refusals = []

    def impatient(error):
        try:
            connect(server + "/echo")
        except NotImplementedError as refusal:
            refusals.append(str(refusal))
        return error

    async def in_the_loop_of_sync():
        async for _ in browserws.connect(server + "/refuse", process_exception=impatient):
            pass

    from browserws.sync import _wait

    with pytest.raises(InvalidHandshake):
        _wait(in_the_loop_of_sync())
    assert "browserws.sync" in refusals[0]


def test_ctrl_c_ends_a_call_and_the_program(server):
    with program(f"""
import sys, threading, time
from browserws.sync import connect

def names(frame):
    while frame is not None:
        yield frame.f_code.co_name
        frame = frame.f_back

def say_when_it_waits():
    main = threading.main_thread().ident
    while not {{"recv", "run", "wait"}} <= set(names(sys._current_frames()[main])):
        time.sleep(0.001)
    print("waits", flush=True)

with connect({server + "/echo"!r}) as ws:
    try:
        threading.Thread(target=say_when_it_waits).start()
        ws.recv()
    except KeyboardInterrupt:
        ws.send("still here")
        print(ws.recv(), flush=True)
        raise
""") as process:
        assert process.stdout.readline() == "waits\n"
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=10)
    assert out == "still here\n" and error.endswith("KeyboardInterrupt\n") and "Task" not in error


@pytest.mark.parametrize("attempt", range(10))
def test_ctrl_c_ends_a_call_that_is_about_to_begin(server, attempt):
    """It may come at any moment: between two lines of the call, too."""
    with program(f"""
from browserws.sync import connect
with connect({server + "/echo"!r}) as ws:
    print("calls", flush=True)
    ws.recv()
""") as process:
        assert process.stdout.readline() == "calls\n"
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=10)
    assert "\nKeyboardInterrupt\n" in error


def test_program_that_closes_nothing_ends_all_the_same(server):
    with program(
        f"from browserws.sync import connect; ws = connect({server + '/greet'!r}); print(ws.recv())"
    ) as process:
        assert process.communicate(timeout=10) == ("welcome\n", "")
    assert process.returncode == 0


def test_process_that_was_forked_has_a_loop_of_its_own(server):
    with program(f"""
import os, sys
from browserws.sync import connect
def greeting():
    with connect({server + "/greet"!r}) as ws:
        return ws.recv()
greeting()
if os.fork() == 0:
    print("child:", greeting(), flush=True)
    os._exit(0)
os.wait()
print("parent:", greeting())
""") as process:
        out, error = process.communicate(timeout=20)
    assert out == "child: welcome\nparent: welcome\n", error
