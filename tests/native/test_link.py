"""What a link of a program does with servers that are not as they should be."""

import asyncio
import contextlib

import pytest
import suite
from websockets.server import ServerProtocol

from browserws import ConnectionClosedError, InvalidHandshake, connect, supported
from browserws.native import link
from tests.native.program import Recorder, events_of, run, served

TEXT, BINARY, CONTINUATION, CLOSE = 1, 2, 0, 8
FIN = 0x80


def frame(opcode, payload, fin=True):
    """A frame of a server, of at most 125 bytes (RFC 6455 §5.2)."""
    return bytes([opcode | (FIN if fin else 0), len(payload)]) + payload


def writes(*data):
    """A server that writes these bytes when the handshake is done, and then waits for the end."""

    async def handler(connection):
        connection.transport.write(b"".join(data))
        await connection.wait_closed()

    return handler


def test_it_is_supported():
    assert supported is True


@pytest.mark.parametrize(
    ("broken", "messages"),
    [
        ([frame(TEXT, b"\xff")], []),  # not UTF-8
        ([frame(TEXT, b"before"), frame(TEXT, b"\xff"), frame(TEXT, b"after")], ["before"]),
        ([frame(TEXT, b"\xe2\x82", fin=False), frame(CONTINUATION, b"\xff")], []),
        ([frame(TEXT, b"before"), bytes([FIN | 0x70 | TEXT, 0])], ["before"]),  # reserved bits
        ([frame(CONTINUATION, b"of nothing")], []),
        ([frame(TEXT, b"first", fin=False), frame(TEXT, b"second")], []),
        ([frame(CLOSE, b"\x03")], []),
    ],
)
def test_what_breaks_the_protocol_is_an_error_and_then_1006(broken, messages):
    """RFC 6455 §7.1.7, as in a browser; what came before it is handed over."""

    async def main():
        async with served(writes(*broken)) as url:
            recorder = await events_of(url)
            assert recorder.messages() == messages
            assert recorder.types() == ["open", *["message"] * len(messages), "error", "close"]
            assert (recorder.events[-1].code, recorder.events[-1].wasClean) == (1006, False)
            assert isinstance(recorder.events[-2].exception, Exception)

    run(main())


def test_fragments_are_joined_also_where_a_character_is_cut():
    euro = "€".encode()
    parts = [frame(TEXT, euro[:1], fin=False), frame(CONTINUATION, euro[1:2], fin=False), frame(CONTINUATION, euro[2:])]
    parts += [frame(BINARY, b"a", fin=False), frame(CONTINUATION, b"", fin=False), frame(CONTINUATION, b"b")]

    async def main():
        async with served(writes(*parts, frame(CLOSE, b"\x03\xe8done"))) as url:
            recorder = await events_of(url)
            text, data, close = recorder.events[1].data, recorder.events[2].data, recorder.events[3]
            assert (text, bytes(data), close.code, close.reason, close.wasClean) == ("€", b"ab", 1000, "done", True)

    run(main())


def test_close_frame_without_a_code_is_1005():
    async def main():
        async with served(writes(frame(CLOSE, b""))) as url:
            close = (await events_of(url)).events[-1]
            assert (close.code, close.reason, close.wasClean) == (1005, "", True)

    run(main())


def test_failed_handshake_says_why(server):
    """Which a browser does not."""

    async def main():
        with pytest.raises(InvalidHandshake, match="/refuse: server rejected WebSocket connection: HTTP 403") as error:
            await connect(server + "/refuse")
        assert error.value.__cause__.response.status_code == 403
        recorder = await events_of(server + "/refuse")
        assert recorder.types() == ["error", "close"] and "HTTP 403" in str(recorder.events[0].exception)
        with pytest.raises(InvalidHandshake, match="Connect call failed"):
            await connect("ws://localhost:1/")

    run(main())


def test_subprotocol_that_the_server_does_not_choose_fails_the_connection():
    """As in Chromium."""

    async def main():
        async with served(writes()) as url:
            recorder = await events_of(url, protocols="chat")
            assert recorder.types() == ["error", "close"]
            with pytest.raises(InvalidHandshake, match="chose none of the subprotocols"):
                await connect(url, subprotocols=["chat"])

    run(main())


def test_extensions_are_those_of_the_handshake():
    async def main():
        for options, expected in (({}, "permessage-deflate"), ({"compression": None}, "")):
            async with served(writes(), **options) as url:
                recorder = await Recorder(url).open()
                assert recorder.ws.extensions.split(";")[0] == expected
                await recorder.done()

    run(main())


def test_server_that_leaves_the_network_connection_open_is_left(monkeypatch):
    """Both close frames were exchanged: the end is good, and comes after two seconds."""
    monkeypatch.setattr(link, "TCP_CLOSE_TIMEOUT", 0.1)

    async def main():
        async def handler(reader, writer):
            await shake_hands(reader, writer)
            writer.write(frame(CLOSE, b"\x0f\xa0bye"))
            await reader.read()
            writer.close()

        async with raw(handler) as url:
            close = (await events_of(url)).events[-1]
            assert (close.code, close.reason, close.wasClean) == (4000, "bye", True)

    run(main())


def test_server_that_does_not_answer_a_close_is_left(monkeypatch, server):
    monkeypatch.setattr(link, "CLOSE_TIMEOUT", 0.1)

    async def main():
        recorder = await Recorder(server + "/deaf/" + suite.key()).open()
        close = await recorder.done()
        assert (close.code, close.wasClean) == (1006, False)

    run(main())


@contextlib.asynccontextmanager
async def raw(handler):
    async with await asyncio.start_server(handler, "localhost", 0) as server:
        yield f"ws://localhost:{server.sockets[0].getsockname()[1]}"


async def shake_hands(reader, writer):
    protocol = ServerProtocol()
    protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
    (request,) = protocol.events_received()
    protocol.send_response(protocol.accept(request))
    writer.write(b"".join(protocol.data_to_send()))


# --- back-pressure ---


def test_reader_that_keeps_up_again_gets_all_in_order():
    """Small messages, of which many come in one piece: no more than `max_queue` are handed over at a time."""
    count = 5000

    async def handler(connection):
        for number in range(count):
            await connection.send(str(number))

    async def main():
        async with served(handler) as url, connect(url, backpressure=True, max_queue=(8, 2)) as ws:
            most = 0
            for number in range(count):
                if number % 500 == 0:
                    await asyncio.sleep(0.01)
                assert await ws.recv() == str(number)
                most = max(most, ws.backlog)
            assert 0 < most <= 8
            with pytest.raises(ConnectionClosedError.__base__):
                await ws.recv()

    run(main())


def test_what_waits_in_the_network_is_counted_until_it_is_gone(server):
    key = suite.key()

    async def main():
        recorder = await Recorder(f"{server}/deaf/{key}").open()
        ws, size = recorder.ws, 100_000
        while ws.bufferedAmount < 20 * size:
            ws.send(bytes(size))
            await suite.turns(1)
        assert ws.bufferedAmount % size == 0  # the messages' own bytes, and no frame
        async with connect(f"{server}/wake/{key}"):
            pass
        while ws.bufferedAmount:
            await asyncio.sleep(0.01)
        ws.send("€")
        assert ws.bufferedAmount == 3
        await recorder.done()

    run(main())
