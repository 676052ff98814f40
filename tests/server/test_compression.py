"""permessage-deflate (RFC 7692), where it is turned on: a message is compressed once for all clients."""

import asyncio
import os
import zlib
from contextlib import asynccontextmanager

import pytest
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory as Deflate
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

from browserws.server import Hub, Settings, frames, serve
from browserws.server.__main__ import main, parser
from browserws.server.budget import Budget
from tests.server.talk import Running, run

LARGE = {"text": "a word, and the same again; " * 300}
AS_BROWSERS_OFFER = [Deflate(client_max_window_bits=True)]


@asynccontextmanager
async def running(compression="deflate", extensions=None, **settings):
    hub = Hub(settings=Settings(**settings))
    async with serve(hub, "localhost", 0, compression=compression, extensions=extensions) as server:
        yield Running(hub, server.sockets[0].getsockname()[1])


@asynccontextmanager
async def member(hub, extensions=None):
    """One that has joined "c", and counts the bytes that come."""
    async with hub.socket(extensions=extensions) as client:
        protocol = client.socket.protocol
        receive = protocol.receive_data
        client.size = 0

        def receive_data(data):
            client.size += len(data)
            receive(data)

        protocol.receive_data = receive_data
        await client.hello(user="ada")
        await client.ask("join", channel="c")
        client.size = 0
        yield client


def test_large_messages_are_a_fraction_and_the_same_for_all():
    async def main():
        async with running() as hub, member(hub, AS_BROWSERS_OFFER) as packed, member(hub) as plain:
            sent = [LARGE, "short", b"\0" * 5000, os.urandom(5000), LARGE]
            for data in sent:
                await hub.hub.publish("c", data)
            for client in (packed, plain):
                assert [(await client.receive("message"))["data"] for _ in sent] == sent
            assert packed.socket.protocol.extensions and not plain.socket.protocol.extensions
            assert plain.size > 25_000 and packed.size < 6000

    run(main())


def test_message_is_compressed_once_however_many_get_it(monkeypatch):
    made = []
    compressobj = zlib.compressobj

    def count(*arguments, **options):
        made.append(options)
        return compressobj(*arguments, **options)

    async def main():
        async with running() as hub, member(hub, AS_BROWSERS_OFFER) as ada, member(hub, AS_BROWSERS_OFFER) as bob:
            monkeypatch.setattr(zlib, "compressobj", count)
            await hub.hub.publish("c", LARGE)
            await hub.hub.publish("c", "short")
            for client in (ada, bob):
                assert (await client.receive("message"))["data"] == LARGE
                assert (await client.receive("message"))["data"] == "short"
            assert len(made) == 1

    run(main())


def test_client_with_a_small_window_can_read_all():
    async def main():
        async with running() as hub, member(hub, [Deflate(server_max_window_bits=9)]) as client:
            await hub.hub.publish("c", LARGE)
            assert (await client.receive("message"))["data"] == LARGE
            assert client.size < 6000

    run(main())


def test_contexts_of_connections_are_for_who_asks_for_them():
    """What is said again is nothing but a reference to what was said before, and costs memory for each connection."""

    async def main():
        extensions = [ServerPerMessageDeflateFactory()]
        async with running(None, extensions) as hub, member(hub, AS_BROWSERS_OFFER) as client:
            for _ in range(20):
                await hub.hub.publish("c", "x" * 40)
                assert (await client.receive("message"))["data"] == "x" * 40
            assert client.size < 20 * 40

    run(main())


def test_message_that_becomes_too_large_is_not_unpacked():
    async def main():
        async with running(max_message=10_000) as hub, member(hub, AS_BROWSERS_OFFER) as client:
            await client.send("publish", id=9, channel="c", data="x" * 1_000_000)
            assert await client.closed() == 1009

    run(main())


def test_what_comes_compressed_costs_what_it_becomes():
    """Else a page could have the hub unpack and parse hundreds of times as much as it may send."""

    async def main():
        limits = {"byte_rate": 50_000, "byte_burst": 50_000}
        async with running(**limits) as hub, member(hub, AS_BROWSERS_OFFER) as client:
            loop = asyncio.get_running_loop()
            began = loop.time()
            for _ in range(5):
                assert (await client.ask("publish", channel="c", data="x" * 30_000))["type"] == "ack"
            assert loop.time() - began > 1.2  # before the last, 120,000 bytes less the burst
            assert hub.hub.budgets.slowed["bytes"] > 0

    run(main())


def test_what_is_asked_for_by_one_client_is_plain():
    """Else it could have the hub compress as much as it likes."""

    async def main():
        async with running() as hub, member(hub, AS_BROWSERS_OFFER) as client:
            await hub.hub.publish("c", LARGE)
            await client.receive("message")
            client.size = 0
            answer = await client.ask("history", channel="c", limit=10)
            assert answer["messages"][0]["data"] == LARGE
            assert client.size > len(LARGE["text"])

    run(main())


def test_budgets_count_the_larger_of_what_comes_and_what_it_becomes(monkeypatch):
    async def main():
        async with running() as hub, member(hub, AS_BROWSERS_OFFER) as client:
            taken = []
            take = Budget.take_read
            monkeypatch.setattr(Budget, "take_read", lambda *given: taken.append(given[1]) or take(*given))
            await client.ask("publish", channel="c", data="x" * 3000)  # packed
            client.socket.protocol.extensions[0].encode = lambda frame: frame
            await client.ask("publish", channel="c", data="x" * 3000)  # plain
            assert 6000 < sum(taken) < 6500

    run(main())


@pytest.mark.parametrize("name", ["COMPRESSION", "ENGINE"])
def test_variable_without_a_meaning_is_an_error_and_an_empty_one_is_none(monkeypatch, capsys, name):
    monkeypatch.setenv("BROWSERWS_" + name, "gzip")
    with pytest.raises(SystemExit):
        main(["--help"])
    assert f"BROWSERWS_{name} is one of" in capsys.readouterr().err
    monkeypatch.setenv("BROWSERWS_" + name, "")
    assert getattr(parser().parse_args([]), name.lower()) == parser().get_default(name.lower())


def test_picows_has_none(capsys):
    with pytest.raises(SystemExit):
        main(["--engine", "picows", "--compression", "deflate"])
    assert "--compression is for --engine websockets" in capsys.readouterr().err


@pytest.mark.parametrize("payload", ["", "short", "x" * 100_000, b"", b"\0" * 100_000], ids=lambda data: str(len(data)))
def test_frame_is_never_larger_than_it_is_plain(payload):
    frame = frames.Frame(payload).for_all()
    assert len(frame.deflated) <= len(frame.wire)
    assert frame.deflated is frame.deflated
