"""`WebSocket` where it needs a look behind the page: what belongs to its events, and what comes too late."""

import asyncio
from types import SimpleNamespace

import pytest
from suite import EventLog, turns

from browserws import WebSocket
from browserws._host.unread import Unread
from browserws.testing import FakeNetwork


async def silent(connection):
    await connection.wait_closed()


def run(test, server=silent):
    """`test(ws, log)` with an open socket."""

    async def main():
        with FakeNetwork(server):
            ws = WebSocket("/")
            log = EventLog(ws)
            await log.has("open")
            await test(ws, log)

    asyncio.run(main())


def test_binary_messages_are_array_buffers_unless_asked_otherwise():
    async def test(ws, log):
        assert ws.binaryType == "arraybuffer"

    run(test)


@pytest.mark.parametrize("name", ["open", "error", "close"])
def test_event_has_its_socket_as_target_and_what_else_the_browser_says(name):
    async def test(ws, log):
        log.clear()
        source = SimpleNamespace(timeStamp=7)
        {
            "open": lambda: ws._on_open(source),
            "error": lambda: ws._on_failure(source),
            "close": lambda: ws._on_end(1000, "", True, source),
        }[name]()
        (event,) = log
        assert (event.type, event.target, event.timeStamp) == (name, ws, 7)

    run(test)


def test_each_message_of_a_batch_has_what_else_the_browser_says_of_it():
    async def test(ws, log):
        sources = [SimpleNamespace(origin=origin) for origin in ("http://a", "http://b")]
        ws._on_messages(iter("ab"), 2, sources)
        assert [(event.data, event.origin) for event in log.of("message")] == [("a", "http://a"), ("b", "http://b")]

    run(test)


def test_message_that_comes_after_close_fires_no_event():
    """WHATWG WebSockets §4: the socket is no longer OPEN."""

    async def test(ws, log):
        ws.bind("message", lambda: ws.close())
        ws._on_messages(iter("ab"), 2, None)
        ws._on_messages(iter("c"), 1, None)
        assert [event.data for event in log.of("message")] == ["a"]

    run(test)


def too_large():
    """Messages of which the second does not fit in memory."""
    yield "a"
    raise MemoryError("b")


def test_message_that_does_not_fit_is_shown_and_closes_the_connection(monkeypatch):
    shown, codes = [], []
    monkeypatch.setattr("browserws.websocket.report", shown.append)

    async def server(connection):
        await connection.wait_closed()
        codes.append((connection.close_code, connection.close_reason))

    async def test(ws, log):
        ws._on_messages(too_large(), 2, None)
        await log.has("close")
        await turns(6)
        assert [event.data for event in log.of("message")] == ["a"]

    run(test, server)
    assert [str(error) for error in shown] == ["b"]
    assert codes == [(4009, "a message did not fit in memory")]


class TooLarge(Unread):
    def __init__(self):
        pass

    def read(self):
        raise MemoryError("b")


def test_large_message_that_does_not_fit_when_it_is_asked_for_closes_the_connection(monkeypatch):
    """The handler has the exception; it gets nothing that came after it."""
    shown, codes = [], []
    monkeypatch.setattr("browserws._runtime.handlers.report", shown.append)

    async def server(connection):
        await connection.wait_closed()
        codes.append((connection.close_code, connection.close_reason))

    async def test(ws, log):
        read = []
        ws.onmessage = lambda event: read.append(event.data)
        ws._on_messages(iter(["a", TooLarge(), "c"]), 3, None)
        await log.has("close")
        assert read == ["a"]

    run(test, server)
    assert [str(error) for error in shown] == ["b"]
    assert codes == [(4009, "a message did not fit in memory")]


def test_nothing_comes_after_a_message_that_does_not_fit_although_there_is_no_memory_to_show_it(monkeypatch):
    def report(error):
        raise MemoryError("a traceback")

    monkeypatch.setattr("browserws.websocket.report", report)

    async def test(ws, log):
        with pytest.raises(MemoryError, match="a traceback"):
            ws._on_messages(too_large(), 2, None)
        ws._on_messages(iter("c"), 1, None)
        assert [event.data for event in log.of("message")] == ["a"]

    run(test)
