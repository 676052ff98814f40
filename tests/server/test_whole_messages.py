"""Messages of one frame each are read past the parser of `websockets`: only where it would read the same."""

import asyncio
import random

import pytest
from websockets.asyncio.server import serve as websockets_serve
from websockets.frames import Opcode

from browserws.server import Hub, Settings
from browserws.server.metered import whole_messages
from browserws.server.serving import connection_class
from tests.raw_client import frame, handshake, text_frame
from tests.server.talk import run

LIMIT = 1024
TEXTS = ["", "x", "x" * 125, "x" * 126, "é" * 300]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(len(text)))
def test_messages_of_one_frame_are_read(text):
    data = text_frame(text) + frame(Opcode.BINARY, b"\0\xff")
    assert [(one.opcode, bytes(one.data)) for one in whole_messages(data, LIMIT)] == [
        (Opcode.TEXT, text.encode()),
        (Opcode.BINARY, b"\0\xff"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        frame(Opcode.TEXT, b"x", fin=False),
        frame(Opcode.CONT, b"x"),
        frame(Opcode.PING, b"x"),
        frame(Opcode.CLOSE, b"\3\xe8"),
        b"\xc1" + text_frame("x")[1:],  # a reserved bit
        b"\x81\x03abcdef",  # without a mask
        text_frame("x" * (LIMIT + 1)),
        text_frame("x" * 70_000),
    ],
    ids=["fragment", "continuation", "ping", "close", "reserved", "not masked", "too large", "64 bits"],
)
def test_whatever_else_comes_is_for_the_parser(data):
    assert whole_messages(data, LIMIT) == [] == whole_messages(text_frame("a") + data, LIMIT)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(len(text)))
def test_what_is_not_whole_is_for_the_parser(text):
    data = text_frame(text)
    assert not any(whole_messages(data[:size], LIMIT) for size in range(len(data)))


def test_messages_arrive_in_order_however_they_are_cut():
    """Some of them are read here, some by the parser."""
    dice = random.Random(1)
    sent, wire = [], b""
    for number in range(400):
        text = f"{number} " + "x" * dice.choice([0, 10, 200, 3000])
        sent.append(text)
        if dice.random() < 0.2:
            cut = dice.randrange(len(text))
            wire += frame(Opcode.TEXT, text[:cut].encode(), fin=False) + frame(Opcode.PING, b"p")
            wire += frame(Opcode.CONT, text[cut:].encode())
        else:
            wire += text_frame(text)

    async def main():
        got = []
        done = asyncio.Event()

        async def handler(connection):
            async for message in connection:
                got.append(message)
                if len(got) == len(sent):
                    done.set()

        async with (
            Hub(settings=Settings(rate=1e9, byte_rate=1e12)) as hub,
            websockets_serve(handler, "localhost", 0, create_connection=connection_class(hub)) as server,
        ):
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("localhost", port)
            writer.write(handshake(port))
            await reader.readuntil(b"\r\n\r\n")
            rest = wire
            while rest:
                size = dice.choice([1, 3, 20, 500, 2000])
                writer.write(rest[:size])
                rest = rest[size:]
                await asyncio.sleep(0)
            await asyncio.wait_for(done.wait(), 10)
            writer.close()
        assert got == sent

    run(main())
