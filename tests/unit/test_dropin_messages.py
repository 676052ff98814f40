"""Messages that go past the frames of `websockets`: whatever a program can see is as it is with frames."""

import asyncio
import logging

import pytest
from websockets import version
from websockets.asyncio import connection as library
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConcurrencyError, ConnectionClosedError, ConnectionClosedOK, PayloadTooBig
from websockets.frames import Frame

from browserws.dropin.finder import Changes
from browserws.dropin.patches import websockets_messages
from tests.unit.test_dropin_wire import echo, run, wired  # noqa: F401  # it is a fixture


def sends(*messages):
    """A server that sends these, and closes when the page does."""

    async def server(connection):
        for message in messages:
            await connection.send(message)
        await connection.wait_closed()

    return server


@pytest.fixture
def framed(monkeypatch):
    """The frames that are written, except those of the control of the connection."""
    frames = []
    serialize = Frame.serialize

    def counting(self, **options):
        frames.append(self)
        return serialize(self, **options)

    monkeypatch.setattr(Frame, "serialize", counting)
    return frames


def test_messages_go_past_the_frames_where_that_is_wanted(framed, request):
    async def page(network):
        async with connect("ws://localhost/") as ws:
            for message in ("text", b"bytes"):
                await ws.send(message)
                assert await ws.recv() == message
            assert bool(framed) == ("in frames" in request.node.name)
            await ws.send(bytearray(b"1"))
            assert await ws.recv() == b"1" and framed

    run(page)


@pytest.mark.parametrize("limit", [100, (100, 100)], ids=["message", "fragment"])
@pytest.mark.parametrize("large", ["x" * 101, "\u20ac" * 34, b"x" * 101], ids=["text", "characters", "bytes"])
def test_a_message_that_is_too_large_closes_the_connection(limit, large):
    async def page(network):
        async with connect("ws://localhost/", max_size=limit) as ws:
            assert [await ws.recv(), await ws.recv()] == ["first", "\u20ac" * 33]
            with pytest.raises(ConnectionClosedError) as error:
                await ws.recv()
            assert error.value.sent.code == 1009 and isinstance(error.value.__cause__, PayloadTooBig)
        assert network.connections[0].close_code == 4009

    run(page, sends("first", "\u20ac" * 33, large, "after"))


def test_fragments_and_what_is_sent_meanwhile_keep_their_order():
    async def parts():
        for part in "abc":
            yield part
            await asyncio.sleep(1)

    async def page(network):
        async with connect("ws://localhost/") as ws:
            await ws.send("before")
            fragmented = asyncio.create_task(ws.send(parts()))
            await asyncio.sleep(1.5)
            await asyncio.gather(ws.send("after"), fragmented)
            assert [await ws.recv() for _ in range(3)] == ["before", "abc", "after"]

    run(page)


def test_each_way_to_receive_has_what_there_is():
    async def page(network):
        async with connect("ws://localhost/") as ws:
            assert await ws.recv(decode=False) == "\u20ac".encode()
            assert await ws.recv(decode=True) == "two"
            assert [part async for part in ws.recv_streaming()] == ["three"]
            assert [part async for part in ws.recv_streaming(decode=True)] == ["four"]
            for kind in (ws.recv(), ws.recv(decode=True), anext(ws.recv_streaming())):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(kind, 1)
                await ws.send("")
                assert await ws.recv() == ""

    async def server(connection):
        for message in ("\u20ac", b"two", "three", b"four"):
            await connection.send(message)
        await echo(connection)

    run(page, server)


def test_only_one_may_receive():
    async def page(network):
        async with connect("ws://localhost/") as ws:
            first = asyncio.create_task(ws.recv())
            await asyncio.sleep(1)
            for decode in (None, True):
                with pytest.raises(ConcurrencyError):
                    await ws.recv(decode)
            await ws.send("x")
            assert await first == "x"

    run(page)


def test_what_has_come_can_be_received_after_the_end():
    async def server(connection):
        for number in range(3):
            await connection.send(str(number))
        await connection.close()

    async def page(network):
        async with connect("ws://localhost/") as ws:
            await ws.wait_closed()
            with pytest.raises(ConnectionClosedOK):
                await ws.send("x")
            assert [message async for message in ws] == ["0", "1", "2"]
            with pytest.raises(ConnectionClosedOK):
                await ws.recv()

    run(page, server)


def test_who_waits_for_a_message_hears_of_the_end():
    async def page(network):
        async with connect("ws://localhost/") as ws:
            waiting = asyncio.create_task(ws.recv())
            await asyncio.sleep(1)
            await ws.close()
            with pytest.raises(ConnectionClosedOK):
                await waiting

    run(page)


def test_a_text_that_is_no_unicode_ends_the_connection():
    async def page(network):
        async with connect("ws://localhost/") as ws:
            with pytest.raises(ConnectionClosedError) as error:
                await ws.send("\ud800")
            assert isinstance(error.value.__cause__, UnicodeEncodeError)

    run(page)


def test_a_log_of_frames_has_all_of_them(caplog):
    logger = logging.getLogger("test")

    async def page(network):
        caplog.set_level(logging.DEBUG, "test")
        async with connect("ws://localhost/", logger=logger) as ws:
            await ws.send("hello")
            await ws.recv()
        assert {"> TEXT 'hello' [5 bytes]", "< TEXT 'hello' [5 bytes]"} <= set(caplog.messages)

    run(page)


def test_a_connection_that_is_lost_while_it_is_full_raises_what_the_library_does():
    async def server(connection):
        connection.transport.pause_reading()
        await asyncio.sleep(10)
        connection.transport.abort()

    async def page(network):
        async with connect("ws://localhost/") as ws:
            with pytest.raises(ConnectionClosedError):
                await ws.send(bytes(1 << 20))
            assert ws.close_code == 1006

    run(page, server)


def test_a_subclass_that_reads_the_bytes_has_them():
    received = []

    class Counting(ClientConnection):
        def data_received(self, data):
            received.append(data)
            super().data_received(data)

    async def page(network):
        async with connect("ws://localhost/", create_connection=Counting) as ws:
            await ws.send("hello")
            assert await ws.recv() == "hello"
        assert b"\x81\x05hello" in received

    run(page)


def test_an_open_connection_goes_on_when_the_changes_are_undone():
    async def page(network):
        changes = Changes()
        websockets_messages.patch(library, changes)
        async with connect("ws://localhost/") as ws:
            waiting = asyncio.create_task(ws.recv())
            await asyncio.sleep(1)
            changes.undo()
            await ws.send("x")
            assert await waiting == "x"

    run(page)


def test_a_version_that_nobody_has_looked_at_reads_frames(monkeypatch):
    monkeypatch.setattr(version, "version", "18.0")
    changes, assembler, send = Changes(), library.Assembler, library.Connection.send
    websockets_messages.patch(library, changes)
    assert (library.Assembler, library.Connection.send) == (assembler, send)
